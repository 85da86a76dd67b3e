"""New code is judged as a pull request's is: 30 uncovered lines fail, covered they pass."""

from pathlib import Path

import pytest

from .conftest import Checkout

pytestmark = pytest.mark.xdist_group("sonar")  # one after the other: there is one server

BRANCHES = 14
PYTHON = (
    "def grade(points: int) -> int:\n"
    + "".join(f"    if points == {n * 7 + 3}:\n        return {n}\n" for n in range(BRANCHES))
    + "    return -1\n"
)
PYTHON_TEST = (
    "import pytest\n\nfrom tracking import grade\n\n\n"
    f'@pytest.mark.parametrize("n", range({BRANCHES}))\n'
    "def test_each_grade(n: int) -> None:\n    assert grade.grade(n * 7 + 3) == n\n\n\n"
    "def test_no_grade() -> None:\n    assert grade.grade(0) == -1\n"
)
WEB = (
    "export function grade(points: number): number {\n"
    + "".join(f"  if (points === {n * 7 + 3}) {{\n    return {n};\n  }}\n" for n in range(BRANCHES))
    + "  return -1;\n}\n"
)
WEB_TEST = (
    'import { expect, test } from "vitest";\n'
    'import { grade } from "../../../src/web/app/grade";\n\n'
    'test("each grade", () => {\n'
    f"  for (let n = 0; n < {BRANCHES}; n += 1) expect(grade(n * 7 + 3)).toBe(n);\n"
    "  expect(grade(0)).toBe(-1);\n});\n"
)


def change(checkout: Checkout, *, covered: bool) -> None:
    """Add one file to each half, and measure coverage for real; what else there is, is not new."""
    checkout.write("src/tracking/grade.py", PYTHON)
    checkout.write("src/web/app/grade.ts", WEB)
    if covered:
        checkout.write("tests/tracking/test_grade.py", PYTHON_TEST)
        checkout.write("tests/web/unit/grade.test.ts", WEB_TEST)
    checkout.cover(*(["tests/tracking/test_grade.py"] if covered else []))
    for script in ("test:unit", "test:component", "coverage"):
        done = checkout.run("pnpm", script)
        assert done.status == 0, done.out + done.err


@pytest.mark.whole
def test_uncovered_lines_fail_and_are_named_and_covered_they_pass(checkout: Checkout) -> None:
    change(checkout, covered=False)
    result = checkout.gate("scan", "--json")
    assert result.status == 1, result.err
    failed = [each["metric"] for each in result.data["conditions"] if not each["passed"]]
    assert failed == ["new_coverage"]
    uncovered = {each["path"]: each["uncovered_lines"] for each in result.data["coverage"]}
    assert uncovered["src/tracking/grade.py"] == 2 * BRANCHES + 2
    assert uncovered["src/web/app/grade.ts"] >= BRANCHES
    words = checkout.gate("scan").out
    assert "new_coverage" in words
    assert "src/tracking/grade.py" in words

    change(checkout, covered=True)
    result = checkout.gate("scan", "--json")
    assert result.status == 0, result.out
    assert result.data["passed"]
    assert result.data["differences"] == []


@pytest.mark.whole
def test_a_checkout_with_spaces_and_other_letters_in_its_path_is_judged(checkout: Checkout, tmp_path: Path) -> None:
    moved = Checkout(tmp_path / "Prüf stand ✓")
    checkout.root.rename(moved.root)
    try:
        result = moved.gate("scan", "--json")
        assert result.status == 0, result.err
    finally:
        moved.root.rename(checkout.root)


@pytest.mark.whole
@pytest.mark.parametrize("how", ["detached", "shallow"])
def test_a_detached_head_and_a_shallow_clone_are_judged(checkout: Checkout, how: str) -> None:
    if how == "detached":
        assert checkout.run("git", "checkout", "--quiet", "--detach", "HEAD").status == 0
    else:
        depth = checkout.run("git", "fetch", "--quiet", "--depth=1")
        assert depth.status == 0, depth.err
    assert checkout.gate("scan", "--json").status == 0


@pytest.mark.whole
def test_another_repository_that_has_this_one_as_a_submodule_is_not_judged(checkout: Checkout, tmp_path: Path) -> None:
    outer = Checkout(tmp_path / "infrastructure")
    outer.write("src/deploy.py", PYTHON)
    for command in (["init", "--quiet"], ["add", "--all"]):
        assert outer.run("git", *command).status == 0
    allowed = ("git", "-c", "protocol.file.allow=always", "submodule", "--quiet", "add")
    added = outer.run(*allowed, checkout.root.as_uri(), "application")
    assert added.status == 0, added.err
    inner = Checkout(outer.root / "application")
    (checkout.root / "coverage").rename(inner.root / "coverage")
    (inner.root / "node_modules").symlink_to((checkout.root / "node_modules").resolve())
    inner.write("src/tracking/grade.py", PYTHON)
    inner.cover()
    result = inner.gate("scan", "--json")
    assert result.status == 1, result.err
    assert [each["path"] for each in result.data["coverage"]] == ["src/tracking/grade.py"]
