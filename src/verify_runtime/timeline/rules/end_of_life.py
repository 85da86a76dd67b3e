"""end-of-life: a version that gets no more fixes."""

from __future__ import annotations

from collections.abc import Iterator

from verify_runtime.timeline.finding import NOTE, Facts, Finding
from verify_runtime.timeline.model import Place
from verify_runtime.timeline.releases import as_of, ended, lines

NAME = "end-of-life"


def check(facts: Facts) -> Iterator[Finding]:
    """Find, once for each line that decides a version, those whose line has ended."""
    seen: set[Place] = set()
    for _, step in facts.running():
        for active in step.tools.get("node", ()):
            line = ended(active)
            if line is None or active.place is None or active.place in seen:
                continue
            seen.add(active.place)
            kept = [str(each.major) for each in lines().values() if each.lts and each.lts <= as_of() <= each.end]
            yield Finding(
                NAME,
                NOTE,
                active.place,
                f"Node {active.version} is past its end of life: {line.end:%d %B %Y} was its last day.",
                "It gets no more fixes, also none for security.",
                f"The lines that are kept: {', '.join(kept)}.",
            )
