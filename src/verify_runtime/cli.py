"""The command `verify-runtime`."""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from verify_runtime import github, tools
from verify_runtime.check import Verdict, check
from verify_runtime.requirement import RequirementError, parse

OK, NOT_AS_REQUIRED, MISUSE = 0, 1, 2
_RED, _GREEN, _DIM, _PLAIN = "\033[31m", "\033[32m", "\033[2m", "\033[0m"

_EPILOG = """\
requirements:
  TOOL@RANGE, with npm's range syntax: node@20, node@^20.12, "node@18 || >=20 <21", python@>=3.11, java@21.
  Any tool that answers --version will do. `python` means python3 too, where only that is on PATH.

exit status:
  0  as required      1  not as required      2  misuse: a range that cannot be read, an option that is not there

examples:
  verify-runtime check node@20
  verify-runtime check node@18 "pnpm@>=10" python@>=3.11 --json
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line.

    Returns:
        The exit status: 0 as required, 1 not, 2 misuse.
    """
    parser = argparse.ArgumentParser(
        prog="verify-runtime",
        description="Tell which runtime is active, here and now, and why; fail when it is not the required one.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    checking = commands.add_parser(
        "check",
        help="compare what is active with what is required",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    checking.add_argument("requirements", nargs="+", metavar="TOOL@RANGE")
    checking.add_argument("--json", action="store_true", help="print the verdicts as JSON")
    guarding = commands.add_parser("guard", help="run a step's script, once what was last checked still holds")
    guarding.add_argument("script", metavar="SCRIPT")
    options = parser.parse_args(arguments)
    if options.command == "guard":
        return _guard(options.script)
    return _check(options.requirements, as_json=options.json)


def _check(requirements: Sequence[str], *, as_json: bool) -> int:
    try:
        required = parse(requirements)
    except RequirementError as error:
        sys.stderr.write(f"verify-runtime: {error}\n")
        return MISUSE
    verdicts = check(required, os.environ)
    if as_json:
        data = {"ok": all(each.ok for each in verdicts), "tools": [asdict(each) for each in verdicts]}
        sys.stdout.write(json.dumps(data, indent=2) + "\n")
    else:
        _print(verdicts)
    if os.environ.get("GITHUB_ACTIONS") == "true":
        flags = {each.tool: tools.version_flag(each.tool) for each in verdicts}
        github.report(verdicts, flags, os.environ)
        # Commands are read from either stream; JSON on standard output stays whole.
        for each in verdicts:
            if not each.ok:
                stream = sys.stderr if as_json else sys.stdout
                stream.write(github.annotation(each) + "\n")
    return OK if all(each.ok for each in verdicts) else NOT_AS_REQUIRED


def _print(verdicts: Sequence[Verdict]) -> None:
    painted = sys.stdout.isatty() and not os.environ.get("NO_COLOR")
    red, green, dim, plain = (_RED, _GREEN, _DIM, _PLAIN) if painted else ("", "", "", "")
    for each in verdicts:
        mark = f"{green}ok{plain}" if each.ok else f"{red}NOT AS REQUIRED{plain}"
        lines = [f"{mark}  {each.message}"]
        lines += [f"{dim}    shadowed: {other}{plain}" for other in each.shadowed]
        if each.fix:
            lines += ["  To mend it:", *(f"    {line}" for line in each.fix.splitlines())]
        text = "\n".join(lines) + "\n"
        # A path may hold what this terminal cannot show.
        encoding = sys.stdout.encoding or "utf-8"
        sys.stdout.write(text.encode(encoding, "backslashreplace").decode(encoding))
    sys.stdout.flush()


def _guard(script: str) -> int:
    command = ["bash", str(Path(__file__).with_name("guard.sh")), script]
    if os.name == "nt":
        return subprocess.run(command, check=False).returncode
    return os.execvp(command[0], command)  # noqa: S606 - no shell is wanted around bash
