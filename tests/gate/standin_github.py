"""A stand-in for GitHub's REST API on a loopback port: what it answers has the documented format, and no other source.

Written after GitHub's OpenAPI description (version 2022-11-28) and docs.github.com: paths, statuses, bodies and headers
of repositories, rulesets, rules of a branch, and the names of Actions' secrets and variables. A ruleset comes back as
GitHub gives it: with what the server adds, and without bypass_actors for a token that may not write.
"""

import json
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

DOCUMENTATION = "https://docs.github.com/rest"
# Rules that need no parameters, and the parameters that the others require.
REQUIRED: dict[str, list[str]] = {
    "deletion": [],
    "non_fast_forward": [],
    "required_linear_history": [],
    "pull_request": [
        "dismiss_stale_reviews_on_push",
        "require_code_owner_review",
        "require_last_push_approval",
        "required_approving_review_count",
        "required_review_thread_resolution",
    ],
    "required_status_checks": ["required_status_checks", "strict_required_status_checks_policy"],
}
# What GitHub puts into a rule where the request is silent.
ADDED: dict[str, dict[str, Any]] = {
    "pull_request": {
        "required_reviewers": [],
        "dismissal_restriction": {"enabled": False, "allowed_actors": []},
        "require_extra_approval_for_unattributed_changes": True,
        "allowed_merge_methods": ["merge", "squash", "rebase"],
    },
    "required_status_checks": {"do_not_enforce_on_create": False},
}


@dataclass
class Repository:
    """What GitHub has of a repository; rulesets are kept as GitHub gives them to an administrator."""

    slug: str = "ada/engine"
    default_branch: str = "main"
    rulesets: list[dict[str, Any]] = field(default_factory=list)
    secrets: list[str] = field(default_factory=list)
    variables: list[str] = field(default_factory=list)
    organization_secrets: list[str] = field(default_factory=list)
    organization_variables: list[str] = field(default_factory=list)


@dataclass
class Refusal:
    """An answer that is given instead of the real one, to the requests of a method."""

    status: int
    message: str
    headers: dict[str, str] = field(default_factory=dict)
    errors: list[Any] | None = None
    method: str = ""


class GitHub(ThreadingHTTPServer):
    """The stand-in.

    token: the token that it takes. permissions: what that token may do, as fine-grained permissions are named.
    scopes: the scopes of a classic token; None for a fine-grained one. refusal: an answer given instead.
    asked: method and path of each request. page_size: the most items of a page.
    """

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.url = f"http://127.0.0.1:{self.server_port}"
        self.token = "github_pat_hush"  # noqa: S105 - opens nothing
        self.permissions = {"administration=write", "secrets=read", "variables=read"}
        self.scopes: str | None = None
        self.repository = Repository()
        self.refusal: Refusal | None = None
        self.asked: list[tuple[str, str]] = []
        self.page_size = 100
        self.keeps: dict[str, Any] = {}  # parameters of pull_request that no request can change
        self.next_host = ""

    def written(self) -> list[str]:
        return [method for method, _ in self.asked if method != "GET"]

    def add(self, data: dict[str, Any]) -> dict[str, Any]:
        """Make a ruleset of a request's data, as GitHub keeps it."""
        identifier = 42 + len(self.repository.rulesets)
        made: dict[str, Any] = {"id": identifier, "source_type": "Repository", "source": self.repository.slug}
        self.repository.rulesets.append(made)
        return self.change(made, data)

    def change(self, made: dict[str, Any], data: dict[str, Any]) -> dict[str, Any]:
        rules = []
        for rule in data.get("rules", []):
            added = ADDED.get(rule["type"], {}) | (rule.get("parameters") or {})
            if rule["type"] == "pull_request":
                added |= self.keeps
            rules.append({"type": rule["type"], "parameters": added} if added else {"type": rule["type"]})
        identifier, slug = made["id"], self.repository.slug
        made |= {"target": "branch", "bypass_actors": [], "conditions": None} | data | {"rules": rules[::-1]}
        made |= {
            "node_id": "RRS_lACkVXNlcgQB",
            "_links": {
                "self": {"href": f"{self.url}/repos/{slug}/rulesets/{identifier}"},
                "html": {"href": f"https://github.com/{slug}/rules/{identifier}"},
            },
            "created_at": "2026-11-27T08:43:03Z",
            "updated_at": "2026-11-27T16:29:47Z",
            "current_user_can_bypass": "never",
        }
        return made


class _Handler(BaseHTTPRequestHandler):
    server: GitHub

    def do_GET(self) -> None:
        self.route()

    def do_POST(self) -> None:
        self.route()

    def do_PUT(self) -> None:
        self.route()

    def do_DELETE(self) -> None:
        self.route()

    def log_message(self, *_: object) -> None:
        """Keep quiet."""

    def route(self) -> None:
        where = urlsplit(self.path)
        self.data = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.query = dict(parse_qsl(where.query))
        self.server.asked.append((self.command, where.path))
        refusal = self.server.refusal
        if refusal and refusal.method in {"", self.command}:
            self.refuse(refusal.status, refusal.message, refusal.headers, refusal.errors)
        elif self.headers["Authorization"] != f"Bearer {self.server.token}":
            self.refuse(401, "Bad credentials")
        elif self.headers["X-GitHub-Api-Version"] != "2022-11-28":
            self.refuse(400, "The version is not supported")
        elif self.headers["Accept"] != "application/vnd.github+json" or not self.headers["User-Agent"]:
            self.refuse(403, "Request forbidden by administrative rules.")
        else:
            prefix = f"/repos/{self.server.repository.slug}"
            path = where.path
            if path != prefix and not path.startswith(f"{prefix}/"):
                self.refuse(404, "Not Found")
            else:
                self.repository(path.removeprefix(prefix))

    def repository(self, path: str) -> None:
        repository = self.server.repository
        match path.split("/")[1:]:
            case []:
                self.answer(
                    {
                        "id": 1,
                        "full_name": repository.slug,
                        "default_branch": repository.default_branch,
                        "private": False,
                    }
                )
            case ["rulesets"]:
                self.rulesets()
            case ["rulesets", identifier]:
                self.ruleset(int(identifier))
            case ["rules", "branches", branch]:
                self.answer(self.rules(unquote(branch)))
            case ["actions", ("secrets" | "variables") as kind, name]:
                self.named(kind, name)
            case ["actions", ("organization-secrets" | "organization-variables") as kind]:
                self.organization(kind)
            case _:
                self.refuse(404, "Not Found")

    def rulesets(self) -> None:
        if self.command == "POST":
            if self.may("administration=write") and (data := self.valid()):
                self.answer(self.shown(self.server.add(data)), 201)
            return
        short = ("id", "name", "source_type", "source", "enforcement", "node_id", "_links", "created_at", "updated_at")
        items = [{key: each[key] for key in short} for each in self.server.repository.rulesets]
        if self.query.get("includes_parents", "true") == "true":
            items.insert(0, {**dict.fromkeys(short), "id": 7, "name": "main", "source_type": "Organization"})
        self.page(items)

    def ruleset(self, identifier: int) -> None:
        kept = self.server.repository.rulesets
        made = next((each for each in kept if each["id"] == identifier), None)
        if made is None:
            self.refuse(404, "Not Found")
        elif self.command == "GET":
            self.answer(self.shown(made))
        elif self.may("administration=write"):
            if self.command == "DELETE":
                kept.remove(made)
                self.answer(None, 204)
            elif data := self.valid():
                self.answer(self.shown(self.server.change(made, data)))

    def shown(self, made: dict[str, Any]) -> dict[str, Any]:
        writes = "administration=write" in self.server.permissions
        return {key: value for key, value in made.items() if key != "bypass_actors" or writes}

    def valid(self) -> dict[str, Any] | None:
        data: dict[str, Any] = json.loads(self.data)
        errors = [f"Invalid property /{key}: missing" for key in ("name", "enforcement") if key not in data]
        if data.get("enforcement") not in {"active", "disabled", "evaluate"}:
            errors.append("Enforcement is not included in the list")
        for rule in data.get("rules", []):
            required = REQUIRED.get(rule["type"])
            if required is None or not set(required) <= set(rule.get("parameters", {})):
                errors.append(f"Invalid rule '{rule['type']}': ")
        if errors:
            self.refuse(422, "Validation Failed", errors=errors)
            return None
        return data

    def rules(self, branch: str) -> list[dict[str, Any]]:
        """Return the active rules that hold on a branch; ~DEFAULT_BRANCH is the only pattern that is known here."""
        found = []
        for each in self.server.repository.rulesets:
            included = (each["conditions"] or {}).get("ref_name", {}).get("include", [])
            default = branch == self.server.repository.default_branch and "~DEFAULT_BRANCH" in included
            if each["enforcement"] == "active" and (default or f"refs/heads/{branch}" in included):
                source = {
                    "ruleset_source_type": "Repository",
                    "ruleset_source": each["source"],
                    "ruleset_id": each["id"],
                }
                found += [rule | source for rule in each["rules"]]
        return found

    def named(self, kind: str, name: str) -> None:
        if self.may(f"{kind}=read"):
            if name in getattr(self.server.repository, kind):
                self.answer(self.item(kind, name))
            else:
                self.refuse(404, "Not Found")

    def organization(self, kind: str) -> None:
        plain = kind.removeprefix("organization-")
        if self.may(f"{plain}=read"):
            names = getattr(self.server.repository, f"organization_{plain}")
            self.page([self.item(plain, name) for name in names], plain)

    def item(self, kind: str, name: str) -> dict[str, str]:
        times = {"created_at": "2026-11-01T08:00:00Z", "updated_at": "2026-11-01T08:00:00Z"}
        return {"name": name, **({"value": "hush-value"} if kind == "variables" else {}), **times}

    def may(self, permission: str) -> bool:
        if permission in self.server.permissions:
            return True
        accepted = {"X-Accepted-GitHub-Permissions": permission}
        self.refuse(403, "Resource not accessible by personal access token", accepted)
        return False

    def page(self, items: list[Any], name: str = "") -> None:
        size = min(int(self.query.get("per_page", 30)), self.server.page_size)
        number = int(self.query.get("page", 1))
        page = items[(number - 1) * size : number * size]
        headers = {}
        if number * size < len(items):
            path = urlsplit(self.path).path
            rest = "&".join(f"{key}={value}" for key, value in self.query.items() if key != "page")
            address = f"{self.server.next_host or self.server.url}{path}?{rest}&page={number + 1}"
            headers["Link"] = f'<{address}>; rel="next", <{address}>; rel="last"'
        self.answer({"total_count": len(items), name: page} if name else page, headers=headers)

    def refuse(
        self, status: int, message: str, headers: dict[str, str] | None = None, errors: list[Any] | None = None
    ) -> None:
        body = {"message": message, "documentation_url": DOCUMENTATION, "status": str(status)}
        self.answer(body if errors is None else body | {"errors": errors}, status, headers)

    def answer(self, data: Any, status: int = 200, headers: dict[str, str] | None = None) -> None:  # noqa: ANN401 - JSON
        body = b"" if data is None else json.dumps(data).encode()
        self.send_response(status)
        limits = {"X-RateLimit-Limit": "5000", "X-RateLimit-Remaining": "4999", "X-RateLimit-Reset": "1800000000"}
        scopes = {} if self.server.scopes is None else {"X-OAuth-Scopes": self.server.scopes}
        kind = {"Content-Type": "application/json; charset=utf-8", "Content-Length": str(len(body))}
        for name, value in (limits | scopes | kind | (headers or {})).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)
