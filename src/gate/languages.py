"""The languages whose coverage Sonar reads, and whether a file of one holds code."""

import ast
import re
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Language:
    """A language, as Sonar's analyser for it sees it.

    Args:
        name: Its name for people.
        suffixes: How its files end.
        reports: The properties that name its coverage reports.
        exclusions: The properties that replace the patterns of files that its analyser leaves out.
        excluded: Those patterns when no property is set.
        has_code: Tells whether a file's text holds anything to run; when that is in doubt, it says no.
    """

    name: str
    suffixes: tuple[str, ...]
    reports: tuple[str, ...]
    exclusions: tuple[str, ...]
    excluded: tuple[str, ...]
    has_code: Callable[[str], bool]


def _python_has_code(text: str) -> bool:
    try:
        body = ast.parse(text).body
    except (SyntaxError, ValueError):
        return True  # no docstring alone fails to parse
    return any(not _is_docstring(node) for node in body)


def _is_docstring(node: ast.stmt) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)


_COMMENT = r"//[^\n]*|/\*.*?\*/"
_QUOTED = r"'(?:\\.|[^'\\\n])*'|" + r'"(?:\\.|[^"\\\n])*"'
_TEMPLATE = r"`(?:\\.|[^`\\])*`"
_NOT_CODE = re.compile(f"{_COMMENT}|{_QUOTED}|{_TEMPLATE}", re.DOTALL)
_BLOCK = re.compile(r"\{[^{}]*\}")
# A statement that runs, outside every block; continued lines are indented, so only the first column counts.
_STATEMENTS = (
    r"^(?:export\s+)?(?:const(?!\s+enum\b)|let|var)\s",
    r"^(?:export\s+)?(?:default\s+)?(?:async\s+)?function\b",
    r"^(?:export\s+)?(?:default\s+)?(?:abstract\s+)?class\b",
    r"^(?:if|for|while|switch|with)\s*\(",
    r"^(?:try|do|throw)\b",
    r"^(?!import\b)[A-Za-z_$][\w$.]*\s*(?:\(|=[^=>])",
)


def _javascript_has_code(text: str) -> bool:
    text = _NOT_CODE.sub(" ", text)
    while (outside := _BLOCK.sub(" ", text)) != text:
        text = outside
    return any(re.search(statement, text, re.MULTILINE) for statement in _STATEMENTS)


PYTHON = Language(
    name="Python",
    suffixes=(".py",),
    reports=("sonar.python.coverage.reportPaths",),
    exclusions=(),
    excluded=(),
    has_code=_python_has_code,
)
# The patterns are SonarJS's own (its JavaScriptPlugin.java, as of 13.7.0).
JAVASCRIPT = Language(
    name="TypeScript and JavaScript",
    suffixes=(".ts", ".tsx", ".mts", ".cts", ".js", ".jsx", ".mjs", ".cjs"),
    reports=("sonar.javascript.lcov.reportPaths", "sonar.typescript.lcov.reportPaths"),
    exclusions=("sonar.javascript.exclusions", "sonar.typescript.exclusions"),
    excluded=(
        "**/node_modules/**",
        "**/bower_components/**",
        "**/dist/**",
        "**/vendor/**",
        "**/external/**",
        "**/contrib/**",
        "**/*.d.ts",
        "**/*.d.mts",
        "**/*.d.cts",
    ),
    has_code=_javascript_has_code,
)
LANGUAGES = (PYTHON, JAVASCRIPT)
