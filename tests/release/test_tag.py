import pytest

from release import tag
from release.errors import ReleaseError


@pytest.mark.parametrize(
    ("name", "version", "major", "pre"),
    [
        ("v1.2.3", "1.2.3", "v1", ""),
        ("v0.10.0", "0.10.0", "v0", ""),
        ("v1.2.3-rc.1", "1.2.3-rc.1", "v1", "rc.1"),
        ("v12.0.0-alpha.10", "12.0.0-alpha.10", "v12", "alpha.10"),
    ],
)
def test_a_versions_tag_is_read(name: str, version: str, major: str, pre: str) -> None:
    read = tag.parse(name)
    assert (str(read), read.version, read.major, read.pre) == (name, version, major, pre)


@pytest.mark.parametrize(
    "name", ["1.2.3", "v1", "v1.2", "v01.2.3", "v1.2.3-next.1", "v1.2.3-rc1", "v1.2.3+1", "v1.2.3\n", ""]
)
def test_what_is_no_versions_tag_is_refused_with_what_to_write(name: str) -> None:
    with pytest.raises(ReleaseError, match=r"is no version's tag\.\n  Write v1\.2\.3"):
        tag.parse(name)


def test_pythons_short_spelling_is_the_same_version() -> None:
    assert tag.parse("v1.2.3-beta.4").spellings == {"1.2.3-beta.4", "1.2.3b4"}


def test_the_newest_is_by_number_and_no_pre_release() -> None:
    assert str(tag.newest(["v1.9.0", "v1.10.0", "v1", "v2.0.0-rc.1", "v1.2.0", "latest"])) == "v1.10.0"
    assert tag.newest(["v2.0.0-rc.1", "v1"]) is None
