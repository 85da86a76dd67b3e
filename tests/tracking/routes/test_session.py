"""The session: what the page asks first."""

from pathlib import Path

from fastapi.testclient import TestClient

from tracking.app import create_app

from ..conftest import MakeSettings


def test_in_development_it_is_one_user_with_what_can_be_generated(client: TestClient) -> None:
    assert client.get("/api/session", headers={"X-Forwarded-Email": "eve@example.com"}).json() == {
        "user": "developer@localhost",
        "is_admin": False,
        "provider": "local",
        "text_model": "local-text",
        "image_model": "local-drawing",
        "prompt_limit": 4000,
        "time_zone": "UTC",
    }


def test_a_provider_without_pictures_and_another_zone_are_told(make_settings: MakeSettings, tmp_path: Path) -> None:
    settings = {"GENERATOR": "anthropic", "ANTHROPIC_API_KEY": "key", "USAGE_TIME_ZONE": "Asia/Kathmandu"}
    config = make_settings(ENABLE_TRACKING=False, ADMIN_USERS="Developer@localhost", **settings)
    with TestClient(create_app(config, page=tmp_path / "page")) as client:
        found = client.get("/api/session").json()
    assert (found["provider"], found["image_model"], found["time_zone"]) == ("anthropic", None, "Asia/Kathmandu")
    assert found["is_admin"]
