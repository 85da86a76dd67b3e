import pytest

from release import source, tag
from release.check import check
from release.errors import ReleaseError

from .conftest import FILES, Project


def test_a_version_on_main_that_all_files_name_may_be_released(project: Project) -> None:
    assert check(*project.tag("v1.2.3")) == "- What 1.2.3 brings.\n"


def test_before_the_tag_head_is_judged(project: Project) -> None:
    found, wanted = project.tag("v1.2.3", push=False)
    project.git("tag", "--delete", "v1.2.3")
    assert source.find(project.root, wanted) == found
    assert check(found, wanted)


def test_python_may_spell_a_pre_release_in_its_own_way_and_npm_not(project: Project) -> None:
    found, wanted = project.tag("v1.2.3-rc.1")
    assert check(found, wanted)
    project.commit({"pyproject.toml": FILES["pyproject.toml"].format(version="1.2.3rc1")})
    project.git("push", "--quiet", "origin", "HEAD:main")
    project.git("tag", "--force", "v1.2.3-rc.1")
    assert check(source.find(project.root, wanted), wanted)
    project.commit({"package.json": FILES["package.json"].format(version="1.2.3rc1")})
    project.git("tag", "--force", "v1.2.3-rc.1")
    with pytest.raises(ReleaseError, match=r"package\.json says version 1\.2\.3rc1, the tag says 1\.2\.3-rc\.1"):
        check(source.find(project.root, wanted), wanted)


@pytest.mark.parametrize("file", ["pyproject.toml", "package.json"])
def test_a_file_that_names_another_version_is_refused(project: Project, file: str) -> None:
    project.tag("v1.2.3")
    project.commit({file: FILES[file].format(version="1.2.2")})
    project.git("push", "--quiet", "origin", "HEAD:main")
    project.git("tag", "--force", "v1.2.3")
    wanted = tag.parse("v1.2.3")
    with pytest.raises(ReleaseError, match=rf"{file} says version 1\.2\.2.*\n  Mend that on main.*--delete origin v1"):
        check(source.find(project.root, wanted), wanted)


def test_a_project_without_a_page_or_without_python_is_released_too(project: Project) -> None:
    project.tag("v1.2.3")
    wanted = tag.parse("v1.2.3")
    for file in ("package.json", "pyproject.toml"):
        (project.root / file).unlink()
        project.commit({})
        project.git("push", "--quiet", "origin", "HEAD:main")
        project.git("tag", "--force", "v1.2.3")
        assert check(source.find(project.root, wanted), wanted)


def test_a_tag_beside_main_is_refused(project: Project) -> None:
    project.tag("v1.2.3")
    project.git("switch", "--quiet", "--create", "aside")
    project.commit({"a": ""})
    project.git("tag", "--force", "v1.2.3")
    wanted = tag.parse("v1.2.3")
    with pytest.raises(ReleaseError, match=r"v1\.2\.3 \(\w{12}\) is not on origin/main"):
        check(source.find(project.root, wanted), wanted)


def test_a_clone_without_main_says_how_to_get_it(project: Project) -> None:
    found, wanted = project.tag("v1.2.3")
    project.git("update-ref", "-d", "refs/remotes/origin/main")
    with pytest.raises(ReleaseError, match="git fetch origin main"):
        check(found, wanted)
