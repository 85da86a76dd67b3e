"""What a team answers: the names that the repository takes, and the parts that it goes without."""

import json
import re
from dataclasses import dataclass

PARTS = ("tracking", "web", "analytics")

# What PyPI, npm, SonarCloud and a host name all take.
_NAME = re.compile(r"[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?", re.ASCII)
_REPOSITORY = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]{0,38}/[A-Za-z0-9._-]{1,100}", re.ASCII)
# A title stands in HTML, TypeScript and Python: nothing that one of them would read as its own.
_TITLE = re.compile(r"[^\W_][\w .,:!?()+-]{0,39}")
_HOLDER = re.compile(r"[^\s<>][^\r\n<>]{0,99}")


class AnswerError(ValueError):
    """An answer that cannot be taken; the message says which, and what can."""


@dataclass(frozen=True, slots=True)
class Answers:
    """A team's answers.

    Args:
        name: The project's name, as PyPI, npm and Sonar know it.
        repository: OWNER/NAME on GitHub.
        title: What the page calls itself.
        holder: Who holds the licence.
        without: The parts that are left out, of `PARTS`.
        template: The template's address, where `copier update` looks for later versions.
        version: The template's version, as copier names it.
    """

    name: str
    repository: str
    title: str
    holder: str
    without: tuple[str, ...]
    template: str
    version: str

    def check(self, taken: set[str]) -> None:
        """Check every answer.

        Args:
            taken: The names of packages that the project uses, one of which it cannot be.

        Raises:
            AnswerError: One of them cannot be taken.
        """
        if not _NAME.fullmatch(self.name):
            wanted = "small letters, digits and hyphens, a letter first, 63 at most: my-app"
            raise AnswerError(f"NAME={self.name}: a name is {wanted}")
        if self.name in taken:
            raise AnswerError(f"NAME={self.name}: a package of that name is used here; take another: my-{self.name}")
        if not _REPOSITORY.fullmatch(self.repository):
            raise AnswerError(f"REPOSITORY={self.repository}: write OWNER/NAME, as on GitHub: acme/{self.name}")
        if not _TITLE.fullmatch(self.title):
            wanted = "a letter or digit first, then also spaces and . , : ! ? ( ) + -, 40 at most"
            raise AnswerError(f"TITLE={self.title}: {wanted}")
        if not _HOLDER.fullmatch(self.holder):
            raise AnswerError(f"HOLDER={self.holder}: one line without < and >, 100 characters at most")
        unknown = [part for part in self.without if part not in PARTS]
        if unknown:
            raise AnswerError(f"WITHOUT={','.join(self.without)}: what can be left out is {', '.join(PARTS)}")

    @property
    def words(self) -> dict[str, str]:
        """What stands for each placeholder of an edit."""
        return {
            "{name}": self.name,
            "{repository}": self.repository,
            "{owner}": self.repository.split("/")[0],
            "{key}": self.repository.replace("/", "_"),
            "{title}": self.title,
            "{holder}": self.holder,
        }

    def to_yaml(self) -> str:
        """Return the answers file that `copier update` reads."""
        data = {
            "_commit": self.version,
            "_src_path": self.template,
            "holder": self.holder,
            "name": self.name,
            "repository": self.repository,
            "title": self.title,
            "without": list(self.without),
        }
        lines = (f"{key}: {json.dumps(value, ensure_ascii=False)}\n" for key, value in data.items())
        return "# Written by `copier update`, which reads it. Do not edit it.\n" + "".join(lines)
