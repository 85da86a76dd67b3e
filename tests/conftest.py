"""What holds for all tests: an example may take as long as it does, and what takes minutes is run when asked for."""

import os

import pytest
from hypothesis import HealthCheck, settings

settings.register_profile("patient", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("patient")


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Skip what takes long, unless all is asked for."""
    if item.get_closest_marker("whole") and not os.environ.get("WHOLE"):
        pytest.skip("takes minutes: make e2e WHOLE=1")
