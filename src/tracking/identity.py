"""Who is asking: one name in a header that the team's proxy sets, or in development one fixed user."""

from dataclasses import dataclass
from ipaddress import IPv6Address, ip_address, ip_network

from fastapi import HTTPException, Request

from tracking.privacy import canonical
from tracking.settings import Settings

_LONGEST = 320  # an e-mail address has no more: RFC 3696, erratum 1690
_UNAUTHORIZED = 401
_UNKNOWN = "Who is asking is not known: "


@dataclass(frozen=True, slots=True)
class Person:
    """Who is asking.

    Args:
        name: The user, as events name them.
        is_admin: Whether they may see what other users did.
    """

    name: str
    is_admin: bool


class Identity:
    """Tells who is asking.

    A header says so only when the connection itself comes from a trusted proxy: anyone can write a header.

    Args:
        settings: Its settings: IDENTITY_HEADER, TRUSTED_PROXIES, ADMIN_USERS and LOCAL_USER_EMAIL.

    Raises:
        ValueError: In production nothing says who is asking.
    """

    def __init__(self, settings: Settings) -> None:
        if settings.APP_ENV == "prod" and settings.IDENTITY_HEADER is None:
            raise ValueError("IDENTITY_HEADER: the service needs it where APP_ENV=prod, to tell one user from another")
        self._header = settings.IDENTITY_HEADER
        self._proxies = [ip_network(each) for each in settings.proxies]
        self._admins = frozenset(canonical(each) for each in settings.admins)
        self._local = settings.LOCAL_USER_EMAIL
        self._host = settings.HOST

    def __call__(self, request: Request) -> Person:
        """Return who is asking; a dependency of the routes.

        Raises:
            HTTPException: 401, with the reason, when that is not known.
        """
        if self._header is None:
            self._check_host(request.headers.get("host", ""))
            return self._person(self._local)
        peer = request.client.host if request.client else ""
        if not self._is_trusted(peer):
            raise HTTPException(
                _UNAUTHORIZED,
                f"{_UNKNOWN}the request came from {peer or 'a local socket'}, which is none of "
                "TRUSTED_PROXIES. Open the page at the address of the team's proxy.",
            )
        names = [_decoded(each) for each in request.headers.getlist(self._header)]
        # Two headers, or a list in one: somebody else wrote a part of it.
        if len(names) != 1 or not _is_name(names[0]):
            words = f"{_UNKNOWN}the proxy has to send the header {self._header} once, with one name, in UTF-8."
            raise HTTPException(_UNAUTHORIZED, words)
        return self._person(canonical(names[0]))

    def _check_host(self, host: str) -> None:
        """Refuse a page of another site whose name was made to point to this machine (DNS rebinding)."""
        name = host.partition(":")[0]
        is_address_or_local = "." not in name or name.replace(".", "").isdecimal()
        if not is_address_or_local and name != self._host:
            words = f"{_UNKNOWN}{name} may be anybody's name for this machine. Open the page at its address instead."
            raise HTTPException(_UNAUTHORIZED, words)

    def _person(self, name: str) -> Person:
        return Person(name, is_admin=canonical(name) in self._admins)

    def _is_trusted(self, peer: str) -> bool:
        try:
            address = ip_address(peer)
        except ValueError:
            return False
        if isinstance(address, IPv6Address) and address.ipv4_mapped:
            address = address.ipv4_mapped
        return any(address in network for network in self._proxies)


def _decoded(value: str) -> str:
    """Return a header's value as it was sent; what is no UTF-8 becomes what cannot be printed."""
    return value.encode("latin-1").decode(errors="surrogateescape").strip(" \t")


def _is_name(text: str) -> bool:
    return 0 < len(text) <= _LONGEST and text.isprintable() and "," not in text
