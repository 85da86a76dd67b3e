"""A step's script, followed command by command: which version each one runs on, and what the next steps see."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Mapping
from typing import NamedTuple

from verify_runtime.timeline import managers, shell
from verify_runtime.timeline.document import MAX_CHARACTERS, PRIVATE
from verify_runtime.timeline.model import Active, Alternatives, Change, Invocation, Place
from verify_runtime.timeline.pathentry import node_in
from verify_runtime.timeline.prefixes import without_prefixes
from verify_runtime.timeline.repository import Repository
from verify_runtime.timeline.repository import join as join_path
from verify_runtime.timeline.runnerfiles import Line, pairs, runner_file
from verify_runtime.timeline.state import State, join
from verify_runtime.timeline.words import UNKNOWN, Part, Unclear, Variable, Word, expand

_MAX_CALLS = 8
_MAX_COMMANDS = 5_000
_MAX_WORDS = 1_000
# A variable that is put into itself doubles with each step.
_MAX_TEXT = 100_000
_ECHO_OPTIONS = (("-e",), ("-n",), ("-E",))
_QUIET_SOURCES = re.compile(r"(?:nvm\.sh|activate|\.cargo/env|sdkman-init\.sh|os-release|bash_completion)$")


class Context(NamedTuple):
    """What a script runs in.

    Args:
        repository: The repository.
        file: The file that holds the script.
        line: The line of the script's first line in that file.
        exact: Whether the script's lines are the file's lines.
        folder: The working directory, from the root; None where it is unknown.
        variable: What gives an environment variable's value: None where it is unknown, "" where it is not set.
        system: Linux, Windows or macOS; empty where it is unknown.
        login: Whether the shell reads a user's own files first, which may load nvm.
    """

    repository: Repository
    file: str
    line: int
    exact: bool
    folder: str | None
    variable: Callable[[str], str | None]
    system: str
    login: bool = False


class Session:
    """One run of a script.

    Args:
        context: What it runs in.
        state: The job's state; what later steps see is changed in it.
        identity: The step's id, whose outputs are kept; None where it has none.
    """

    def __init__(self, context: Context, state: State, identity: str | None = None) -> None:
        self.context = context
        self.state = state
        self.changes: list[Change] = []
        self.commands: list[Invocation] = []
        self._identity = identity
        self._inside: dict[str, Alternatives] = {}
        self._variables: dict[str, str | None] = {}
        # The working directory, from the root of the checkout; None where it is unknown.
        self.folder = context.folder
        self._depth = 0
        self._spent = 0
        self.has_nvm = context.login
        self.has_pnpm_home = False
        self._start = state.tools()
        # What this step writes for the next ones, which it does not see itself.
        self._written: dict[str, list[Line]] = {}

    def run(self, text: str) -> None:
        """Follow a script to its end; the next steps see what it leaves."""
        self._follow(text)
        for file, lines in self._written.items():
            if file == "GITHUB_PATH":
                self._keep_paths(lines)
            else:
                self._keep_values(file, lines)

    def active(self, tool: str) -> Alternatives:
        """Return what is active of a tool at this command."""
        return self._inside.get(tool) or self.state.active(tool)

    def place(self, line: int) -> Place:
        """Return where a line of the script stands."""
        offset = line - 1 if self.context.exact else 0
        return Place(self.context.file, self.context.line + offset)

    def set_here(self, tool: str, active: Active, command: shell.Command) -> None:
        """Set a version for the rest of this script alone."""
        self._set(tool, active, command, None)

    def set_for_all(self, tool: str, active: Active, command: shell.Command, place: str) -> None:
        """Set a version in a place that the next steps have on PATH too."""
        self._set(tool, active, command, place)

    def _set(self, tool: str, active: Active, command: shell.Command, place: str | None) -> None:
        before = self.active(tool)
        if place is None:
            alternatives: Alternatives = (active,) if command.certain else join(before, (active,))
            self._inside[tool] = alternatives
        else:
            layers = dict(self.state.layers.get(tool, ()))
            known = layers.get(place, before)
            self.state.put(tool, place, (active,) if command.certain else join(known, (active,)))
        if self.active(tool) != before:
            self.changes.append(Change(tool, self.active(tool), self.place(command.line)))

    def resolve(self, word: Word) -> str | None:
        """Return a word's text; None where only a run gives it."""
        if len(word) == 1:
            return self._part(word[0])
        pieces = [self._part(part) for part in word]
        if None in pieces or sum(len(piece or "") for piece in pieces) > _MAX_TEXT:
            return None
        return "".join(piece for piece in pieces if piece is not None)

    def _part(self, part: Part) -> str | None:
        if isinstance(part, str):
            return part
        if isinstance(part, Unclear):
            return self._substituted(part.command)
        value = self._variables[part.name] if part.name in self._variables else self.context.variable(part.name)
        if value == "" and part.default is not None:
            return self.resolve(expand(part.default))
        return value

    def _substituted(self, command: str) -> str | None:
        """Return what `$(cat FILE)` prints; None for anything else."""
        words = command.split()
        if len(words) == 2 and words[0] in ("cat", "<"):  # noqa: PLR2004 - the command and its file
            path = join_path(self.folder, words[1].strip("\"'"))
            text = self.context.repository.read(path) if path else None
            return text.strip() if text is not None else None
        return None

    def _follow(self, text: str) -> None:
        if self._depth >= _MAX_CALLS:
            return
        script = shell.parse(text)
        if "node" in script.functions:
            body = script.functions["node"]
            defined = body[0] if body else shell.Command((), 1)
            reason = "the script has a function called node"
            self.set_here("node", Active("unknown", reason=reason), defined._replace(certain=True))
        self._run(script.commands, script.functions)

    def _run(self, commands: tuple[shell.Command, ...], functions: Mapping[str, tuple[shell.Command, ...]]) -> None:
        saved: tuple[dict[str, Alternatives], str | None] | None = None
        for command in commands:
            if command.subshell and saved is None:
                saved = (dict(self._inside), self.folder)
            elif not command.subshell and saved is not None:
                (self._inside, self.folder), saved = saved, None
            self._spent += 1
            if self._spent <= _MAX_COMMANDS:
                self._command(command, functions)
        if saved is not None:
            self._inside, self.folder = saved

    def _command(self, command: shell.Command, functions: Mapping[str, tuple[shell.Command, ...]]) -> None:
        words = [self.resolve(word) for word in command.words[:_MAX_WORDS]]
        if not words:
            for name, value in command.assignments:
                self._assign(name, self.resolve(value), command)
            return
        words = without_prefixes(words)
        body = functions.get(words[0] or "")
        if body is not None:
            self._called(command, body, functions)
            return
        self._builtin(command, words)
        if not managers.follow(self, command, words):
            self._invoke(command, words)

    def _builtin(self, command: shell.Command, words: list[str | None]) -> None:
        """Follow what a command does to the shell itself, and what it writes for later steps."""
        name = posixpath.basename(words[0] or "")
        self._writes(command, words)
        if name in ("export", "declare", "readonly", "local", "typeset"):
            for word in command.words[1:]:
                self._export(word, command)
        elif name in ("cd", "pushd"):
            target = words[1] if len(words) > 1 else None
            self.folder = _entered(self.folder, target) if command.certain else None
        elif name in (".", "source"):
            self._source(words[1] if len(words) > 1 else None, command, _literal_end(command.words[-1]))
        elif name == "alias":
            self._aliases(words[1:], command)
        else:
            self._script(_script_of(name, words))

    def _called(
        self,
        command: shell.Command,
        body: tuple[shell.Command, ...],
        functions: Mapping[str, tuple[shell.Command, ...]],
    ) -> None:
        if self._depth >= _MAX_CALLS:
            return
        self._depth += 1
        self._run(tuple(each._replace(certain=each.certain and command.certain) for each in body), functions)
        self._depth -= 1

    def _invoke(self, command: shell.Command, words: list[str | None]) -> None:
        tools = {**self.state.tools(), **self._inside}
        texts = tuple(word if word is not None else "" for word in words)
        self.commands.append(Invocation(texts, self.place(command.line), self.folder, tools, command.certain))

    def _assign(self, name: str, value: str | None, command: shell.Command) -> None:
        if name == "PATH":
            self._path(value, command)
        else:
            known = self._variables.get(name, self.context.variable(name))
            self._variables[name] = value if command.certain or value == known else None

    def _export(self, word: Word, command: shell.Command) -> None:
        first = word[0] if word else ""
        name, sign, value = first.partition("=") if isinstance(first, str) else ("", "", "")
        if sign and name == "PATH":
            # The old PATH is no text that could be told; what stands before it is.
            parts = [part for part in word[1:] if part != Variable("PATH")]
            self._path(self.resolve((value, *parts)), command)
        elif sign:
            self._assign(name, self.resolve((value, *word[1:])), command)

    def _path(self, value: str | None, command: shell.Command) -> None:
        entries: list[str | None] = [None] if value is None else [entry for entry in value.split(":") if entry]
        home = self._part(Variable("PNPM_HOME"))
        for entry in reversed(entries):
            if entry is not None and entry == home:
                self.has_pnpm_home = True
                continue
            active = node_in(entry, self.folder, self.context.repository, self.place(command.line))
            if active:
                self.set_here("node", active, command)

    def _source(self, path: str | None, command: shell.Command, end: str) -> None:
        if _QUIET_SOURCES.search(end):
            self.has_nvm = self.has_nvm or end.endswith("nvm.sh")
            return
        inside = join_path(self.folder, path) if path else None
        text = self.context.repository.read(inside) if inside else None
        if text is None or inside is None:
            if path and re.search(r"\.(?:bashrc|bash_profile|profile|zshrc)$", path):
                self.has_nvm = True
            else:
                reason = (
                    f"{path or 'a file that only a run tells'} is read into the shell at {self.place(command.line)}"
                )
                self.set_here("node", Active("unknown", reason=reason), command)
            return
        self._within(inside, text)

    def _script(self, path: str | None) -> None:
        """Follow a script of the repository that runs in a shell of its own."""
        inside = join_path(self.folder, path) if path else None
        text = self.context.repository.read(inside) if inside else None
        if text is None or inside is None or (not inside.endswith(("sh", "bash")) and not text.startswith("#!")):
            return
        if text.startswith("#!") and "sh" not in text.split("\n", 1)[0]:
            return
        saved = dict(self._inside), self.folder, dict(self._variables), len(self.changes)
        self._within(inside, text)
        self._inside, self.folder, self._variables = saved[:3]
        del self.changes[saved[3] :]

    def _within(self, path: str, text: str) -> None:
        if len(text) > MAX_CHARACTERS:
            return
        outer = self.context
        text = text.translate(PRIVATE)
        self.context = outer._replace(file=path, line=1, exact=True)
        self._depth += 1
        self._follow(text)
        self._depth -= 1
        self.context = outer

    def _aliases(self, words: list[str | None], command: shell.Command) -> None:
        if any(word and word.startswith("node=") for word in words):
            self.set_here("node", Active("unknown", reason="the script has an alias called node"), command)

    def _writes(self, command: shell.Command, words: list[str | None]) -> None:
        for target in command.writes:
            self._write(runner_file(target), self._output(command, words), command)
        for source in command.sources if words and words[0] == "tee" else ():
            text = self._output(source, [self.resolve(word) for word in source.words])
            for word in command.words[1:]:
                self._write(runner_file(word), text, command)

    def _output(self, command: shell.Command, words: list[str | None]) -> list[tuple[str | None, int]]:
        """Return the lines that a command prints, with their lines in the script; None where only a run tells."""
        name = words[0] if words else None
        if name in ("cat", "tee") and command.document is not None:
            return self._lines(command.document, command.line + 1)
        if name in ("echo", "printf", "Write-Output"):
            parts = [word for word in command.words[1:] if word not in _ECHO_OPTIONS]
            if name == "printf":
                return self._formatted(parts, command.line)
            return self._lines(_between(parts, " "), command.line)
        return [(None, command.line)]

    def _formatted(self, parts: list[Word], line: int) -> list[tuple[str | None, int]]:
        """Return the lines that printf prints, where its format only puts texts below each other."""
        form = self.resolve(parts[0]) if parts else None
        if form is None or (form.replace("\\n", "") not in ("%s", "") and "%" in form):
            return [(None, line)]
        return self._lines(_between(parts[1:] or [(form.replace("\\n", "\n"),)], "\n"), line)

    def _lines(self, word: Word, line: int) -> list[tuple[str | None, int]]:
        """Return a word's lines: one with an unknown part keeps its text up to there, and ends in UNKNOWN."""
        text = ""
        for part in word:
            piece = self._part(part)
            text += UNKNOWN if piece is None or len(text) + len(piece) > _MAX_TEXT else piece
        return [(each, line + index) for index, each in enumerate(text.split("\n"))]

    def _write(self, file: str | None, lines: list[tuple[str | None, int]], command: shell.Command) -> None:
        if file:
            self._written.setdefault(file, []).extend(
                Line(text, self.place(line), command.certain, self.folder) for text, line in lines
            )

    def _keep_paths(self, lines: list[Line]) -> None:
        for text, place, certain, folder in lines:
            if text == "":
                continue
            entry = None if text is None or UNKNOWN in text.split("/")[-1] else text.replace(UNKNOWN, "$HOME")
            active = node_in(entry, folder, self.context.repository, place)
            if active:
                before = self.state.active("node")
                self.state.put("node", f"GITHUB_PATH {place}", (active,) if certain else join(before, (active,)))

    def _keep_values(self, file: str, lines: list[Line]) -> None:
        for name, value, place, certain in pairs(lines):
            kept = managers.written(name, value, place, certain=certain)
            if file == "GITHUB_ENV":
                self.state.env[name] = kept
            elif self._identity is not None:
                self.state.outputs.setdefault(self._identity, {})[name] = kept


def _script_of(name: str, words: list[str | None]) -> str | None:
    """Return the script that a command runs; None where it is another command."""
    first = words[1] if name in ("bash", "sh", "zsh") and len(words) > 1 else words[0]
    if name in ("bash", "sh", "zsh"):
        return None if first is None or first.startswith("-") or len(words) == 1 else first
    return first if first and first.startswith(("./", "../")) else None


def _literal_end(word: Word) -> str:
    """Return what a word ends with, behind its last variable."""
    last = word[-1] if word else ""
    return last if isinstance(last, str) else ""


def _between(words: list[Word], sign: str) -> Word:
    """Return words as one, with a text between them."""
    parts: list[Part] = []
    for word in words:
        parts += [*word, sign]
    return tuple(parts[:-1])


def _entered(folder: str | None, target: str | None) -> str | None:
    if target is None or folder is None or target.startswith(("~", "-")):
        return None
    return join_path(folder, target) if not target.startswith("/") else None
