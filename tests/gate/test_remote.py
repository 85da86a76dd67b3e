"""Where a repository is on GitHub, and which token goes there."""

from pathlib import Path

import pytest

from gate import credential, remote
from gate.errors import CannotJudgeError
from gate.remote import Remote
from gate.repository import Repository

from .sandbox import make


@pytest.mark.parametrize(
    ("address", "host", "slug"),
    [
        ("https://github.com/ada/engine.git", "github.com", "ada/engine"),
        ("https://github.com/ada/engine/", "github.com", "ada/engine"),
        ("https://ada:ghp_hush@github.com/ada/engine", "github.com", "ada/engine"),
        ("git@github.com:ada/engine.git", "github.com", "ada/engine"),
        ("org-1234@GitHub.com:ada/engine", "github.com", "ada/engine"),
        ("github.com:ada/engine.js", "github.com", "ada/engine.js"),
        ("ssh://git@github.com/ada/engine.git", "github.com", "ada/engine"),
        ("ssh://git@ssh.github.com:443/ada/engine.git", "github.com", "ada/engine"),
        ("ssh://git@github.example.com:2222/ada/engine.git", "github.example.com", "ada/engine"),
        ("https://github.example.com:8443/ada/engine.git", "github.example.com:8443", "ada/engine"),
        ("git://github.com/ada/engine", "github.com", "ada/engine"),
        ("https://acme.ghe.com/ada/engine", "acme.ghe.com", "ada/engine"),
    ],
)
def test_every_form_of_address_is_read(address: str, host: str, slug: str) -> None:
    assert remote.parse(address) == Remote(host, slug)


@pytest.mark.parametrize(
    "address",
    ["", "/srv/git/engine.git", "../engine", "file:///srv/ada/engine", "work:ada/engine", "https://h.example/a/b/c"],
)
def test_an_address_that_is_none_of_github_s_is_not_guessed_at(address: str) -> None:
    assert remote.parse(address) is None


@pytest.mark.parametrize(
    ("host", "api"),
    [
        ("github.com", "https://api.github.com"),
        ("acme.ghe.com", "https://api.acme.ghe.com"),
        ("github.example.com:8443", "https://github.example.com:8443/api/v3"),
        ("github.com.example.com", "https://github.com.example.com/api/v3"),
    ],
)
def test_each_host_has_its_api(host: str, api: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert Remote(host, "ada/engine").api == api
    monkeypatch.setenv("GITHUB_API_URL", "http://127.0.0.1:9/")
    assert Remote(host, "ada/engine").api == "http://127.0.0.1:9"


def test_without_an_origin_the_repository_can_be_named(tmp_path: Path) -> None:
    work = Repository(make(tmp_path))
    with pytest.raises(CannotJudgeError, match="is not there") as told:
        remote.find(work)
    assert "--repository OWNER/NAME" in told.value.fix
    assert remote.find(work, "ada/engine") == Remote("github.com", "ada/engine")
    for wrong in ("ada", "ada/engine/x", "ada/..", "../x", "ada engine"):
        with pytest.raises(CannotJudgeError, match="is not the name of a repository"):
            remote.find(work, wrong)


def test_github_s_token_goes_to_github_only(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GITHUB_TOKEN", "ghp_hush")
    assert credential.find(Remote("github.com", "a/b")) == credential.Credential("ghp_hush", "GITHUB_TOKEN")
    assert credential.find(Remote("github.example.com", "a/b")) is None
    monkeypatch.setenv("GH_ENTERPRISE_TOKEN", "other")
    assert credential.find(Remote("github.example.com", "a/b")) == credential.Credential("other", "GH_ENTERPRISE_TOKEN")
    monkeypatch.setenv("GH_TOKEN", "first")
    assert credential.find(Remote("acme.ghe.com", "a/b")) == credential.Credential("first", "GH_TOKEN")


@pytest.mark.parametrize("token", ["ghp_hush\nx", "ghp hush", "hüsh"])
def test_what_is_no_token_is_told_and_not_shown(token: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GH_TOKEN", token)
    with pytest.raises(CannotJudgeError, match="GH_TOKEN holds blanks") as told:
        credential.find(Remote("github.com", "a/b"))
    assert "sh" not in str(told.value).replace("GH_TOKEN", "")


def test_a_token_is_not_in_a_credential_s_text() -> None:
    assert "hush" not in repr(credential.Credential("ghp_hush", "GH_TOKEN"))
