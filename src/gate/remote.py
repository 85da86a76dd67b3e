"""The repository on GitHub, or on a GitHub Enterprise Server: whose it is, and where its API and its pages are."""

import os
import re
from dataclasses import dataclass

from gate.errors import CannotJudgeError
from gate.repository import Repository

_CLOUD = "github.com"
# host:port/path, and git's short form host:path.
_ADDRESS = re.compile(r"(?P<host>[A-Za-z0-9.-]+)(?::(?P<port>\d+))?[:/]/*(?P<path>[^:/].*)")
_SLUG = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]*/(?!\.\.?$)[A-Za-z0-9_.-]+")


@dataclass(frozen=True, slots=True)
class Remote:
    """A repository on a host that speaks GitHub's API.

    Args:
        host: The host, with its port where that is not the usual one.
        slug: OWNER/NAME.
    """

    host: str
    slug: str

    @property
    def is_cloud(self) -> bool:
        """Whether GitHub runs the host itself: github.com, or a tenant of its own at ghe.com."""
        return self.host == _CLOUD or self.host.endswith(".ghe.com")

    @property
    def api(self) -> str:
        """The API's address: GITHUB_API_URL where that is set."""
        address = f"https://api.{self.host}" if self.is_cloud else f"https://{self.host}/api/v3"
        return (os.environ.get("GITHUB_API_URL") or address).rstrip("/")

    @property
    def page(self) -> str:
        """The address of the repository's page."""
        return f"https://{self.host}/{self.slug}"


def find(repository: Repository, slug: str | None = None) -> Remote:
    """Return where a repository is on GitHub.

    Args:
        repository: The repository; its remote origin tells.
        slug: OWNER/NAME, instead of what the remote says; the host stays the remote's.

    Raises:
        CannotJudgeError: There is no such remote, or its address is none of GitHub's.
    """
    if slug and not _SLUG.fullmatch(slug):
        raise CannotJudgeError(f"{slug!r} is not the name of a repository.", "Write --repository OWNER/NAME.")
    found = parse(repository.origin)
    if found is None and slug is None:
        what = "has an address that is none of GitHub's" if repository.origin else "is not there"
        raise CannotJudgeError(
            f"The remote origin of {repository.root} {what}.",
            "Set it: git remote add origin ADDRESS (set-url when it is there); or gate protect --repository OWNER/NAME",
        )
    return Remote(found.host if found else _CLOUD, slug or (found.slug if found else ""))


def parse(address: str) -> Remote | None:
    """Read the address of a remote; None when it names no host, or no OWNER/NAME there."""
    scheme, _, rest = address.strip().rpartition("://")
    user, _, place = rest.partition("@")  # what stands before the @ may be a password
    parts = _ADDRESS.fullmatch(rest if "/" in user else place or rest)
    if parts is None or "." not in parts["host"].strip("."):
        return None
    slug = parts["path"].strip("/").removesuffix(".git")
    if not _SLUG.fullmatch(slug):
        return None
    host = parts["host"].lower()
    if host in {"ssh.github.com", "www.github.com"}:
        host = _CLOUD
    web_port = f":{parts['port']}" if parts["port"] and scheme in {"http", "https"} else ""
    return Remote(host + web_port, slug)
