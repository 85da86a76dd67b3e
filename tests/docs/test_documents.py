"""What the documents say: their links lead somewhere, and their commands are run, here or by the test that is named."""

import os
import re
import subprocess
import textwrap
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[2]
LISTED = subprocess.run(
    ["git", "ls-files", "--cached", "--others", "--exclude-standard", "*.md"],
    cwd=ROOT,
    check=True,
    capture_output=True,
    text=True,
).stdout.split()
DOCUMENTS = [ROOT / name for name in LISTED if not name.startswith(("src/", "tests/")) and (ROOT / name).exists()]

# Commands that take minutes, a server, GitHub or a new repository, and the test or judge that runs each.
ELSEWHERE = {
    "make test": ("tests/workflows/test_ci.py", 'recipe("test")'),
    "make gate": (".ci/run", "make gate"),
    "make init": ("tests/e2e/test_template.py", '"make", "init"'),
    "uvx copier copy --trust": ("tests/e2e/test_template.py", '"copy",'),
    "make setup": (".ci/run", "make gate"),
    "make lint": (".ci/run", "make lint-workflows"),
    "make -C application": ("tests/e2e/test_submodule.py", "submodule.md"),
    "application/": ("tests/e2e/test_submodule.py", "submodule.md"),
    "make run": ("tests/tracking/test_server.py", "tracking"),
    "make lock": ("tests/gate/test_locks.py", "compile"),
    ".venv/bin/gate scan": ("tests/e2e/test_new_code.py", 'gate("scan"'),
    ".venv/bin/gate stop": (".ci/run", ".venv/bin/gate stop"),
    "git ": ("tests/e2e/test_submodule.py", "submodule.md"),
}
# Exit 1 is a verdict, such as a Node that is not the one asked for; 2 would be a command that is not understood.
UNDERSTOOD = (0, 1)


def blocks(language: str) -> list[tuple[str, str]]:
    """Return the code of one language in all documents, with the document's name."""
    found = []
    for path in DOCUMENTS:
        fenced = re.findall(
            rf"^ *```{language}\n(.*?)^ *```", path.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL
        )
        found += [(path.name, textwrap.dedent(code)) for code in fenced]
    return found


COMMANDS = sorted(
    {
        (name, re.sub(r"\s+#\s.*", "", line).strip())
        for name, code in blocks("sh")
        for line in code.splitlines()
        if line.strip() and not line.startswith("#")
    }
)
HERE = [command for _, command in COMMANDS if not command.startswith(tuple(ELSEWHERE))]
# Together: each new data directory begins with MLflow making its tables, which takes a while.
TRACKING = [command for command in HERE if command.startswith(".venv/bin/tracking ")]


def test_the_readme_can_be_read_from_top_to_bottom() -> None:
    assert len((ROOT / "README.md").read_text(encoding="utf-8").splitlines()) <= 250


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_every_link_within_the_repository_leads_somewhere(path: Path) -> None:
    for link in re.findall(r"\]\(([^)\s]+)\)", path.read_text(encoding="utf-8")):
        if re.match(r"[a-z]+:", link):
            continue
        name, _, anchor = link.partition("#")
        target = (path.parent / name).resolve() if name else path
        assert target.exists(), link
        if anchor:
            headings = re.findall(r"^#+ (.*)$", target.read_text(encoding="utf-8"), re.MULTILINE)
            assert anchor in [re.sub(r"[^\w -]", "", each.lower()).replace(" ", "-") for each in headings], link


@pytest.mark.parametrize("prefix", ELSEWHERE)
def test_what_is_run_elsewhere_is_run_there(prefix: str) -> None:
    file, text = ELSEWHERE[prefix]
    assert any(command.startswith(prefix) for _, command in COMMANDS), "no document names it any more"
    assert text in (ROOT / file).read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "commands", [TRACKING, *([each] for each in HERE if each not in TRACKING)], ids=lambda commands: commands[0]
)
def test_a_command_runs(commands: list[str], tmp_path: Path) -> None:
    environment = os.environ | {"DATA_DIR": str(tmp_path)}
    for command in commands:
        done = subprocess.run(
            ["bash", "-c", command], cwd=ROOT, env=environment, check=False, capture_output=True, text=True
        )
        assert done.returncode in UNDERSTOOD, f"{command}: {done.stderr}"
        assert "Traceback" not in done.stderr
        assert done.stdout + done.stderr


def test_the_readmes_ten_lines_log_a_generation(tmp_path: Path) -> None:
    [(_, code)] = blocks("python")
    assert len(code.splitlines()) <= 10
    environment = os.environ | {"DATA_DIR": str(tmp_path), "DELIVERY": "separate"}
    python = str(ROOT / ".venv/bin/python")
    subprocess.run([python, "-c", code], env=environment, cwd=tmp_path, check=True)
    status = subprocess.run(
        [str(ROOT / ".venv/bin/tracking"), "status", "--json"],
        env=environment,
        cwd=tmp_path,
        check=False,
        capture_output=True,
        text=True,
    ).stdout
    assert '"accepted": 1' in status


def test_the_yaml_is_yaml_and_the_workflows_own() -> None:
    ci = yaml.safe_load((ROOT / ".github/workflows/ci.yml").read_text(encoding="utf-8"))
    data = [yaml.safe_load(code) for name, code in blocks("yaml") if name == "README.md"]
    assert {"env": ci["env"]} in data
    [use] = [each[0] for each in data if isinstance(each, list)]
    action = yaml.safe_load((ROOT / ".github/actions/verify-runtime/action.yml").read_text(encoding="utf-8"))
    assert set(use["with"]) <= set(action["inputs"])
