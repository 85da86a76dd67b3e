"""Are the Node versions of the workflows past their end of life? `verify-runtime timeline` knows; this asks it."""

import json
import subprocess
import sys
from pathlib import Path

from gate.doctor.check import Check

_RULE = "end-of-life"
_WHY = "A version past its end of life gets no more fixes, also none for security."
_FIX = "NODE_TEST and NODE_SCAN at the top of .github/workflows/ci.yml move both; then: make test"


def check(root: Path) -> Check:
    """Look at the age of the versions that the workflows name.

    Args:
        root: The top folder of the work tree.
    """
    command = [str(Path(sys.prefix) / "bin" / "verify-runtime"), "timeline", "--format=json"]
    try:
        done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)
    except OSError as error:
        return _unknown(str(error))
    try:
        findings = json.loads(done.stdout)["findings"]
    except ValueError as error:
        return _unknown(done.stderr.strip().removeprefix("verify-runtime timeline: ") or str(error))
    ended = [each for each in findings if each["rule"] == _RULE]
    if not ended:
        return Check("ok", "No Node version is past its end of life", _WHY)
    title = " ".join(dict.fromkeys(each["message"] for each in ended))
    return Check("warning", title, _WHY, f"{ended[0]['fix']} {_FIX}")


def _unknown(reason: str) -> Check:
    title = f"The age of the Node versions cannot be told: {reason}"
    return Check("unknown", title, _WHY, "verify-runtime timeline")
