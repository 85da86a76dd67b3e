"""The command `verify-runtime`."""

from __future__ import annotations

import argparse
import functools
import io
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from verify_runtime import github
from verify_runtime.check import Verdict, check
from verify_runtime.requirement import RequirementError, parse

OK, NOT_AS_REQUIRED, MISUSE = 0, 1, 2
_RED, _GREEN, _DIM, _PLAIN = "\033[31m", "\033[32m", "\033[2m", "\033[0m"

_EPILOG = """\
requirements:
  TOOL@RANGE, with npm's range syntax: node@20, node@^20.12, "node@18 || >=20 <21", "python@>=3.11", java@21.
  Any tool that answers --version will do. `python` means python3 too, where only that is on PATH.

exit status:
  0  as required      1  not as required      2  misuse: a range that cannot be read, an option that is not there

examples:
  verify-runtime check node@20
  verify-runtime check node@18 "pnpm@>=10" "python@>=3.11" --json
  python3 src/verify_runtime check node@20        (with no installation)
"""
_CHECK_EPILOG = f"""\
{_EPILOG}
--json prints {{"ok": true or false, "tools": [...]}}; each tool has
  tool, required        what was asked for, as written
  ok, verdict           verdict is ok, mismatch, missing, hangs, nonsense or not-executable
  active                the copy that PATH gives: version, path, resolved (links followed), origin; null when missing
  shadowed              the other copies on PATH in its order, in the same form; their version is null unless the
                        verdict depends on it
  message, fix          what was found, and the lines that mend it
In GitHub Actions it also writes an annotation, a row in the job summary, the outputs TOOL-version and TOOL-path, and
what `guard` compares later.
"""
_GUARD_EPILOG = """\
In a workflow, `defaults.run.shell: bash src/verify_runtime/guard.sh {0}` runs every step's script this way. A version
that has changed since the last check stops the step before its script runs, unless it is still in the required range.
The script runs in bash --noprofile --norc -eo pipefail; its exit status and signals pass through.
"""
_TIMELINE_EPILOG = """\
For each job it prints the steps in order, with the Node that is active: after an action, and at the start of a script.
A version stands beside the line that decides it; 18 | 20 is one of the two; ? is not in the files, and why is said.
It supposes that the steps before succeeded.

rules:
  scan-runtime          the Node that Sonar's scan will really use is not one that the analyser can use
  switch-before-scan    the scan is meant to run on another Node than the tests, and does not
  tool-engines          a tool's own engines exclude the Node that it runs on
  unpinned-runtime      a step runs on whatever Node the runner's image brings
  install-before-setup  packages are installed before the version is set
  cache-before-pnpm     pnpm, or its cache, is asked for before it is there
  runtime-drift         .nvmrc, engines, volta, Dockerfile and workflows disagree
  end-of-life           a version is past its end of life (a note: the exit status stays 0)
A comment silences one on its own line, or on the line below: # verify-runtime: ignore[rule] reason

settings, in [tool.verify-runtime] of pyproject.toml or in .github/verify-runtime.toml:
  ignore = ["rule"]     rules that are not asked
  exclude = ["path"]    files that are not read; a star stands for any part of a name
  scan-node = "20"      the Node that Sonar's scans are meant to run on
  keeps = ["owner/name"]  actions that leave all versions as they are, beside those that are known

exit status:
  0  clean      1  findings      2  a file could not be read, or misuse

--format json prints {"version": 1, "files": [...], "jobs": [...], "findings": [...], "problems": [...]}; each job has
  file, line, id, leg, runner, runs, note, steps; each step has number, name, uses, place, runs, tools, changes
  tools      by name: sure is decided, one of several or unknown; active lists kind, version, place and reason
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line.

    Returns:
        The exit status: 0 as required, 1 not, 2 misuse.
    """
    if sys.stdout is None:
        # Closed by the caller: there is nobody to tell.
        sys.stdout = Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115 - it stays open
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            # A path may hold what this terminal cannot show.
            stream.reconfigure(errors="backslashreplace")
    options = _parser().parse_args(arguments)
    try:
        if options.command == "guard":
            return _guard(options.script)
        if options.command == "timeline":
            return _timeline(options)
        return _check(options.requirements, as_json=options.json)
    except (RequirementError, OSError) as error:
        sys.stderr.write(f"verify-runtime: {error}\n")
        return MISUSE


def _parser() -> argparse.ArgumentParser:
    # A width of its own, because asking for the terminal's takes longer than reading the arguments.
    form = functools.partial(argparse.RawDescriptionHelpFormatter, width=120)
    parser = argparse.ArgumentParser(
        prog="verify-runtime",
        description="Tell which runtime is active, here and now, and why; fail when it is not the required one.",
        epilog=_EPILOG,
        formatter_class=form,
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    about = "compare what is active with what is required"
    checking = commands.add_parser("check", help=about, description=about, epilog=_CHECK_EPILOG, formatter_class=form)
    checking.add_argument("requirements", nargs="+", metavar="TOOL@RANGE")
    checking.add_argument("--json", action="store_true", help="print the verdicts as JSON")
    about = "run a step's script, once what was last checked still holds"
    guarding = commands.add_parser("guard", help=about, description=about, epilog=_GUARD_EPILOG, formatter_class=form)
    guarding.add_argument("script", metavar="SCRIPT")
    about = "read workflows, and tell what is active at each step, without running them"
    reading = commands.add_parser(
        "timeline", help=about, description=about, epilog=_TIMELINE_EPILOG, formatter_class=form
    )
    reading.add_argument(
        "paths", nargs="*", metavar="PATH", help="workflows, or folders of them (default: all of the repository's)"
    )
    reading.add_argument("--format", choices=("text", "json", "github", "sarif", "markdown"), default="text")
    reading.add_argument("--explain", metavar="RULE", help="print a rule's page, with a wrong and a right example")
    return parser


def _timeline(options: argparse.Namespace) -> int:
    if sys.version_info < (3, 11):
        sys.stderr.write("verify-runtime timeline: this needs Python 3.11 or newer; check and guard do not.\n")
        return MISUSE
    try:
        import yaml  # noqa: F401, PLC0415 - check and guard do without
    except ImportError:
        sys.stderr.write("verify-runtime timeline: this needs a YAML parser: pip install pyyaml\n")
        return MISUSE
    from verify_runtime.timeline.command import run  # noqa: PLC0415 - as above

    return run(options)


def _check(requirements: Sequence[str], *, as_json: bool) -> int:
    verdicts = check(parse(requirements), os.environ)
    if as_json:
        _print_json(verdicts)
    else:
        _print(verdicts)
    if os.environ.get("GITHUB_ACTIONS") == "true":
        # Commands are read from either stream; JSON on standard output stays whole.
        stream = sys.stderr if as_json else sys.stdout
        stream.writelines(f"{github.annotation(each)}\n" for each in verdicts if not each.ok)
        github.report(verdicts, os.environ)
    return OK if all(each.ok for each in verdicts) else NOT_AS_REQUIRED


def _print(verdicts: Sequence[Verdict]) -> None:
    painted = sys.stdout.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
    red, green, dim, plain = (_RED, _GREEN, _DIM, _PLAIN) if painted else ("", "", "", "")
    mend = "Put this step right before:" if os.environ.get("GITHUB_ACTIONS") == "true" else "To mend it:"
    for each in verdicts:
        mark = f"{green}ok{plain}" if each.ok else f"{red}NOT AS REQUIRED{plain}"
        lines = [f"{mark}  {each.message}"]
        lines += [f"{dim}    shadowed: {other}{plain}" for other in each.shadowed]
        if each.fix:
            lines += [f"  {mend}", *(f"    {line}" for line in each.fix.splitlines())]
        sys.stdout.write("\n".join(lines) + "\n")


def _print_json(verdicts: Sequence[Verdict]) -> None:
    import json  # noqa: PLC0415 - few checks print it

    tools = [
        {
            "tool": each.tool,
            "required": each.required,
            "ok": each.ok,
            "verdict": each.kind,
            "active": each.active._asdict() if each.active else None,
            "shadowed": [other._asdict() for other in each.shadowed],
            "message": each.message,
            "fix": each.fix,
        }
        for each in verdicts
    ]
    sys.stdout.write(json.dumps({"ok": all(each.ok for each in verdicts), "tools": tools}, indent=2) + "\n")


def _guard(script: str) -> int:
    command = ["bash", str(Path(__file__).with_name("guard.sh")), script]
    if os.name == "nt":
        return subprocess.run(command, check=False).returncode
    return os.execvp(command[0], command)  # noqa: S606 - no shell is wanted around bash
