"""A team moves on from Node 18 and 20: the one edit is all that it takes."""

import json
import os

import pytest

from .conftest import ROOT, Checkout


@pytest.fixture
def fresh(checkout: Checkout) -> Checkout:
    """A checkout that installs the page's packages itself; Python's are the lock's, as here."""
    (checkout.root / "node_modules").unlink()
    (checkout.root / ".venv").symlink_to(ROOT / ".venv")
    return checkout


def versions(checkout: Checkout, *command: str) -> list[str]:
    return checkout.run(*command, PATH=path(checkout)).out.split()


def path(checkout: Checkout) -> str:
    return f"{checkout.root / '.tools/bin'}{os.pathsep}{os.environ['PATH']}"


@pytest.mark.parametrize(("test", "scan"), [("22", "24"), pytest.param("24", "24", marks=pytest.mark.whole)])
def test_one_edit_moves_a_machine_its_tests_and_what_is_said_of_its_age(fresh: Checkout, test: str, scan: str) -> None:
    fresh.use_node(test, scan)
    setup = fresh.run("make", "setup", PATH=path(fresh))
    assert setup.status == 0, setup.out + setup.err
    [active, below] = (versions(fresh, *command)[0] for command in (("node", "-v"), ("pnpm", "exec", "node", "-v")))
    assert active == below
    assert active.startswith(f"v{test}.")
    unit = fresh.run("pnpm", "test:unit", PATH=path(fresh))
    assert unit.status == 0, unit.out + unit.err
    # Were a version kept in a second place, drift would be found: .nvmrc, engines, volta, a Dockerfile, a workflow.
    timeline = json.loads(fresh.run(".venv/bin/verify-runtime", "timeline", "--format", "json").out)
    assert timeline["findings"] == timeline["problems"] == []
    assert [each for each in ages(fresh) if each["state"] != "ok"] == []
    promised = [f"tests/workflows/test_{name}.py" for name in ("ci", "code_security", "release")]
    promises = fresh.run(".venv/bin/pytest", "-q", "-p", "no:cacheprovider", *promised)
    assert promises.status == 0, promises.out


def test_before_that_the_timeline_and_doctor_say_the_age(fresh: Checkout) -> None:
    fresh.use_node("18", "20")
    said = fresh.run(".venv/bin/verify-runtime", "timeline")
    assert said.status == 0
    assert "Node 18 is past its end of life: 30 April 2025 was its last day." in said.out
    assert [each["state"] for each in ages(fresh)] == ["warning"]
    assert "Node 20 is past its end of life" in ages(fresh)[0]["title"]


def ages(checkout: Checkout) -> list[dict[str, str]]:
    """Return what doctor says of the versions' age."""
    checks = checkout.gate("doctor", "--json").data["checks"]
    return [each for each in checks if "end of life" in each["title"]]
