"""The machine that a job runs on: a hosted image, a container, or one that only its owner knows."""

from __future__ import annotations

import re
from typing import NamedTuple

from verify_runtime.timeline.model import Active, Place
from verify_runtime.timeline.state import NOWHERE, USR_LOCAL, State
from verify_runtime.timeline.tables import table

_NODE_TAG = re.compile(
    r"v?(?P<version>\d+(?:\.\d+){0,2})(?:-.*)?|(?P<alias>lts|latest|current|hydrogen|iron|jod|krypton|argon|boron|carbon"
    r"|dubnium|erbium|fermium|gallium)(?:-.*)?|(?P<system>alpine|slim|bookworm|bullseye|trixie|buster)[\w.-]*"
)
_PYTHON = re.compile(r"python:(\d+(?:\.\d+){0,2})(?:-.*)?")
_MIRRORS = (
    "docker.io/",
    "library/",
    "index.docker.io/",
    "public.ecr.aws/docker/",
    "mirror.gcr.io/",
    "registry.hub.docker.com/",
)
# Docker's official images whose own pages list what is in them, and Node is not.
_WITHOUT_NODE = frozenset(
    [
        "python",
        "alpine",
        "debian",
        "ubuntu",
        "golang",
        "ruby",
        "rust",
        "php",
        "maven",
        "gradle",
        "eclipse-temurin",
        "openjdk",
        "amazoncorretto",
        "busybox",
        "fedora",
        "almalinux",
        "rockylinux",
        "amazonlinux",
        "archlinux",
        "gcc",
        "haskell",
        "elixir",
        "erlang",
        "perl",
        "swift",
        "clojure",
        "composer",
        "dart",
        "buildpack-deps",
        "postgres",
        "mysql",
        "mariadb",
        "redis",
        "mongo",
        "nginx",
        "httpd",
        "memcached",
        "rabbitmq",
        "docker",
    ]
)


class Machine(NamedTuple):
    """A job's machine.

    Args:
        label: What it is called.
        system: Linux, Windows or macOS; empty where it is unknown.
        architecture: X64 or ARM64; empty where it is unknown.
        node: What is there of Node before any step.
        tools: What else the image brings, by tool.
        python: The Python of a container's image; None where its tag names none.
    """

    label: str
    system: str
    architecture: str
    node: Active
    tools: tuple[tuple[str, str], ...] = ()
    python: Active | None = None

    @property
    def platform(self) -> str:
        """The system and architecture in one word; empty where they are unknown."""
        return f"{self.system}/{self.architecture}" if self.system else ""

    def state(self) -> State:
        """Return the state before the first step."""
        state = State()
        # Where there is none, whatever a step installs comes first.
        state.put("node", NOWHERE if self.node.kind == "absent" else USR_LOCAL, (self.node,))
        if self.python:
            state.put("python", USR_LOCAL, (self.python,))
        if "pnpm" in dict(self.tools):
            state.put("pnpm", USR_LOCAL, (Active("default", dict(self.tools)["pnpm"], None, self.label),))
        return state


def runner(labels: list[str] | None, reason: str = "") -> Machine:
    """Return the machine behind a `runs-on`.

    Args:
        labels: Its labels; None where they are unknown.
        reason: Why they are unknown.
    """
    if labels is None:
        return Machine("?", "", "", Active("unknown", reason=reason))
    name = " ".join(labels)
    if any(label.lower() == "self-hosted" for label in labels):
        return Machine(
            name, _system(labels), "", Active("unknown", reason="a self-hosted runner has what its owner put there")
        )
    images = table("runners")
    image = images["images"].get(images["labels"].get(labels[0].lower(), "")) if len(labels) == 1 else None
    if image is None:
        return Machine(name, "", "", Active("unknown", reason=f"the runner {name!r} is none of GitHub's own"))
    tools = tuple((tool, image[tool]) for tool in ("python", "java", "pnpm", "yarn", "npm") if image.get(tool))
    if not image.get("node"):
        node = Active("absent", reason=f"the image of {name} brings no Node")
    else:
        node = Active("default", image["node"], None, f"{name}'s image, as of {images['date']}")
    return Machine(name, image["os"], image["arch"], node, tools)


def _system(labels: list[str]) -> str:
    known = {"linux": "Linux", "windows": "Windows", "macos": "macOS"}
    return next((known[label.lower()] for label in labels if label.lower() in known), "")


def container(image: str | None, place: Place, host: Machine) -> Machine:
    """Return the machine that a container's image makes.

    Args:
        image: The image; None where it is unknown.
        place: Where it is written.
        host: The machine that the container runs on.
    """
    if image is None:
        return Machine(
            "container",
            "Linux",
            host.architecture,
            Active("unknown", reason="the container's image is not known before a run"),
        )
    python = _PYTHON.fullmatch(_plain(image))
    named = Active("decided", python[1], place, f"the image {_plain(image)}") if python else None
    return Machine(image, "Linux", host.architecture, _of_image(image, place), (), named)


def _of_image(image: str, place: Place) -> Active:
    plain = _plain(image)
    repository, _, tag = plain.partition(":")
    if repository in ("node", "cimg/node", "circleci/node"):
        if "@" in image and not tag:
            return Active("unknown", reason=f"the digest of {repository} does not tell its version")
        found = _NODE_TAG.fullmatch(tag or "latest")
        if found:
            return Active("decided", found["version"] or _alias(found["alias"]), place, f"the image {plain}")
        return Active("unknown", reason=f"the tag of {plain} does not tell its version")
    if repository in _WITHOUT_NODE:
        return Active("absent", reason=f"the image {plain} brings no Node")
    return Active("unknown", reason=f"what the image {plain} holds is not in the files")


def _plain(image: str) -> str:
    """Return an image's name without its digest, and without the registries that hold Docker's official ones."""
    plain = image.split("@", 1)[0]
    while plain.startswith(_MIRRORS):
        plain = plain.split("/", 1)[1]
    return plain


def _alias(word: str | None) -> str:
    if word in (None, "latest", "current"):
        return "latest"
    return "lts/*" if word == "lts" else f"lts/{word}"
