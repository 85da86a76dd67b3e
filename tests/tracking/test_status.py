"""The status can be told also where nothing can be written."""

import subprocess
import sys
from pathlib import Path

from .mounted import run_on_a_disk

# No file can be made or grow: what a full disk is to the process.
FULL = """
import resource, sys
from pathlib import Path
from tracking.journal import Journal
from tracking.ledger import Ledger
from tracking.status import Counter
from tests.tracking.events import event

folder = Path(sys.argv[1])
journal, counter = Journal(folder / "journal"), Counter(folder)
assert journal.append(event())
[segment] = (folder / "journal").iterdir()
size = segment.stat().st_size
resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))
assert not journal.append(event())
for each in (counter, Counter(folder)):
    now = each.status(journal.lost)
    assert (now.accepted, now.pending, now.lost, now.adds_up) == (2, 1, 1, True), now
print(sorted(path.name for path in folder.iterdir() if path.stat().st_size))
"""


def test_on_a_full_disk_the_status_is_told_with_what_was_lost(tmp_path: Path) -> None:
    root = Path(__file__).parents[2]
    command = [sys.executable, "-c", FULL, str(tmp_path)]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, timeout=60, check=False)
    assert (done.stdout, done.returncode) == ("['delivery.db', 'journal']\n", 0), done.stderr


# As a file system does that has met with an error; what is open is refused as well, which a mount cannot show.
READ_ONLY = """
import errno, os, subprocess, sys
from pathlib import Path
from fastapi.testclient import TestClient
from tests.tracking.events import event
from tracking.app import create_app
from tracking.settings import Settings

disk = sys.argv[1]
config = Settings(DATA_DIR=Path(disk, "data"), DELIVERY="separate")
with TestClient(create_app(config), raise_server_exceptions=False) as client:
    assert client.post("/api/images", json={"prompt": "x"}).status_code == 201
    subprocess.run(["mount", "--bind", disk, disk], check=True)
    subprocess.run(["mount", "-o", "remount,bind,ro", disk], check=True)
    os.chdir("/")

    def refuse(*_):
        raise OSError(errno.EROFS, "Read-only file system")

    os.pwrite = refuse
    assert client.post("/api/images", json={"prompt": "x"}).status_code == 201
    health = client.get("/healthz").json()["events"]
    metrics = client.get("/metrics").text
print({name: health[name] for name in ("accepted", "pending", "lost")})
print("tracking_events_lost_total 1" in metrics.splitlines())
"""


def test_on_a_disk_that_became_read_only_the_user_is_answered_and_the_loss_is_told(tmp_path: Path) -> None:
    printed = run_on_a_disk(READ_ONLY, tmp_path, "64m")
    assert printed == "{'accepted': 2, 'pending': 1, 'lost': 1}\nTrue\n"
