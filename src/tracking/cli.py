"""`tracking`: the service, its delivery, and what they know."""

import json
import logging
import os
import sqlite3
import sys
import threading
from datetime import UTC, datetime
from typing import Annotated, NoReturn

import typer

from tracking import settings
from tracking.delivery import Delivery
from tracking.forgetting import forget as forget_user
from tracking.ledger import DeadLetter, Ledger
from tracking.pricing import PriceList
from tracking.settings import Settings
from tracking.sinks import RunSink, TraceSink
from tracking.status import Counter
from tracking.store import connect
from tracking.usage.cli import app as usage

FAILED = 1
CANNOT = 2

_END_SECONDS = 2.0
_WAIT_SECONDS = 1.0
_NICE = 10

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON, for machines.")]

app = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode=None,  # it colours what no terminal reads: in a workflow a program's output, too
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Every generation is an event, brought to MLflow once. Settings come from the environment; the README has "
    "their table.",
)
letters = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help="The events that MLflow refused.")
app.add_typer(letters, name="dead-letters")
app.add_typer(usage, name="usage", help="Who used what, how fast it was, and what it cost.")


@app.command()
def serve() -> None:
    """Run the service and its page, until Ctrl-C."""
    from tracking.server import serve as run  # noqa: PLC0415 - the other commands need no web server

    raise typer.Exit(run())


@app.command()
def deliver(
    *,
    once: Annotated[bool, typer.Option(help="Stop when nothing is pending.")] = False,
    while_stdin_open: Annotated[bool, typer.Option(hidden=True)] = False,
) -> None:
    """Bring the journal's events to MLflow, until SIGTERM.

    One delivery works on a data directory at a time; another one waits, and takes over when the first is gone.
    The service starts one by itself, unless DELIVERY=separate.
    """
    config = _load()
    stopped = threading.Event()
    _stop_on_signals(stopped)
    if while_stdin_open:
        os.nice(_NICE)  # beside a service: its requests come first
        threading.Thread(target=_watch, args=(stopped,), daemon=True).start()
    delivery = _delivery(config)
    counter = Counter(config.DATA_DIR)

    def is_done() -> bool:
        return stopped.is_set() or (once and counter.status().pending == 0)

    while not delivery.run(is_done, stopped.wait) and not is_done():
        if while_stdin_open:  # the service looks again by itself
            break
        stopped.wait(_WAIT_SECONDS)
    # A request to a slow MLflow may still be under way: the next delivery looks for what it did.
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(os.EX_OK)


@app.command()
def status(*, as_json: AsJson = False) -> None:
    """Tell where the events are, and whether they add up.

    accepted = delivered + pending + dead-lettered + forgotten + lost.

    Exit status 0 when they add up and nothing hinders the delivery, 1 when not, 2 when they cannot be read.
    """
    config = _load()
    now = Counter(config.DATA_DIR).status()
    if as_json:
        typer.echo(json.dumps(now.as_dict()))
    else:
        for name, value in now.as_dict().items():
            if name not in {"trouble", "adds_up"}:
                typer.echo(f"{name.replace('_', '-'):<14}{value:>12,}")
        if not now.adds_up:
            typer.echo("These do not add up: a file of the journal was changed or deleted by another program.")
        if now.trouble:
            since = datetime.fromtimestamp(now.trouble["since_ms"] / 1000, UTC)
            typer.echo(f"Nothing is delivered since {since:%Y-%m-%d %H:%M:%S} UTC: {now.trouble['reason']}")
    if now.trouble or not now.adds_up:
        raise typer.Exit(FAILED)


@letters.command("list")
def list_letters(*, as_json: AsJson = False) -> None:
    """List the events that MLflow refused, and why."""
    dead = Ledger(_load().DATA_DIR).dead_letters()
    if as_json:
        typer.echo(json.dumps([_as_dict(letter) for letter in dead]))
        return
    for letter in dead:
        died = datetime.fromtimestamp(letter.died_ms / 1000, UTC)
        mark = "  (is tried again)" if letter.retry else ""
        typer.echo(f"{letter.id}  {died:%Y-%m-%d %H:%M:%S} UTC  {letter.reason}{mark}")
    if not dead:
        typer.echo("There are no dead letters.")


@letters.command("retry")
def retry_letters(
    identifiers: Annotated[list[str] | None, typer.Argument(help="Their ids; all when none is given.")] = None,
) -> None:
    """Send dead letters once more.

    That is, after what they were refused for is mended.
    """
    count = Ledger(_load().DATA_DIR).retry(identifiers or None)
    typer.echo(f"{count} dead letters are sent once more.")
    if identifiers and count < len(identifiers):
        _fail("Some of these ids are no dead letters, or damaged lines that cannot be sent.", FAILED)


@app.command()
def forget(user: Annotated[str, typer.Argument(help="Whose events.")], *, as_json: AsJson = False) -> None:
    """Remove a user's events, and tell what was removed.

    They are removed from the journal, the dead letters, the gallery, the usage index and MLflow.
    """
    config = _load()
    if config.TRACK_USERS == "off" and not as_json:
        typer.echo("TRACK_USERS=off: no user is kept now; this removes what was kept before.", err=True)
    removed = forget_user(config, user)
    if as_json:
        typer.echo(json.dumps(removed.as_dict()))
    else:
        for name, value in removed.as_dict().items():
            if name != "trouble":
                typer.echo(f"{str(name).replace('_', '-'):<14}{value:>8,}")
    if removed.trouble:
        _fail(f"MLflow or the usage index could not be asked: {removed.trouble} Run this again when they can.")


def main() -> None:
    """Run the command line."""
    try:
        app()
    except (OSError, sqlite3.Error) as error:
        typer.echo(f"It cannot be done: {error}", err=True)
        sys.exit(CANNOT)


def _load() -> Settings:
    try:
        config = settings.load()
        # What a library warns of on its way to an error, such as each retry, our own line sums up.
        logging.basicConfig(level=logging.ERROR, format="%(asctime)s %(levelname)s %(message)s")
        logging.getLogger("tracking").setLevel(config.LOG_LEVEL.upper())
        config.DATA_DIR.mkdir(mode=0o700, parents=True, exist_ok=True)
    except settings.SettingsError as error:
        _fail(f"A setting is wrong. {error}. The README has a table of the settings.")
    except OSError as error:
        _fail(f"{error.filename} cannot be written: {error.strerror}. Choose another DATA_DIR.")
    return config


def _delivery(config: Settings) -> Delivery:
    sink = RunSink if config.TRACKING_SINK == "run" else TraceSink
    try:
        return Delivery(config.DATA_DIR, sink(lambda: connect(config)), PriceList(config.prices()))
    except (OSError, ValueError) as error:
        _fail(str(error))


def _stop_on_signals(stopped: threading.Event) -> None:
    import signal  # noqa: PLC0415 - here alone

    def stop(*_: object) -> None:
        # A request that hangs must not hold up the end.
        timer = threading.Timer(_END_SECONDS, os._exit, (os.EX_OK,))
        timer.daemon = True
        timer.start()
        # Not here: this thread may be inside the event, and hold its lock.
        threading.Thread(target=stopped.set, daemon=True).start()

    for each in (signal.SIGINT, signal.SIGTERM):
        signal.signal(each, stop)


def _watch(stopped: threading.Event) -> None:
    """Stop when the service is gone, however it went: its end of the pipe is closed then."""
    sys.stdin.buffer.read()
    threading.Thread(target=stopped.set, daemon=True).start()
    threading.Event().wait(_END_SECONDS)
    os._exit(os.EX_OK)


def _as_dict(letter: DeadLetter) -> dict[str, object]:
    return {"id": letter.id, "died_ms": letter.died_ms, "reason": letter.reason, "retry": letter.retry}


def _fail(message: str, code: int = CANNOT) -> NoReturn:
    typer.echo(message, err=True)
    raise typer.Exit(code)
