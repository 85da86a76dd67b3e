"""What is installed comes from a lock with hashes, and no pull request reaches what main or a release runs on."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import check_jsonschema
import pytest
import yaml
from click.testing import CliRunner

ROOT = Path(__file__).parents[2]
PAGE = pytest.mark.skipif(not (ROOT / "package.json").exists(), reason="the page is left out")
BIN = Path(sys.prefix) / "bin"
PATHS = sorted((ROOT / ".github/workflows").glob("*.yml"))
WORKFLOWS: dict[str, dict[Any, Any]] = {path.name: yaml.safe_load(path.read_text(encoding="utf-8")) for path in PATHS}
DEPENDABOT: list[dict[str, Any]] = yaml.safe_load((ROOT / ".github/dependabot.yml").read_text())["updates"]
ENVIRONMENT = os.environ | {"PATH": f"{ROOT / '.tools/bin'}{os.pathsep}{os.environ['PATH']}"}
INSTALL = (
    r"\b(pip3? install|uv (pip|add|sync|tool)|uvx|pipx|pnpm (install|add|dlx)|npm (install|i|ci|exec)|npx|go install)\b"
)
LOCKED = ("--require-hashes", "--frozen-lockfile", "--lockfile-only", "-mod=readonly tool")
DEPENDABOT_READS_BYTES = 500_000


def jobs() -> list[Any]:
    return [
        pytest.param(workflow, job, id=f"{name}-{key}")
        for name, workflow in WORKFLOWS.items()
        for key, job in workflow["jobs"].items()
    ]


def steps(job: dict[str, Any]) -> list[dict[str, Any]]:
    return list(job.get("steps", []))


def writes(job: dict[str, Any]) -> set[str]:
    permissions = job.get("permissions", {})
    return {name for name, right in permissions.items() if right == "write"}


def tracked() -> list[str]:
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout.splitlines()
    return [name for name in names if (ROOT / name).exists()]


@pytest.mark.parametrize(
    ("schema", "files"),
    [("dependabot", [ROOT / ".github/dependabot.yml"]), ("github-workflows", PATHS)],
    ids=["dependabot", "workflows"],
)
def test_the_files_fit_the_published_schemas(schema: str, files: list[Path], tmp_path: Path) -> None:
    command = ["--builtin-schema", f"vendor.{schema}"]
    done = CliRunner().invoke(check_jsonschema.main, [*command, *map(str, files)])
    assert done.exit_code == 0, done.output
    wrong = tmp_path / "wrong.yml"
    wrong.write_text(files[0].read_text(encoding="utf-8") + "\nnothing-knows-this: 1\n", encoding="utf-8")
    assert CliRunner().invoke(check_jsonschema.main, [*command, str(wrong)]).exit_code == 1


def test_dependabot_raises_all_that_is_pinned_in_groups_after_a_week() -> None:
    page = {"npm"} if (ROOT / "package.json").exists() else set()
    assert {each["package-ecosystem"] for each in DEPENDABOT} == {"github-actions", "pip", "gomod", "pre-commit"} | page
    for each in DEPENDABOT:
        assert each["schedule"] == {"interval": "weekly"}
        assert each["cooldown"] == {"default-days": 7}
        assert [group["patterns"] for group in each["groups"].values()] == [["*"]]
        for folder in each.get("directories", [each.get("directory")]):
            assert folder == "/" or list(ROOT.glob(folder.strip("/")))


def test_the_python_lock_is_one_that_dependabot_reads() -> None:
    """It reads no other ending than these, and no larger file (python/shared_file_fetcher.rb)."""
    lock = ROOT / "requirements.txt"
    assert lock.stat().st_size < DEPENDABOT_READS_BYTES
    assert not list(ROOT.glob("*.in")), "with a .in file it would take the lock for pip-compile's, and compile it so"


@PAGE
def test_dependabot_leaves_what_node_test_cannot_run() -> None:
    ignored = {each["dependency-name"] for part in DEPENDABOT for each in part.get("ignore", [])}
    package = json.loads((ROOT / "package.json").read_text(encoding="utf-8"))
    assert ignored <= {*package["dependencies"], *package["devDependencies"]}


def test_every_locked_package_has_its_hash() -> None:
    blocks = re.split(r"\n(?=\S)", (ROOT / "requirements.txt").read_text(encoding="utf-8"))
    pinned = [block for block in blocks if "==" in block.splitlines()[0]]
    assert len(pinned) > 50
    assert all("--hash=sha256:" in block for block in pinned)


@PAGE
def test_every_locked_package_of_the_page_has_its_hash() -> None:
    packages = yaml.safe_load((ROOT / "pnpm-lock.yaml").read_text(encoding="utf-8"))["packages"]
    assert len(packages) > 100
    assert all(each["resolution"]["integrity"].startswith("sha512-") for each in packages.values())


def test_nothing_is_installed_but_from_a_lock() -> None:
    named = ("Makefile", ".ci/run", "package.json")
    files = [ROOT / name for name in named if (ROOT / name).exists()]
    files += [*PATHS, *ROOT.glob(".github/**/action.yml"), *ROOT.glob("src/gate/actions/**/action.yml")]
    found = [line.strip() for file in files for line in file.read_text().splitlines() if re.search(INSTALL, line)]
    assert found
    assert [line for line in found if not any(mark in line for mark in LOCKED)] == []


def test_a_go_module_with_another_hash_is_not_built(tmp_path: Path) -> None:
    shutil.copytree(ROOT / ".github/tools", tmp_path, dirs_exist_ok=True)
    lock = tmp_path / "go.sum"
    text = lock.read_text(encoding="utf-8")
    lock.write_text(re.sub(r"(rhysd/actionlint v\S+ h1:)\w{4}", r"\1AAAA", text), encoding="utf-8")
    environment = os.environ | {"GOBIN": str(tmp_path / "bin"), "GOTOOLCHAIN": "local"}
    command = [str(BIN / "go"), "install", "-mod=readonly", "tool"]
    done = subprocess.run(command, cwd=tmp_path, env=environment, check=False, capture_output=True, text=True)
    assert done.returncode != 0
    assert "checksum mismatch" in done.stderr
    assert not (tmp_path / "bin").exists()


@PAGE
def test_a_package_that_wants_to_run_a_script_stops_the_install_and_does_not_run_it(tmp_path: Path) -> None:
    shutil.copyfile(ROOT / "pnpm-workspace.yaml", tmp_path / "pnpm-workspace.yaml")
    package = tmp_path / "curious"
    package.mkdir()
    scripts = {"postinstall": "touch ran"}
    (package / "package.json").write_text(json.dumps({"name": "curious", "version": "1.0.0", "scripts": scripts}))
    subprocess.run(["npm", "pack", "--silent", "./curious"], cwd=tmp_path, env=ENVIRONMENT, check=True)
    (tmp_path / "package.json").write_text(json.dumps({"dependencies": {"curious": "file:curious-1.0.0.tgz"}}))
    command = ["pnpm", "install", "--offline", f"--store-dir={tmp_path / 'store'}"]
    done = subprocess.run(command, cwd=tmp_path, env=ENVIRONMENT, check=False, capture_output=True, text=True)
    assert done.returncode != 0
    assert "ERR_PNPM_IGNORED_BUILDS" in done.stdout
    assert "curious" in done.stdout
    assert not list(tmp_path.rglob("ran"))


@pytest.mark.parametrize("path", PATHS, ids=lambda path: str(path.name))
def test_every_action_is_pinned_by_commit(path: Path) -> None:
    lines = [line for line in path.read_text().splitlines() if re.search(r"\buses: (?!\./)", line)]
    assert all(re.search(r"uses: [\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$", line) for line in lines), lines


@pytest.mark.parametrize(("workflow", "job"), jobs())
def test_no_pull_request_may_write_more_than_findings(workflow: dict[Any, Any], job: dict[str, Any]) -> None:
    assert workflow["permissions"] == {}
    events = set(workflow[True])  # YAML reads `on` as true
    # These run a stranger's change with main's rights, and with main's caches.
    assert not events & {"pull_request_target", "workflow_run"}
    if "pull_request" in events:
        assert writes(job) <= {"security-events"}


@pytest.mark.parametrize(("workflow", "job"), jobs())
def test_what_may_write_uses_no_cache(workflow: dict[Any, Any], job: dict[str, Any]) -> None:
    used = {str(step.get("uses", "")).split("@")[0]: step.get("with", {}) for step in steps(job)}
    assert "actions/cache" not in used
    if not writes(job):
        return
    assert used.get("actions/setup-node", {"package-manager-cache": False}).get("package-manager-cache") is False
    assert "cache" not in used.get("actions/setup-node", {})
    assert used.get("astral-sh/setup-uv", {"enable-cache": False}).get("enable-cache") is False
    assert used.get("github/codeql-action/init", {"dependency-caching": False}).get("dependency-caching") is False
    assert not used.get("pnpm/action-setup", {}).get("cache")
    assert workflow


@pytest.mark.parametrize(("workflow", "job"), jobs())
def test_no_script_holds_an_expression_and_no_job_runs_for_ever(workflow: dict[Any, Any], job: dict[str, Any]) -> None:
    assert not [step["run"] for step in steps(job) if "${{" in step.get("run", "")]
    assert job["timeout-minutes"] <= 30
    checkouts = [step for step in steps(job) if str(step.get("uses", "")).startswith("actions/checkout@")]
    assert all(step["with"]["persist-credentials"] is False for step in checkouts)
    assert workflow["concurrency"]


def test_the_repository_holds_no_program_and_no_image_without_a_hash() -> None:
    """Scorecard's Binary-Artifacts, and Pinned-Dependencies for containers, by hand."""
    programs = (b"\x7fELF", b"MZ", b"\xca\xfe\xba\xbe", b"\xcf\xfa\xed\xfe", b"PK\x03\x04", b"\x1f\x8b", b"\x00asm")
    names = tracked()
    assert not [name for name in names if (ROOT / name).read_bytes()[:4].startswith(programs)]
    assert not [name for name in names if "dockerfile" in Path(name).name.lower()]


def test_the_license_and_the_security_policy_are_ones_that_scorecard_takes() -> None:
    assert (ROOT / "LICENSE").read_text(encoding="utf-8").startswith("MIT License")
    policy = (ROOT / "SECURITY.md").read_text(encoding="utf-8")
    assert re.search(r"https?://|[\w.]+@[\w.]+", policy), "where to report"
    assert re.search(r"(?i)vuln|disclos", policy)
    assert re.search(r"\d", policy), "in how many days"
