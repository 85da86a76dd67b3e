"""The server's processes: started apart from ours, found again, and ended, those and no others."""

import os
import pwd
import subprocess
from dataclasses import dataclass
from pathlib import Path

import psutil

_UNPRIVILEGED = "nobody"
_GRACE_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Handle:
    """A process that leads a session of its own, told from a later one with the same number by its start.

    Args:
        pid: Its number, which is its session's too.
        created: When it started, in seconds since the epoch.
    """

    pid: int
    created: float

    @property
    def alive(self) -> bool:
        """Whether that very process runs."""
        try:
            process = psutil.Process(self.pid)
            return process.create_time() == self.created and process.status() != psutil.STATUS_ZOMBIE
        except psutil.NoSuchProcess:
            return False


def owner() -> int:
    """Return the user for the server: ours, or an unprivileged one when we are root, whom its search refuses."""
    return pwd.getpwnam(_UNPRIVILEGED).pw_uid if os.geteuid() == 0 else os.geteuid()


def spawn(command: list[str], folder: Path, environment: dict[str, str], log: Path) -> Handle:
    """Start a program that outlives us.

    Args:
        command: The program and its arguments.
        folder: Where it runs.
        environment: All that it sees of the environment.
        log: Where its output goes.
    """
    as_whom = {"user": owner(), "group": pwd.getpwuid(owner()).pw_gid, "extra_groups": []} if os.geteuid() == 0 else {}
    with log.open("ab") as output:
        process = subprocess.Popen(
            command,
            cwd=folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            umask=0o077,
            **as_whom,  # type: ignore[call-overload]
        )
    handle = Handle(process.pid, psutil.Process(process.pid).create_time())
    # It outlives us on purpose; Popen would complain that nobody has waited for it.
    process.returncode = 0
    return handle


def end(handle: Handle, home: Path) -> None:
    """End a session's processes that run from a folder, also when their leader is gone.

    Args:
        handle: The session's leader.
        home: The folder that each of its commands names; a process that does not is not ours.
    """
    if handle.alive:
        psutil.Process(handle.pid).terminate()
    _, left = psutil.wait_procs(_members(handle, home), timeout=_GRACE_SECONDS if handle.alive else 0)
    for process in left:
        process.kill()
    psutil.wait_procs(left, timeout=_GRACE_SECONDS)


def _members(handle: Handle, home: Path) -> list[psutil.Process]:
    found = []
    for process in psutil.process_iter():
        try:
            if os.getsid(process.pid) == handle.pid and str(home) in " ".join(process.cmdline()):
                found.append(process)
        except (psutil.Error, ProcessLookupError, PermissionError):
            continue
    return found
