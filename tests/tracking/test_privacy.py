import hashlib
import hmac

from tracking.privacy import Privacy

from .conftest import MakeSettings

KEY = "a key of the environment"


def test_all_is_kept_unless_it_is_said_otherwise(make_settings: MakeSettings) -> None:
    privacy = Privacy(make_settings())
    assert (privacy.user("ada@example.com"), privacy.prompt("hello")) == ("ada@example.com", "hello")
    assert privacy.names("ada@example.com") == ["ada@example.com"]


def test_a_hash_is_keyed_and_the_same_for_the_same(make_settings: MakeSettings) -> None:
    privacy = Privacy(make_settings(TRACK_USERS="hash", TRACK_PROMPTS="hash", TRACKING_HASH_KEY=KEY))
    expected = hmac.new(KEY.encode(), b"user:ada@example.com", hashlib.sha256).hexdigest()
    assert privacy.user("ada@example.com") == f"hmac-sha256:{expected}"
    assert privacy.prompt("ada@example.com") != privacy.user("ada@example.com")
    assert privacy.names("ada@example.com") == ["ada@example.com", f"hmac-sha256:{expected}"]
    other = Privacy(make_settings(TRACK_USERS="hash", TRACKING_HASH_KEY=KEY + "!"))
    assert other.user("ada@example.com") != privacy.user("ada@example.com")


def test_off_keeps_nothing(make_settings: MakeSettings) -> None:
    privacy = Privacy(make_settings(TRACK_USERS="off", TRACK_PROMPTS="off"))
    assert (privacy.user("ada@example.com"), privacy.prompt("hello")) == (None, None)
