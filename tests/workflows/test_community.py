"""The files by which GitHub leads people: forms, owners, and the two documents about taking part."""

import re
import sys
from pathlib import Path
from typing import Any

import check_jsonschema
import pytest
import yaml
from click.testing import CliRunner

ROOT = Path(__file__).parents[2]
TEMPLATES = ROOT / ".github/ISSUE_TEMPLATE"
FORMS = sorted(path for path in TEMPLATES.glob("*.yml") if path.name != "config.yml")


def text(path: str) -> str:
    return (ROOT / path).read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("schema", "files"), [("github-issue-forms", FORMS), ("github-issue-config", [TEMPLATES / "config.yml"])]
)
def test_the_forms_are_what_github_takes(schema: str, files: list[Path], tmp_path: Path) -> None:
    command = ["--builtin-schema", f"vendor.{schema}"]
    done = CliRunner().invoke(check_jsonschema.main, [*command, *map(str, files)])
    assert done.exit_code == 0, done.output
    broken = tmp_path / "broken.yml"
    broken.write_text("blank_issues: maybe\n", encoding="utf-8")
    assert CliRunner().invoke(check_jsonschema.main, [*command, str(broken)]).exit_code == 1


@pytest.mark.parametrize("form", FORMS, ids=lambda path: path.stem)
def test_a_form_asks_each_thing_once(form: Path) -> None:
    # GitHub refuses a form whose ids or labels repeat, which its schema cannot say.
    fields: list[dict[str, Any]] = [
        each for each in yaml.safe_load(form.read_text(encoding="utf-8"))["body"] if each["type"] != "markdown"
    ]
    for names in ([each["id"] for each in fields], [each["attributes"]["label"] for each in fields]):
        assert len(set(names)) == len(names)
    assert any(each.get("validations", {}).get("required") for each in fields)


def test_each_line_of_owners_is_a_path_that_is_there_and_who_owns_it() -> None:
    lines = [line for line in text(".github/CODEOWNERS").splitlines() if line and not line.startswith("#")]
    assert lines
    for line in lines:
        path, *owners = line.split()
        assert path == "*" or (ROOT / path.strip("/")).exists(), line
        assert owners
        assert all(re.fullmatch(r"@[\w-]+(/[\w.-]+)?", owner) for owner in owners), line


@pytest.mark.parametrize("document", ["CONTRIBUTING.md", "SECURITY.md", ".github/pull_request_template.md"])
def test_what_a_document_names_is_there(document: str) -> None:
    targets = set(re.findall(r"^([a-z0-9-]+):", text("Makefile"), re.MULTILINE))
    assert set(re.findall(r"(?:^|`)make ([a-z0-9-]+)", text(document), re.MULTILINE)) <= targets
    for path in re.findall(r"(?:`| )((?:src|tests|\.venv)/[\w./-]+)", text(document)):
        assert (ROOT / path).exists() or path.startswith(".venv/"), path
    for command in re.findall(r"\.venv/bin/([\w-]+)", text(document)):
        assert (Path(sys.prefix) / "bin" / command).exists(), command


def test_a_vulnerability_is_reported_in_private_and_answered_in_time() -> None:
    said = text("SECURITY.md")
    for words in ("**Report a vulnerability**", "within 5 working days", "within 90 days", "## Supported versions"):
        assert words in said
