"""What a job's machine has at one moment: versions on PATH, variables, and steps' outputs."""

from __future__ import annotations

from verify_runtime.timeline.data import Data
from verify_runtime.timeline.model import Active, Alternatives, Tools

# Where a system's own programs lie: behind everything that a step puts on PATH, in this order.
USR_LOCAL, USR, NOWHERE = "/usr/local/bin", "/usr/bin", ""
_MAX_ALTERNATIVES = 8
_SYSTEM = (USR_LOCAL, USR, NOWHERE)
# The tools whose version a timeline tells.
TOOLS = ("node", "python", "java", "pnpm")

Layer = tuple[str, Alternatives]


class State:
    """A job's state between two steps.

    Attributes:
        layers: For each tool the places on PATH that have it, first one first.
        env: What steps wrote to GITHUB_ENV.
        outputs: The steps' outputs by id.
        marks: What was prepared and matters later, such as a package source of the system.
    """

    __slots__ = ("_tools", "env", "layers", "marks", "outputs")

    def __init__(self) -> None:
        self.layers: dict[str, tuple[Layer, ...]] = {}
        self.env: dict[str, Data] = {}
        self.outputs: dict[str, Data] = {}
        self.marks: dict[str, Active] = {}
        self._tools: Tools | None = None

    def copy(self) -> State:
        """Return a state that changes on its own."""
        other = State()
        other.layers = dict(self.layers)
        other.env = dict(self.env)
        other.outputs = dict(self.outputs)
        other.marks = dict(self.marks)
        return other

    def same(self, other: State) -> bool:
        """Return whether what later steps see is the same."""
        return (
            self.layers == other.layers
            and self.env == other.env
            and self.outputs == other.outputs
            and self.marks == other.marks
        )

    def put(self, tool: str, place: str, active: Alternatives) -> None:
        """Set what a place on PATH has of a tool: a system's place stays where it is, any other comes first."""
        layers = [layer for layer in self.layers.get(tool, ()) if layer[0] != place]
        if place in _SYSTEM:
            index = next((at for at, layer in enumerate(layers) if _rank(layer[0]) > _rank(place)), len(layers))
            layers.insert(index, (place, active))
        else:
            layers.insert(0, (place, active))
        self.layers[tool] = tuple(layers)
        self._tools = None

    def active(self, tool: str) -> Alternatives:
        """Return what is active of a tool; empty where nothing is known to have set it."""
        layers = self.layers.get(tool)
        return layers[0][1] if layers else ()

    def tools(self) -> Tools:
        """Return what is active of each tool."""
        if self._tools is None:
            self._tools = {tool: self.active(tool) for tool in TOOLS if self.active(tool)}
        return self._tools

    def joined(self, other: State) -> State:
        """Return a state that may be this one or the other."""
        both = other.copy()
        for tool in {*self.layers, *other.layers}:
            either = join(self.active(tool), other.active(tool))
            both.layers[tool] = (("either", either), *other.layers.get(tool, ())[1:])
        return both


def _rank(place: str) -> int:
    return _SYSTEM.index(place) if place in _SYSTEM else -1


def join(one: Alternatives, other: Alternatives) -> Alternatives:
    """Return all alternatives, each once; where they are too many to be told, that they are."""
    both = (*one, *(active for active in other if active not in one))
    return both if len(both) <= _MAX_ALTERNATIVES else (Active("unknown", reason="too many versions are possible"),)
