import pytest

from release.changelog import notes
from release.errors import ReleaseError

TEXT = """\
# Changelog
What each version brings.

## [Unreleased]
- Not yet.

## 1.3.0 (unreleased)
- Soon.

## [1.2.0] - 2026-11-27
### What it asks
```sh
## a comment, and no heading
make setup
```
- And this.

## v1.1.0

## 1.0.0
The first.
"""


def test_a_section_is_what_stands_below_its_heading() -> None:
    wanted = "### What it asks\n```sh\n## a comment, and no heading\nmake setup\n```\n- And this.\n"
    assert notes(TEXT, "1.2.0") == wanted
    assert notes(TEXT, "1.0.0") == "The first.\n"
    assert notes(TEXT.replace("\n", "\r\n"), "1.2.0") == wanted


@pytest.mark.parametrize(
    ("version", "said"),
    [
        ("1.3.0", r"calls 1\.3\.0 unreleased\.\n  Write the date"),
        ("1.1.0", r"says nothing of 1\.1\.0\."),
        ("1.0", r"has no section 1\.0\.\n  Write one: ## 1\.0"),
        ("1.2.0-rc.1", "has no section"),
        ("1x2.0", "has no section"),
    ],
)
def test_what_has_no_notes_is_refused(version: str, said: str) -> None:
    with pytest.raises(ReleaseError, match=said):
        notes(TEXT, version)


def test_a_missing_file_is_refused() -> None:
    with pytest.raises(ReleaseError, match="has no section"):
        notes("", "1.0.0")
