import os
import shutil
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import pytest

from tracking import store

from .conftest import MakeSettings

# One process imports MLflow and forks, because the import takes seconds: three makers, and the first is killed.
MAKERS = """
import os, signal, sys, time
from pathlib import Path
from tracking import store
from tracking.settings import Settings

data, warm = Path(sys.argv[1]), Path(sys.argv[2])
store.connect(Settings(DATA_DIR=warm))
from mlflow.telemetry.utils import is_telemetry_disabled
assert is_telemetry_disabled()

def start():
    made = os.fork()
    if not made:
        os._exit(0 if store.connect(Settings(DATA_DIR=data)).experiment_id == "1" else 1)
    return made

killed = start()
while not list(data.glob("mlflow.db.new/*")):
    time.sleep(0.001)
os.kill(killed, signal.SIGKILL)
assert os.waitstatus_to_exitcode(os.waitpid(killed, 0)[1]) == -signal.SIGKILL
assert not (data / "mlflow.db").exists()
makers = [start(), start()]
print([os.waitstatus_to_exitcode(os.waitpid(maker, 0)[1]) for maker in makers])
"""
# What would switch MLflow's telemetry off without the service.
ALREADY_OFF = ("CI", "GITHUB_ACTIONS", "PYTEST_CURRENT_TEST", "DO_NOT_TRACK")


def test_a_killed_maker_and_two_at_once_leave_one_whole_store(empty_store: Path, tmp_path: Path) -> None:
    data, warm = tmp_path / "données de travail", tmp_path / "warm"
    warm.mkdir()
    shutil.copy(empty_store, warm / "mlflow.db")
    environment = {name: value for name, value in os.environ.items() if name not in ALREADY_OFF}
    command = [sys.executable, "-c", MAKERS, str(data), str(warm)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120, check=False)
    assert (done.stdout, done.stderr) == ("[0, 0]\n", "")
    assert sorted(each.name for each in data.iterdir()) == ["artifacts", "mlflow.db", "mlflow.db.lock"]


@pytest.mark.parametrize("where", ["data/mlflow.db", "elsewhere.db"])
def test_a_folder_or_a_file_that_is_no_database_is_told_at_once(
    make_settings: MakeSettings, tmp_path: Path, where: str
) -> None:
    (tmp_path / "data" / "mlflow.db").mkdir(parents=True)
    (tmp_path / "elsewhere.db").write_text("no database" * 100, encoding="utf-8")
    started = time.perf_counter()
    with pytest.raises(OSError, match=r"\.db cannot be used as MLflow's store: "):
        store.connect(make_settings(MLFLOW_TRACKING_URI=f"sqlite:///{tmp_path / where}"))
    assert time.perf_counter() - started < 20  # MLflow by itself tries for 100 s, and its import takes a few


@pytest.mark.usefixtures("read_runs")
def test_mlflow_waits_for_a_server_no_longer_than_is_said(
    make_settings: MakeSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_TIMEOUT", "3")
    store.connect(make_settings())
    assert os.environ["MLFLOW_HTTP_REQUEST_MAX_RETRIES"] == "0"
    assert os.environ["MLFLOW_HTTP_REQUEST_TIMEOUT"] == "3"


@pytest.mark.usefixtures("read_runs")
def test_the_experiment_is_made_once_and_found_again(make_settings: MakeSettings, tmp_path: Path) -> None:
    settings = make_settings(MLFLOW_EXPERIMENT_NAME="portraits")
    assert store.connect(settings).experiment_id == store.connect(settings).experiment_id
    with closing(sqlite3.connect(tmp_path / "data" / "mlflow.db")) as database:
        found = database.execute("SELECT artifact_location FROM experiments WHERE name = 'portraits'").fetchall()
    assert found == [((tmp_path / "data" / "artifacts").as_uri(),)]


def test_a_name_that_the_store_refuses_is_told(make_settings: MakeSettings, empty_store: Path) -> None:
    uri = f"sqlite:///{empty_store}?timeout=20"
    with pytest.raises(Exception, match="500"):
        store.connect(make_settings(MLFLOW_TRACKING_URI=uri, MLFLOW_EXPERIMENT_NAME="x" * 501))


def test_a_deleted_experiment_is_told(make_settings: MakeSettings, local_store: Path) -> None:
    assert local_store.exists()
    made = store.connect(make_settings())
    made.client.delete_experiment(made.experiment_id)
    with pytest.raises(OSError, match=r"The experiment image-generation-dev is deleted in MLflow\. Restore it"):
        store.connect(make_settings())
