from pathlib import Path

import pytest
import yaml

from gate import workflow

CI = Path(__file__).parents[2] / ".github/workflows/ci.yml"


def test_our_own_workflow_is_read_as_a_yaml_reader_reads_it() -> None:
    text = CI.read_text(encoding="utf-8")
    known = yaml.safe_load(text)
    assert workflow.environment(text) == known["env"]
    assert workflow.push_branches(text) == known[True]["push"]["branches"]  # YAML 1.1 takes `on` for true


@pytest.mark.parametrize("written", ['"18"', "'18'", "18", '"18" # why', "18 # why", " 18"])
def test_a_variable_may_be_quoted_and_commented(written: str) -> None:
    text = (
        f"# env:\njobs:\n  env:\n    NODE_TEST: 1\nenv: # both\n  # NODE_TEST: 2\n\n  NODE_TEST: {written}\nlast: 1\n"
    )
    assert workflow.environment(text) == {"NODE_TEST": "18"}


def test_an_empty_variable_or_none_at_all_is_no_error() -> None:
    assert workflow.environment('env:\n  A: ""\n  B:\n') == {"A": "", "B": ""}
    assert workflow.environment("") == workflow.environment("name: ci\n") == {}


@pytest.mark.parametrize(
    ("text", "branches"),
    [
        ("on:\n  push:\n    branches: [main, 'feature/**'] # these\n", ["main", "feature/**"]),
        ('"on":\n  push:\n    branches:\n      - main\n      - "a b" # this\n  pull_request:\n', ["main", "a b"]),
        ("on:\n  push:\n  pull_request:\n", ["*"]),
        ("on:\n  push:\n    paths: [src]\n", ["*"]),
        ("on: [push, pull_request]\n", ["*"]),
        ("on: push\n", ["*"]),
        ("on:\n  pull_request:\n    branches: [main]\n", []),
        ("", []),
    ],
)
def test_the_branches_whose_pushes_start_the_workflow(text: str, branches: list[str]) -> None:
    assert workflow.push_branches(text) == branches
