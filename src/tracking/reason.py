"""A reason: why something failed, in words that may be logged and shown."""

import re

_LENGTH = 1_000
_NAME = re.compile("token|password|secret|key", re.IGNORECASE)
_SECRETS = (
    (re.compile(r"://\S*@"), "://***@"),
    (re.compile(r"([?&][\w.-]+=)[^&\s]+"), lambda found: f"{found[1]}***" if _NAME.search(found[1]) else found[0]),
    (re.compile(r"\b(Basic|Bearer) +\S+", re.IGNORECASE), r"\1 ***"),
)


def clean(reason: str) -> str:
    """Take out of an error's words what nobody may read: passwords, tokens, and a database's values.

    Args:
        reason: The error's words.

    Returns:
        What is left of them, on one line.
    """
    words = " ".join(reason.partition("[SQL:")[0].split())
    for secret, mask in _SECRETS:
        words = secret.sub(mask, words)
    return words[:_LENGTH]
