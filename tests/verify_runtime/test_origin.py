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
        ("/w/.venv/bin/python", {}, "a virtual environment"),
        ("/nix/store/abc-nodejs/bin/node", {}, "Nix"),
        ("C:/Program Files/nodejs/node.exe", {}, origin.SYSTEM),
        ("/home/ada/bin/node", {}, None),
    ],
)
def test_where_a_copy_comes_from_is_told_by_its_path(path: str, environment: dict[str, str], name: str | None) -> None:
    assert origin.tell(path, path, environment) == name


def test_a_link_tells_by_what_it_leads_to() -> None:
    assert origin.tell("/usr/local/bin/node", "/usr/local/Cellar/node/22.1.0/bin/node", {}) == origin.HOMEBREW
