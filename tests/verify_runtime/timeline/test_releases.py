import datetime as dt
import itertools
from pathlib import Path

import pytest

from verify_runtime.timeline.ages import ages
from verify_runtime.timeline.model import Active
from verify_runtime.timeline.releases import disjoint, ended, excluded, lines, meant
from verify_runtime.timeline.tables import table
from verify_runtime.version import Version

from .cases import write


def node(version: str) -> Active:
    return Active("decided", version)


@pytest.mark.parametrize(
    ("version", "needed", "expected"),
    [
        ("18", "^20.19.0 || >=22.12.0", True),
        ("20", "^20.19.0 || >=22.12.0", False),
        ("20.10.0", "^20.19.0 || >=22.12.0", True),
        (">=18", ">=20", False),
        ("lts/hydrogen", ">=20", True),
        ("lts/*", ">=99", False),  # the alias moves on
        ("latest", "<20", True),
        ("18.x", ">=18.20.9", True),  # no such release is made any more
        ("24", ">=24.999", False),  # one may be made
        ("nonsense", ">=20", False),
        ("18", "nonsense", False),
    ],
)
def test_a_version_is_excluded_only_where_no_release_of_it_fits(version: str, needed: str, *, expected: bool) -> None:
    assert excluded(node(version), needed) is expected


def test_what_is_not_decided_is_never_excluded() -> None:
    assert not excluded(Active("unknown"), "<1")
    assert not excluded(Active("default", "22.1.0"), "<1")


def test_versions_disagree_where_no_release_is_both() -> None:
    assert disjoint("18", "20.1.0")
    assert not disjoint("18", "18.20.8")
    assert not disjoint(">=18", "20")
    assert not disjoint("nonsense", "20")


def test_a_line_has_ended_only_where_all_of_a_version_has() -> None:
    assert ended(node("18.20.8"))
    assert ended(node("lts/iron"))
    assert ended(node("24")) is None
    assert ended(node(">=18")) is None


def test_an_exact_version_that_the_table_does_not_hold_is_itself() -> None:
    assert meant("18.99.99") == (Version(18, 99, 99),)


def test_the_table_is_whole() -> None:
    majors = list(lines())
    assert majors == list(range(majors[0], majors[-1] + 1))
    assert all(line.releases == tuple(sorted(line.releases, key=lambda each: each.order)) for line in lines().values())
    assert all(one.end <= other.end for one, other in itertools.pairwise(line for line in lines().values() if line.lts))


@pytest.mark.parametrize("name", ["node", "runners", "scanners", "actions"])
def test_every_table_says_where_and_when_it_was_read(name: str) -> None:
    assert isinstance(table(name)["date"], dt.date)
    assert table(name)["source"]


def test_a_table_that_was_read_long_ago_or_says_nothing_is_listed_with_its_age(tmp_path: Path) -> None:
    write(tmp_path, {"a/data/old.toml": 'source = "x"\ndate = 2026-01-01\n', "b/data/none.toml": "a = 1\n"})
    found = {age.path.name: (age.days, age.source) for age in ages(tmp_path, dt.date(2026, 5, 1))}
    assert found == {"old.toml": (120, "x"), "none.toml": (None, "it names no source")}
