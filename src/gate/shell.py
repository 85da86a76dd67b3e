"""The shell that act runs a step's script with."""

import os
import shlex
import shutil
from pathlib import Path

# act reads a step's output beside it, and drops what it has not read yet when the step has failed: its last words,
# which say why. Source: https://github.com/nektos/act/blob/master/pkg/container/host_environment.go, exec.
_SCRIPT = """#!/bin/sh
# Be bash for the step alone, and not for what it starts.
PATH="${{PATH%%{folder}:*}}${{PATH#*{folder}:}}"
{bash} "$@" && exit
status=$?
sleep {seconds} # what it said last is read meanwhile
exit "$status"
"""
_READING_SECONDS = 0.5


def lingering(folder: Path, path: str) -> str:
    """Let a step's bash stay for a moment after a failure, until act has read what the step said last.

    Args:
        folder: Where to put it; made here.
        path: PATH, with the bash to use.

    Returns:
        PATH with the folder first; as it was where it has no bash.
    """
    bash = shutil.which("bash", path=path)
    if bash is None:
        return path
    folder.mkdir(exist_ok=True)
    script = folder / "bash"
    quoted = {"folder": shlex.quote(str(folder)), "bash": shlex.quote(bash)}
    script.write_text(_SCRIPT.format(seconds=_READING_SECONDS, **quoted), encoding="utf-8")
    script.chmod(0o755)
    return os.pathsep.join([str(folder), path])
