"""The dated tables: what runner images, actions, analysers and Node's own calendar are known to be."""

from __future__ import annotations

import functools
from pathlib import Path
from typing import Any

import tomllib

_FOLDER = Path(__file__).with_name("data")


@functools.cache
def table(name: str) -> dict[str, Any]:
    """Return a table of the folder `data`; each holds its source and date."""
    return tomllib.loads((_FOLDER / f"{name}.toml").read_text(encoding="utf-8"))
