import pytest

from gate.errors import CannotJudgeError
from gate.sonar import Api, Server

from .conftest import WebApi


def test_a_server_that_does_not_answer_is_told() -> None:
    with (
        Api(Server("http://127.0.0.1:1", "t")) as api,
        pytest.raises(CannotJudgeError, match="did not answer"),
    ):
        api.get("system/status")


@pytest.mark.parametrize("status", [401, 403])
def test_a_refused_token_names_the_page_that_makes_one_and_not_the_token(web_api: WebApi, status: int) -> None:
    web_api.answers["x"] = status
    with Api(web_api.server) as api, pytest.raises(CannotJudgeError, match="refused the token") as told:
        api.get("x")
    assert "/account/security" in told.value.fix
    assert web_api.server.token not in str(told.value)


def test_any_other_answer_is_told_with_what_the_server_said(web_api: WebApi) -> None:
    web_api.answers["x"] = 500
    with Api(web_api.server) as api, pytest.raises(CannotJudgeError, match="answered 500 to x: nothing here"):
        api.post("x", a=1)


def test_what_is_not_there_is_no_error_where_that_is_the_question(web_api: WebApi) -> None:
    web_api.answers["there"] = {}
    with Api(web_api.server) as api:
        assert api.exists("there")
        assert not api.exists("elsewhere")


def test_a_long_list_is_read_to_its_end(web_api: WebApi) -> None:
    web_api.answers["list"] = [{"issues": [{"n": n} for n in range(500)]}, {"issues": [{"n": 500}]}]
    with Api(web_api.server) as api:
        found = api.pages("list", "issues", of="k")
    assert [each["n"] for each in found] == list(range(501))
    assert [parameters["p"] for _, parameters in web_api.asked] == ["1", "2"]


def test_sonarqube_cloud_is_told_from_a_server_that_only_sounds_like_it() -> None:
    assert Server("https://sonarcloud.io", "t").is_cloud
    assert not Server("https://sonarcloud.io.example.com", "t").is_cloud
