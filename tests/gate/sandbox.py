"""A small repository to check: files in a fresh work tree, with settings like ours."""

import subprocess
from pathlib import Path

SETTINGS = """\
sonar.sources=src
sonar.tests=tests
sonar.python.coverage.reportPaths=coverage/python.xml
sonar.javascript.lcov.reportPaths=coverage/web.lcov
"""


def make(folder: Path) -> Path:
    subprocess.run(["git", "init", "--quiet", str(folder)], check=True)
    write(folder, {"sonar-project.properties": SETTINGS, ".gitignore": "coverage/\n"})
    return folder


def write(root: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


def cobertura(files: dict[str, dict[int, int]], *sources: str) -> str:
    """Write a report as coverage.py 7 does."""
    classes = "".join(
        f'<class name="x" filename="{name}" complexity="0" line-rate="1" branch-rate="0"><methods/><lines>'
        + "".join(f'<line number="{number}" hits="{hits}"/>' for number, hits in lines.items())
        + "</lines></class>"
        for name, lines in files.items()
    )
    bases = "".join(f"<source>{source}</source>" for source in sources or ("",))
    package = f'<package name="." complexity="0"><classes>{classes}</classes></package>'
    return (
        f'<?xml version="1.0" ?>\n<coverage version="7.17.3"><sources>{bases}</sources>'
        f"<packages>{package}</packages></coverage>"
    )


def lcov(files: dict[str, dict[int, int]]) -> str:
    """Write a report as istanbul's lcovonly reporter does."""
    return "".join(
        f"TN:\nSF:{name}\n" + "".join(f"DA:{number},{hits}\n" for number, hits in lines.items()) + "end_of_record\n"
        for name, lines in files.items()
    )
