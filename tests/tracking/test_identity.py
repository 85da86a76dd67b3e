import pytest
from fastapi import HTTPException, Request

from tracking.identity import Identity, Person
from tracking.settings import Settings

HEADER = "X-Forwarded-Email"


def settings(**values: str) -> Settings:
    return Settings.model_validate({"IDENTITY_HEADER": HEADER, "TRUSTED_PROXIES": "10.0.0.7, 10.1.0.0/16", **values})


def request(*names: bytes, peer: str | None = "10.0.0.7", host: bytes = b"studio.example.com") -> Request:
    headers = [(b"host", host), *((HEADER.lower().encode(), name) for name in names)]
    return Request({"type": "http", "headers": headers, "client": (peer, 1) if peer else None})


@pytest.mark.parametrize("peer", ["10.0.0.7", "10.1.2.3", "::ffff:10.0.0.7"])
def test_a_trusted_proxy_says_who_is_asking(peer: str) -> None:
    found = Identity(settings())(request(b" Ada@Example.com ", peer=peer))
    assert found == Person("ada@example.com", is_admin=False)


@pytest.mark.parametrize("peer", ["10.0.0.8", "127.0.0.1", "::1", "::ffff:10.0.0.8", "testclient", None])
def test_nobody_else_does(peer: str | None) -> None:
    with pytest.raises(HTTPException, match="TRUSTED_PROXIES") as refused:
        Identity(settings())(request(b"ada@example.com", peer=peer))
    assert refused.value.status_code == 401


@pytest.mark.parametrize(
    "names",
    [
        *((), (b"",), (b"  ",), (b"ada", b"eve"), (b"ada", b"ada"), (b"ada, eve",), (b"a" * 321,), (b"a\x85da",)),
        *(("ada\u202e",), ("\u200bada",), ("\xa0ada",), (b"j\xfcrgen",), (b"ada\x00",)),
    ],
    ids=[
        *("none", "empty", "blank", "two", "twice", "a list", "long", "control"),
        *("backwards", "invisible", "blank of another kind", "no UTF-8", "null"),
    ],
)
def test_one_name_is_needed(names: tuple[bytes | str, ...]) -> None:
    sent = [each.encode() if isinstance(each, str) else each for each in names]
    with pytest.raises(HTTPException, match=HEADER) as refused:
        Identity(settings())(request(*sent))
    assert refused.value.status_code == 401


def test_admins_are_known_in_small_and_large_letters() -> None:
    identity = Identity(settings(ADMIN_USERS="ADA@example.com, grace@example.com"))
    assert identity(request(b"ada@Example.com")).is_admin
    assert not identity(request(b"eve@example.com")).is_admin


def test_a_name_in_other_letters_is_as_it_was_sent() -> None:
    found = Identity(settings(ADMIN_USERS="Jürgen@example.com"))(request("jürgen@Example.com".encode()))
    assert found == Person("jürgen@example.com", is_admin=True)


@pytest.mark.parametrize("alike", ["\u212aim@example.com", "k\u0131m@example.com", "\uff4bim@example.com"])
def test_no_letter_that_looks_like_another_makes_an_admin(alike: str) -> None:
    found = Identity(settings(ADMIN_USERS="kim@example.com"))(request(alike.encode()))
    assert not found.is_admin
    assert found.name != "kim@example.com"


def test_in_development_it_is_one_fixed_user_whatever_the_headers_say() -> None:
    identity = Identity(Settings(ADMIN_USERS="eve@example.com"))
    found = identity(request(b"eve@example.com", peer="10.9.9.9", host=b"localhost:8000"))
    assert found == Person("developer@localhost", is_admin=False)


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1:8000", "[::1]:8000", "[::ffff:127.0.0.1]", "devbox:80", ""])
def test_in_development_a_page_is_opened_at_an_address_that_is_nobody_elses(host: str) -> None:
    assert Identity(Settings())(request(host=host.encode())).name == "developer@localhost"


@pytest.mark.parametrize("host", ["evil.example.com", "evil.example.com:8000", "127.0.0.1.example.com", "1.2.3.4x"])
def test_in_development_another_sites_name_that_points_here_is_refused(host: str) -> None:
    with pytest.raises(HTTPException, match="anybody's name") as refused:
        Identity(Settings())(request(host=host.encode()))
    assert refused.value.status_code == 401
    assert Identity(Settings(HOST=host.partition(":")[0]))(request(host=host.encode())).name == "developer@localhost"


def test_in_production_something_has_to_say_who_is_asking() -> None:
    with pytest.raises(ValueError, match="IDENTITY_HEADER"):
        Identity(Settings(APP_ENV="prod"))
    Identity(settings(APP_ENV="prod"))
