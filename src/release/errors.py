"""What stops a release."""


class ReleaseError(Exception):
    """A tag cannot be released; the message says what happened and where.

    Args:
        what: One plain sentence: what happened, and where.
        fix: What to do next.
    """

    def __init__(self, what: str, fix: str) -> None:
        super().__init__(f"{what}\n  {fix}")
        self.what = what
        self.fix = fix
