"""For code scanning: SARIF 2.1.0. Source: docs.oasis-open.org/sarif/sarif/v2.1.0."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import quote

from verify_runtime.timeline.analysis import NAMES, Analysis
from verify_runtime.timeline.pages import title


def render(analysis: Analysis) -> str:
    """Return an analysis as SARIF."""
    results = [
        {
            "ruleId": finding.rule,
            "level": finding.level,
            "message": {"text": f"{finding.message} {finding.why}\n{finding.fix}"},
            "locations": [_location(finding.place.file, finding.place.line)],
        }
        for finding in analysis.findings
    ]
    unread = [
        {
            "level": "error",
            "message": {"text": problem.message},
            "locations": [_location(problem.place.file, problem.place.line)],
        }
        for problem in analysis.reading.problems
    ]
    run = {
        "tool": {
            "driver": {
                "name": "verify-runtime",
                "rules": [{"id": name, "shortDescription": {"text": title(name)}} for name in NAMES],
            }
        },
        "results": results,
        "invocations": [{"executionSuccessful": not unread, "toolExecutionNotifications": unread}],
    }
    document = {
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [run],
    }
    return json.dumps(document, indent=2) + "\n"


def _location(file: str, line: int) -> dict[str, Any]:
    return {
        "physicalLocation": {
            "artifactLocation": {"uri": quote(file, errors="surrogatepass")},
            "region": {"startLine": line},
        }
    }
