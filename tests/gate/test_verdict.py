import pytest

from gate import verdict
from gate.scanner import Analysis

from .conftest import WebApi

ANALYSIS = Analysis("o_r:abc", "AZ-1")


def answers(web_api: WebApi, status: str = "ERROR") -> None:
    """Put there what SonarQube 25.12 answered to a scan with an uncovered file and an issue."""
    condition = {
        "status": status,
        "metricKey": "new_coverage",
        "comparator": "LT",
        "errorThreshold": "80",
        "actualValue": "0.0",
    }
    web_api.answers |= {
        "qualitygates/project_status": {"projectStatus": {"status": status, "conditions": [condition]}},
        "measures/component_tree": {
            "components": [
                {
                    "path": "src/a.py",
                    "measures": [
                        {"metric": "lines_to_cover", "value": "40"},
                        {"metric": "uncovered_lines", "value": "33"},
                        {"metric": "new_lines_to_cover", "period": {"index": 1, "value": "33"}},
                        {"metric": "new_uncovered_lines", "period": {"index": 1, "value": "33"}},
                    ],
                },
                {"path": "src/b.py", "measures": []},
            ]
        },
        "issues/search": {
            "issues": [{"component": "o_r:abc:src/a.py", "line": 3, "rule": "python:S1481", "message": "Remove it."}]
        },
        "hotspots/search": {
            "hotspots": [{"component": "o_r:abc:src/b.py", "ruleKey": "python:S2068", "message": "Review it."}]
        },
    }


def test_a_failed_gate_says_why_in_one_line_and_where(web_api: WebApi, capsys: pytest.CaptureFixture[str]) -> None:
    answers(web_api)
    judged = verdict.judge(web_api.server, ANALYSIS, {"src/a.py": (33, 40)})
    assert not judged.passed
    assert judged.conditions == [verdict.Condition("new_coverage", "at least 80", "0.0", passed=False)]
    assert judged.coverage == [verdict.NewCoverage("src/a.py", 33, 33)]
    assert [(each.path, each.line, each.rule) for each in judged.issues] == [
        ("src/a.py", 3, "python:S1481"),
        ("src/b.py", None, "python:S2068"),
    ]
    assert judged.differences == []
    reason = verdict.reason(judged)
    assert reason == "Because new_coverage is 0.0, wanted at least 80: src/a.py, src/a.py:3, src/b.py"
    verdict.show(judged)
    printed = capsys.readouterr().out
    for part in ("new_coverage", "FAILED", "src/a.py:3", "python:S1481", "0.0 %", reason, judged.dashboard):
        assert part in printed


def test_a_passed_gate_says_so(web_api: WebApi, capsys: pytest.CaptureFixture[str]) -> None:
    answers(web_api, status="OK")
    judged = verdict.judge(web_api.server, ANALYSIS, {})
    assert judged.passed
    verdict.show(judged)
    assert "Quality gate: PASSED" in capsys.readouterr().out
    assert judged.to_json()["dashboard"].endswith("/dashboard?id=o_r:abc")


def test_coverage_that_sonar_measured_otherwise_is_shown(web_api: WebApi, capsys: pytest.CaptureFixture[str]) -> None:
    answers(web_api)
    judged = verdict.judge(web_api.server, ANALYSIS, {"src/a.py": (30, 40), "src/lost.ts": (0, 5)})
    assert judged.differences == [
        verdict.Difference("src/a.py", (33, 40), (30, 40)),
        verdict.Difference("src/lost.ts", (0, 0), (0, 5)),
    ]
    verdict.show(judged)
    assert "Coverage differs: src/lost.ts: Sonar measured 0 of 0 lines uncovered" in capsys.readouterr().out
