"""An MLflow that hangs is felt by nobody but those who ask for what it has."""

import asyncio
import socket
from pathlib import Path

import httpx2
import pytest

from tracking.app import create_app

from ..conftest import MakeSettings

PEOPLE = 50
SECONDS = 600  # for a busy machine; nothing here takes so long


@pytest.mark.parametrize("question", ["usage/cost", "generations/{}/tracked"])
def test_while_mlflow_hangs_and_many_wait_for_it_others_are_answered(
    make_settings: MakeSettings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, question: str
) -> None:
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_TIMEOUT", str(2 * SECONDS))

    async def ask(hanging: socket.socket) -> tuple[list[int], set[int]]:
        uri = f"http://127.0.0.1:{hanging.getsockname()[1]}"
        app = create_app(make_settings(MLFLOW_TRACKING_URI=uri), page=tmp_path / "page")
        transport = httpx2.ASGITransport(app)
        async with httpx2.AsyncClient(transport=transport, base_url="http://localhost", timeout=None) as client:
            made = (await client.post("/api/images", json={"prompt": "x"})).json()
            address = f"/api/{question.format(made['id'])}"
            waiting = [asyncio.create_task(client.get(address)) for _ in range(PEOPLE)]
            connection, _ = await asyncio.get_running_loop().sock_accept(hanging)
            with connection:
                answers = [
                    await asyncio.wait_for(client.get("/healthz"), SECONDS),
                    await asyncio.wait_for(client.get("/metrics"), SECONDS),
                    await asyncio.wait_for(client.post("/api/texts", json={"prompt": "x"}), SECONDS),
                    await asyncio.wait_for(client.post("/api/images", json={"prompt": "x"}), SECONDS),
                ]
                assert [each for each in waiting if each.done()] == []
            hanging.close()  # and the first of them tells all who came while it waited
            return [each.status_code for each in answers], {(await each).status_code for each in waiting}

    with socket.create_server(("127.0.0.1", 0)) as hanging:
        hanging.settimeout(0)
        assert asyncio.run(ask(hanging)) == ([200, 200, 200, 201], {503})
