"""Hostile repositories end in a clear message, in bounded time and memory, and control nothing that shows it."""

import contextlib
import json
import os
import resource
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from verify_runtime import cli
from verify_runtime.timeline.analysis import analyse
from verify_runtime.timeline.document import DocumentError, load
from verify_runtime.timeline.shell import parse, powershell

from .cases import WORKFLOW, write

# Far above what any of them takes, and far below what each of them took before it was bounded: hours.
SECONDS, BYTES = 60, 2_000_000_000
JOB = "on: push\njobs:\n  a:\n    runs-on: ubuntu-24.04\n    steps:\n"
LAUGHS = "on: push\nx0: &x0 [1, 1, 1, 1, 1, 1, 1, 1, 1, 1]\n" + "".join(
    f"x{level}: &x{level} [{', '.join([f'*x{level - 1}'] * 10)}]\n" for level in range(1, 12)
)


def steps(text: str, **files: str) -> dict[str, str]:
    return {WORKFLOW: f"{JOB}{text}", **files}


def composite(text: str) -> str:
    return f"runs:\n  using: composite\n  steps:\n{text}"


def called(count: int, level: int) -> str:
    jobs = "".join(f"  j{index}:\n    uses: ./.github/workflows/w{level}.yml\n" for index in range(count))
    return f"on: workflow_call\njobs:\n{jobs}"


def chained(index: int) -> str:
    output = f"${{{{ needs.j{index - 1}.outputs.o }}}}"
    head = f"  j{index}:\n    needs: j{index - 1}\n    runs-on: ubuntu-24.04\n"
    return f'{head}    outputs: {{o: "{output}{output}"}}\n    steps: [{{run: "echo {output}"}}]\n'


HOSTILE: dict[str, tuple[dict[str, str], int]] = {
    "anchors that explode": ({WORKFLOW: f"{LAUGHS}jobs:\n  a: {{strategy: {{matrix: {{v: *x11}}}}}}\n"}, 2),
    "a long text that anchors repeat": (
        {WORKFLOW: f"on: push\nx: &x {'a' * 900_000}\ny: [{', '.join(['*x'] * 5_000)}]\njobs: {{}}\n"},
        2,
    ),
    "10 MB": (steps(f"      - run: {'a' * 10_000_000}\n"), 2),
    "steps that anchors repeat": (
        {
            WORKFLOW: "on: push\nx: &s\n"
            + "  - run: npm ci\n" * 3_000
            + "jobs:\n"
            + "".join(f"  j{index}: {{runs-on: x, steps: *s}}\n" for index in range(3_000))
        },
        2,
    ),
    "a matrix of millions": (
        {
            WORKFLOW: "on: push\njobs:\n  a:\n    strategy:\n      matrix:\n"
            + "".join(f"        k{index}: {list(range(20))}\n" for index in range(5))
            + "    runs-on: x\n    steps: []\n"
        },
        0,
    ),
    "composites that use each other ten times": (
        {
            WORKFLOW: f"{JOB}      - uses: ./a0\n",
            **{f"a{level}/action.yml": composite(f"    - uses: ./a{level + 1}\n" * 10) for level in range(11)},
        },
        2,
    ),
    "workflows that call each other six times": (
        {
            WORKFLOW: called(6, 0).replace("workflow_call", "push"),
            **{f".github/workflows/w{level}.yml": called(6, level + 1) for level in range(9)},
        },
        2,
    ),
    "workflows that call each other in a circle": (
        {".github/workflows/w0.yml": called(1, 1), ".github/workflows/w1.yml": called(1, 0)},
        0,
    ),
    "200 conditions": (
        steps(
            "".join(
                f"      - if: vars.V{index} == 'x'\n        uses: actions/setup-node@v7\n"
                f"        with: {{node-version: {index}}}\n"
                for index in range(200)
            )
        ),
        0,
    ),
    "outputs that double from job to job": (
        {
            WORKFLOW: 'on: push\njobs:\n  j0: {runs-on: x, outputs: {o: "${{ github.sha }}"}, steps: []}\n'
            + "".join(map(chained, range(1, 40)))
        },
        0,
    ),
    "a variable that doubles": (steps("      - run: |\n          A=aaaa\n" + "          A=$A$A\n" * 60), 0),
    "functions that call each other": (
        steps(f"      - run: |\n          f() {{ {'f; ' * 60}}}\n          f\n"),
        0,
    ),
    "scripts that run each other": (
        steps(
            "      - uses: actions/setup-node@v7\n        with: {node-version: 24}\n      - run: npm run s0\n",
            **{
                "package.json": '{"scripts": {'
                + ", ".join(f'"s{level}": "{" && ".join([f"npm run s{level + 1}"] * 10)}"' for level in range(12))
                + "}}"
            },
        ),
        0,
    ),
    "a folder that names every version": (steps(f'      - run: echo "/node/1{"-" * 60}!" >> $GITHUB_PATH\n'), 0),
    "a no-break space in a script": (steps("      - run: a\u00a0b\n"), 0),
    "the reader's own marks": (steps("      - run: echo \ue0010\ue002 \ue000\n"), 0),
    "an expression of 5,000 comparisons": (steps(f"      - if: 1{'==1' * 5_000}\n        run: x\n"), 0),
    "a format of 5,000 digits": (
        steps(f"      - name: ${{{{ format('{{{'9' * 5_000}}}') }}}}\n        run: x\n"),
        0,
    ),
    "a version of 5,000 digits": (steps(f"      - uses: SonarSource/sonarqube-scan-action@v{'9' * 5_000}\n"), 0),
    "a version file of a long line": (
        steps(
            "      - uses: actions/setup-node@v7\n        with: {node-version-file: .nvmrc}\n",
            **{".nvmrc": "1" * 1_900_000},
        ),
        0,
    ),
    "settings of blanks": (
        steps(
            "      - uses: SonarSource/sonarqube-scan-action@v8\n",
            **{"sonar-project.properties": "\n" * 100_000 + "a=x" + " " * 60_000 + "x"},
        ),
        0,
    ),
}


def limit() -> None:
    """Limit what this process may take; its own seconds, since a busy machine takes longer."""
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_AS, (BYTES, BYTES))


@pytest.mark.parametrize("name", HOSTILE)
def test_it_ends_in_words_in_bounded_time_and_memory(name: str, tmp_path: Path) -> None:
    files, status = HOSTILE[name]
    write(tmp_path, files)
    done = subprocess.run(
        [sys.executable, "-m", "verify_runtime", "timeline"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
        preexec_fn=limit,
    )
    assert "Traceback" not in done.stderr
    assert done.returncode == status
    assert done.stdout.splitlines()[-1].startswith(("1 file", "2 files", "10 files"))
    assert len(done.stdout) < 5_000_000


@contextlib.contextmanager
def unreadable(folder: Path, kind: str) -> Iterator[None]:
    path = folder / WORKFLOW
    path.parent.mkdir(parents=True)
    if kind == "fifo":
        os.mkfifo(path)
    elif kind == "link out":
        (folder.parent / "outside.yml").write_text(JOB, encoding="utf-8")
        path.symlink_to(folder.parent / "outside.yml")
    elif kind == "link to itself":
        path.symlink_to(path)
    elif kind == "link to nothing":
        path.symlink_to(folder / "nothing")
    else:
        path.write_bytes(b"on: \xff\xfe\n")
    yield


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        ("fifo", "no regular file"),
        ("link out", "a link out of the repository"),
        ("link to itself", "cannot be read"),
        ("link to nothing", "No such file"),
        ("bytes", "no UTF-8 text"),
    ],
)
def test_what_is_no_file_of_the_repository_is_named_and_not_read(
    kind: str, words: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    repository = tmp_path / "repository"
    with unreadable(repository, kind):
        assert cli.main(["timeline", str(repository)]) == 2
    assert words in capsys.readouterr().out


@pytest.mark.parametrize("form", ["text", "markdown", "github"])
def test_a_name_controls_neither_the_terminal_nor_the_runner_nor_the_comment(
    form: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("GITHUB_STEP_SUMMARY", raising=False)
    name = r"\e[31mred\r\n::error::x ##[add-mask]y\u202e <img src=x> | `a`"
    text = f'on: push\njobs:\n  "::stop-commands::x":\n    runs-on: ubuntu-24.04\n    steps:\n      - name: "{name}"\n'
    write(tmp_path, {WORKFLOW: f"{text}        run: npm ci\n", ".github/workflows/b\n::error::x.yml": "["})
    assert cli.main(["timeline", str(tmp_path), "--format", form]) == 2
    out = capsys.readouterr().out
    assert not any(character in out for character in "\x1b\r\u202e")
    assert "##[add-mask]" not in out
    commands = [line for line in out.splitlines() if line.lstrip().startswith("::")]
    ours = ("::error file=", "::notice file=")
    assert all(line.startswith(ours) for line in commands) if form == "github" else commands == []
    assert "<img" not in out or form != "markdown"


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.text() | st.text(alphabet="-: [{}]&*a1\n'\"|>#!%?,<", max_size=60))
def test_random_text_is_yaml_or_a_clear_refusal(text: str) -> None:
    with contextlib.suppress(DocumentError):
        load(text)


@settings(max_examples=300, deadline=None)
@given(st.text() | st.text(alphabet="ab \n'\"$(){};|&<>`\\=#[]!", max_size=80))
def test_random_text_is_read_as_a_script(text: str) -> None:
    assert all(command.line >= 1 for command in parse(text).commands)
    parse(powershell(text))


KEYS = [
    "on",
    "jobs",
    "a",
    "steps",
    "uses",
    "run",
    "with",
    "if",
    "env",
    "strategy",
    "matrix",
    "include",
    "runs-on",
    "needs",
]
VALUES = [
    "push",
    "ubuntu-24.04",
    "actions/setup-node@v7",
    "./a",
    "nvm use 20",
    "${{ matrix.a }}",
    "${{ !",
    "a",
    "20",
    "[a]",
]
TREE = st.recursive(
    st.sampled_from(VALUES) | st.integers() | st.none() | st.booleans(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=4),
    max_leaves=20,
)


@settings(
    max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(job=st.dictionaries(st.sampled_from(KEYS), TREE, max_size=6), steps_=st.lists(TREE, max_size=4))
def test_random_workflows_are_read_or_refused_in_words(
    job: dict[str, object], steps_: list[object], tmp_path: Path
) -> None:

    workflow = {"on": "push", "jobs": {"a": {"runs-on": "ubuntu-24.04", **job, "steps": steps_}}}
    write(tmp_path, {WORKFLOW: json.dumps(workflow)})
    analyse(tmp_path, [])


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(content=st.binary(max_size=200))
def test_random_bytes_never_end_in_a_traceback(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / WORKFLOW
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    analyse(tmp_path, [])
