"""What a repository sets of the reader: `[tool.verify-runtime]` in pyproject.toml, or .github/verify-runtime.toml."""

from __future__ import annotations

from typing import Any, NamedTuple

import tomllib

from verify_runtime.timeline.repository import Repository

_PROJECT = "pyproject.toml"
FILES = (".github/verify-runtime.toml", _PROJECT)


class ConfigurationError(ValueError):
    """A setting cannot be read; the message says which, and what is allowed."""


class Configuration(NamedTuple):
    """The settings.

    Args:
        ignore: Rules that are not asked.
        exclude: Files, from the root, that are not read; a star stands for any part of a name.
        scan_node: The Node that Sonar's scans are meant to run on; empty where it is not said.
        keeps: Actions, beside those of the table, that leave all versions as they are.
    """

    ignore: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    scan_node: str = ""
    keeps: tuple[str, ...] = ()


_MAX_CHARACTERS, _MAX_LINE = 500_000, 5_000
_LISTS = ("ignore", "exclude", "keeps")


def configuration(repository: Repository, rules: tuple[str, ...]) -> Configuration:
    """Return a repository's settings; the first file that has them counts.

    Args:
        repository: The repository.
        rules: The rules there are.

    Raises:
        ConfigurationError: A setting is unknown or wrong.
    """
    for path in FILES:
        text = repository.read(path)
        if text is None or (path == _PROJECT and "verify-runtime" not in text):
            continue
        settings = _parse(path, text)
        if path == _PROJECT:
            tool = settings.get("tool")
            settings = tool.get("verify-runtime", {}) if isinstance(tool, dict) else {}
        if settings:
            return _checked(path, settings, rules)
    return Configuration()


def _parse(path: str, text: str) -> dict[str, Any]:
    if len(text) > _MAX_CHARACTERS or any(len(line) > _MAX_LINE for line in text.splitlines()):
        raise ConfigurationError(f"{path} is too large, or has too long a line, to be read for settings.")
    try:
        return tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        raise ConfigurationError(f"{path} is no TOML that can be read: {error}.") from error


def _checked(path: str, settings: dict[str, Any], rules: tuple[str, ...]) -> Configuration:
    lists: dict[str, tuple[str, ...]] = {}
    scan_node = ""
    for name, value in settings.items():
        if name in _LISTS:
            if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
                raise ConfigurationError(f"{path}: {name} must be a list of texts, not {value!r}.")
            lists[name] = tuple(value)
        elif name == "scan-node":
            if not isinstance(value, str):
                raise ConfigurationError(f'{path}: scan-node must be a text such as "20", not {value!r}.')
            scan_node = value
        else:
            raise ConfigurationError(f"{path}: {name} is no setting. There are: {', '.join((*_LISTS, 'scan-node'))}.")
    unknown = [name for name in lists.get("ignore", ()) if name not in rules]
    if unknown:
        raise ConfigurationError(f"{path}: {unknown[0]} is no rule. There are: {', '.join(rules)}.")
    return Configuration(lists.get("ignore", ()), lists.get("exclude", ()), scan_node, lists.get("keeps", ()))
