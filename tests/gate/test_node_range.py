import pytest

from gate import node_range


@pytest.mark.parametrize(
    ("version", "wanted"),
    [
        ("18", "18"),
        ("v18.20.8", "18.x"),
        ("18", ">=18.18.0"),
        ("18.x", "^18 || >=20"),
        ("20", "^20.12.0 || >=22.11.0"),
        ("20.12.0", "^20.12.0"),
        ("20.12", "~20.12.3"),
        ("22", ">= 20 <23"),
        ("20.5.1", ">20.4 <=20.5"),
        ("24", "*"),
        ("24", ""),
        ("20.1.2", "=20.1.2"),
        ("20.1.2", "20.x.3"),
    ],
)
def test_a_version_that_fits(version: str, wanted: str) -> None:
    assert node_range.fits(version, wanted) is True


@pytest.mark.parametrize(
    ("version", "wanted"),
    [
        ("18", "20"),
        ("18", "^20.12.0 || >=22.11.0"),
        ("21", "^20.12.0 || >=22.11.0"),
        ("20.11.9", "^20.12.0"),
        ("20", "^22.12.0 || ^24.0.0"),
        ("20.13.0", "~20.12.3"),
        ("23", ">=20 <23"),
        ("20.4.9", ">20.4"),
        ("20.1.3", "20.1.2"),
    ],
)
def test_a_version_that_does_not_fit(version: str, wanted: str) -> None:
    assert node_range.fits(version, wanted) is False


@pytest.mark.parametrize(
    ("version", "wanted"), [("lts/*", "18"), (">=18", "18"), ("18", "18 - 20"), ("18", "18 || lts")]
)
def test_another_form_is_left_open(version: str, wanted: str) -> None:
    assert node_range.fits(version, wanted) is None


def test_versions_compare_by_number() -> None:
    assert node_range.as_version("11.10.0.1") > node_range.as_version("11.9.9")
    with pytest.raises(ValueError, match="three numbers"):
        node_range.as_version("11.10")
