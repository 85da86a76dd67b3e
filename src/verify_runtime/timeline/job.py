"""A job as it is written: what it needs, what it runs on, and what its steps have in common."""

from __future__ import annotations

from typing import NamedTuple

from verify_runtime.timeline.data import Unknown, as_text
from verify_runtime.timeline.document import Mapping, Scalar, Sequence
from verify_runtime.timeline.literal import place_of
from verify_runtime.timeline.machine import Machine, runner
from verify_runtime.timeline.machine import container as container_of
from verify_runtime.timeline.model import Place
from verify_runtime.timeline.repository import join
from verify_runtime.timeline.scope import Frame


class Job(NamedTuple):
    """A job.

    Args:
        id: Its id.
        node: What is written of it.
        place: Where it stands.
        title: Its id behind those of the jobs that call its workflow.
    """

    id: str
    node: Mapping
    place: Place
    title: str

    def needs(self) -> list[str]:
        """Return the ids of the jobs that it needs."""
        node = self.node.get("needs")
        if isinstance(node, Sequence):
            return list(dict.fromkeys(item.text for item in node.items if isinstance(item, Scalar)))
        return [node.text] if isinstance(node, Scalar) and node.text else []

    def environment(self, document: Mapping, frame: Frame) -> tuple[tuple[Frame, Mapping], ...]:
        """Return the `env` blocks around its steps, outermost first."""
        blocks = (document.get("env"), self.node.get("env"))
        return tuple((frame, block) for block in blocks if isinstance(block, Mapping))

    def defaults(self, document: Mapping, frame: Frame) -> tuple[str | None, str]:
        """Return the default working directory, None where it is unknown, and the default shell."""
        folder: str | None = ""
        shell = ""
        for node in (document, self.node):
            run = node.mapping("defaults").mapping("run")
            if "working-directory" in run.entries:
                given = frame.known(run.get("working-directory"))
                folder = join("", given) if given is not None else None
            shell = frame.known(run.get("shell")) or shell
        if not shell and self.node.get("container") is not None:
            shell = "sh"
        return folder, shell

    def machine(self, frame: Frame) -> Machine:
        """Return what it runs on."""
        node = self.node.get("runs-on")
        if isinstance(node, Mapping):
            node = node.get("labels")
        value = frame.value(node) if node is not None else Unknown("runs-on", "no runner is named")
        if isinstance(value, Unknown):
            host = runner(None, value.reason)
        elif isinstance(value, list):
            unknown = next((item for item in value if isinstance(item, Unknown)), None)
            labels = None if unknown else [as_text(item) for item in value]
            host = runner(labels, unknown.reason if unknown else "")
        else:
            host = runner([as_text(value)])
        return self._container(frame, host)

    def _container(self, frame: Frame, host: Machine) -> Machine:
        container = self.node.get("container")
        if isinstance(container, Mapping):
            container = container.get("image")
        if container is None or (isinstance(container, Scalar) and not container.text):
            return host
        image = frame.value(container)
        if image is None or image == "":
            return host
        from_place = Place(self.place.file, container.line)
        text = None if isinstance(image, (Unknown, dict, list)) else as_text(image)
        placed = place_of(image) or from_place
        return container_of(text, placed, host)
