#!/usr/bin/env python3
"""A stand-in for GitHub's command line: `release view|create|upload|edit` on a file, in the words of the real one.

GH_STANDIN names that file: what it was asked, and the releases, each with its flags and files. Nothing reaches GitHub.
With `refuse` in the file, that subcommand fails with these words.
"""

import json
import os
import sys
from pathlib import Path

STATE = Path(os.environ["GH_STANDIN"])


def main() -> int:
    state = json.loads(STATE.read_text(encoding="utf-8"))
    _, command, tag, *rest = sys.argv[1:]
    releases = state["releases"]
    state["asked"].append({"arguments": sys.argv[1:], "token": bool(os.environ.get("GH_TOKEN"))})
    status = 0
    if command in state["refuse"]:
        sys.stderr.write(f"{state['refuse'][command]}\n")
        status = 1
    elif command == "view":
        if tag in releases:
            files = [{"name": name} for name in releases[tag]["files"]]
            sys.stdout.write(json.dumps({"assets": files, "isDraft": releases[tag]["draft"]}))
        else:
            sys.stderr.write("release not found\n")
            status = 1
    else:
        flags = dict(each[2:].split("=", 1) for each in rest if each.startswith("--") and "=" in each)
        release = releases.setdefault(tag, {"draft": False, "files": {}})
        if "notes-file" in flags:
            flags["notes"] = Path(flags.pop("notes-file")).read_text(encoding="utf-8")
        release["draft"] = flags.pop("draft", "false") == "true" or (command == "upload" and release["draft"])
        release |= flags
        release["files"] |= {Path(each).name: Path(each).stat().st_size for each in rest if not each.startswith("--")}
    STATE.write_text(json.dumps(state), encoding="utf-8")
    return status


if __name__ == "__main__":
    sys.exit(main())
