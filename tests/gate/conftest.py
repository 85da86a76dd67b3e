import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

SETTINGS = """\
sonar.sources=src
sonar.tests=tests
sonar.python.coverage.reportPaths=coverage/python.xml
sonar.javascript.lcov.reportPaths=coverage/web.lcov
"""


@pytest.fixture
def write(tmp_path: Path) -> Callable[[dict[str, str]], Path]:
    """Write files into a fresh repository with settings like ours; return its root."""
    root = tmp_path / "repository"
    subprocess.run(["git", "init", "--quiet", str(root)], check=True)

    def write_all(files: dict[str, str]) -> Path:
        for name, text in files.items():
            path = root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        return root

    write_all({"sonar-project.properties": SETTINGS, ".gitignore": "coverage/\n"})
    return write_all
