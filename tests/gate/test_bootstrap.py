import runpy
import shutil
import sys
from pathlib import Path

import pytest

from gate import bootstrap


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Let it work in a project of its own, with a lock of one small package beside what builds the project."""
    (tmp_path / "pyproject.toml").write_text(
        '[build-system]\nrequires = []\nbuild-backend = "backend"\nbackend-path = ["."]\n'
        '[project]\nname = "small"\nversion = "1"\n',
        encoding="utf-8",
    )
    (tmp_path / "backend.py").write_text(BACKEND, encoding="utf-8")
    lock = Path(__file__).parents[2] / "requirements.txt"
    monkeypatch.setattr(bootstrap, "LOCK", lock)
    blocks = bootstrap.locked_block("uv") + bootstrap.locked_block("editables")
    (tmp_path / "requirements.txt").write_text(blocks, encoding="utf-8")
    for name, value in {
        "ROOT": tmp_path,
        "LOCK": tmp_path / "requirements.txt",
        "VENV": tmp_path / ".venv",
        "PYTHON": tmp_path / ".venv/bin/python",
        "STAMP": tmp_path / ".venv/lock.txt",
    }.items():
        monkeypatch.setattr(bootstrap, name, value)
    return tmp_path


BACKEND = """
import zipfile
def build_editable(folder, config_settings=None, metadata_directory=None):
    name = "small-1-py3-none-any.whl"
    with zipfile.ZipFile(folder + "/" + name, "w") as wheel:
        wheel.writestr("small-1.dist-info/METADATA", "Metadata-Version: 2.1\\nName: small\\nVersion: 1\\n")
        wheel.writestr("small-1.dist-info/WHEEL", "Wheel-Version: 1.0\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n")
        wheel.writestr("small-1.dist-info/RECORD", "")
    return name
"""


@pytest.mark.parametrize("debian", [False, True], ids=["with ensurepip", "without, as Debian's"])
def test_a_machine_without_uv_gets_the_locked_one_and_the_packages(
    here: Path, monkeypatch: pytest.MonkeyPatch, *, debian: bool
) -> None:
    monkeypatch.setattr(shutil, "which", lambda name: None if name != "apt-get" else "/usr/bin/apt-get")
    if debian:
        if not Path("/usr/bin/apt-get").exists():
            pytest.skip("this machine has no apt-get: the way without ensurepip is Debian's and Ubuntu's")
        monkeypatch.setattr(bootstrap, "has_module", lambda _: False)
    bootstrap.main()
    assert (here / ".venv/bin/uv").exists()
    assert list(here.glob(".venv/lib/python*/site-packages/editables"))
    assert list(here.glob(".venv/lib/python*/site-packages/small-1.dist-info"))


def test_a_set_up_environment_is_left_alone(here: Path, capfd: pytest.CaptureFixture[str]) -> None:
    bootstrap.main()
    capfd.readouterr()
    (here / ".venv/bin/python").unlink()  # nothing would work any more if it tried
    bootstrap.main()
    assert capfd.readouterr().out == ""


def test_for_a_lock_that_cannot_be_installed_uv_alone_is_made_sure_of(
    here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shutil, "which", lambda _: None)
    text = (here / "requirements.txt").read_text(encoding="utf-8")
    (here / "requirements.txt").write_text(text + "nothing-has-this-name==0\n", encoding="utf-8")
    bootstrap.main("uv")
    assert (here / ".venv/bin/uv").exists()
    assert not (here / ".venv/lock.txt").exists()


@pytest.mark.usefixtures("here")
def test_a_lock_without_uv_says_how_to_compile_it() -> None:
    with pytest.raises(SystemExit, match="make lock"):
        bootstrap.locked_block("uvloop")


def test_a_python_without_pip_on_a_machine_without_apt_is_told_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shutil, "which", lambda _: None)
    with pytest.raises(SystemExit, match=r"neither pip nor ensurepip.*python3-venv"):
        bootstrap.debian_pip(tmp_path)


def test_it_needs_nothing_but_the_standard_library(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "path", [path for path in sys.path if "site-packages" not in path])
    assert callable(runpy.run_path(bootstrap.__file__)["main"])
