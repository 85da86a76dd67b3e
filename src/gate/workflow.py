"""What the doctor reads in ci.yml, line by line: a YAML reader is not among what Python brings."""

import re

_ANY = ["*"]


def environment(text: str) -> dict[str, str]:
    """Return the variables of a workflow's top-level `env:`, as written on one line each."""
    _, block = _find(_lines(text), "env") or ("", [])
    pairs = (re.fullmatch(r"\s+([A-Za-z_]\w*):(.*)", line) for line in block)
    return {pair[1]: _scalar(pair[2]) for pair in pairs if pair}


def push_branches(text: str) -> list[str]:
    """Return the patterns of the branches whose pushes start a workflow; `*` where it names none."""
    events, block = _find(_lines(text), "on") or ("", [])
    if re.search(r"\bpush\b", events):
        return _ANY
    push = _find(block, "push")
    if push is None:
        return []
    inline, block = _find(push[1], "branches") or ("[*]", [])
    items = inline.strip("[]").split(",") if inline else block
    return [_scalar(item.strip().removeprefix("- ")) for item in items if item.strip()]


def _lines(text: str) -> list[str]:
    return [line for line in text.splitlines() if line.strip() and not line.strip().startswith("#")]


def _find(lines: list[str], key: str) -> tuple[str, list[str]] | None:
    """Return what stands behind a key, and the lines under it; None when the block does not have the key."""
    for at, line in enumerate(lines):
        found = re.fullmatch(rf"\s*[\"']?{key}[\"']?:(?:\s(.*))?", line)
        if found and _indent(line) == _indent(lines[0]):
            rest = lines[at + 1 :]
            end = next((number for number, each in enumerate(rest) if _indent(each) <= _indent(line)), len(rest))
            return _uncommented(found[1] or ""), rest[:end]
    return None


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip(" "))


def _scalar(text: str) -> str:
    text = text.strip()
    quoted = re.match(r"\"([^\"]*)\"|'([^']*)'", text)
    return (quoted[1] or quoted[2] or "") if quoted else _uncommented(text)


def _uncommented(text: str) -> str:
    return re.split(r"(?:^|\s)#", text, maxsplit=1)[0].strip()
