"""Reports that Sonar would drop in silence: `gate coverage` stops them before the scan and names the setting."""

import re

import pytest

from .conftest import Checkout


@pytest.mark.parametrize(
    ("report", "pattern", "broken", "setting"),
    [
        ("coverage/python.xml", r"<source></source>|<source/>", "<source>/elsewhere</source>", "source"),
        ("coverage/web.lcov", r"(?m)^SF:", "SF:/elsewhere/", "projectRoot"),
        ("coverage/web.lcov", r"(?s).*", "", "coverage/web.lcov"),
        ("coverage/python.xml", r"(?s).*", "", "coverage/python.xml"),
    ],
    ids=["source elsewhere", "absolute paths", "empty lcov", "empty xml"],
)
def test_a_misleading_report_is_stopped_before_the_scan(
    checkout: Checkout, report: str, pattern: str, broken: str, setting: str
) -> None:
    path = checkout.root / report
    text, count = re.subn(pattern, broken, path.read_text(encoding="utf-8"))
    assert count
    path.write_text(text, encoding="utf-8")
    result = checkout.gate("coverage", "--json")
    assert result.status == 1, result.err
    findings = [each for each in result.data["findings"] if each["severity"] == "error"]
    assert any(each["report"] == report for each in findings)
    assert any(setting in f"{each['setting']} {each['message']} {each['fix']}" for each in findings), findings
    scan = checkout.gate("scan", "--json")
    assert scan.status == 2
    assert "coverage" in scan.data["error"]
