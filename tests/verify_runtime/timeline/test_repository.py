from pathlib import Path

import pytest

from verify_runtime.timeline.model import Place
from verify_runtime.timeline.repository import Repository, join, normal
from verify_runtime.timeline.versionfile import Written, node_version, package_field, tool_version

from .cases import write


def test_a_file_is_read_once_from_within_the_repository(tmp_path: Path) -> None:
    write(tmp_path, {"a/b": "text"})
    repository = Repository(tmp_path)
    assert repository.read("./a/../a/b") == "text"
    write(tmp_path, {"a/b": "changed"})
    assert repository.read("a/b") == "text"


def test_nothing_outside_is_read(tmp_path: Path) -> None:
    write(tmp_path, {"outside": "secret", "repository/inside": "text"})
    (tmp_path / "repository/link").symlink_to(tmp_path / "outside")
    (tmp_path / "repository/loop").symlink_to(tmp_path / "repository/loop")
    (tmp_path / "repository/folder").mkdir()
    (tmp_path / "repository/bytes").write_bytes(b"\xff\xfe")
    repository = Repository(tmp_path / "repository")
    paths = ("../outside", "/etc/passwd", "link", "loop", "folder", "bytes", "missing", "a\0b")
    assert [repository.read(path) for path in paths] == [None] * len(paths)


def test_paths_are_plain_or_none() -> None:
    assert normal("a/./b/../c") == "a/c"
    assert normal(".") == ""
    assert normal("..") is None
    assert join("web", "../.nvmrc") == ".nvmrc"
    assert join(None, "a") is None


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        (".nvmrc", "v18.2.0\n", Written("18.2.0", Place(".nvmrc", 1))),
        (".nvmrc", "# the version\n\nlts/iron\n", Written("lts/iron", Place(".nvmrc", 3))),
        (".tool-versions", "python 3.12\nnodejs 20.1.0\n", Written("20.1.0", Place(".tool-versions", 2))),
        ("mise.toml", '[tools]\npython = "3"\nnode = "22"\n', Written("22", Place("mise.toml", 3))),
        (
            "package.json",
            '{"volta": {"node": "20.1.0"}, "engines": {"node": "18"}}',
            Written("20.1.0", Place("package.json", 1)),
        ),
        ("package.json", '{\n"engines": {\n"node": ">=18"}}', Written(">=18", Place("package.json", 3))),
    ],
)
def test_a_version_is_read_as_setup_node_reads_it(name: str, text: str, expected: Written, tmp_path: Path) -> None:
    write(tmp_path, {name: text})
    assert node_version(Repository(tmp_path), name) == expected


def test_volta_extends_another_file_and_a_circle_ends(tmp_path: Path) -> None:
    write(
        tmp_path,
        {
            "web/package.json": '{"volta": {"extends": "../package.json"}}',
            "package.json": '{"volta": {"node": "20.0.0"}}',
        },
    )
    assert node_version(Repository(tmp_path), "web/package.json").version == "20.0.0"
    write(tmp_path, {"a.json": '{"volta": {"extends": "a.json"}}'})
    assert node_version(Repository(tmp_path), "a.json").version == ""


@pytest.mark.parametrize(
    ("text", "reason"), [(None, "is not in the repository"), ("", "is empty"), ("{}", "holds no version")]
)
def test_a_file_without_a_version_says_why(text: str | None, reason: str, tmp_path: Path) -> None:
    if text is not None:
        write(tmp_path, {"package.json": text})
    assert reason in node_version(Repository(tmp_path), "package.json").reason


def test_fields_and_tools_are_none_where_they_are_not_there(tmp_path: Path) -> None:
    write(tmp_path, {"package.json": '{"a": {"b": 1}}', ".tool-versions": "# nodejs 18\n"})
    repository = Repository(tmp_path)
    assert package_field(repository, "package.json", "a", "b") is None
    assert tool_version(repository, ".tool-versions", "nodejs") is None
    assert tool_version(repository, "mise.toml", "node") is None
