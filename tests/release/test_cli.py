import subprocess
import sys
from pathlib import Path

import pytest

from release.cli import main

from .conftest import Project

ROOT = Path(__file__).parents[2]


def test_from_the_tag_to_the_release(project: Project, capsys: pytest.CaptureFixture[str]) -> None:
    found, _ = project.tag("v1.2.3")
    assert main(["check", "v1.2.3"]) == 0
    assert found.commit in capsys.readouterr().out
    assert main(["notes", "v1.2.3"]) == 0
    assert capsys.readouterr().out == "- What 1.2.3 brings.\n"
    assert main(["build", "v1.2.3"]) == 0
    assert {path.name for path in Path("dist").iterdir()} == {"notes.md", "app-1.2.3.tar.gz", "sbom.cdx.json"}
    first = {path.name: path.read_bytes() for path in Path("dist").iterdir()}
    assert main(["build", "v1.2.3", "--folder", "again"]) == 0
    assert {path.name: path.read_bytes() for path in Path("again").iterdir()} == first
    # As the workflow publishes: on a Python that has no package of ours, nor any other.
    command = [sys.executable, "-I", "-S", str(ROOT / "src/release"), "publish", "v1.2.3"]
    done = subprocess.run(command, cwd=project.root, capture_output=True, text=True, check=False)
    assert done.stdout == "v1.2.3 is released. v1 is v1.2.3 now.\n", done.stderr
    assert set(project.github["releases"]["v1.2.3"]["files"]) == set(first) - {"notes.md"}
    assert project.at_origin("v1") == found.commit


def test_what_is_refused_is_told_to_a_person_and_as_an_annotation(
    project: Project, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("GITHUB_ACTIONS", raising=False)
    project.tag("v1.2.3")
    assert main(["build", "v1.2.4"]) == 1
    assert capsys.readouterr().err.startswith("Not released: pyproject.toml says version 1.2.3, the tag says 1.2.4.\n")
    assert not Path("dist").exists()
    assert main(["publish", "v1.2.3"]) == 1
    assert "There is no dist/notes.md.\n  release build v1.2.3" in capsys.readouterr().err
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    assert main(["check", "v1.2.4"]) == 1
    assert capsys.readouterr().out.startswith("::error title=Not released::pyproject.toml says")
    # What git and gh say may have several lines; an annotation is one.
    project.set_github(refuse={"view": "HTTP 502\nat 100 %"})
    assert main(["build", "v1.2.3"]) == 0
    capsys.readouterr()
    assert main(["publish", "v1.2.3"]) == 1
    assert "failed: HTTP 502%0Aat 100 %25 Mend that" in capsys.readouterr().out
