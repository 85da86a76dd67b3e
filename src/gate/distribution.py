"""The SonarQube server's files: fetched from Maven's repository, unpacked with the Java that they carry."""

import os
import platform
import shutil
import sys
import tempfile
import tomllib
import zipfile
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

from maven_artifact.artifact import Artifact
from maven_artifact.requestor import RequestException
from maven_artifact.resolver import Resolver

from gate import console, download, paths
from gate.archive import unpack_tar
from gate.errors import CannotJudgeError

_UNPACKED_BYTES = 1_400_000_000
_JRE_MACHINES = {"x86_64": "x64", "amd64": "x64", "aarch64": "aarch64", "arm64": "aarch64"}
_JRE_SYSTEMS = {"linux": "linux", "darwin": "mac"}


@dataclass(frozen=True, slots=True)
class Distribution:
    """An unpacked server.

    Args:
        home: Its folder.
        java: The Java that it runs on.
        version: Its version.
    """

    home: Path
    java: Path
    version: str

    @property
    def jar(self) -> Path:
        """The program that starts the server's parts."""
        return self.home / "lib" / f"sonar-application-{self.version}.jar"


def install(folder: Path, owner: int) -> Distribution:
    """Unpack the pinned server, fetched when it is not in the cache.

    Args:
        folder: Where the server goes, in a folder of its own.
        owner: The user who runs it.

    Raises:
        CannotJudgeError: It could not be fetched or unpacked; the next try goes on from there.
    """
    pin = tomllib.loads(resources.files("gate").joinpath("data/sonarqube.toml").read_text(encoding="utf-8"))
    home = folder / f"sonarqube-{pin['version']}"
    if not home.is_dir():
        archive = _archive(pin)
        folder.mkdir(parents=True, exist_ok=True)
        _check_room(folder)
        with tempfile.TemporaryDirectory(dir=folder) as temporary:
            with console.waiting(f"Unpacking SonarQube {pin['version']}", "15 s"):
                _unpack(archive, Path(temporary))
            unpacked = Path(temporary) / home.name
            _give(unpacked, owner)
            unpacked.rename(home)
    return Distribution(home, home / "jre" / _java_in_jre(), str(pin["version"]))


def _archive(pin: dict[str, str]) -> Path:
    name = f"{pin['artifact']}-{pin['version']}.{pin['extension']}"
    target = paths.cache() / name
    if not target.exists():
        artifact = Artifact(pin["group"], pin["artifact"], pin["version"], extension=pin["extension"])
        try:
            url = Resolver.default().uri_for_artifact(artifact)
        except RequestException as error:
            raise CannotJudgeError(f"Maven does not know {artifact}: {error.msg}.", "Check the network.") from error
        download.fetch(url, target, pin["sha256"], int(pin["size"]))
    return target


def _unpack(archive: Path, folder: Path) -> None:
    try:
        with zipfile.ZipFile(archive) as file:
            file.extractall(folder)
        home = next(folder.iterdir())
        java = folder / "java"
        unpack_tar(next((home / "jres").glob(_jre_pattern())), java)
    except (OSError, zipfile.BadZipFile) as error:
        raise CannotJudgeError(
            f"{archive.name} could not be unpacked into {folder.parent}: {error}.",
            "Make room or mend the folder's rights, then run the same again.",
        ) from error
    except StopIteration:
        raise CannotJudgeError(
            f"{archive.name} carries no Java for {platform.system()} on {platform.machine()}.",
            "Use a server elsewhere: set SONAR_HOST_URL and SONAR_TOKEN.",
        ) from None
    next(java.iterdir()).rename(home / "jre")


def _jre_pattern() -> str:
    system = _JRE_SYSTEMS.get(sys.platform, sys.platform)
    machine = _JRE_MACHINES.get(platform.machine().lower(), platform.machine())
    return f"OpenJDK*-jre_{machine}_{system}_hotspot_*.tar.gz"


def _java_in_jre() -> str:
    return "Contents/Home/bin/java" if sys.platform == "darwin" else "bin/java"


def _check_room(folder: Path) -> None:
    free = shutil.disk_usage(folder).free
    if free < _UNPACKED_BYTES:
        raise CannotJudgeError(
            f"The disk is too full: {folder} has {free / 1e6:.0f} MB free, the server needs "
            f"{_UNPACKED_BYTES / 1e6:.0f} MB.",
            "Make room, or choose another disk with XDG_STATE_HOME, then run the same again.",
        )


def _give(folder: Path, owner: int) -> None:
    """Hand a tree to its owner; zipfile keeps no rights, and the programs in it must be executable."""
    for path in (folder, *folder.rglob("*")):
        os.chown(path, owner, -1, follow_symlinks=False)
    for program in folder.glob("elasticsearch/**/bin/*"):
        program.chmod(0o755)
