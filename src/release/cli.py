"""The command `release`."""

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from release import changelog, publication, source, tag
from release.check import check
from release.errors import ReleaseError

RELEASED, REFUSED = 0, 1
_NOTES, _SBOM = "notes.md", "sbom.cdx.json"
_EPILOG = """\
The commit that the tag names is read, and nothing of the work tree; HEAD while there is no such tag yet.

exit status:
  0  done      1  refused: the message says why, and what to do      2  misuse

examples:
  release check v1.2.3       before the tag is pushed: would it be released?
  release notes v1.2.3       what its page will say
  release build v1.2.3       what is attached to it, in dist/
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line.

    Returns:
        The exit status: 0 done, 1 refused.
    """
    options = _parser().parse_args(arguments)
    try:
        wanted = tag.parse(options.tag)
        found = source.find(Path.cwd(), wanted)
        _COMMANDS[options.command][0](found, wanted, options)
    except ReleaseError as error:
        if os.environ.get("GITHUB_ACTIONS") == "true":
            said = f"{error.what} {error.fix}".replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")
            sys.stdout.write(f"::error title=Not released::{said}\n")
        else:
            sys.stderr.write(f"Not released: {error}\n")
        return REFUSED
    return RELEASED


def _check(found: source.Source, wanted: tag.Tag, _: argparse.Namespace) -> None:
    check(found, wanted)
    sys.stdout.write(f"{wanted} may be released: {found.commit}\n")


def _notes(found: source.Source, wanted: tag.Tag, _: argparse.Namespace) -> None:
    sys.stdout.write(changelog.notes(found.read("CHANGELOG.md"), wanted.version))


def _build(found: source.Source, wanted: tag.Tag, options: argparse.Namespace) -> None:
    from release import sbom  # noqa: PLC0415 - it needs packages; what publishes does without

    name = _name(found, wanted)
    files = {
        options.folder / _NOTES: check(found, wanted).encode(),
        options.folder / f"{name}.tar.gz": found.archive(name),
        options.folder / _SBOM: sbom.make(found, wanted).encode(),
    }
    options.folder.mkdir(parents=True, exist_ok=True)
    for path, content in files.items():
        path.write_bytes(content)
        sys.stdout.write(f"{path}  {len(content)} bytes\n")


def _publish(found: source.Source, wanted: tag.Tag, options: argparse.Namespace) -> None:
    notes, *assets = (options.folder / name for name in (_NOTES, f"{_name(found, wanted)}.tar.gz", _SBOM))
    for path in (notes, *assets):
        if not path.exists():
            raise ReleaseError(f"There is no {path}.", f"release build {wanted}")
    sys.stdout.write(f"{publication.publish(found, wanted, notes, assets)}\n")


def _name(found: source.Source, wanted: tag.Tag) -> str:
    return f"{found.name}-{wanted.version}"


_COMMANDS = {
    "check": (_check, "tell whether a tag may be released: versions, CHANGELOG.md, main"),
    "notes": (_notes, "print a version's section of CHANGELOG.md"),
    "build": (_build, "check, then write the notes, the source archive and the SBOM"),
    "publish": (_publish, "make or complete the release on GitHub, and move the major tag; needs gh and its token"),
}


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="release",
        description="From a tag to a release, in the workflow and here.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name, (_, about) in _COMMANDS.items():
        command = commands.add_parser(name, help=about, description=about)
        command.add_argument("tag", metavar="TAG", help="v1.2.3, or v1.2.3-rc.1")
        if name in {"build", "publish"}:
            command.add_argument(
                "--folder", type=Path, default=Path("dist"), help="where the files lie (default: dist)"
            )
    return parser
