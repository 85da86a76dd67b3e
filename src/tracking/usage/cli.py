"""`tracking usage`: who used what, how fast it was, and what it cost."""

import sys
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from tracking import settings
from tracking.usage import report
from tracking.usage.daily import Of, activity, spending
from tracking.usage.index import Index, IndexUnusableError
from tracking.usage.period import Period, PeriodError
from tracking.usage.points import points
from tracking.usage.questions import TOP, By, Question, R, cost, latency, top_users

if TYPE_CHECKING:
    from tracking.settings import Settings

CANNOT = 2

On = Annotated[str, typer.Option(help="The day: today, yesterday or a date such as 2026-11-23.")]
Since = Annotated[
    str | None,
    typer.Option(help="The first day, as for --until. (default: so that it is 30 days)", show_default=False),
]
Until = Annotated[
    str, typer.Option(help="The last day, which is included: today, yesterday or a date such as 2026-11-23.")
]
Zone = Annotated[
    str | None,
    typer.Option(
        "--tz", help="Where days begin, such as Europe/Berlin. (default: USAGE_TIME_ZONE, or UTC)", show_default=False
    ),
]
User = Annotated[
    str | None, typer.Option(help="Whose events, as they are kept. (default: everybody's)", show_default=False)
]
AsCsv = Annotated[bool, typer.Option("--csv", help="Print CSV.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON, for machines.")]

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None)


@app.command("top-users")
def show_top_users(  # noqa: PLR0913 - each is an option of the command line
    *,
    on: On = "yesterday",
    limit: Annotated[int, typer.Option(min=1, help="How many users.")] = TOP,
    tz: Zone = None,
    user: User = None,
    as_csv: AsCsv = False,
    as_json: AsJson = False,
) -> None:
    """Which users incurred the highest cost on a day."""
    config = _load()
    period = _period(config, on, on, tz)
    _show(config, top_users(period, limit, user), as_csv=as_csv, as_json=as_json)


@app.command("latency")
def show_latency(  # noqa: PLR0913 - each is an option of the command line
    *,
    since: Since = None,
    until: Until = "today",
    tz: Zone = None,
    user: User = None,
    as_csv: AsCsv = False,
    as_json: AsJson = False,
) -> None:
    """Whether long prompts take longer, for each model.

    The correlation of prompt_length and processing_time_ms, of the events that worked, with its 95 % interval.
    """
    config = _load()
    _show(config, latency(_period(config, since, until, tz), user), as_csv=as_csv, as_json=as_json)


@app.command("cost")
def show_cost(  # noqa: PLR0913 - each is an option of the command line
    *,
    by: Annotated[By, typer.Option(help="What to add up by.")] = "user",
    since: Since = None,
    until: Until = "today",
    tz: Zone = None,
    user: User = None,
    as_csv: AsCsv = False,
    as_json: AsJson = False,
) -> None:
    """What was spent. Events whose price is unknown are counted apart, and never as 0."""
    config = _load()
    _show(config, cost(by, _period(config, since, until, tz), user), as_csv=as_csv, as_json=as_json)


@app.command("spending")
def show_spending(  # noqa: PLR0913 - each is an option of the command line
    *,
    of: Annotated[Of, typer.Option(help="What to add up by, each day.")] = "user",
    since: Since = None,
    until: Until = "today",
    tz: Zone = None,
    user: User = None,
    as_csv: AsCsv = False,
    as_json: AsJson = False,
) -> None:
    """What was spent each day on each user, model or kind: those that cost the most, and the others as one."""
    config = _load()
    _show(config, spending(of, _period(config, since, until, tz), user), as_csv=as_csv, as_json=as_json)


@app.command("activity")
def show_activity(  # noqa: PLR0913 - each is an option of the command line
    *,
    since: Since = None,
    until: Until = "today",
    tz: Zone = None,
    user: User = None,
    as_csv: AsCsv = False,
    as_json: AsJson = False,
) -> None:
    """How much was done each day, how fast and how well."""
    config = _load()
    _show(config, activity(_period(config, since, until, tz), user), as_csv=as_csv, as_json=as_json)


@app.command("points")
def show_points(  # noqa: PLR0913 - each is an option of the command line
    *,
    since: Since = None,
    until: Until = "today",
    tz: Zone = None,
    user: User = None,
    as_csv: AsCsv = False,
    as_json: AsJson = False,
) -> None:
    """Some of the events that worked: the prompt's length and the processing time of each."""
    config = _load()
    _show(config, points(_period(config, since, until, tz), user), as_csv=as_csv, as_json=as_json)


@app.command()
def rebuild() -> None:
    """Read everything from MLflow anew.

    That is needed when runs were deleted or changed there.
    """

    def tell(so_far: int) -> None:
        if sys.stderr.isatty():
            typer.echo(f"\r{so_far:,} events are read. ", err=True, nl=False)

    try:
        count = Index.of(_load()).rebuild(tell)
    except IndexUnusableError as error:
        _fail(str(error))
    typer.echo(f"The index has {count:,} events.")


def _show(config: "Settings", question: Question[R], *, as_csv: bool, as_json: bool) -> None:
    if as_csv and as_json:
        _fail("Choose one of --csv and --json.")
    try:
        answer = Index.of(config).answer(question)
    except IndexUnusableError as error:
        _fail(str(error))
    if (words := report.stale(answer)) is not None:
        typer.secho(words, err=True, fg=typer.colors.YELLOW)
    if as_json:
        typer.echo(report.as_json(answer))
    elif as_csv:
        typer.echo(report.as_csv(answer.value), nl=False)
    else:
        typer.secho(report.heading(answer), bold=True)  # no colour goes into a file or a pipe
        typer.echo(report.as_text(answer.value))


def _load() -> "Settings":
    try:
        return settings.load()
    except settings.SettingsError as error:
        _fail(f"A setting is wrong. {error}. The README has a table of the settings.")


def _period(config: "Settings", since: str | None, until: str, zone: str | None) -> Period:
    try:
        return Period.read(since, until, zone or config.USAGE_TIME_ZONE)
    except PeriodError as error:
        _fail(str(error))


def _fail(message: str) -> NoReturn:
    typer.echo(message, err=True)
    raise typer.Exit(CANNOT)
