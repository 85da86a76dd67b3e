from pathlib import Path

import pytest

from verify_runtime import origin

GITHUB = {"RUNNER_ENVIRONMENT": "github-hosted", "RUNNER_TOOL_CACHE": "/opt/hostedtoolcache"}


@pytest.mark.parametrize(
    ("path", "environment", "name"),
    [
        ("/opt/hostedtoolcache/node/18.20.8/x64/bin/node", GITHUB, origin.TOOL_CACHE),
        ("/home/ada/.cache/act/tool_cache/node/18.20.8/x64/bin/node", {}, origin.TOOL_CACHE),
        ("/data/tools/node/20/bin/node", {"RUNNER_TOOL_CACHE": "/data/tools/"}, origin.TOOL_CACHE),
        ("/usr/local/bin/node", GITHUB, origin.RUNNER_IMAGE),
        ("/usr/bin/java", GITHUB, origin.RUNNER_IMAGE),
        ("/usr/bin/node", {}, origin.SYSTEM),
        ("/usr/local/bin/node", {}, origin.SYSTEM),
        ("/home/ada/.nvm/versions/node/v18.20.8/bin/node", {}, origin.NVM),
        ("/home/ada/.config/nvm/versions/node/v18.20.8/bin/node", {}, origin.NVM),
        ("/home/ada/.volta/bin/node", {}, origin.VOLTA),
        ("/run/user/1000/fnm_multishells/1_2/bin/node", {}, origin.FNM),
        ("/home/ada/.local/share/fnm/node-versions/v20/installation/bin/node", {}, origin.FNM),
        ("/home/ada/.asdf/shims/node", {}, origin.ASDF),
        ("/home/ada/.local/share/mise/installs/node/20/bin/node", {}, origin.MISE),
        ("/opt/homebrew/bin/node", {}, origin.HOMEBREW),
        ("/usr/local/Cellar/node/22.1.0/bin/node", {}, origin.HOMEBREW),
        ("/home/linuxbrew/.linuxbrew/bin/node", {}, origin.HOMEBREW),
        ("/w/node_modules/.bin/pnpm", {}, "the project's node_modules"),
        ("/Users/ada/Library/Caches/fnm_multishells/12_34/bin/node", {}, origin.FNM),
        ("/Users/ada/Library/Application Support/fnm/node-versions/v20/installation/bin/node", {}, origin.FNM),
        ("C:/Users/ada/AppData/Local/Volta/tools/image/node/20/node.exe", {}, origin.VOLTA),
        ("C:/Users/ada/AppData/Roaming/nvm/v20.1.0/node.exe", {}, origin.NVM),
        ("/home/ada/.pyenv/shims/python", {}, origin.PYENV),
        ("/data/versions/node/v20/bin/node", {"NVM_DIR": "/data"}, origin.NVM),
        ("/data/shims/node", {"ASDF_DATA_DIR": "/data/", "VOLTA_HOME": ""}, origin.ASDF),
        ("/database/node", {"MISE_DATA_DIR": "/data"}, None),
        ("/opt/hostedtoolcache/node/20/x64/bin/node", GITHUB, origin.TOOL_CACHE),
        ("/nix/store/abc-nodejs/bin/node", {}, "Nix"),
        ("C:/Program Files/nodejs/node.exe", {}, origin.SYSTEM),
        ("/home/ada/bin/node", {}, None),
    ],
)
def test_where_a_copy_comes_from_is_told_by_its_path(path: str, environment: dict[str, str], name: str | None) -> None:
    assert origin.tell(path, path, environment) == name


def test_a_link_tells_by_what_it_leads_to() -> None:
    assert origin.tell("/usr/local/bin/node", "/usr/local/Cellar/node/22.1.0/bin/node", {}) == origin.HOMEBREW


def test_a_virtual_environment_is_told_by_its_file_and_before_what_it_links_to(tmp_path: Path) -> None:
    (tmp_path / "anything" / "bin").mkdir(parents=True)
    (tmp_path / "anything" / "pyvenv.cfg").touch()
    path = str(tmp_path / "anything" / "bin" / "python")
    assert origin.tell(path, "/opt/hostedtoolcache/Python/3.12/x64/bin/python", {}) == origin.VIRTUAL_ENVIRONMENT
