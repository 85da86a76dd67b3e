from typing import NamedTuple


class Engine(NamedTuple):
    package: str
    version: str
    node: str
    file: str
    line: int


def engine(read, folder, command):
    return None
