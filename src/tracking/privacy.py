"""What is kept of users and prompts: decided before anything is written."""

import hmac
import secrets
import string
from typing import Literal

from tracking.settings import Settings

_ALGORITHM = "sha256"
_KEY_BYTES = 32
# Not of all alphabets: the Kelvin sign's small letter is a k, and somebody else's name would become an admin's.
_SMALL = str.maketrans(string.ascii_uppercase, string.ascii_lowercase)


class Privacy:
    """Turns a user and a prompt into what may be kept of them.

    A hash is keyed (HMAC-SHA-256, RFC 2104): without the key nobody can try out who or what it may be, and with it the
    same user is the same hash.

    Args:
        config: TRACK_USERS, TRACK_PROMPTS and the hash's key.
    """

    def __init__(self, config: Settings) -> None:
        self._users = config.TRACK_USERS
        self._prompts = config.TRACK_PROMPTS
        self._key = config.TRACKING_HASH_KEY.get_secret_value().encode() if config.TRACKING_HASH_KEY else b""

    @property
    def passing_key(self) -> bytes:
        """A key for what is kept of users for a minute: theirs, or where nothing may be kept, this process's own."""
        return self._key or (secrets.token_bytes(_KEY_BYTES) if self._users == "off" else b"")

    @property
    def keeps_words(self) -> bool:
        """Whether prompts are kept as they are, and so may be a text, which often quotes its prompt."""
        return self._prompts == "full"

    def user(self, email: str) -> str | None:
        """Return what is kept of a user; None when nothing is."""
        return email if self._users == "email" else self._reduced(self._users, "user", email)

    def prompt(self, text: str) -> str | None:
        """Return what is kept of a prompt; None when nothing is."""
        return text if self._prompts == "full" else self._reduced(self._prompts, "prompt", text)

    def names(self, email: str) -> list[str]:
        """Return all that may stand for a user: the address, and its hash when there is a key."""
        return [email, self._hash("user", email)] if self._key else [email]

    def _reduced(self, how: Literal["hash", "off"], what: str, text: str) -> str | None:
        return self._hash(what, text) if how == "hash" else None

    def _hash(self, what: str, text: str) -> str:
        digest = hmac.digest(self._key, f"{what}:{text}".encode(errors="replace"), _ALGORITHM)
        return f"hmac-{_ALGORITHM}:{digest.hex()}"


def canonical(name: str) -> str:
    """Return a user's name as events have it, whatever letters a proxy wrote it in: a to z are small."""
    return name.translate(_SMALL)
