"""What a release is made with: every package of both locks, as a CycloneDX document."""

import base64
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from uuid import NAMESPACE_URL, uuid5

import yaml
from cyclonedx.model import HashAlgorithm, HashType
from cyclonedx.model.bom import Bom, BomMetaData
from cyclonedx.model.bom_ref import BomRef
from cyclonedx.model.component import Component, ComponentType
from cyclonedx.model.dependency import Dependency
from cyclonedx.output.json import JsonV1Dot6
from packageurl import PackageURL

from release.errors import ReleaseError
from release.source import Source
from release.tag import Tag

_PIN = re.compile(r"([A-Za-z0-9._-]+)==([^\s;]+)")
_HASH = re.compile(r"--hash=(\w+):([0-9a-f]+)")
_VIA = re.compile(r"# +(?:via )?([A-Za-z0-9._-]+)(.*)")
_ALGORITHMS = {
    "sha1": HashAlgorithm.SHA_1,
    "sha256": HashAlgorithm.SHA_256,
    "sha384": HashAlgorithm.SHA_384,
    "sha512": HashAlgorithm.SHA_512,
}


@dataclass(slots=True)
class Package:
    """A package of a lock.

    Args:
        name: Its name.
        version: Its version.
        hashes: Algorithm and digest, in hexadecimal, of each file that it may be installed from.
        needs: The packages that it needs, as the lock calls them.
    """

    name: str
    version: str
    hashes: list[tuple[str, str]] = field(default_factory=list)
    needs: set[str] = field(default_factory=set)


def make(source: Source, tag: Tag) -> str:
    """Return the document; the same for the same commit.

    A lock that is not there is left out: a project may have one of the two.

    Raises:
        ReleaseError: A package has no digest.
    """
    root = Component(name=source.name, version=tag.version, type=ComponentType.APPLICATION, bom_ref=source.name)
    bom = Bom(
        serial_number=uuid5(NAMESPACE_URL, f"{source.name}@{source.commit}"),
        metadata=BomMetaData(component=root, timestamp=source.date),
    )
    top = set[BomRef]()
    for kind, (packages, direct) in {
        "pypi": python(source.read("requirements.txt"), source.name),
        "npm": npm(source.read("pnpm-lock.yaml")),
    }.items():
        components = {key: _component(kind, package) for key, package in packages.items()}
        bom.components.update(components.values())
        top |= {components[key].bom_ref for key in direct}
        bom.dependencies.update(
            _dependency(components[key].bom_ref, (components[each].bom_ref for each in package.needs))
            for key, package in packages.items()
        )
    bom.dependencies.add(_dependency(root.bom_ref, top))
    return f"{JsonV1Dot6(bom).output_as_string(indent=2)}\n"


def python(lock: str, project: str) -> tuple[dict[str, Package], set[str]]:
    """Read what `uv pip compile` wrote.

    Args:
        lock: The file's text.
        project: What it calls the project itself.

    Returns:
        The packages by name and version, and which of them the project names itself.
    """
    packages: dict[str, Package] = {}
    users: dict[str, set[str]] = {}
    key = ""
    for line in lock.splitlines():
        if pin := _PIN.match(line):
            key = f"{pin[1]}=={pin[2]}"
            # Two versions of a package may stand side by side, each for some systems.
            packages[key] = Package(pin[1], pin[2])
        elif key and (found := _HASH.search(line)):
            packages[key].hashes.append((found[1], found[2]))
        elif key and (via := _VIA.search(line)):
            users.setdefault(via[1], set()).add(key)
    for package in packages.values():
        package.needs = users.get(package.name, set())
    return packages, users.get(project, set())


def npm(lock: str) -> tuple[dict[str, Package], set[str]]:
    """Read what pnpm wrote.

    Args:
        lock: The file's text, version 9.0 of the format.

    Returns:
        The packages by name and version, and which of them the project names itself.
    """
    data = yaml.load(lock, yaml.CSafeLoader) or {}
    packages: dict[str, Package] = {}
    for key, about in data.get("packages", {}).items():
        name, version = key.rsplit("@", 1)
        packages[key] = Package(name, version, list(_digests(about["resolution"].get("integrity", ""))))
    for key, about in data.get("snapshots", {}).items():
        packages[_bare(key)].needs.update(_named(about))
    direct = {key for importer in data.get("importers", {}).values() for key in _named(importer)}
    return packages, direct


def _named(about: dict[str, dict[str, str | dict[str, str]]]) -> Iterator[str]:
    """Yield the packages that an entry of pnpm's lock depends on."""
    for kind in ("dependencies", "devDependencies", "optionalDependencies"):
        for name, found in about.get(kind, {}).items():
            version = _bare(found["version"] if isinstance(found, dict) else found)
            if not version.startswith("link:"):
                # An alias has the package's own name before its version.
                yield version if "@" in version[1:] else f"{name}@{version}"


def _bare(key: str) -> str:
    """Return a key without the peers that pnpm adds in brackets."""
    return key.split("(", 1)[0]


def _digests(integrity: str) -> Iterator[tuple[str, str]]:
    for each in integrity.split():
        algorithm, _, digest = each.partition("-")
        yield algorithm, base64.b64decode(digest).hex()


def _component(kind: str, package: Package) -> Component:
    if not package.hashes:
        what = f"{package.name} {package.version} has no digest in its lock."
        raise ReleaseError(what, "Take it from a registry, so that what is installed can be checked.")
    namespace, _, name = package.name.rpartition("/")
    purl = PackageURL(kind, namespace or None, name, package.version)
    return Component(
        name=name,
        group=namespace or None,
        version=package.version,
        purl=purl,
        bom_ref=str(purl),
        hashes=_hashes(package.hashes),
    )


def _dependency(of: BomRef, on: Iterable[BomRef]) -> Dependency:
    return Dependency(of, (Dependency(each) for each in on))


def _hashes(found: Iterable[tuple[str, str]]) -> list[HashType]:
    return [HashType(alg=_ALGORITHMS[algorithm], content=digest) for algorithm, digest in found]
