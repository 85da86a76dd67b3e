"""The status can be told also where nothing can be written."""

import subprocess
import sys
from pathlib import Path

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
