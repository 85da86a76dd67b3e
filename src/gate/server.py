"""A SonarQube server of one's own, on this machine: started once, found again, stopped."""

import json
import os
import secrets
import shutil
import socket
import time
from dataclasses import asdict, dataclass
from pathlib import Path

import httpx2
import psutil

from gate import console, distribution, download, paths, processes
from gate.errors import CannotJudgeError
from gate.sonar import Server

# For a busy machine; one that has died is noticed at once.
_START_SECONDS = 900
_ANSWER_SECONDS = 60.0
_MEMORY_BYTES = 2_500_000_000
_ERROR_LINES = 5
# What every new server starts with, and wants changed.
_FIRST_LOGIN = ("admin", "admin")


@dataclass(frozen=True, slots=True)
class Record:
    """What a started server left for the next command.

    Args:
        url: Its address.
        version: Its version.
        home: Its files.
        process: Its first process.
        ready: Whether it has come up.
    """

    url: str
    version: str
    home: str
    process: processes.Handle
    ready: bool = False


def connect() -> Server:
    """Return the server to ask: the one that SONAR_HOST_URL names, else the local one, started when needed.

    Raises:
        CannotJudgeError: SONAR_HOST_URL comes without SONAR_TOKEN, or the local server did not start.
    """
    url = os.environ.get("SONAR_HOST_URL", "").rstrip("/")
    if not url:
        return start()
    token = os.environ.get("SONAR_TOKEN", "")
    if not token:
        raise CannotJudgeError(
            f"SONAR_HOST_URL is {url}, but SONAR_TOKEN is not set.",
            f"Make a token at {url}/account/security and set SONAR_TOKEN; or unset SONAR_HOST_URL.",
        )
    return Server(url, token)


def running() -> Record | None:
    """Return the local server's record when it runs and has come up, else None."""
    record = _record()
    return record if record and record.ready and record.process.alive and _status(record.url) == "UP" else None


def local() -> Server | None:
    """Return the local server when it runs, else None; nothing is started."""
    record = running()
    return Server(record.url, _secret("token"), _secret("admin-password")) if record else None


def start() -> Server:
    """Return the local server, started when it does not run.

    Raises:
        CannotJudgeError: It did not come up; what it said is in the message, and the next try starts afresh.
    """
    with download.locked(paths.state() / "start.lock"):
        found = local()
        if found:
            return found
        _end_leftovers()
        _check_memory()
        files = distribution.install(paths.state(), processes.owner())
        record = _spawn(files)
        try:
            with console.waiting(f"Starting SonarQube {files.version} at {record.url}", "80 s, 35 s when kept"):
                _wait_until_up(record)
            _set_up(record.url)
        except BaseException:
            _end_leftovers()
            raise
        _write_record(Record(record.url, record.version, record.home, record.process, ready=True))
    return Server(record.url, _secret("token"), _secret("admin-password"))


def stop() -> bool:
    """Stop the local server; false when none ran."""
    with download.locked(paths.state() / "start.lock"):
        return _end_leftovers()


def purge() -> None:
    """Stop the local server and delete its files, its data, its password and its token."""
    stop()
    shutil.rmtree(paths.state(), ignore_errors=True)


def logs() -> Path:
    """Return the folder of the local server's logs."""
    return paths.state() / "work" / "logs"


def password_file() -> Path:
    """Return the file with the local administrator's password."""
    return paths.state() / "admin-password"


def _record() -> Record | None:
    try:
        data = json.loads(_record_file().read_text(encoding="utf-8"))
        return Record(**{**data, "process": processes.Handle(**data["process"])})
    except (OSError, ValueError, TypeError, KeyError):
        return None


def _write_record(record: Record) -> None:
    _write_private(_record_file(), json.dumps(asdict(record)))


def _write_private(path: Path, text: str) -> None:
    """Write a file that appears whole and that only its owner can read."""
    temporary = path.with_name(f".{path.name}.new")
    temporary.unlink(missing_ok=True)
    with os.fdopen(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)
    temporary.replace(path)


def _secret(name: str) -> str:
    return (paths.state() / name).read_text(encoding="utf-8")


def _record_file() -> Path:
    return paths.state() / "server.json"


def _end_leftovers() -> bool:
    record = _record()
    if record is None:
        return False
    processes.end(record.process, Path(record.home))
    _record_file().unlink(missing_ok=True)
    return True


def _check_memory() -> None:
    available = psutil.virtual_memory().available
    if available < _MEMORY_BYTES:
        raise CannotJudgeError(
            f"Too little memory: {available / 1e9:.1f} GB are available, SonarQube needs {_MEMORY_BYTES / 1e9:.1f} GB.",
            "Close something large, or use a server elsewhere: set SONAR_HOST_URL and SONAR_TOKEN.",
        )


def _spawn(files: distribution.Distribution) -> Record:
    work = paths.state() / "work"
    folders = {name: work / name for name in ("data", "logs", "temp", "search")}
    for folder in (work, *folders.values()):
        folder.mkdir(mode=0o700, exist_ok=True)
        os.chown(folder, processes.owner(), -1)
    web, search, database = (_free_port() for _ in range(3))
    settings = {
        "sonar.web.host": "127.0.0.1",
        "sonar.web.port": web,
        "sonar.search.port": search,
        "sonar.embeddedDatabase.port": database,
        "sonar.search.javaOpts": "-Xmx512m -Xms512m",
        "sonar.telemetry.enable": "false",
        "sonar.updatecenter.activate": "false",
        **{f"sonar.path.{name}": folders[name] for name in ("data", "logs", "temp")},
    }
    # Only these: SonarQube takes any SONAR_... variable for a setting of the server.
    environment = {
        "PATH": os.environ.get("PATH", os.defpath),
        "LANG": "C.UTF-8",
        "SONAR_JAVA_PATH": str(files.java),
        "SONAR_ES_BOOTSTRAP_CHECKS_DISABLE": "true",
        "ES_TMPDIR": str(folders["search"]),
    }
    command = [
        str(files.java),
        "-jar",
        str(files.jar),
        *(f"-D{name}={value}" for name, value in settings.items()),
    ]
    log = logs() / "start.log"
    process = processes.spawn(command, files.home, environment, log)
    record = Record(f"http://127.0.0.1:{web}", files.version, str(files.home), process)
    _write_record(record)
    return record


def _free_port() -> int:
    """Return a port that the system gives to nobody else for some time: it keeps one whose last connection just ended.

    Whoever asks for it by its number, as servers do, gets it.
    """
    with socket.create_server(("127.0.0.1", 0)) as server, socket.create_connection(server.getsockname()):
        server.accept()[0].close()  # who closes first waits for what may still arrive
        return int(server.getsockname()[1])


def _status(url: str) -> str:
    try:
        return str(httpx2.get(f"{url}/api/system/status", timeout=_ANSWER_SECONDS).json().get("status"))
    except (httpx2.HTTPError, ValueError):
        return "DOWN"


def _wait_until_up(record: Record) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while _status(record.url) != "UP":
        if not record.process.alive:
            raise CannotJudgeError(f"SonarQube ended while it started.{_last_errors()}", f"Its logs: {logs()}")
        if time.monotonic() > deadline:
            raise CannotJudgeError(
                f"SonarQube did not come up in {_START_SECONDS} s.{_last_errors()}",
                f"Its logs: {logs()}. Run the same again; if it stays so, delete its data: gate stop --purge",
            )
        time.sleep(0.5)


def _last_errors() -> str:
    lines = [
        line.strip()
        for log in sorted(logs().glob("*.log"), key=lambda path: path.stat().st_mtime)
        for line in log.read_text(encoding="utf-8", errors="replace").splitlines()
        if " ERROR " in line or "Exception" in line or "No space left" in line
    ]
    return "".join(f"\n    {line[:300]}" for line in lines[-_ERROR_LINES:])


def _set_up(url: str) -> None:
    """Give a new server's administrator a password of our own, and make the token."""
    try:
        _sign_in(f"{url}/api/")
    except (httpx2.HTTPError, ValueError) as error:
        raise CannotJudgeError(
            f"SonarQube at {url} came up, but did not answer as one: {type(error).__name__}: {error}",
            f"Its logs: {logs()}. Run the same again; if it stays so, delete its data: gate stop --purge",
        ) from error


def _sign_in(api: str) -> None:
    # No client: it would keep the session's cookie, and Sonar would no longer look at the name and the password.
    file = password_file()
    if not file.exists():
        _write_private(file, f"{secrets.token_urlsafe(24)}-aA1!")
    login, first = _FIRST_LOGIN
    password = file.read_text(encoding="utf-8")
    if not _valid(api, login, password):
        change = {"login": login, "previousPassword": first, "password": password}
        if not _post(f"{api}users/change_password", change, _FIRST_LOGIN).is_success:
            raise CannotJudgeError(
                f"The server's data has a password that is not in {file}.",
                "Delete its data and begin afresh: gate stop --purge",
            )
    token = paths.state() / "token"
    if not token.exists() or not _valid(api, token.read_text(encoding="utf-8"), ""):
        wanted = {"name": f"gate-{secrets.token_hex(4)}", "type": "GLOBAL_ANALYSIS_TOKEN"}
        answer = _post(f"{api}user_tokens/generate", wanted, (login, password)).raise_for_status()
        _write_private(token, str(answer.json()["token"]))


def _post(address: str, data: dict[str, str], auth: tuple[str, str]) -> httpx2.Response:
    return httpx2.post(address, data=data, auth=auth, timeout=_ANSWER_SECONDS)


def _valid(api: str, user: str, password: str) -> bool:
    answer = httpx2.get(f"{api}authentication/validate", auth=(user, password), timeout=_ANSWER_SECONDS)
    return bool(answer.json().get("valid"))
