"""The command `gate`."""

import os
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from gate import (
    console,
    coverage,
    doctor,
    facts,
    kept,
    pipeline,
    plan,
    protection,
    remote,
    repository,
    scanner,
    server,
    settings,
    toolchain,
    verdict,
)
from gate import scan as scans
from gate.errors import CannotJudgeError
from gate.reporting import FAILED, PASSED, print_json, print_result, reporting

app = typer.Typer(
    help="""The pipeline and Sonar's verdict, on this machine. Without a command: the same as `gate run`.

    Exit status: 0 passed, 1 failed, 2 could not judge; then the message says why, and what to do.

    A SonarQube server is fetched (900 MB, once) and started when one is needed, with no account, Docker or Java.
    SONAR_HOST_URL and SONAR_TOKEN make it use another server, or https://sonarcloud.io.

    Examples:

    gate scan                 judge what I have changed, in half a minute

    gate run                  the whole pipeline, as GitHub runs it

    gate scan --base develop  as a pull request into develop

    gate stop                 end the server; it keeps its data
    """,
    add_completion=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    pretty_exceptions_enable=False,
)

AsJson = Annotated[bool, typer.Option("--json", help="Print the result as JSON on standard output.")]
Base = Annotated[
    str | None,
    typer.Option(
        help="The branch or commit that the work goes to; else the remote's default branch, else the first commit.",
        show_default=False,
    ),
]
Actions = Annotated[
    list[str] | None,
    typer.Option(
        "--action",
        metavar="OWNER/NAME=FOLDER",
        help="Run a marketplace action from a folder; may be given again.",
        show_default=False,
    ),
]


@app.callback(invoke_without_command=True)
def _default(context: typer.Context) -> None:
    if context.invoked_subcommand is None:
        run()


@app.command()
def run(
    base: Base = None,
    action: Actions = None,
    *,
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="Print what the steps print.")] = False,
    as_json: AsJson = False,
) -> None:
    """Run ci.yml's main job here, through act, on a copy of the work tree; then print Sonar's verdict.

    Where GitHub answers, the marketplace actions are the real ones; where not, stand-ins take their place. The
    coverage reports of the run are left here, where git ignores them, for `gate scan`.
    """
    with reporting(as_json):
        actions = _parse_actions(action or [])
        work = repository.find(Path.cwd())
        commit = work.base(base)
        sonar = server.connect()
        project = scans.ensure_base(work, sonar, commit)
        variables = {
            "SONAR_HOST_URL": sonar.url,
            "SONAR_ORGANIZATION": work.organization,
            "SONAR_PROJECT_KEY": project.key,
            "SONAR_SCANNER_ARGS": f"{pipeline.SCANNER_ARGS} -Dsonar.projectVersion={scans.NEW}",
        }
        trigger = pipeline.Trigger(variables=variables, secrets={"SONAR_TOKEN": sonar.token}, actions=actions)
        outcome = pipeline.run(work, commit, trigger, verbose=verbose)
        judged = None
        analysis = scanner.find(sonar, project.key, outcome.revision)
        if analysis:
            judged = verdict.judge(sonar, analysis, outcome.reported)
        _finish_run(outcome, judged, as_json=as_json)


@app.command()
def scan(base: Base = None, *, as_json: AsJson = False) -> None:
    """Judge the work tree as it stands, uncommitted work included, as a pull request is judged.

    The tests' coverage reports must be there: run the tests first (make test).
    """
    with reporting(as_json):
        judged = scans.scan(repository.find(Path.cwd()), server.connect, base)
        if as_json:
            print_json(judged.to_json())
        else:
            verdict.show(judged)
        raise typer.Exit(PASSED if judged.passed else FAILED)


@app.command(name="coverage")
def check_coverage(*, as_json: AsJson = False) -> None:
    """Check the two coverage reports before the scan: a path that Sonar cannot resolve is dropped in silence."""
    with reporting(as_json):
        root = repository.find(Path.cwd()).root
        findings = coverage.check(root)
        failed = any(each.severity == "error" for each in findings)
        if as_json:
            print_json({"passed": not failed, "findings": [asdict(each) for each in findings]})
        else:
            coverage.show(findings)
        if not failed and "GATE_KEEP" in os.environ:  # `gate run` wants the reports of act's copy
            kept.leave(root, Path(os.environ["GATE_KEEP"]))
        raise typer.Exit(FAILED if failed else PASSED)


@app.command(name="doctor")
def examine(*, as_json: AsJson = False) -> None:
    """Tell whether this repository is ready: files, server, GitHub's ruleset, and Sonar's connection step by step.

    With a token in GH_TOKEN, or gh logged in, it asks GitHub too; Metadata, Secrets and Variables: read do.
    With SONAR_HOST_URL=https://sonarcloud.io and SONAR_TOKEN it asks SonarCloud.
    """
    with reporting(as_json):
        work = repository.find(Path.cwd())
        checks = doctor.checks(work.root, facts.gather(work), settings.gather(work))
        failed = any(each.state == "problem" for each in checks)
        if as_json:
            print_json({"passed": not failed, "checks": [asdict(each) for each in checks]})
        else:
            doctor.show(checks)
        raise typer.Exit(FAILED if failed else PASSED)


@app.command()
def protect(
    *,
    slug: Annotated[
        str | None, typer.Option("--repository", metavar="OWNER/NAME", help="Another repository than origin's.")
    ] = None,
    remove: Annotated[bool, typer.Option("--remove", help="Delete the ruleset from GitHub.")] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Write without asking.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what would be written, and write nothing.")] = False,
    as_json: AsJson = False,
) -> None:
    """Protect main: make GitHub's ruleset what .github/rulesets/main.json says, after showing the difference.

    The token comes from GH_TOKEN or GITHUB_TOKEN (GH_ENTERPRISE_TOKEN on a GitHub Enterprise Server), else from gh.
    It needs Administration: write on this one repository, and nothing else. Other rulesets and older branch
    protection rules stay as they are.

    Exit status: 0 GitHub has it as the file does, 1 it differs and nothing was written, 2 GitHub could not be asked.
    """
    with reporting(as_json, "protect main"):
        work = repository.find(Path.cwd())
        api, file = protection.find(work, remote.find(work, slug))
        with api:
            change = protection.plan(api, file, remove=remove)
            if not as_json:
                protection.show(change)
            why_not = "" if change.action == "none" else protection.agreed(yes=yes, dry_run=dry_run, as_json=as_json)
            if change.action != "none" and not why_not:
                change = protection.carry_out(api, change, file)
        if as_json:
            print_json(change.to_json())
        else:
            protection.show_end(change, why_not)
        raise typer.Exit(FAILED if why_not else PASSED)


@app.command()
def start(*, as_json: AsJson = False) -> None:
    """Start the local SonarQube, or find the one that runs; print its address and how to log in."""
    with reporting(as_json):
        server.start()
        _print_status(as_json=as_json)


@app.command()
def status(*, as_json: AsJson = False) -> None:
    """Tell whether the local SonarQube runs, and where: exit 0 when it does, 1 when not."""
    with reporting(as_json):
        raise typer.Exit(PASSED if _print_status(as_json=as_json) else FAILED)


@app.command()
def stop(
    *,
    purge: Annotated[bool, typer.Option(help="Delete its files and data too.")] = False,
    as_json: AsJson = False,
) -> None:
    """Stop the local SonarQube that `gate` started, and nothing else; its data stay."""
    with reporting(as_json):
        stopped = server.stop()
        if purge:
            server.purge()
        words = ("SonarQube was stopped" if stopped else "No SonarQube was running") + (
            "; its data are gone." if purge else "."
        )
        print_result(words, {"stopped": stopped, "purged": purge}, as_json=as_json)


@app.command(name="plan", hidden=True)
def plan_scan() -> None:
    """In the workflow: decide whether to scan, by the event and the settings."""
    with reporting(as_json=False):
        decided = plan.carry_out(os.environ)
        if decided.title:
            typer.echo(plan.annotation(decided))
        raise typer.Exit(FAILED if decided.level == "error" else PASSED)


@app.command(hidden=True)
def explain() -> None:
    """In the workflow: say why the scan step failed."""
    typer.echo(plan.annotation(plan.explain(Path.cwd() / scanner.REPORT_TASK)))


@app.command(name="toolchain", hidden=True)
def install_toolchain(version: Annotated[str, typer.Argument(help="Node's major version.")]) -> None:
    """Put Node and pnpm into .tools/bin, from the npm registry."""
    with reporting(as_json=False):
        typer.echo(toolchain.install(repository.find(Path.cwd()).root, version))


def main() -> None:
    """Run the command line."""
    app()


def _finish_run(outcome: pipeline.Outcome, judged: verdict.Verdict | None, *, as_json: bool) -> None:
    passed = outcome.passed and (judged is None or judged.passed)
    if as_json:
        steps = [{"name": each.name, "result": each.result, "seconds": each.seconds} for each in outcome.steps]
        annotations = [dict(zip(("level", "title", "message"), each, strict=True)) for each in outcome.annotations]
        result = {"passed": passed, "steps": steps, "annotations": annotations}
        print_json(result | {"verdict": judged.to_json() if judged else None})
    elif judged:
        verdict.show(judged)
    if outcome.failed and not as_json:
        console.stdout.print(f"The pipeline failed at the step: {outcome.failed.name}", style="bold red", markup=False)
    raise typer.Exit(PASSED if passed else FAILED)


def _print_status(*, as_json: bool) -> bool:
    record = server.running()
    if record is None:
        print_result("No local SonarQube runs. Start it: gate start", {"running": False}, as_json=as_json)
        return False
    password = server.password_file()
    words = f"SonarQube {record.version} runs at {record.url}\nLog in as admin; the password is in {password}\n"
    data = {"running": True, "url": record.url, "version": record.version, "password_file": str(password)}
    print_result(f"{words}Logs: {server.logs()}", data | {"logs": str(server.logs())}, as_json=as_json)
    return True


def _parse_actions(given: list[str]) -> dict[str, Path]:
    actions = {}
    for each in given:
        name, _, folder = each.partition("=")
        if not (Path(folder) / "action.yml").exists() or "/" not in name:
            raise CannotJudgeError(
                f"--action {each}: no action.yml in {folder!r}.", "Write --action OWNER/NAME=FOLDER."
            )
        actions[name] = Path(folder)
    return actions
