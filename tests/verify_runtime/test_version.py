from itertools import pairwise

from verify_runtime.version import Version


def test_versions_are_ordered_as_semver_orders_them() -> None:
    versions = [
        Version(1, 0, 0, ("alpha",)),
        Version(1, 0, 0, ("alpha", "1")),
        Version(1, 0, 0, ("alpha", "beta")),
        Version(1, 0, 0, ("beta", "2")),
        Version(1, 0, 0, ("beta", "11")),
        Version(1, 0, 0),
        Version(1, 0, 1),
        Version(1, 10, 0),
        Version(2, 0, 0, ("0",)),
        Version(2, 0, 0),
    ]
    assert all(lower.order < higher.order for lower, higher in pairwise(versions))


def test_a_version_is_written_as_it_is_read() -> None:
    assert str(Version(20, 1, 0)) == "20.1.0"
    assert str(Version(21, 0, 0, ("rc", "1"))) == "21.0.0-rc.1"
