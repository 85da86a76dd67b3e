"""What the stand-ins for marketplace actions do: `python -m gate.standins NAME [INPUT]`, called by src/gate/actions.

They take everything from package registries, and speak to the runner as the real ones do: through GITHUB_PATH.
"""

import os
import platform
import shlex
import sys
from collections.abc import Callable
from pathlib import Path

from gate import toolchain
from gate.errors import CannotJudgeError

_ARCHITECTURES = {"x86_64": "x64", "aarch64": "arm64"}


def setup_node(version: str) -> None:
    """Put a Node first on PATH, in the place of the tool cache where actions/setup-node would."""
    home = toolchain.node_home(version)
    architecture = _ARCHITECTURES.get(platform.machine(), platform.machine())
    place = Path(os.environ["RUNNER_TOOL_CACHE"]) / "node" / home.name / architecture
    place.parent.mkdir(parents=True, exist_ok=True)
    if not place.exists():
        place.symlink_to(home)
        place.with_name(f"{architecture}.complete").touch()  # the mark by which the real action finds it
    _add_path(place / "bin")


def setup_pnpm() -> None:
    """Put pnpm on PATH."""
    _add_path(toolchain.pnpm_home(Path("package.json")) / "bin")


def setup_uv() -> None:
    """Put uv, and nothing else of this environment, on PATH."""
    folder = Path(os.environ["RUNNER_TEMP"]) / "uv"
    folder.mkdir(parents=True, exist_ok=True)
    link = folder / "uv"
    link.unlink(missing_ok=True)
    link.symlink_to(Path(sys.prefix) / "bin" / "uv")
    _add_path(folder)


def scan(arguments: str) -> None:
    """Become Sonar's scanner; the token is in the environment, as the real action wants it."""
    command = [str(Path(sys.prefix) / "bin" / "pysonar"), *shlex.split(arguments)]
    os.execv(command[0], command)  # noqa: S606 - no shell on purpose: the arguments are not to be read by one


def _add_path(folder: Path) -> None:
    with Path(os.environ["GITHUB_PATH"]).open("a", encoding="utf-8") as file:
        file.write(f"{folder}\n")
    print(f"Added to PATH: {folder}")  # noqa: T201 - a step's output is its log


def main() -> None:
    """Run one stand-in."""
    name, *inputs = sys.argv[1:]
    actions: dict[str, Callable[..., None]] = {
        "setup-node": setup_node,
        "setup-uv": setup_uv,
        "pnpm": setup_pnpm,
        "scan": scan,
    }
    try:
        actions[name](*inputs)
    except CannotJudgeError as error:
        sys.exit(f"::error title=The stand-in for {name} failed::{error.what} {error.fix}")


if __name__ == "__main__":
    main()
