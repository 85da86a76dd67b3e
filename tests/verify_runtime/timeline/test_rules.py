"""Each rule finds what its page calls wrong, and nothing in what the page calls right."""

from pathlib import Path

import pytest

from verify_runtime.timeline.analysis import NAMES, analyse
from verify_runtime.timeline.finding import NOTE
from verify_runtime.timeline.pages import page, title

from .cases import write


@pytest.mark.parametrize("rule", NAMES)
def test_the_wrong_example_is_found_and_only_by_its_rule(rule: str, tmp_path: Path) -> None:
    write(tmp_path, page(rule).wrong)
    found = analyse(tmp_path, []).findings
    others = {each.rule for each in found if each.level != NOTE} - {rule}
    expected = {"unpinned-runtime"} if rule == "ignore-reason" else set()
    assert rule in {each.rule for each in found}
    assert others == expected


@pytest.mark.parametrize("rule", NAMES)
def test_the_right_example_is_clean(rule: str, tmp_path: Path) -> None:
    write(tmp_path, page(rule).right)
    analysis = analyse(tmp_path, [])
    assert analysis.reading.jobs
    assert [each for each in analysis.findings if each.level != NOTE or each.rule == rule] == []


@pytest.mark.parametrize("rule", NAMES)
def test_a_page_has_a_title_and_two_examples(rule: str) -> None:
    found = page(rule)
    assert title(rule).endswith(".")
    assert found.wrong
    assert found.right
    assert found.wrong != found.right
