import sys
from pathlib import Path

import pytest

from gate.doctor import age

from ..sandbox import make, write

WORKFLOW = ".github/workflows/ci.yml"


def workflow(version: str) -> str:
    setup = f"- uses: actions/setup-node@v7\n        with:\n          node-version: {version}"
    return f"on: push\njobs:\n  a:\n    runs-on: ubuntu-latest\n    steps:\n      {setup}\n      - run: node a.js\n"


def test_an_old_node_is_told_with_its_last_day_and_the_edit_that_moves_on(tmp_path: Path) -> None:
    root = make(tmp_path)
    write(root, {WORKFLOW: workflow("18")})
    check = age.check(root)
    assert check.state == "warning"
    assert check.title == "Node 18 is past its end of life: 30 April 2025 was its last day."
    assert check.fix.startswith("The lines that are kept: ")
    assert "NODE_TEST and NODE_SCAN" in check.fix


def test_a_node_that_is_kept_is_ok(tmp_path: Path) -> None:
    root = make(tmp_path)
    write(root, {WORKFLOW: workflow("24")})
    assert (age.check(root).state, age.check(root).fix) == ("ok", "")


def test_what_cannot_be_asked_is_unknown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "prefix", str(tmp_path))
    check = age.check(make(tmp_path / "repository"))
    assert (check.state, check.fix) == ("unknown", "verify-runtime timeline")
    command = tmp_path / "bin" / "verify-runtime"
    command.parent.mkdir()
    command.write_text("#!/bin/sh\nexit 2\n", encoding="utf-8")
    command.chmod(0o755)
    assert age.check(tmp_path / "repository").state == "unknown"


def test_what_verify_runtime_says_is_passed_on(tmp_path: Path) -> None:
    check = age.check(tmp_path)
    assert (check.state, "There is no .github/workflows in" in check.title) == ("unknown", True)
