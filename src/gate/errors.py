"""What stops the gate from judging."""


class CannotJudgeError(Exception):
    """The gate could not reach a verdict; the message says what happened and where.

    Args:
        what: One plain sentence: what happened, and where.
        fix: What to do next: a command or a page.
    """

    def __init__(self, what: str, fix: str) -> None:
        super().__init__(f"{what}\n  {fix}")
        self.what = what
        self.fix = fix
