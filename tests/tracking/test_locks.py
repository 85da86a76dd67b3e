import subprocess
import sys
from pathlib import Path

from tracking.locks import exclusive, shared

HOLDER = """
import sys
from pathlib import Path
from tracking.locks import exclusive
with exclusive(Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""


def test_one_has_it_and_others_do_not(tmp_path: Path) -> None:
    with exclusive(tmp_path / "lock") as first, exclusive(tmp_path / "lock", wait=False) as second:
        assert (first, second) == (True, False)
    with exclusive(tmp_path / "lock", wait=False) as third:
        assert third


def test_a_dead_owner_releases_it(tmp_path: Path) -> None:
    command = [sys.executable, "-c", HOLDER, str(tmp_path / "lock")]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        assert process.stdout.readline() == "held\n"
        with exclusive(tmp_path / "lock", wait=False) as held:
            assert not held
        process.kill()
        process.wait()
    with exclusive(tmp_path / "lock", wait=False) as held:
        assert held


def test_those_who_share_exclude_the_other(tmp_path: Path) -> None:
    with shared(tmp_path / "lock"), shared(tmp_path / "lock"), exclusive(tmp_path / "lock", wait=False) as held:
        assert not held
