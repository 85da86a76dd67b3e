"""A report: an answer as text for a terminal, as CSV or as JSON."""

import json
from dataclasses import astuple, fields
from datetime import UTC, datetime
from decimal import Decimal

from tracking.usage.index import Answer
from tracking.usage.questions import R, Result, Row

Cell = str | int | float | Decimal | None

# A spreadsheet runs a cell that begins with one of these; names of users come from outside.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
# Where a comma is in numbers, a spreadsheet splits at semicolons, which the module csv does not quote.
_QUOTED = frozenset(',;\t"\r\n')
_GAP = "  "


def as_json(answer: Answer[Result[R]]) -> str:
    """Write an answer as JSON; a cost is text, because JSON's numbers are not exact."""
    result = answer.value
    header = _header(result)
    return json.dumps(
        {
            "question": result.question,
            "by": result.by,
            "since": result.period.since.isoformat(),
            "until": result.period.until.isoformat(),
            "time_zone": result.period.zone.key,
            "as_of": _time(answer.as_of_ms).isoformat(timespec="milliseconds"),
            "current": answer.trouble is None,
            "trouble": answer.trouble,
            "rows": [dict(zip(header, _json_cells(row), strict=True)) for row in result.rows],
            "total": dict(zip(header[1:], _json_cells(result.total)[1:], strict=True)),
        }
    )


def as_csv(result: Result[R]) -> str:
    """Write an answer's rows as CSV (RFC 4180), with no cell that a spreadsheet would run."""
    table = [_header(result), *([_csv_cell(each) for each in _cells(row)] for row in result.rows)]
    return "".join(f"{','.join(map(_quoted, row))}\r\n" for row in table)


def heading(answer: Answer[Result[R]]) -> str:
    """Write what was asked, for which days of which zone, and as of when."""
    result = answer.value
    name = f"{result.question} by {result.by}" if result.question == "cost" else result.question
    return f"{name}, {result.period}, as of {_time(answer.as_of_ms):%Y-%m-%d %H:%M:%S} UTC"


def as_text(result: Result[R]) -> str:
    """Write an answer's rows and their total as a table."""
    table = [_header(result), *(_text_cells(row) for row in result.rows), _text_cells(result.total)]
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    text = "\n".join(_line(row, widths) for row in table)
    return f"{text}\n{result.about}" if result.about else text


def stale(answer: Answer[Result[R]]) -> str | None:
    """Say how old an answer is that could not be brought up to date; None for one that is."""
    if answer.trouble is None:
        return None
    age = datetime.now(UTC) - _time(answer.as_of_ms)
    minutes = max(round(age.total_seconds() / 60), 0)
    return f"MLflow could not be asked, so this is {minutes:,} minutes old. {answer.trouble}."


def _time(time_ms: int) -> datetime:
    return datetime.fromtimestamp(time_ms / 1000, UTC)


def _header(result: Result[R]) -> list[str]:
    return [result.by, *(each.name for each in fields(result.total)[1:])]


def _cells(row: Row) -> list[Cell]:
    return list(astuple(row))


def _json_cells(row: Row) -> list[str | int | float | None]:
    return [_exact(each) if isinstance(each, Decimal) else each for each in _cells(row)]


def _csv_cell(cell: Cell) -> str:
    if isinstance(cell, str):
        return f"'{cell}" if cell.startswith(_FORMULA) else cell
    return _number(cell)


def _quoted(cell: str) -> str:
    return cell if _QUOTED.isdisjoint(cell) else '"{}"'.format(cell.replace('"', '""'))


def _text_cells(row: Row) -> list[str]:
    return [_text_cell(each) for each in _cells(row)]


def _text_cell(cell: Cell) -> str:
    if isinstance(cell, str):
        # A name must not write to the terminal what only a program may.
        return "".join(each if each.isprintable() else "?" for each in cell)
    return f"{cell:,.4f}" if isinstance(cell, float) else _number(cell) or "-"


def _number(cell: float | Decimal | None) -> str:
    if cell is None:
        return ""
    return _exact(cell) if isinstance(cell, Decimal) else str(cell)


def _exact(cost: Decimal) -> str:
    """Write all digits of a cost but the zeros behind the last one."""
    text = f"{cost:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _line(cells: list[str], widths: list[int]) -> str:
    first, *rest = (
        cell.rjust(width) if number else cell.ljust(width)
        for number, (cell, width) in enumerate(zip(cells, widths, strict=True))
    )
    return _GAP.join([first, *rest]).rstrip()
