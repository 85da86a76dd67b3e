from itertools import chain, combinations
from pathlib import Path

import pytest

from template import edits
from template.answers import PARTS

from .repository import ROOT, answers

EVERY = list(chain.from_iterable(combinations(PARTS, count) for count in range(len(PARTS) + 1)))


@pytest.mark.parametrize("without", EVERY, ids=lambda parts: ",".join(parts) or "nothing")
def test_every_edit_finds_what_it_changes_whatever_is_left_out(without: tuple[str, ...]) -> None:
    planned = edits.plan(ROOT, answers(without=without))
    assert "acme-studio" in planned.write["pyproject.toml"]
    assert not set(planned.write) & set(planned.delete)


def test_every_edited_and_deleted_file_is_there() -> None:
    for edit in edits.edits():
        assert (ROOT / edit.file).is_file(), edit.file
        assert bool(edit.old) + bool(edit.pattern) + bool(edit.section) == 1
    for path in edits.deletions(PARTS):
        assert (ROOT / path).exists() or "analytics" in path, path


@pytest.mark.parametrize(
    ("edit", "before", "after"),
    [
        (edits.Edit("f", old="a.c", new="{name}"), "a.c abc a.c", "acme-studio abc acme-studio"),
        (edits.Edit("f", pattern="^b.*\n"), "a\nb1\nb2\nc\n", "a\nc\n"),
        (edits.Edit("f", section="## B"), "# A\n## B\nx\n### C\ny\n## D\nz\n", "# A\n## D\nz\n"),
        (edits.Edit("f", section="## B"), "# A\n## B\nx\n", "# A\n"),
        (edits.Edit("f", section="## B"), "## B\nx\n# A\n", "# A\n"),
    ],
)
def test_an_edit_changes_a_text_a_pattern_or_a_section(edit: edits.Edit, before: str, after: str) -> None:
    assert edit.apply(before, answers().words) == after


def test_an_answer_is_put_in_as_it_is() -> None:
    assert edits.Edit("f", old="x", new="{holder}").apply("x", answers(holder=r"A\1\g<0> {name}").words) == (
        r"A\1\g<0> {name}"
    )


def test_an_edit_that_finds_nothing_names_its_file() -> None:
    with pytest.raises(edits.EditError, match=r"Makefile does not hold .*: nowhere"):
        edits.Edit("Makefile", old="nowhere").apply("text", {})


def test_a_file_that_the_team_deleted_stays_away(tmp_path: Path) -> None:
    for name in ("pyproject.toml", "requirements.txt"):
        (tmp_path / name).write_bytes((ROOT / name).read_bytes())
    assert set(edits.plan(tmp_path, answers()).write) == {"pyproject.toml", "requirements.txt", ".copier-answers.yml"}
