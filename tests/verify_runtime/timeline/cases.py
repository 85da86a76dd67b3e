"""The corpus: small repositories in one file each, with what is expected of them."""

import re
from pathlib import Path
from typing import NamedTuple

WORKFLOW = ".github/workflows/ci.yml"
_SECTION = re.compile(r"^-- (\S+) --$", re.MULTILINE)


class Case(NamedTuple):
    """A case: its files by path, and what is expected of ci.yml, a line for each step."""

    name: str
    about: str
    files: dict[str, str]
    expected: list[str]
    findings: list[str] | None

    def unpack(self, folder: Path) -> None:
        """Write the files into a folder."""
        write(folder, self.files)


def write(folder: Path, files: dict[str, str]) -> None:
    """Write files into a folder, by their paths."""
    for path, text in files.items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")


def read(path: Path) -> Case:
    """Read a case."""
    about, *parts = _SECTION.split(path.read_text(encoding="utf-8"))
    sections = {name: text.removeprefix("\n") for name, text in zip(parts[::2], parts[1::2], strict=True)}
    expected = sections.pop("expected").splitlines()
    findings = sections.pop("findings", None)
    lines = [line for line in expected if line.strip()]
    return Case(path.stem, about.strip(), sections, lines, None if findings is None else findings.split("\n")[:-1])


CASES = [read(path) for path in sorted(Path(__file__).with_name("corpus").glob("*.txt"))]
