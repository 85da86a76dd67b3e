"""Make `.venv` from `requirements.txt` on a machine that has nothing but Python and git.

Standard library only: this is the first thing that runs. `uv` installs the lock; where it is not on PATH it comes
from the lock itself, by pip; where Python comes without pip (Debian's does), pip comes from Debian's own package,
unpacked into a temporary folder without root.
"""

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
LOCK = ROOT / "requirements.txt"
STAMP = VENV / "lock.txt"


def run(*command: "str | Path") -> None:
    """Run a command to its end.

    Raises:
        subprocess.CalledProcessError: The command failed; what it said is on the terminal.
    """
    subprocess.run(command, check=True)


def has_module(name: str) -> bool:
    """Tell whether this Python can run a module."""
    return subprocess.run([sys.executable, "-c", f"import {name}"], check=False, capture_output=True).returncode == 0


def locked_block(name: str) -> str:
    """Return a package's lines in the lock: its pinned version and every hash.

    Raises:
        SystemExit: The lock does not hold the package.
    """
    lines = LOCK.read_text(encoding="utf-8").splitlines()
    starts = [index for index, line in enumerate(lines) if line.startswith(f"{name}==")]
    if not starts:
        sys.exit(f"{LOCK.name} holds no {name}. Compile it again: make lock")
    end = next(index for index in range(starts[0], len(lines)) if not lines[index].endswith("\\"))
    return "\n".join(lines[starts[0] : end + 1]) + "\n"


def debian_pip(folder: Path) -> Path:
    """Fetch pip's wheel from Debian's or Ubuntu's package python3-pip-whl, without root.

    Returns:
        The wheel; Python can run the `pip` inside it.

    Raises:
        SystemExit: There is no apt here, or it could not fetch the package.
    """
    advice = "Install Python's venv module (Debian, Ubuntu: apt-get install python3-venv), or uv, and run this again."
    if shutil.which("apt-get") is None:
        sys.exit(f"This Python ({sys.executable}) has neither pip nor ensurepip, and there is no uv on PATH. {advice}")
    for name in ("lists/partial", "cache/archives/partial"):
        (folder / name).mkdir(parents=True)
    apt: tuple[str, ...] = (
        "apt-get",
        "-qq",
        "-o",
        f"Dir::State::Lists={folder}/lists",
        "-o",
        f"Dir::Cache={folder}/cache",
    )
    # apt fetches as its own user, who cannot enter a private temporary folder.
    apt += ("-o", "APT::Sandbox::User=")
    try:
        run(*apt, "update")
        subprocess.run([*apt, "download", "python3-pip-whl"], check=True, cwd=folder)
        run("dpkg-deb", "-x", *folder.glob("python3-pip-whl_*.deb"), folder / "unpacked")
    except subprocess.CalledProcessError as error:
        sys.exit(f"Debian's package python3-pip-whl could not be fetched: {error}. {advice}")
    return next((folder / "unpacked").glob("usr/share/python-wheels/pip-*.whl"))


def find_uv(folder: Path) -> str:
    """Return uv's path: on PATH, else in `.venv`, where the locked one is installed when it is not there yet."""
    found = shutil.which("uv") or shutil.which(VENV / "bin" / "uv")
    if found:
        return str(found)
    sys.stdout.write("Fetching uv, as locked\n")
    run(sys.executable, "-m", "venv", "--clear", "--without-pip", VENV)
    wanted = folder / "uv.txt"
    wanted.write_text(locked_block("uv"), encoding="utf-8")
    if has_module("ensurepip"):
        subprocess.run([PYTHON, "-m", "ensurepip"], check=True, stdout=subprocess.DEVNULL)
        pip: tuple[str | Path, ...] = (PYTHON, "-m", "pip")
    else:
        pip = (PYTHON, debian_pip(folder) / "pip")
    run(*pip, "install", "-q", "--disable-pip-version-check", "--no-deps", "--require-hashes", "-r", wanted)
    return str(VENV / "bin" / "uv")


def main(only: str = "") -> None:
    """Install what the lock names, and this project, unless that is what `.venv` holds.

    Args:
        only: With `uv`, make sure of uv and install nothing more: compiling a lock whose packages do not fit together
            needs no other.
    """
    wanted = LOCK.read_text(encoding="utf-8") + (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    if STAMP.is_file() and STAMP.read_text(encoding="utf-8") == wanted:
        return
    with tempfile.TemporaryDirectory() as folder:
        uv = find_uv(Path(folder))
        if only == "uv":
            return
        if not PYTHON.exists():
            run(uv, "venv", "-q", "--allow-existing", VENV)
        sys.stdout.write("Installing the Python packages of requirements.txt\n")
        install = (uv, "pip", "install", "-q", "--python", PYTHON, "--no-build-isolation")
        run(*install, "--require-hashes", "-r", LOCK)
        run(*install, "--no-deps", "-e", ROOT)
    STAMP.write_text(wanted, encoding="utf-8")


if __name__ == "__main__":
    try:
        main(*sys.argv[1:2])
    except subprocess.CalledProcessError as problem:
        sys.exit(
            f"Setting up .venv stopped: {problem}\nWhat it said stands above. Mend that, then run the same again. "
            "Where the locked versions do not fit together, make lock compiles them again."
        )
