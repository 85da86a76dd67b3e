"""Strangers' files: whatever they hold, reading them ends soon, in little memory, in clear words, and harms no reader."""

import ast
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import xml.sax.saxutils
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import verify_runtime
from verify_runtime.timeline import shell
from verify_runtime.timeline.analysis import Analysis, analyse
from verify_runtime.timeline.configuration import ConfigurationError
from verify_runtime.timeline.document import DocumentError, load
from verify_runtime.timeline.formats import github, markdown, sarif, text
from verify_runtime.timeline.formats import json as as_json

from .cases import WORKFLOW

Files = dict[str, str | bytes]
Make = Callable[[], Files]

SECONDS = 10
MEMORY = 2 << 30
OUTPUT = 5_000_000
# A child that may not take more memory than that, so that what grows without end harms this test alone.
LIMITED = (
    f"import resource, runpy; resource.setrlimit(resource.RLIMIT_AS, ({MEMORY}, {MEMORY}));"
    "runpy.run_module('verify_runtime', run_name='__main__', alter_sys=True)"
)
CHECKOUT = "      - uses: actions/checkout@v5\n"
NODE = "      - run: node --version\n"


class Ended(NamedTuple):
    """How a run ended."""

    code: int
    out: bytes
    err: bytes

    @property
    def said(self) -> str:
        return (self.out + self.err).decode(errors="surrogateescape")


def write(folder: Path, files: Mapping[str, str | bytes]) -> None:
    for path, content in files.items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content if isinstance(content, bytes) else content.encode())


def read(folder: Path, *arguments: str, environment: Mapping[str, str] | None = None) -> Ended:
    """Read a repository in a process of its own, whose time, memory and output are limited."""
    command = [sys.executable, "-c", LIMITED, "timeline", *(arguments or ["."])]
    try:
        done = subprocess.run(
            command,
            cwd=folder,
            env={**os.environ, **(environment or {})},
            capture_output=True,
            stdin=subprocess.DEVNULL,
            timeout=SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        pytest.fail(f"it does not end within {SECONDS} s")
    ended = Ended(done.returncode, done.stdout, done.stderr)
    assert "Traceback" not in ended.said[-3_000:], ended.said[-3_000:]
    assert ended.code in {0, 1, 2}
    assert len(done.stdout) + len(done.stderr) <= OUTPUT
    return ended


def workflow(steps: str = NODE, *, head: str = "on: push", job: str = "", runner: str = "ubuntu-24.04") -> str:
    return f"{head}\njobs:\n  a:\n    runs-on: {runner}\n{job}    steps:\n{steps}"


def script(*lines: str) -> str:
    return "".join(["      - run: |\n", *(f"          {line}\n" for line in lines)])


def with_script(*lines: str) -> Files:
    return {WORKFLOW: workflow(CHECKOUT + script(*lines))}


def laughs(levels: int = 10, leaf: str = "[a, b]") -> str:
    """Return anchors of which the last one, `*laughs`, stands for 10 to the power of the levels."""
    lines = [f"x0: &x0 {leaf}"]
    lines += [f"x{level}: &x{level} [{', '.join([f'*x{level - 1}'] * 10)}]" for level in range(1, levels)]
    lines.append(f"y: &laughs [{', '.join([f'*x{levels - 1}'] * 10)}]")
    return "\n".join(lines)


def laughing(*, job: str = "", runner: str = "ubuntu-24.04", steps: str = NODE, on: str = "push") -> Files:
    return {WORKFLOW: workflow(steps, head=f"{laughs()}\non: {on}", job=job, runner=runner)}


def matrix(*lines: str) -> str:
    return "".join(["    strategy:\n      matrix:\n", *(f"        {line}\n" for line in lines)])


def numbers(count: int) -> str:
    return f"[{', '.join(map(str, range(count)))}]"


def expression(source: str) -> Files:
    return {WORKFLOW: workflow(f"      - run: node --version\n        name: {json.dumps(f'${{{{ {source} }}}}')}\n")}


def composites(count: int, levels: int) -> Files:
    """Return actions of which each one uses the next one so many times."""
    files: Files = {WORKFLOW: workflow(f"{CHECKOUT}      - uses: ./a0\n")}
    for level in range(levels):
        files[f"a{level}/action.yml"] = composite(f"    - uses: ./a{level + 1}\n" * count)
    files[f"a{levels}/action.yml"] = composite("    - run: node --version\n      shell: bash\n")
    return files


def composite(steps: str, head: str = "name: a") -> str:
    return f"{head}\nruns:\n  using: composite\n  steps:\n{steps}"


def reusables(count: int, levels: int, job: str = "") -> Files:
    """Return workflows of which each one calls the next one so many times."""
    files: Files = {}
    for level in range(levels):
        path = WORKFLOW if level == 0 else f".github/workflows/w{level}.yml"
        calls = "".join(
            f"  c{each}:\n{job}    uses: ./.github/workflows/w{level + 1}.yml\n" for each in range(count)
        )
        files[path] = f"on: {'workflow_call' if level else 'push'}\njobs:\n{calls}"
    files[f".github/workflows/w{levels}.yml"] = workflow(head="on: workflow_call")
    return files


def outputs(count: int, value: str) -> Files:
    """Return a chain of jobs, each of which makes its output of the one before."""
    jobs = "".join(
        f"  j{each}:\n    runs-on: ubuntu-24.04\n    needs: [j{each - 1}]\n    outputs:\n"
        f"      o: {value.replace('IT', f'needs.j{each - 1}.outputs.o')}\n"
        f"    steps:\n      - run: node ${{{{ needs.j{each - 1}.outputs.o }}}}\n"
        for each in range(1, count)
    )
    first = f"  j0:\n    runs-on: ubuntu-24.04\n    outputs:\n      o: abcdefgh\n    steps:\n{NODE}"
    return {WORKFLOW: f"on: push\njobs:\n{first}{jobs}"}


def nested_inputs(value: str) -> Files:
    """Return ten actions within each other, each of which hands its input on in another form."""
    files: Files = {WORKFLOW: workflow(f'{CHECKOUT}      - uses: ./a0\n        with:\n          i: "abcdefgh"\n')}
    for level in range(9):
        handed = value.replace("IT", "inputs.i")
        files[f"a{level}/action.yml"] = composite(
            f"    - uses: ./a{level + 1}\n      with:\n        i: {json.dumps(handed)}\n", "inputs:\n  i: {}"
        )
    last = "    - run: node ${{ inputs.i }}\n      shell: bash\n      if: inputs.i\n"
    return {**files, "a9/action.yml": composite(last, "inputs:\n  i: {}")}


def package(**scripts: str) -> str:
    return json.dumps({"scripts": scripts}, indent=2)


def workspace(*patterns: str) -> Files:
    lines = "".join(f"  - {json.dumps(each)}\n" for each in patterns)
    return {
        WORKFLOW: workflow(f"{CHECKOUT}      - run: pnpm -r build\n"),
        "package.json": package(build="vite build"),
        "pnpm-workspace.yaml": f"packages:\n{lines}",
    }


def beside(path: str, content: str | bytes, steps: str = NODE) -> Files:
    return {WORKFLOW: workflow(CHECKOUT + steps), path: content}


SETUP = "      - uses: actions/setup-node@v4\n        with: {{node-version: {}{}}}\n"
VERSION_FILE = "      - uses: actions/setup-node@v4\n        with:\n          node-version-file: {}\n"
SCAN = "      - run: sonar-scanner -Dsonar.nodejs.executable=node\n"

# Each of these takes hours, or all memory, where nothing bounds it.
ANCHORS: dict[str, Make] = {
    "in a matrix": lambda: laughing(job=matrix("v: *laughs")),
    "in an include": lambda: laughing(job=matrix("include: [{v: *laughs}]")),
    "in an exclude": lambda: laughing(job=matrix("v: [1]", "exclude: [{v: *laughs}]")),
    "in two matrices that are compared": lambda: laughing(job=matrix("v: [*laughs]", "exclude: [{v: *laughs}]")),
    "in runs-on": lambda: laughing(runner="*laughs"),
    "in a container": lambda: laughing(job="    container: {image: *laughs}\n"),
    "in needs": lambda: laughing(job="    needs: *laughs\n"),
    "in env": lambda: laughing(job="    env: {A: *laughs}\n", steps="      - run: echo $A\n"),
    "in outputs": lambda: laughing(job="    outputs: {A: *laughs}\n"),
    "in with": lambda: laughing(steps="      - uses: actions/setup-node@v4\n        with: {node-version: *laughs}\n"),
    "in the choices of an input": lambda: laughing(
        on="{workflow_dispatch: {inputs: {v: {type: choice, options: *laughs}}}}",
        steps="      - run: echo ${{ inputs.v }}\n",
    ),
    "in an input's default": lambda: laughing(on="{workflow_call: {inputs: {v: {default: *laughs}}}}"),
    "in toJSON": lambda: laughing(job=matrix("v: [*laughs]"), steps="      - run: echo ${{ toJSON(matrix) }}\n"),
    "in join": lambda: laughing(job=matrix("v: [*laughs]"), steps="      - run: echo ${{ join(matrix.v, ' ') }}\n"),
    "in format": lambda: laughing(
        job=matrix("v: [*laughs]"), steps="      - run: echo ${{ format('{0}', matrix.v) }}\n"
    ),
    "in contains": lambda: laughing(job=matrix("v: *laughs"), steps="      - run: echo ${{ contains(matrix.*, 1) }}\n"),
    "in steps": lambda: laughing(steps="      *laughs\n"),
    "as merged mappings": lambda: {
        WORKFLOW: "\n".join(
            [
                f"x0: &x0 {{{', '.join(f'k{each}: 1' for each in range(1_000))}}}",
                *(f"x{each}: &x{each} {{<<: [{', '.join([f'*x{each - 1}'] * 50)}]}}" for each in range(1, 40)),
                workflow(),
            ]
        )
    },
    "as one list of steps that all jobs share": lambda: {
        WORKFLOW: "on: push\njobs:\n  a0:\n    runs-on: ubuntu-24.04\n    steps: &s\n"
        + "      - run: a\n" * 5_000
        + "".join(f"  a{each}: {{runs-on: ubuntu-24.04, steps: *s}}\n" for each in range(1, 5_000))
    },
    "as one env that all steps share": lambda: {
        WORKFLOW: workflow("      - {run: node -v, env: *e}\n" * 2_000, head=f"{names('NODE', 3_000)}\non: push")
    },
    "as one list of needs that all jobs share": lambda: {
        WORKFLOW: f"n: &n [{', '.join(['a'] * 50_000)}]\non: push\njobs:\n  a: {{runs-on: x}}\n"
        + "".join(f"  b{each}: {{runs-on: x, needs: *n}}\n" for each in range(2_000))
    },
    "of one long text": lambda: {
        WORKFLOW: workflow("      - {run: node -v, name: *t}\n" * 2_000, head=f'x: &t "{"t" * 500_000}"\non: push')
    },
}


def names(prefix: str, count: int) -> str:
    return f"x: &e {{{', '.join(f'{prefix}{each}: x' for each in range(count))}}}"


MULTIPLIED: dict[str, Make] = {
    "composites, ten times at each of nine levels": lambda: composites(10, 9),
    "reusable workflows, six times at each of nine levels": lambda: reusables(6, 9),
    "reusable workflows, with 256 legs at each of four levels": lambda: reusables(1, 4, matrix(f"v: {numbers(256)}")),
    "256 legs of 10,000 steps": lambda: {
        WORKFLOW: workflow("      - run: a\n" * 10_000, job=matrix(f"v: {numbers(256)}"))
    },
    "65,536 legs and 20,000 exclusions": lambda: {
        WORKFLOW: workflow(
            job=matrix(
                f"a: {numbers(256)}",
                f"b: {numbers(256)}",
                "exclude:",
                *(f"  - {{a: 0, b: x{each}}}" for each in range(20_000)),
            )
        )
    },
    "65,536 legs and 30,000 inclusions": lambda: {
        WORKFLOW: workflow(
            job=matrix(f"a: {numbers(256)}", f"b: {numbers(256)}", "include:", *("  - {c: 0}" for _ in range(30_000)))
        )
    },
    "5,000 variables at 5,000 steps": lambda: {
        WORKFLOW: workflow("      - run: a\n" * 5_000, head=f"on: push\nenv:\n{lines_of('  A{}: x', 5_000)}")
    },
    "2,000 variables that a rule asks for at 5,000 steps": lambda: {
        WORKFLOW: workflow("      - run: a\n" * 5_000, head=f"on: push\nenv:\n{lines_of('  NODE{}: x', 2_000)}")
    },
    "3,000 jobs, each of which needs the next one": lambda: {
        WORKFLOW: "on: push\njobs:\n" + lines_of("  j{}: {{runs-on: x, needs: j{next}}}", 3_000)
    },
    "3,000 jobs with a finding each in a file of 300,000 lines": lambda: {
        WORKFLOW: "on: push\njobs:\n"
        + "".join(
            f"  j{each}:\n    runs-on: ubuntu-24.04\n    steps:\n      - run: node --version\n" for each in range(3_000)
        )
        + "#\n" * 300_000
    },
    "3,000 versions, each of which may have failed": lambda: {
        WORKFLOW: workflow(
            "".join(f"{SETUP.format(each, '')}        continue-on-error: true\n" for each in range(3_000))
        )
    },
    "10,000 checkouts in folders of their own": lambda: {
        WORKFLOW: workflow(
            "".join(f"      - uses: actions/checkout@v5\n        with: {{path: p{each}}}\n" for each in range(5_000))
            + "      - run: node x.js; cat y\n" * 5_000
        )
    },
    "20,000 outputs of one step": lambda: with_script(
        *(f'echo "o{each}=1" >> $GITHUB_OUTPUT' for each in range(20_000))
    ),
}


def lines_of(form: str, count: int) -> str:
    return "".join(f"{form.format(each, next=each + 1)}\n" for each in range(count))


GROWING: dict[str, Make] = {
    "a shell's variable that doubles": lambda: with_script("A=abcdefgh", *["A=$A$A"] * 60, "echo $A"),
    "a variable that doubles from step to step": lambda: {
        WORKFLOW: workflow(script('echo "A=abcdefgh" >> $GITHUB_ENV') + script('echo "A=$A$A" >> $GITHUB_ENV') * 60)
    },
    "an output that doubles from step to step": lambda: {
        WORKFLOW: workflow(
            "      - id: s0\n        run: echo o=abcdefgh >> $GITHUB_OUTPUT\n"
            + "".join(
                f"      - id: s{each + 1}\n        run: echo o=${{{{ steps.s{each}.outputs.o }}}}"
                f"${{{{ steps.s{each}.outputs.o }}}} >> $GITHUB_OUTPUT\n"
                for each in range(60)
            )
        )
    },
    "an output that doubles from job to job": lambda: outputs(60, "${{ IT }}${{ IT }}"),
    "an output that is asked twice from job to job": lambda: outputs(60, "${{ IT && IT }}"),
    "an output that goes through 400 jobs": lambda: outputs(400, "${{ IT }}"),
    "an input that grows a hundredfold at each level": lambda: nested_inputs("${{ IT }}" * 100),
    "an input that is asked often at each level": lambda: nested_inputs(f"${{{{ {' && '.join(['IT'] * 100)} }}}}"),
    "an input within fifty signs at each level": lambda: nested_inputs(f"${{{{ {'!' * 49}IT }}}}"),
    "format in format": lambda: expression(f"format('{'{0}' * 5_000}', format('{'{0}' * 900}', '{'x' * 1_000}'))"),
    "join of long texts": lambda: {
        WORKFLOW: workflow(
            "      - run: echo ${{ join(matrix.v) }} ${{ toJSON(matrix.v) }}\n",
            head=f'x: &t "{"t" * 500_000}"\non: push',
            job=matrix(f"v: [[{', '.join(['*t'] * 9_000)}]]"),
        )
    },
    "join with a long text between": lambda: {
        WORKFLOW: workflow(
            "      - run: echo ${{ join(matrix.v, matrix.t) }}\n",
            job=matrix(f'v: [{numbers(9_000)}]\n        t: ["{"t" * 500_000}"]'),
        )
    },
    "functions that call themselves": lambda: with_script("f() {", *["  f"] * 60, "}", "f"),
    "thousands of functions that call each other": lambda: with_script(
        *(f"f{each}() {{ {'; '.join(f'f{(each * 7 + at) % 3_000}' for at in range(20))}; }}" for each in range(3_000)),
        "f0",
    ),
    "scripts that run themselves": lambda: {**with_script("bash x.sh"), "x.sh": "bash x.sh\n" * 200},
    "scripts that are read into themselves": lambda: {**with_script(". ./x.sh"), "x.sh": ". ./x.sh\n" * 200},
    "scripts that only assign and read each other": lambda: {
        **with_script(". ./x0.sh"),
        **{f"x{each}.sh": f". ./x{(each + 1) % 9}.sh\n" * 50 for each in range(9)},
    },
    "a script of 15 MB": lambda: {**with_script("bash x.sh"), "x.sh": "a b c\n" * 2_500_000},
    "20,000 versions that may be": lambda: with_script(*(f"a || n {each}" for each in range(20_000))),
    "3,000 versions that nvm may use": lambda: with_script(
        ". ~/.nvm/nvm.sh", *(f"a || nvm use {each}" for each in range(3_000))
    ),
    "18,000 folders on PATH": lambda: with_script(
        *(f"echo /opt/node/{each}/bin >> $GITHUB_PATH" for each in range(18_000))
    ),
    "package.json's scripts, ten times at each of ten levels": lambda: {
        WORKFLOW: workflow(f"{CHECKOUT}      - run: npm run l0\n"),
        "package.json": package(**{f"l{each}": "; ".join([f"npm run l{each + 1}"] * 10) for each in range(11)}),
    },
    "package.json's scripts that run themselves": lambda: {
        WORKFLOW: workflow(f"{CHECKOUT}      - run: npm run a\n"),
        "package.json": package(a="npm run a; npm run b; npm run a", b="npm run a; npm run b; run-s a b a b"),
    },
    "a package.json of 15 MB for 300 commands": lambda: {
        WORKFLOW: workflow(CHECKOUT + "      - run: npm run build\n" * 300),
        "package.json": json.dumps({"x": list(range(2_000_000)), "scripts": {"build": "vite"}}),
    },
    "a package.json that extends itself": lambda: beside(
        "package.json", '{"volta": {"extends": "./package.json"}}', VERSION_FILE.format("package.json")
    ),
    "a package.json nested 100,000 deep": lambda: beside(
        "package.json", '{"a":' * 100_000, VERSION_FILE.format("package.json") + "      - run: npm test\n"
    ),
}

LONG: dict[str, Make] = {
    "npm": lambda: line(f"npm run {'a ' * 300_000}"),
    "npx": lambda: line(f"npx {'a ' * 300_000}"),
    "npx npx": lambda: line(f"{'npx ' * 200_000} vite"),
    "env": lambda: line(f"env {'A=1 ' * 200_000} node"),
    "sudo": lambda: line(f"{'sudo ' * 180_000} node"),
    "sudo's options": lambda: line(f"sudo {'-n ' * 180_000} node"),
    "cross-env in a script": lambda: {
        WORKFLOW: workflow(f"{CHECKOUT}      - run: npm run a\n"),
        "package.json": package(a=f"cross-env {'A=1 ' * 200_000} vite"),
    },
    "backslashes": lambda: line("echo " + "\\a" * 400_000),
    "quotes": lambda: line("echo " + "'a'" * 300_000),
    "double quotes": lambda: line("echo " + '"a"' * 300_000),
    "variables": lambda: line("echo " + "$A" * 400_000),
    "unknown variables": lambda: line("echo " + "$GITHUB_SHA" * 80_000 + " >> $GITHUB_ENV"),
    "substitutions": lambda: line("echo " + "$(a)" * 200_000),
    "open substitutions": lambda: line("echo " + "$(" * 400_000),
    "open quotes": lambda: line("echo " + "\"$('" * 200_000),
    "backticks": lambda: line("echo " + "`" * 800_001),
    "defaults": lambda: line("echo " + "${A:-" * 150_000),
    "closed defaults": lambda: line("echo " + "${A:-$B}" * 100_000),
    "semicolons": lambda: line(";" * 900_000),
    "bars": lambda: line("a " + "| a " * 200_000),
    "conditions": lambda: line("a " + "&& [ a ] || a " * 60_000),
    "parentheses": lambda: line("echo " + "(" * 900_000),
    "closed parentheses": lambda: line("(a) " * 200_000),
    "groups": lambda: line("{ a; }; " * 100_000),
    "nested groups": lambda: line("{ " * 400_000),
    "ifs": lambda: line("if " * 300_000),
    "whole ifs": lambda: line("if a; then b; fi; " * 50_000),
    "cases": lambda: line("case a in " * 90_000),
    "fors": lambda: line("for a in b; do " * 60_000),
    "functions": lambda: line("f() { a; }; " * 70_000),
    "brackets": lambda: line("[[ a " + "&& ( a ) " * 90_000),
    "here-documents": lambda: line("cat " + "<<A " * 200_000),
    "redirections": lambda: line("a " + ">a " * 250_000),
    "assignments": lambda: line("A=1 " * 200_000),
    "words for GITHUB_ENV": lambda: line(f"echo {'a=1 ' * 200_000} >> $GITHUB_ENV"),
    "PATH": lambda: line(f"export PATH={'/opt/node/18/bin:' * 50_000}$PATH"),
    "echo": lambda: line(f"echo {'$A=' * 250_000} >> $GITHUB_ENV"),
    "one word": lambda: line("a" * 900_000),
    "spaces": lambda: line(f"a{' ' * 900_000}b"),
    "continued lines": lambda: with_script("a \\", *["b \\"] * 60_000),
    "expressions": lambda: line("echo " + "${{ github.sha }}" * 55_000),
    "expressions in a name": lambda: {
        WORKFLOW: workflow(f'      - run: node -v\n        name: "{"${{ github.job }}" * 50_000}"\n')
    },
    "sonar's properties": lambda: line(f"sonar-scanner {'-Da.b=c ' * 100_000}"),
    "sonar's names": lambda: line(f"sonar-scanner -D{'a.' * 400_000}"),
    "mise": lambda: line(f"mise use {'node@18 ' * 100_000}"),
    "apt-get": lambda: line(f"apt-get install {'nodejs ' * 100_000}"),
    "an image": lambda: {WORKFLOW: workflow(job=f"    container: {'docker.io/' * 90_000}node:18\n")},
    "a version": lambda: {WORKFLOW: workflow(SETUP.format(f'"18.{"x." * 200_000}"', "") + NODE)},
    "a range": lambda: {WORKFLOW: workflow(SETUP.format(f'"{"18 || " * 100_000}18"', "") + NODE)},
    "an action": lambda: {WORKFLOW: workflow(f"      - uses: {'a/' * 400_000}b@v1\n")},
    "a label": lambda: {WORKFLOW: workflow(runner="a" * 900_000)},
    "an expression": lambda: expression(" || ".join(["github.sha"] * 60_000)),
    "a key": lambda: {WORKFLOW: workflow(f"      - ? {'k' * 900_000}\n        : v\n")},
    "a name in GITHUB_ENV": lambda: {
        WORKFLOW: workflow(
            script(f'echo "NODE{"A" * 100_000}=18" >> $GITHUB_ENV') + SETUP.format(18, "") + SCAN,
        )
    },
    "an ignore comment": lambda: {WORKFLOW: f"{workflow()}#{'#verify-runtime: ignore[' * 38_000}\n"},
    "a shell": lambda: {WORKFLOW: workflow(f'      - run: node -v\n        shell: "bash -{"l" * 100_000}!"\n')},
    "the tools that mise is given": lambda: {
        WORKFLOW: workflow(
            f'      - uses: jdx/mise-action@v2\n        with:\n          tool_versions: "node{" " * 100_000}x"\n'
        )
    },
    "a folder on PATH with dashes": lambda: with_script(f'echo "/x/node/1{"-" * 60}!" >> $GITHUB_PATH'),
    "a folder on PATH with words": lambda: with_script(f'echo "/x/node/1{"/a-b" * 20_000}!" >> $GITHUB_PATH'),
    "a folder on PATH over two lines": lambda: with_script(f'export PATH="{"/.gem/" * 100_000}', 'x"'),
    "npm's address of a module": lambda: line(f"node node_modules/{'@a/' * 200_000}"),
    "PowerShell": lambda: {
        WORKFLOW: workflow(f"      - shell: pwsh\n        run: a {'| Out-File ${a ' * 60_000}\n", runner="windows-2022")
    },
}


def line(command: str) -> Files:
    return {WORKFLOW: workflow(f"{CHECKOUT}      - run: {json.dumps(command)}\n")}


SPACES = " " * 100_000
BESIDE: dict[str, Make] = {
    "sonar-project.properties of empty lines": lambda: beside("sonar-project.properties", "\n" * 200_000, SCAN),
    "sonar-project.properties of spaces": lambda: beside("sonar-project.properties", f"a=x{SPACES}x", SCAN),
    "sonar-project.properties of 15 MB for 300 commands": lambda: beside(
        "sonar-project.properties", "a.b=c\n" * 2_500_000, "      - run: sonar-scanner\n" * 300
    ),
    "pnpm-workspace.yaml of empty lines": lambda: {**workspace(), "pnpm-workspace.yaml": "\n" * 200_000},
    "pnpm-workspace.yaml of spaces": lambda: {**workspace(), "pnpm-workspace.yaml": f"packages:\n  - a{SPACES}#"},
    "mise.toml of spaces": lambda: beside("mise.toml", f'[tools]\nnode = "20{SPACES}x"{SPACES}y\n'),
    ".tool-versions of 15 MB": lambda: beside(".tool-versions", "nodejs\n" * 2_000_000, NODE * 100),
    ".nvmrc of 50 MB": lambda: beside(".nvmrc", "1" * 50_000_000, VERSION_FILE.format(".nvmrc")),
    ".nvmrc of one line of 19 MB": lambda: beside(".nvmrc", "1" * 19_000_000, VERSION_FILE.format(".nvmrc") + NODE),
    ".nvmrc of spaces": lambda: beside(".nvmrc", f"node{SPACES}\n" * 20, VERSION_FILE.format(".nvmrc") + NODE),
    ".nvmrc of versions": lambda: beside(".nvmrc", "18 || " * 100_000 + "18", VERSION_FILE.format(".nvmrc") + NODE),
    "Dockerfile of spaces": lambda: beside("Dockerfile", f"FROM{SPACES}--a{SPACES}!\n" * 10),
    "a table of settings nested 50,000 deep": lambda: beside(".github/verify-runtime.toml", f"{'a.' * 50_000}a = 1\n"),
    "a list of settings nested 50,000 deep": lambda: beside(".github/verify-runtime.toml", f"a = {'[' * 50_000}\n"),
    "a setting of 5,000 digits": lambda: beside(".github/verify-runtime.toml", f"a = {'1' * 5_000}\n"),
    "an exclusion of stars": lambda: beside(".github/verify-runtime.toml", f'exclude = ["{"*a" * 3_000}z"]\n'),
    "a workspace of stars": lambda: workspace("*/" * 30),
    "a workspace of double stars": lambda: workspace("/".join(["**"] * 6)),
    "a workspace that is no pattern": lambda: workspace("a**", "[", "a/\\0/b", "**b/**c"),
    "a workspace above the repository": lambda: workspace(f"x/{'../' * 40}**"),
    "a workspace of 5,000 patterns": lambda: workspace(*["**"] * 5_000),
}

DEEP: dict[str, Make] = {
    "lists": lambda: {WORKFLOW: f"on: push\njobs: {'[' * 200_000}"},
    "closed lists": lambda: {WORKFLOW: f"on: push\njobs: {'[' * 200_000}{']' * 200_000}"},
    "mappings": lambda: {WORKFLOW: f"on: push\njobs: {'{a: ' * 100_000}"},
    "indented mappings": lambda: {WORKFLOW: "".join(f"{' ' * depth}a:\n" for depth in range(1_000))},
    "dashes": lambda: {WORKFLOW: "- " * 400_000},
    "questions": lambda: {WORKFLOW: "? " * 400_000},
    "lists just below the limit": lambda: {
        WORKFLOW: workflow(job=matrix(f"v: {'[' * 85}1{']' * 85}"), steps="      - run: echo ${{ toJSON(matrix) }}\n")
    },
    "fromJSON": lambda: expression(f"fromJSON('{'[' * 800}{']' * 800}')"),
    "fromJSON far beyond": lambda: expression(f"fromJSON('{'[' * 9_000}{']' * 9_000}')"),
    "a matrix from JSON": lambda: {
        WORKFLOW: workflow(job=matrix(f"v: ${{{{ fromJSON('{'[' * 400}{']' * 400}') }}}}"))
    },
    "parentheses": lambda: expression(f"{'(' * 5_000}1{')' * 5_000}"),
    "indexes": lambda: expression(f"{'github[' * 2_000}1{']' * 2_000}"),
    "points": lambda: expression(f"github{'.a' * 5_000}"),
    "signs": lambda: expression(f"{'!' * 10_000}1"),
    "calls": lambda: expression(f"{'join(' * 3_000}1{')' * 3_000}"),
    "equal signs": lambda: expression("==".join(["1"] * 5_000)),
    "equal signs in a condition": lambda: {WORKFLOW: workflow(f"{NODE}        if: {'=='.join(['1'] * 5_000)}\n")},
    "less signs": lambda: expression("<".join(["github.a"] * 2_000)),
    "ors": lambda: expression("||".join(["1"] * 5_000)),
    "conditions of unknown things": lambda: {
        WORKFLOW: workflow(f"{NODE}        if: {' || '.join(f'vars.a{at}' for at in range(1_500))}\n")
    },
}

ODD: dict[str, Make] = {
    "white space that is no blank": lambda: with_script("a\u00a0b", "\u3000", "echo \u2003 c"),
    "white space that is no blank, in a file": lambda: {
        **with_script("bash x.sh"),
        "x.sh": "a\x0bb\x0cc\x1cd\u00a0e\u2028f\x85g\n",
    },
    "the reader's own marks": lambda: with_script(
        "echo \ue0000\ue002 \ue0010\ue002 \ue0017\ue002 \ue001\ue002 \ue001", f"echo \ue001{'9' * 5_000}\ue002"
    ),
    "the reader's own marks, in a file": lambda: {**with_script("bash x.sh"), "x.sh": "nvm use \ue0010\ue002\n"},
    "digits beyond what Python reads, in format": lambda: expression(f"format('{{{'9' * 5_000}}}', 1)"),
    "digits beyond what Python reads": lambda: expression("9" * 5_000),
    "hexadecimal digits beyond": lambda: {WORKFLOW: workflow(SETUP.format(f"0x{'f' * 100_000}", ""))},
    "digits beyond, in JSON": lambda: expression(f"fromJSON('{'9' * 5_000}')"),
    "digits beyond, in an index": lambda: expression(f"fromJSON('[1]')[{'9' * 400}]"),
    "digits beyond, in an action's tag": lambda: {
        WORKFLOW: workflow(f"      - uses: SonarSource/sonarqube-scan-action@v{'9' * 5_000}\n")
    },
    "digits beyond, in a comment": lambda: {
        WORKFLOW: workflow(f"      - uses: SonarSource/sonarqube-scan-action@{'a' * 40} # v{'9' * 5_000}\n")
    },
    "digits beyond, in a scanner's version": lambda: line(f"npx @sonar/scan@{'9' * 5_000}"),
    "digits that are none": lambda: line("npx @sonar/scan@² && npx @sonar/scan@٣.٣"),
    "digits that are none, in an action's tag": lambda: {
        WORKFLOW: workflow("      - uses: SonarSource/sonarqube-scan-action@v٣.²\n")
    },
    "digits beyond, in a version": lambda: {WORKFLOW: workflow(SETUP.format(f'"{"9" * 5_000}"', "") + NODE)},
    "a version of other digits": lambda: {WORKFLOW: workflow(SETUP.format('"١٨"', "") + NODE)},
    "a context within a matrix": lambda: {
        WORKFLOW: workflow(head="on: [push, pull_request]", job=matrix('v: ["${{ github }}"]'))
    },
    "a context as a matrix": lambda: {
        WORKFLOW: workflow(head="on: [push, pull_request]", job="    strategy: {matrix: '${{ github }}'}\n")
    },
    "all inputs as runners": lambda: {
        WORKFLOW: workflow(
            head="on: {workflow_dispatch: {inputs: {b: {type: boolean}, c: {}}}}", runner="${{ inputs.* }}"
        )
    },
    "all inputs as choices": lambda: {
        WORKFLOW: workflow(
            "      - run: echo ${{ inputs.* }} ${{ inputs }} ${{ join(inputs.*) }} ${{ case(inputs.*, 1, 2) }}\n",
            head="on: {push: {}, workflow_dispatch: {inputs: {b: {type: boolean}, c: {}}}}",
            job=matrix("include: ['${{ inputs }}', '${{ github }}']"),
        )
    },
    "a job's outputs within a matrix": lambda: {
        WORKFLOW: "on: push\njobs:\n  p:\n    runs-on: x\n    outputs: {o: '${{ github.sha }}'}\n    steps: []\n"
        "  a:\n    needs: p\n    runs-on: x\n    strategy: {matrix: {include: ['${{ needs.p.outputs }}']}}\n"
        f"    steps:\n{NODE}"
    },
    "a folder on PATH whose name is too long": lambda: with_script(f'echo "{"a" * 5_000}" >> $GITHUB_PATH'),
    "a folder on PATH with a NUL": lambda: with_script('printf "a\\0b" >> $GITHUB_PATH', "cd 'a\\0b'"),
    "a version file whose name is too long": lambda: {WORKFLOW: workflow(VERSION_FILE.format("a" * 5_000))},
    "an action whose name is too long": lambda: {WORKFLOW: workflow(f"      - uses: ./{'a' * 5_000}\n")},
    "a workflow whose name is too long": lambda: {
        WORKFLOW: f"on: push\njobs:\n  a:\n    uses: ./.github/workflows/{'a' * 5_000}.yml\n"
    },
    "everything of the wrong kind": lambda: {
        WORKFLOW: "on: [[a]]\nenv: [a]\ndefaults: a\njobs:\n  a: b\n  c: []\n  d: {steps: {a: b}, needs: {a: b}}\n"
        "  e: {runs-on: {group: a}, steps: [a, [b], {uses: [c]}, {run: {a: b}}, {uses: ''}, {with: a, uses: a/b}]}\n"
        "  f: {uses: [a]}\n  g: {uses: ./}\n  h: {uses: .//../..}\n  i: {strategy: [a], env: a, container: []}\n"
        "  j: {strategy: {matrix: a}}\n  k: {strategy: {matrix: {a: b}}}\n  l: {strategy: {matrix: {include: [a]}}}\n"
    },
    "an action of the wrong kind": lambda: {
        WORKFLOW: workflow(f"{CHECKOUT}      - uses: ./a\n      - uses: ./b\n      - uses: ./c\n      - uses: ./\n"),
        "a/action.yml": "[a]",
        "b/action.yml": "runs: {using: composite, steps: [a, {uses: [b]}]}\ninputs: [a]\noutputs: {a: b}\n",
        "c/action.yml": "runs: [a]\n",
        "action.yml": b"\xff",
    },
}

ALL = {
    "anchors": ANCHORS,
    "multiplied": MULTIPLIED,
    "growing": GROWING,
    "a long line of": LONG,
    "beside it": BESIDE,
    "deep": DEEP,
    "odd": ODD,
}


def made(what: dict[str, Make]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("make", what.values(), ids=what)


@made({f"{topic}: {name}": make for topic, cases in ALL.items() for name, make in cases.items()})
def test_it_ends_soon_in_little_memory_and_without_a_traceback(make: Make, tmp_path: Path) -> None:
    write(tmp_path, make())
    assert read(tmp_path).said


@made(ANCHORS | MULTIPLIED)
def test_json_stays_as_small_and_whole(make: Make, tmp_path: Path) -> None:
    write(tmp_path, make())
    ended = read(tmp_path, "--format", "json")
    assert json.loads(ended.out)["version"] == 1


# What it says of them.


@pytest.mark.parametrize("characters", [10_000_000, 30_000_000])
def test_a_workflow_that_is_too_large_is_named_with_its_size(characters: int, tmp_path: Path) -> None:
    write(tmp_path, {WORKFLOW: f"{workflow()}{'      - run: a' * (characters // 14)}"})
    ended = read(tmp_path)
    assert ended.code == 2
    assert WORKFLOW in ended.said
    assert re.search(r"too large|more than [\d,]+", ended.said)


def test_a_matrix_of_a_million_legs_is_not_expanded(tmp_path: Path) -> None:
    write(tmp_path, {WORKFLOW: workflow(job=matrix(*(f"v{each}: {numbers(10)}" for each in range(6))))})
    assert "256" in read(tmp_path).said


def test_two_hundred_conditional_steps_leave_the_version_open(tmp_path: Path) -> None:
    steps = "".join(f"{SETUP.format(each % 30, '')}        if: vars.a{each}\n" for each in range(200))
    write(tmp_path, {WORKFLOW: workflow(steps + NODE)})
    job = json.loads(read(tmp_path, "--format", "json").out)["jobs"][0]
    assert len(job["steps"]) == 201
    assert {step["runs"] for step in job["steps"][:200]} == {"maybe"}
    assert job["steps"][-1]["tools"]["node"]["sure"] != "decided"


def test_an_action_that_uses_itself_twice_is_followed_once(tmp_path: Path) -> None:
    files = {WORKFLOW: workflow(f"{CHECKOUT}      - uses: ./a\n"), "a/action.yml": composite("    - uses: ./a\n" * 2)}
    write(tmp_path, files)
    assert "calls itself" in read(tmp_path).said


def test_actions_that_use_each_other_in_a_circle(tmp_path: Path) -> None:
    files = {
        WORKFLOW: workflow(f"{CHECKOUT}      - uses: ./a\n"),
        "a/action.yml": composite("    - uses: ./b\n" * 2),
        "b/action.yml": composite("    - uses: ./a\n" * 2),
    }
    write(tmp_path, files)
    assert "calls itself" in read(tmp_path).said


def test_an_action_that_uses_the_next_one_twice_at_each_of_ten_levels(tmp_path: Path) -> None:
    write(tmp_path, composites(2, 10))
    job = json.loads(read(tmp_path, "--format", "json").out)["jobs"][0]
    assert len(job["steps"]) <= 2**12


def test_a_workflow_that_calls_itself_is_shown_with_the_reason(tmp_path: Path) -> None:
    calls = "on: workflow_call\njobs:\n  a: {uses: ./.github/workflows/ci.yml}\n  b: {uses: ./.github/workflows/ci.yml}\n"
    write(tmp_path, {WORKFLOW: calls})
    assert "calls itself" in read(tmp_path).said


def test_workflows_that_call_each_other_are_not_left_out_in_silence(tmp_path: Path) -> None:
    form = "on: workflow_call\njobs:\n  a: {{uses: ./.github/workflows/{}.yml}}\n"
    write(tmp_path, {WORKFLOW: form.format("b"), ".github/workflows/b.yml": form.format("ci")})
    assert "calls itself" in read(tmp_path).said


def test_one_workflow_that_cannot_be_read_leaves_the_others(tmp_path: Path) -> None:
    path = f'echo "{"a" * 5_000}" >> $GITHUB_PATH'
    write(tmp_path, {WORKFLOW: workflow(script(path)), ".github/workflows/good.yml": workflow()})
    document = json.loads(read(tmp_path, "--format", "json").out)
    assert "good.yml" in {Path(job["file"]).name for job in document["jobs"]}


def test_a_settings_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    write(tmp_path, beside(".github/verify-runtime.toml", f"ignore = {'[' * 5_000}"))
    ended = read(tmp_path)
    assert ended.code == 2
    assert ".github/verify-runtime.toml" in ended.said


# Files that are none, and links that lead out.


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\0",
        b"\xff\xfe\0",
        bytes(range(256)) * 50,
        workflow().encode("utf-16"),
        workflow().encode("utf-32"),
        f"{workflow()}# ".encode() + b"\xe9\n",
        b"\x7fELF" + bytes(5_000),
        b"\xed\xa0\x80",
        b"%PDF\n",
        b"--- a\n--- b\n",
        b"%YAML 9.9\n---\na\n",
        b"a: !!python/object/apply:os.system [exit]\n",
        b"&a [*a]\n",
        b"on: push\njobs: {a: &a {steps: [*a]}}\n",
    ],
)
def test_what_is_no_workflow_is_named_and_said_why(content: bytes, tmp_path: Path) -> None:
    write(tmp_path, {WORKFLOW: content})
    ended = read(tmp_path)
    assert ended.code == 2
    assert f"{WORKFLOW}:" in ended.said


@pytest.mark.parametrize(
    "content",
    [
        b"\xef\xbb\xbf" + workflow().encode(),
        workflow().replace("\n", "\r\n").encode(),
        b"\xef\xbb\xbf" + workflow().replace("\n", "\r\n").encode(),
        workflow().rstrip("\n").encode(),
    ],
)
def test_a_mark_at_the_start_and_other_line_ends_change_nothing(content: bytes, tmp_path: Path) -> None:
    write(tmp_path, {WORKFLOW: workflow()})
    expected = json.loads(read(tmp_path, "--format", "json").out)
    write(tmp_path, {WORKFLOW: content})
    assert json.loads(read(tmp_path, "--format", "json").out) == expected


def replace_by_fifo(path: Path) -> None:
    os.mkfifo(path)


def replace_by_link_to_itself(path: Path) -> None:
    path.symlink_to(path.name)


def replace_by_link_to_nothing(path: Path) -> None:
    path.symlink_to("nothing")


def replace_by_link_out(path: Path) -> None:
    path.symlink_to("/etc/passwd")


def replace_by_link_to_a_device(path: Path) -> None:
    path.symlink_to("/dev/zero")


ODD_FILES = [
    replace_by_fifo,
    replace_by_link_to_itself,
    replace_by_link_to_nothing,
    replace_by_link_out,
    replace_by_link_to_a_device,
]


@pytest.mark.parametrize("replace", ODD_FILES)
def test_a_workflow_that_is_no_file_of_the_repository_is_named(replace: Callable[[Path], None], tmp_path: Path) -> None:
    write(tmp_path, {".github/workflows/good.yml": workflow()})
    replace(tmp_path / WORKFLOW)
    ended = read(tmp_path)
    assert ended.code == 2
    assert WORKFLOW in ended.said
    assert "root:" not in ended.said


@pytest.mark.parametrize("replace", ODD_FILES)
def test_the_same_where_it_is_asked_for_by_its_name(replace: Callable[[Path], None], tmp_path: Path) -> None:
    (tmp_path / ".github").mkdir()
    replace(tmp_path / "one.yml")
    ended = read(tmp_path, "one.yml")
    assert ended.code == 2
    assert "one.yml" in ended.said


@pytest.mark.parametrize("replace", ODD_FILES)
@pytest.mark.parametrize(
    "path", [".nvmrc", "package.json", "mise.toml", "pyproject.toml", "x.sh", "a/action.yml", "sonar-project.properties"]
)
def test_a_file_beside_it_that_is_none_is_passed_over(
    path: str, replace: Callable[[Path], None], tmp_path: Path
) -> None:
    steps = f"{CHECKOUT}{VERSION_FILE.format('.nvmrc')}      - run: npm test; bash x.sh; sonar-scanner\n      - uses: ./a\n"
    write(tmp_path, {WORKFLOW: workflow(steps)})
    (tmp_path / path).parent.mkdir(exist_ok=True)
    replace(tmp_path / path)
    ended = read(tmp_path)
    assert ended.code < 2
    assert "root:" not in ended.said


def test_a_folder_with_a_workflows_name_is_none(tmp_path: Path) -> None:
    write(tmp_path, {f"{WORKFLOW}/x": "", ".github/workflows/good.yml": workflow()})
    document = json.loads(read(tmp_path, "--format", "json").out)
    assert document["files"] == [".github/workflows/good.yml"]


def test_a_folder_without_workflows_that_is_asked_for_is_not_passed_in_silence(tmp_path: Path) -> None:
    write(tmp_path, {WORKFLOW: workflow(), "empty/x": ""})
    ended = read(tmp_path, "empty")
    assert ended.code == 2
    assert "empty" in ended.said


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads everything")
def test_a_workflow_that_may_not_be_read_is_named(tmp_path: Path) -> None:
    write(tmp_path, {WORKFLOW: workflow()})
    (tmp_path / WORKFLOW).chmod(0)
    ended = read(tmp_path)
    assert ended.code == 2
    assert WORKFLOW in ended.said


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads everything")
def test_a_folder_that_may_not_be_read_is_named(tmp_path: Path) -> None:
    write(tmp_path, {WORKFLOW: workflow()})
    folder = (tmp_path / WORKFLOW).parent
    folder.chmod(0)
    try:
        ended = read(tmp_path)
    finally:
        folder.chmod(0o755)
    assert ended.code == 2
    assert ".github/workflows" in ended.said


OUTSIDE = "99.88.77"


@pytest.mark.parametrize(
    "path", ["../secret", "x/../../secret", "{outside}/secret", "link", "folder/secret", ".\\..\\secret", "a/./../link"]
)
def test_a_version_file_outside_of_the_repository_is_not_read(path: str, tmp_path: Path) -> None:
    outside, inside = tmp_path / "outside", tmp_path / "outside/inside"
    write(outside, {"secret": OUTSIDE})
    name = json.dumps(path.format(outside=outside))
    write(inside, {WORKFLOW: workflow(CHECKOUT + VERSION_FILE.format(name)), "x/y": "", "a/y": ""})
    (inside / "link").symlink_to("../secret")
    (inside / "folder").symlink_to("..")
    ended = read(inside)
    assert ended.code == 0
    assert OUTSIDE not in ended.said


@pytest.mark.parametrize(
    "steps",
    [
        "      - uses: ./../a\n",
        "      - uses: ./link\n",
        f"{SETUP.format('18', '')}      - run: . ../x.sh\n",
        f"{SETUP.format('18', '')}      - run: bash link/x.sh\n",
        "      - run: n $(cat ../x.sh)\n",
        "      - run: n $(cat link/x.sh)\n",
        "      - run: cd link && . ~/.nvm/nvm.sh && nvm use\n",
        "      - uses: volta-cli/action@v4\n        with: {node-version: 18}\n      - run: cd .. && corepack enable\n",
    ],
)
def test_nothing_else_is_read_outside_of_it(steps: str, tmp_path: Path) -> None:
    outside, inside = tmp_path / "outside", tmp_path / "outside/inside"
    one = composite(f"    - uses: actions/setup-node@v4\n      with: {{node-version: {OUTSIDE}}}\n")
    files = {"x.sh": f"n {OUTSIDE}", "a/action.yml": one, "action.yml": one, ".nvmrc": OUTSIDE}
    write(outside, {**files, "package.json": json.dumps({"packageManager": f"pnpm@{OUTSIDE}"})})
    write(inside, {WORKFLOW: workflow(CHECKOUT + steps)})
    (inside / "link").symlink_to("..")
    assert OUTSIDE not in read(inside).said


def test_a_github_folder_that_is_a_link_out_is_not_walked(tmp_path: Path) -> None:
    outside, inside = tmp_path / "outside", tmp_path / "inside"
    write(outside, {"workflows/ci.yml": workflow(), "a/action.yml": composite(NODE[2:])})
    inside.mkdir()
    (inside / ".github").symlink_to(outside)
    ended = read(inside)
    assert ended.code == 2
    assert "action.yml" not in ended.said


def test_links_that_lead_back_are_no_trouble_for_a_workspace(tmp_path: Path) -> None:
    write(tmp_path, {**workspace("*/" * 30, "**", "**/*/**"), "p/package.json": package(build="tsc")})
    for name in ("a", "b", "p/c"):
        (tmp_path / name).symlink_to(tmp_path)
    assert read(tmp_path).said


def test_a_workspace_of_many_folders_is_no_trouble(tmp_path: Path) -> None:
    write(tmp_path, workspace("**/**/**/**/**", "**/*/**/*/**", "*/*/*/*/*/*/*/*"))
    (tmp_path / "/".join(["d"] * 150)).mkdir(parents=True)
    assert read(tmp_path).said


def test_actions_below_links_that_lead_back_are_found_once(tmp_path: Path) -> None:
    write(tmp_path, {WORKFLOW: workflow(), ".github/actions/a/action.yml": composite("    - run: node -v\n")})
    for name in ("a", "b"):
        (tmp_path / ".github/actions" / name / "back").parent.mkdir(exist_ok=True)
        (tmp_path / ".github/actions" / name / "back").symlink_to(tmp_path / ".github")
    files = json.loads(read(tmp_path, "--format", "json").out)["files"]
    assert len(files) == 2


# What a file says must not do anything where it is shown.

EVIL = "evil\n::error::a\r::warning::b\x85c\u2028d\t\x1b[31m\x9b1m\x07\u202e\u2066<img src=x>`e` | [l](http://e)\r\n\r# h ##[add-mask]f"
COMMANDS = ("::stop-commands::x", "::error::x", " ::add-mask::x", "##[add-mask]x", "a ##[stop-commands]x")


def quoted(value: str) -> str:
    return json.dumps(value)


def everywhere(value: str) -> Files:
    """Return a repository that says something in every place of which a part is shown."""
    it = quoted(value)
    return {
        WORKFLOW: f"on: push\nenv: {{NODE: {it}}}\njobs:\n"
        f"  {it}:\n    runs-on: {it}\n    steps:\n      - {{name: {it}, run: npm ci}}\n      - {{uses: {it}}}\n"
        f"      - {{id: {it}, run: {it}}}\n      - {{run: {quoted(f'nvm use {value}')}, shell: {it}}}\n"
        f"{SETUP.format(it, '')}{VERSION_FILE.format(it)}{NODE}      - {{run: node -v, if: {it}}}\n"
        f"  b:\n    uses: {it}\n"
        f"  c:\n    runs-on: ubuntu-24.04\n    strategy: {{matrix: {{v: [{it}]}}}}\n    container: {it}\n"
        f"    steps:\n      - {{run: node -v, name: {quoted(f'${{{{ matrix.v }}}} {value}')}}}\n"
        f"      - {{uses: {quoted(f'./{value}')}}}\n      - {{uses: SonarSource/sonarqube-scan-action@v4}}\n"
        f"      - {{run: {quoted(f'npm install {value} # verify-runtime: ignore[{value}]')}}}\n"
        f"  d:\n    uses: {quoted(f'./{value}.yml')}\n"
        f"  e:\n    runs-on: ubuntu-24.04\n    steps:\n      - {{run: node -v, name: {quoted(f'${{{{ {value}')}}}\n"
        f"      - run: {quoted(f'echo {value} >> $GITHUB_PATH; source {value}')}\n",
        ".nvmrc": value,
        ".tool-versions": f"nodejs {value}",
        "Dockerfile": "FROM node:18\n",
        "package.json": json.dumps({"engines": {"node": value}, "scripts": {"preinstall": value}}),
    }


def is_harmless(shown: str) -> bool:
    """Return whether a text does nothing to a terminal, and says nothing to GitHub's runner."""
    lines = re.split("[\n\r]", shown)
    return (
        all(each.isprintable() or each == "\n" for each in shown)
        and not any(each.lstrip().startswith("::") for each in lines)
        and "##[" not in shown
    )


@pytest.mark.parametrize("value", [EVIL, *COMMANDS])
def test_text_for_a_terminal_holds_nothing_that_acts_there(value: str, tmp_path: Path) -> None:
    write(tmp_path, everywhere(value))
    assert is_harmless(read(tmp_path).said)


@pytest.mark.parametrize("value", [EVIL, *COMMANDS])
def test_text_on_a_terminal_holds_no_other_colours_than_ours(value: str, tmp_path: Path) -> None:
    write(tmp_path, everywhere(value))
    shown = text.render(analyse(tmp_path, []), coloured=True)
    assert is_harmless(re.sub(r"\x1b\[(?:0|1|2|31|32|33)m", "", shown))


@pytest.mark.parametrize("value", [EVIL, *COMMANDS])
def test_annotations_are_ours_alone(value: str, tmp_path: Path) -> None:
    write(tmp_path, {**everywhere(value), ".github/workflows/broken.yml": f"# verify-runtime: ignore[{value}]\na: ["})
    shown = read(tmp_path, "--format", "github").out.decode()
    lines = re.split("[\n\r]", shown)
    assert lines[-1] == ""
    for each in lines[:-2]:
        assert re.match(r"::(?:error|notice) file=[^,:]*,line=\d+,title=verify-runtime [\w -]+::\S", each)
    assert all(each.isprintable() or each == "\n" for each in shown)
    assert is_harmless(lines[-2])


@pytest.mark.parametrize("value", [EVIL, *COMMANDS, "</summary></details><script>", "a\n\n# h", "```\n# h", "@a/b"])
def test_markdown_stays_within_its_tables(value: str, tmp_path: Path) -> None:
    write(tmp_path, {WORKFLOW: workflow()})
    plain = read(tmp_path, "--format", "markdown").out.decode()
    write(tmp_path, {**everywhere(value), ".github/workflows/broken.yml": f"# verify-runtime: ignore[{value}]\na: ["})
    shown = read(tmp_path, "--format", "markdown").out.decode()
    assert is_harmless(shown)
    allowed = {"details", "/details", "summary", "/summary", "code", "/code"}
    outside = re.sub(r"  ```yaml\n.*?\n  ```\n", "", shown, flags=re.DOTALL)
    assert set(re.findall(r"<([^\s>]*)", outside)) <= allowed
    heads = {line.split(" ", 1)[0] for line in outside.splitlines() if not line.startswith(("|", "<details>"))}
    assert heads <= {line.split(" ", 1)[0] for line in plain.splitlines()} | {"", "-", "```yaml"} | set(
        map(str, range(20))
    )


NAMES = ["a\n::error::x.yml", "a\x1b[31m.yml", "a`<img src=x>`.yml", "a,line=9::x.yml", "##[add-mask]a.yml", "a b%41.yml"]


@pytest.mark.parametrize("content", [workflow(), "a: ["])
@pytest.mark.parametrize("name", NAMES)
def test_a_workflows_own_name_does_nothing_either(name: str, content: str, tmp_path: Path) -> None:
    write(tmp_path, {f".github/workflows/{name}": content})
    assert is_harmless(read(tmp_path).said)
    annotations = read(tmp_path, "--format", "github").out.decode()
    assert all(each.isprintable() or each == "\n" for each in annotations)
    assert all(each.startswith(("::error file=.github", "1 file")) for each in annotations.splitlines())
    shown = read(tmp_path, "--format", "markdown").out.decode()
    assert is_harmless(shown)
    assert "<img" not in shown
    found = json.loads(read(tmp_path, "--format", "sarif").out)["runs"][0]
    places = [each["locations"] for each in (*found["results"], *found["invocations"][0]["toolExecutionNotifications"])]
    for (place,) in places:
        assert re.fullmatch(r"[\w.~/%!$&'()*+,;=:@-]+", place["physicalLocation"]["artifactLocation"]["uri"])


@pytest.mark.parametrize("setting", ['"{}" = 1', 'ignore = ["{}"]', 'ignore = "{}"', "[[{}"])
def test_a_settings_file_does_nothing_to_the_terminal(setting: str, tmp_path: Path) -> None:
    escaped = "\\u001b[31m\\n::error::x\\r##[add-mask]\\u202e"
    write(tmp_path, beside(".github/verify-runtime.toml", setting.format(escaped)))
    ended = read(tmp_path)
    assert ended.code == 2
    assert is_harmless(ended.said)


def test_a_path_that_is_not_there_does_nothing_to_the_terminal(tmp_path: Path) -> None:
    ended = read(tmp_path, "a\n::error::x\x1b[31m")
    assert ended.code == 2
    assert is_harmless(ended.said)


def test_a_comment_with_thousands_of_findings_still_fits(tmp_path: Path) -> None:
    write(tmp_path, {WORKFLOW: workflow() + "# verify-runtime: ignore[x]\n" * 30_000})
    assert len(read(tmp_path, "--format", "markdown").out.decode()) <= 65_536


# Where it is written to.


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "cp1252", "utf-16"])
@pytest.mark.parametrize("form", ["text", "json", "github", "sarif", "markdown"])
def test_a_terminal_that_cannot_show_a_name_is_no_trouble(form: str, encoding: str, tmp_path: Path) -> None:
    name = quoted("é€😀\ud800")
    steps = f"      - {{name: {name.replace(chr(92) + 'ud800', '')}, run: node -v}}\n"
    steps += "      - {name: \"${{ fromJSON('\\\"\\\\ud800\\\"') }}\", run: node -v}\n"
    write(tmp_path, {WORKFLOW: workflow(steps)})
    summary = tmp_path / "summary"
    where = {"PYTHONIOENCODING": encoding, "GITHUB_STEP_SUMMARY": str(summary)}
    assert read(tmp_path, "--format", form, environment=where).code == 1


@pytest.mark.parametrize("form", ["text", "json", "github", "sarif", "markdown"])
def test_a_name_that_is_no_text_is_no_trouble(form: str, tmp_path: Path) -> None:
    folder = tmp_path / ".github/workflows"
    folder.mkdir(parents=True)
    Path(os.fsdecode(os.fsencode(folder) + b"/ci\xff.yml")).write_text(workflow(), encoding="utf-8")
    where = {"GITHUB_STEP_SUMMARY": str(tmp_path / "summary")}
    ended = read(tmp_path, "--format", form, environment=where)
    assert ended.code == 1
    assert ended.out


@pytest.mark.parametrize("form", ["text", "json"])
def test_an_output_that_nobody_reads_on_is_no_trouble(form: str, tmp_path: Path) -> None:
    write(tmp_path, {WORKFLOW: workflow(NODE * 3_000)})
    command = [sys.executable, "-m", "verify_runtime", "timeline", ".", "--format", form]
    with subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as child:
        assert child.stdout
        assert child.stderr
        child.stdout.read(10)
        child.stdout.close()
        said = child.stderr.read()
        child.wait(SECONDS)
    assert b"Traceback" not in said
    assert b"Exception ignored" not in said


@pytest.mark.parametrize("to", [">&-", "2>&-", ">&- 2>&-", ">/dev/full", "<&-"])
@pytest.mark.parametrize("form", ["text", "json", "github"])
def test_an_output_that_is_closed_or_full_is_no_trouble(form: str, to: str, tmp_path: Path) -> None:
    write(tmp_path, {WORKFLOW: workflow()})
    command = ["sh", "-c", f'exec "$0" -m verify_runtime timeline . --format {form} {to}', sys.executable]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, timeout=SECONDS, check=False)
    assert b"Traceback" not in done.stderr
    assert b"Exception ignored" not in done.stderr
    assert done.returncode in {0, 1, 2}


# Regular expressions.

PACKAGE = Path(verify_runtime.__file__).parent
SOURCES = [*sorted((PACKAGE / "timeline").rglob("*.py")), PACKAGE / "ranges.py", PACKAGE / "version.py"]
OPERATIONS = ("search", "match", "fullmatch", "findall", "finditer", "sub", "split")
ATTACK = """
import importlib, re, sys, time
sys.setrecursionlimit(10_000)
import json
tasks, size, allowed = json.load(sys.stdin)
CONSUMERS = {"finditer": list, "sub": None, "split": None, "findall": None}
for task in tasks:
    pattern = re.compile(task["pattern"], task["flags"])
    for prefix in task["prefixes"]:
        for pump in task["pumps"]:
            for suffix in ("", "\\n!", "!\\n\\x00"):
                text = prefix + pump * (size // len(pump)) + suffix
                sys.stdout.write(json.dumps([task["where"], prefix, pump, suffix]) + "\\n")
                sys.stdout.flush()
                start = time.process_time()
                run = getattr(pattern, task["operation"])
                if task["operation"] == "sub":
                    run("", text)
                elif task["operation"] == "finditer":
                    list(run(text))
                else:
                    run(text)
                spent = time.process_time() - start
                if spent > allowed:
                    sys.exit(f"{spent:.2f} s")
"""


class Use(NamedTuple):
    """A regular expression, and what is done with it."""

    where: str
    pattern: str
    flags: int
    operation: str


def uses() -> Iterator[Use]:
    """Find what the package does with regular expressions."""
    for path in SOURCES:
        tree = ast.parse(path.read_text(encoding="utf-8"))
        name = ".".join(path.relative_to(PACKAGE.parent).with_suffix("").parts).removesuffix(".__init__")
        module = __import__(name, fromlist=["_"])
        for node in ast.walk(tree):
            if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
                continue
            operation, of = node.func.attr, node.func.value
            if operation not in OPERATIONS or not isinstance(of, ast.Name):
                continue
            where = f"{path.relative_to(PACKAGE)}:{node.lineno}"
            found = getattr(module, of.id, None)
            if isinstance(found, re.Pattern):
                yield Use(where, found.pattern, found.flags, operation)
            elif of.id == "re" and isinstance(node.args[0], ast.Constant):
                compiled = re.compile(node.args[0].value, flags_of(node))
                yield Use(where, compiled.pattern, compiled.flags, operation)


def flags_of(call: ast.Call) -> int:
    texts = [ast.unparse(each.value) for each in call.keywords if each.arg == "flags"]
    texts += [ast.unparse(each) for each in call.args if ast.unparse(each).startswith("re.")]
    return sum(int(getattr(re, each.removeprefix("re."))) for text in texts for each in text.split(" | "))


def words_of(pattern: str) -> list[str]:
    """Return the literal texts in a pattern, to begin a text with that gets far into it."""
    plain = re.sub(r"\\([.\-\[\]{}()|$^*+?/])", r"\1", re.sub(r"\(\?[^:]?P?<?\w*>?|[()?*+]|\\[sSdDwWbn]", " ", pattern))
    found = re.findall(r"[\w@#:./<>=$-][\w@#:./<>=$ \[-]*", re.sub(r"\{\d*,?\d*\}", " ", plain))
    return sorted({word for each in found for word in (each, each.strip()) if word})[:12]


@pytest.mark.parametrize("use", sorted(set(uses())), ids=lambda use: f"{use.where} {use.operation}")
def test_no_regular_expression_takes_more_than_linear_time(use: Use) -> None:
    words = words_of(use.pattern)
    pumps = [*' -a/\n#1.=@"$x*v', "a-", "--", "/a-b", "- ", " \n", "a=", "1.", "= ", "-1", "${a", "''", *words]
    pairs = [first + second for first in words[:6] for second in (*words[:6], " ", "/", "'")]
    prefixes = ["", *words, *pairs, *(f"{word}1" for word in words), *(f"{word}a" for word in words)]
    size, allowed = 20_000, 0.4
    task = {**use._asdict(), "prefixes": sorted(set(prefixes)), "pumps": sorted(set(pumps))}
    try:
        done = subprocess.run(
            [sys.executable, "-c", ATTACK],
            input=json.dumps([[task], size, allowed]),
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        last = (error.stdout or b"").decode().splitlines()[-1]
        pytest.fail(f"{use.pattern!r} does not end: {last[:200]}")
    assert done.returncode == 0, f"{use.pattern!r} takes {done.stderr.strip()}: {done.stdout.splitlines()[-1][:200]}"
