"""A workflow's jobs: what each runs on, its legs, and every way that its steps may go."""

from __future__ import annotations

import graphlib
import posixpath
from typing import NamedTuple

from verify_runtime.timeline import machine, matrix, scope
from verify_runtime.timeline.data import Data, Open, Unknown
from verify_runtime.timeline.document import DocumentError, Node, Sequence, load
from verify_runtime.timeline.document import Mapping as MappingNode
from verify_runtime.timeline.evaluation import Decisions
from verify_runtime.timeline.job import Job
from verify_runtime.timeline.level import Level
from verify_runtime.timeline.library import Library
from verify_runtime.timeline.model import Active, JobTimeline, Place
from verify_runtime.timeline.repository import Repository, join
from verify_runtime.timeline.scope import Frame
from verify_runtime.timeline.steps import Walk
from verify_runtime.timeline.worlds import World, explore, merge

# GitHub's own limit for workflows that call workflows.
_MAX_CALLS = 10
# What a leg costs, in steps.
_LEG = 10


class Caller(NamedTuple):
    """The job that calls a workflow.

    Args:
        id: The job's id.
        frame: Where its `with` is evaluated.
        inputs: What it gives.
        files: The workflows around it, outermost first.
    """

    id: str
    frame: Frame
    inputs: dict[str, Data]
    files: tuple[str, ...]


class WorkflowReader:
    """Reads a repository's workflows; what they share is read once.

    Args:
        repository: The repository.
        keeps: Actions that leave all versions as they are, beside those of the table.
    """

    def __init__(self, repository: Repository, keeps: tuple[str, ...] = ()) -> None:
        self.repository = repository
        self.library = Library(repository, keeps)
        self.called: dict[str, set[str]] = {}
        self._documents: dict[str, Node | str] = {}

    def document(self, path: str) -> MappingNode:
        """Return a workflow's document.

        Raises:
            DocumentError: It is not there, cannot be read, or is no workflow.
        """
        if path not in self._documents:
            text = self.repository.read(path)
            try:
                why = self.repository.problem(path)
                self._documents[path] = load(text) if text is not None else f"The file cannot be read: {why}."
            except DocumentError as error:
                self._documents[path] = f"{error.line}:{error}"
        found = self._documents[path]
        if isinstance(found, str):
            line, _, message = found.partition(":")
            raise DocumentError(message, int(line)) if line.isdigit() else DocumentError(found)
        if not isinstance(found, MappingNode) or not isinstance(found.get("jobs"), MappingNode):
            raise DocumentError("This is no workflow: it has no jobs.")
        return found

    def jobs(self, path: str, caller: Caller | None = None) -> list[JobTimeline]:
        """Return the timelines of a workflow's jobs.

        Raises:
            DocumentError: The workflow cannot be read.
        """
        return _Workflow(self, path, self.document(path), caller).timelines()

    def action(self, path: str) -> JobTimeline | None:
        """Return the timeline of a composite action that no workflow uses; None for any other action."""
        found = self.library.action(posixpath.dirname(path))
        if isinstance(found, str) or found[1].mapping("runs").text("using") != "composite":
            return None
        name = found[0]
        reason = "whoever uses the action decides it"
        where = machine.Machine("?", "", "", Active("unknown", reason=reason))
        contexts: dict[str, Data] = {
            name: Open(name, {}, reason)
            for name in ("github", "inputs", "runner", "job", "vars", "secrets", "strategy", "matrix", "needs")
        }

        def run(decisions: Decisions, *, blind: bool) -> Walk:
            walk = Walk(self.library, where)
            frame = Frame(name, {**contexts, "env": {}}, decisions, blind)
            steps = found[1].mapping("runs").get("steps")
            if isinstance(steps, Sequence):
                walk.steps(Level(frame, (), "", ""), steps.items, {})
            return walk

        steps = merge([world.result.records for world in explore(run)])
        return JobTimeline(name, "action", "", Place(name, 1), "?", "", "always", steps)


class _Workflow:
    def __init__(self, reader: WorkflowReader, path: str, document: MappingNode, caller: Caller | None) -> None:
        self._reader = reader
        self._path = path
        self._document = document
        self._caller = caller
        self._events = () if caller else scope.events(document.get("on"))
        self._results: dict[str, Data] = {}

    def timelines(self) -> list[JobTimeline]:
        nodes = self._document.mapping("jobs")
        jobs = {
            name: Job(
                name, node, Place(self._path, nodes.keys[name]), f"{self._caller.id}/{name}" if self._caller else name
            )
            for name, node in nodes.entries.items()
            if isinstance(node, MappingNode)
        }
        made: dict[str, list[JobTimeline]] = {}
        for name in _ordered(jobs):
            made[name] = self._job(jobs[name])
        return [timeline for name in jobs for timeline in made[name]]

    def _frame(self, job: Job, decisions: Decisions, *, blind: bool) -> Frame:
        if self._caller:
            github = self._caller.frame.contexts["github"]
            given = self._given(self._caller)
        else:
            github = scope.github(self._events, job.id)
            given = scope.inputs(self._document.get("on"), self._events, self._path, decisions)
        needs = {name: self._results.get(name, Unknown(name, "no such job")) for name in job.needs()}
        contexts: dict[str, Data] = {
            "github": github,
            "inputs": given,
            "needs": needs,
            "vars": Open("vars", {}, "vars.* is a setting of the repository"),
            "secrets": Open("secrets", {}, "secrets.* is known only in a run"),
            "strategy": Open("strategy", {}, "strategy.* is not followed"),
            "job": Open("job", {"status": "success"}, "job.* is known only in a run"),
            "matrix": {},
            "env": {},
        }
        if isinstance(github, Open):
            event = Open("github.event", {"inputs": scope.as_texts(given)}, github.reason)
            contexts["github"] = Open("github", {**github, "event": event}, github.reason)
        return Frame(self._path, contexts, decisions, blind)

    def _given(self, caller: Caller) -> dict[str, Data]:
        """Return what a caller gives to the declared inputs, and their defaults."""
        on = self._document.get("on")
        declared = on.mapping("workflow_call").mapping("inputs") if isinstance(on, MappingNode) else None
        own = Frame(self._path, {"github": caller.frame.contexts["github"]}, caller.frame.decisions, caller.frame.blind)
        given: dict[str, Data] = {}
        for name, node in (declared.entries if declared else {}).items():
            default = node.get("default") if isinstance(node, MappingNode) else None
            given[name] = caller.inputs.get(name, own.late(default) if default else None)
        return given

    def _job(self, job: Job) -> list[JobTimeline]:
        strategy = job.node.mapping("strategy").get("matrix")

        def expanded(decisions: Decisions, *, blind: bool) -> list[dict[str, Data]]:
            return matrix.legs(self._frame(job, decisions, blind=blind).value(strategy)) if strategy else [{}]

        try:
            ways = explore(expanded)
        except matrix.MatrixError as error:
            return [_empty(job, self._path, f"its matrix cannot be expanded: {error}")]
        legs = (
            ways[0].result if len(ways) == 1 else [Open("matrix", {}, "the matrix depends on what only a run decides")]
        )
        timelines: list[JobTimeline] = []
        worlds: list[World[_Ran]] = []
        for leg in legs:
            found = self._leg(job, leg)
            timelines += found[0]
            worlds += found[1]
        self._keep(job, worlds, len(legs))
        return timelines or [_empty(job, self._path, "its matrix has no legs")]

    def _leg(self, job: Job, leg: dict[str, Data]) -> tuple[list[JobTimeline], list[World[_Ran]]]:
        def run(decisions: Decisions, *, blind: bool) -> _Ran:
            return self._run(job, leg, decisions, blind=blind)

        self._reader.library.spend(_LEG)
        title = _title(leg)
        worlds = explore(run)
        if any(world.result.called is not None for world in worlds):
            return next(world.result.called for world in worlds if world.result.called is not None), worlds
        ran = [world.result for world in worlds if world.result.runs != "never"]
        first = ran[0] if ran else worlds[0].result
        runs = first.runs if len(ran) in (0, len(worlds)) else "maybe"
        steps = merge([each.walk.records for each in ran]) if ran else ()
        if not ran:
            steps = tuple(each._replace(runs="never") for each in first.walk.records)
        made = JobTimeline(
            self._path,
            job.title,
            title,
            job.place,
            first.walk.machine.label,
            first.walk.machine.platform,
            runs,
            steps,
            first.note,
        )
        return [made], worlds

    def _run(self, job: Job, leg: dict[str, Data], decisions: Decisions, *, blind: bool) -> _Ran:
        frame = self._frame(job, decisions, blind=blind).with_contexts(matrix=leg)
        environment = job.environment(self._document, frame)
        skipped = any(_result(frame.contexts["needs"][name]) == "skipped" for name in job.needs())
        own = frame.condition(job.node.get("if"))
        runs = "never" if skipped and "if" not in job.node.entries else own
        if runs == "never" and decisions:
            return _Ran(runs, Walk(self._reader.library, machine.runner(None)), {})
        if job.node.text("uses"):
            return self._call(job, leg, frame, runs)
        where = job.machine(frame)
        walk = Walk(self._reader.library, where)
        frame = frame.with_contexts(
            runner=Open(
                "runner",
                {"os": where.system, "arch": where.architecture} if where.system else {},
                "runner.* is known only in a run",
            )
        )
        nodes = job.node.get("steps")
        ids: dict[str, Data] = {}
        level = Level(frame, environment, *job.defaults(self._document, frame))
        if isinstance(nodes, Sequence):
            walk.steps(level, nodes.items, ids)
        outputs = {
            name: frame.with_contexts(steps=ids).late(value)
            for name, value in job.node.mapping("outputs").entries.items()
        }
        return _Ran(runs, walk, outputs)

    def _call(self, job: Job, leg: dict[str, Data], frame: Frame, runs: str) -> _Ran:
        uses = job.node.text("uses") or ""
        walk = Walk(self._reader.library, machine.runner(None))
        files = (*(self._caller.files if self._caller else ()), self._path)
        note = ""
        path = join("", uses[2:]) if uses.startswith(("./", "$/")) else None
        if path is None:
            note = f"{uses} is in another repository: what it runs is not in the files"
        elif path in files or len(files) > _MAX_CALLS:
            note = f"{uses} calls itself, or is nested more than {_MAX_CALLS} deep"
        if note or path is None:
            return _Ran(runs, walk, Open("outputs", {}, note), None, note)
        inputs = {name: frame.late(value) for name, value in job.node.mapping("with").entries.items()}
        self._reader.called.setdefault(path, set()).add(files[0])
        try:
            title = f"{job.title} ({_title(leg)})" if leg else job.title
            called = self._reader.jobs(path, Caller(title, frame, inputs, files))
        except DocumentError as error:
            note = f"{path}:{error.line} cannot be read: {error}"
            return _Ran(runs, walk, Open("outputs", {}, note), None, note)
        if runs == "never":
            called = [
                each._replace(runs="never", steps=tuple(step._replace(runs="never") for step in each.steps))
                for each in called
            ]
        return _Ran(runs, walk, Open("outputs", {}, f"the outputs of {path} are not followed"), called)

    def _keep(self, job: Job, worlds: list[World[_Ran]], legs: int) -> None:
        """Keep what other jobs may need of a job: its result, and its outputs where there is one way that it goes."""
        ran = [world.result for world in worlds if world.result.runs != "never"]
        result: Data = "success" if ran else "skipped"
        if ran and len(ran) < len(worlds):
            result = Unknown(f"needs.{job.id}.result", f"whether {job.id} runs is decided only in a run")
        outputs: Data = Open("outputs", {}, f"the outputs of {job.id} depend on what only a run decides")
        if len(ran) == 1 and legs == 1:
            outputs = ran[0].outputs
        self._results[job.id] = {"result": result, "outputs": outputs}


class _Ran(NamedTuple):
    """One way that a job goes."""

    runs: str
    walk: Walk
    outputs: Data
    called: list[JobTimeline] | None = None
    note: str = ""


def _title(leg: dict[str, Data]) -> str:
    return "?" if isinstance(leg, Open) and not leg else matrix.title(leg)


def _result(need: Data) -> Data:
    return need.get("result") if isinstance(need, dict) else None


def _ordered(jobs: dict[str, Job]) -> list[str]:
    """Return the jobs with those that others need first; with a circle, which GitHub refuses, as in the file."""
    needs = {name: [need for need in job.needs() if need in jobs] for name, job in jobs.items()}
    try:
        return list(graphlib.TopologicalSorter(needs).static_order())
    except graphlib.CycleError:
        return list(jobs)


def _empty(job: Job, path: str, note: str) -> JobTimeline:
    return JobTimeline(path, job.title, "", job.place, "?", "", "always", (), note)
