import json
import random
import shutil
import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from verify_runtime.ranges import Range, RangeError, parse_range
from verify_runtime.version import Version

ROOT = Path(__file__).parents[2]
ORACLE = Path(__file__).with_name("oracle.cjs")
PAIRS = 6_000
# What trips up a reader of ranges: each piece is or was read wrongly by one.
PIECES = [
    *("1", "2.3", "1.2.3", "x", "*", "X", "1.x", "1.2.x", "1.*.3", "x.1", "*.1.2", "0", "00", "01", "0.0", "0.0.1"),
    *("-alpha", "-rc.1", "-0", "-01", "-a-b", "--", "-a.b+c.d", "-x", "x-1", "1-rc", "1.2-rc", "+b", "+b.1", "-v="),
    *("||", "|| ", " - ", " -", "- ", "-", "^", "~", "~>", "~ >", "<", "<=", "< =", ">", ">=", "=", "==", "v", "v v"),
    *(
        "0.0.0",
        "0.0.0-0",
        "<0.0.0-0",
        ">=0.0.0",
        ">=0.0.0-0",
        "<0",
        "^*",
        "~*",
        ">*",
        "<*",
        ">=*",
        "=*",
        "**",
        "..",
        ",",
    ),
    *(str(2**53 - 1), str(2**53), "9" * 17, "-" + "a" * 251, "-" + "9" * 260, "+" + "b" * 260),
    *(" ", "  ", "\t", "\n", "\v", "\f", "\x1c", "\u00a0", "\u2003", "\ufeff", "é", "\u0663"),
]
# Whole ranges of that kind, each held against every one of the versions below it.
TRICKY = [
    *("* || >=1.2.3-alpha", ">=0.0.0 || >1.2.3-0", ">=v0.0.0 || >=1.2.3-alpha", "|| 1.2.3-alpha", ">2 <1 || 1.2.3-0"),
    *(
        "0",
        "0.x",
        "0.0.x",
        ">=0.0.0-0 0",
        ">=0.0.0 <1.2.3-b",
        "^0.0.0-0",
        "~0.0.0",
        "<0.0.0-0 || *",
        "0.0.0 - 1",
        "=0.0",
    ),
    *("~> >=1", "~> = 1.2.3", "~=1", "^=1.2", "= = 1", "== 1", "v= 1", ">= +b 1", "^ +b 1", "> +b.1 x", "1 +b - 2"),
    *(
        "1.2.3-v= *",
        "1.2.3> *",
        "1.2.3*",
        "**",
        "^>= *",
        "x.1 - 2",
        "=1 - 2",
        "=1.2.3 - 2",
        "1.2.3 - =2.3.4-a",
        "1 - x",
    ),
    *(f"{sign}{2**53 - count}{end}" for sign in ("", "<=", "^") for count in (0, 1, 2) for end in ("", ".1", ".1.1")),
    *(f"1.2.{patch}-{'a' * count}" for patch in "3x" for count in (249, 250, 251, 252)),
    *(f"{sign}1.2.3-{'a' * 248}{end}" for sign in ("v", "~", "=", "<") for end in ("a", "aa", ".b", "a.b")),
]
VERSIONS = ["0.0.0-0", "0.0.0", "0.1.0-0", "1.2.3-0", "1.2.3-alpha", "1.2.3-v", "1.2.3", "1.9.0", "2.0.0-0", "2.0.0"]


class Pairs:
    """Makes versions and ranges, ordinary ones and nasty ones, the same for the same seed."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)  # noqa: S311 - for tests

    def pick(self, *options: str) -> str:
        return self.chance.choice(options)

    def rarely(self, text: str, probability: float = 0.1) -> str:
        return text if self.chance.random() < probability else ""

    def number(self) -> str:
        return self.rarely(self.pick("x", "X", "*", "01", "9007199254740991", "9007199254740992")) or self.pick(
            *"0123", "18", "20"
        )

    def partial(self) -> str:
        count = self.chance.choice((1, 2, 3, 3, 3))
        text = ".".join(self.number() for _ in range(count))
        if count == 3:
            text += self.rarely(self.pick("-0", "-alpha", "-alpha.1", "-rc.1", "-01", "-a..b"), 0.25)
            text += self.rarely(self.pick("+b", "+b.1", "+"))
        return self.rarely(self.pick("v", "=", "v=", "= ")) + text

    def comparator(self) -> str:
        sign = self.pick("", "", "", ">", "<", ">=", "<=", "=", "^", "~", "~>") + self.rarely(" ")
        return (self.rarely(self.pick("^^", ">~", "=="), 0.03) or sign) + self.partial()

    def alternative(self) -> str:
        if self.chance.random() < 0.2:
            return self.partial() + self.pick(" - ", " - ", "  -  ", " -") + self.partial()
        return self.pick(" ", "  ").join(self.comparator() for _ in range(self.chance.choice((1, 1, 2))))

    def range(self) -> str:
        if self.chance.random() < 0.3:
            count = self.chance.randrange(1, 7)
            return "".join(self.pick(*PIECES) + self.rarely(" ", 0.3) for _ in range(count))
        text = self.pick("||", " || ").join(self.alternative() for _ in range(self.chance.choice((1, 1, 2))))
        if self.chance.random() < 0.05:
            place = self.chance.randrange(len(text) + 1)
            text = text[:place] + self.pick(*"xX*<>=~^ -.|+v0a") + text[place:]
        return self.rarely(self.pick("", " ", "||", "latest", "lts/*", "|", "1.2.3.4", ">", "-"), 0.03) or text

    def version(self) -> str:
        numbers = ".".join(self.pick(*"0123", "18", "20") for _ in range(3))
        return numbers + self.rarely(self.pick("-0", "-alpha", "-alpha.1", "-rc.1", "-a-b", "-" + "9" * 17), 0.3)


def npm(pairs: list[tuple[str, str]]) -> list[bool | str]:
    """Return what npm's own package says of each pair; skip where it or Node is not there."""
    package, node = ROOT / "node_modules" / "semver", shutil.which("node")
    if not package.is_dir() or node is None:
        pytest.skip("npm's semver package or Node is not here: make setup")
    command = [node, str(ORACLE), str(package)]
    done = subprocess.run(command, input=json.dumps(pairs), check=True, capture_output=True, text=True)
    return list(json.loads(done.stdout))


def version(text: str) -> Version:
    numbers, _, prerelease = text.partition("-")
    major, minor, patch = map(int, numbers.split("."))
    return Version(major, minor, patch, tuple(prerelease.split(".")) if prerelease else ())


def ours(text: str, wanted: str) -> bool | str:
    try:
        return parse_range(wanted).allows(version(text))
    except RangeError:
        return "unreadable"


def disagreements(pairs: list[tuple[str, str]], answers: list[bool | str]) -> list[object]:
    return [(pair, answer) for pair, answer in zip(pairs, answers, strict=True) if ours(*pair) != answer]


def test_it_agrees_with_npm_on_what_trips_up_others() -> None:
    pairs = [(text, wanted) for wanted in TRICKY for text in VERSIONS]
    assert disagreements(pairs, npm(pairs)) == []


@pytest.mark.parametrize("seed", range(4))
def test_it_agrees_with_npm_on_thousands_of_pairs(seed: int) -> None:
    make = Pairs(seed)
    pairs = [(make.version(), make.range()) for _ in range(PAIRS)]
    answers = npm(pairs)
    assert min(answers.count(kind) for kind in (True, False, "unreadable")) > 100
    assert disagreements(pairs, answers) == []


@pytest.mark.parametrize(
    ("text", "inside", "outside"),
    [
        ("20", "20.0.0", "21.0.0"),
        ("20.x", "20.9.1", "19.9.9"),
        ("~18.2", "18.2.9", "18.3.0"),
        ("^18.17.1", "18.20.8", "19.0.0"),
        ("^0.2.3", "0.2.9", "0.3.0"),
        ("18 - 20", "20.20.2", "21.0.0"),
        (">=18.18 <21", "20.1.0", "21.0.0"),
        ("18 || >=20.12", "18.0.0", "19.0.0"),
        ("", "1.2.3", "1.2.3-rc.1"),
        (">=21.0.0-rc.1", "21.0.0-rc.2", "21.0.1-rc.1"),
        ("<=20", "20.99.0", "21.0.0"),
        (">20", "21.0.0", "20.99.0"),
    ],
)
def test_what_people_write_means_what_they_expect(text: str, inside: str, outside: str) -> None:
    assert ours(inside, text) is True
    assert ours(outside, text) is False


@pytest.mark.parametrize(
    ("text", "character", "position"),
    [
        ("latest", "'l'", 1),
        (">=20 <a", "'a'", 7),
        ("20..1", "'.'", 3),
        ("1.2.3.4", "'.'", 6),
        ("20 || lts/*", "'l'", 7),
        (">=", "the end", 3),
        ("^20.1.0-", "'-'", 8),
        ("^^1", "'^'", 2),
        (" > a ", "'a'", 4),
        ("18 - 20 - 22", "'-'", 4),
        ("1.2.3+", "'+'", 6),
        ("20 || 99999999999999999", "'9'", 7),
    ],
)
def test_an_unreadable_range_names_the_character_and_its_place(text: str, character: str, position: int) -> None:
    with pytest.raises(RangeError) as told:
        parse_range(text)
    assert f"{character} at position {position} of {text!r}" in str(told.value)


def read(text: str) -> Range | RangeError:
    try:
        return parse_range(text)
    except RangeError as error:
        return error


@given(st.text(max_size=40))
def test_no_text_ends_in_anything_but_a_range_or_its_error(text: str) -> None:
    answer = read(text)
    assert 0 <= answer.position <= len(text) if isinstance(answer, RangeError) else answer.text == text


@given(st.text(alphabet="0123456789.xX*<>=~^ -|+v", max_size=25), st.tuples(*[st.integers(0, 30)] * 3))
def test_nothing_that_looks_like_a_range_breaks_it(text: str, numbers: tuple[int, int, int]) -> None:
    answer = read(text)
    assert str(answer) if isinstance(answer, RangeError) else answer.allows(Version(*numbers)) in {True, False}
