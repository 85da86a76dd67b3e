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


def test_what_is_kept_of_users_for_a_minute_has_their_key_or_one_that_nobody_knows(make_settings: MakeSettings) -> None:
    assert Privacy(make_settings(TRACK_USERS="off", TRACKING_HASH_KEY=KEY)).passing_key == KEY.encode()
    assert Privacy(make_settings()).passing_key == b""  # their names are in the events
    unknown = [Privacy(make_settings(TRACK_USERS="off")).passing_key for _ in range(2)]
    assert len({*unknown, b""}) == 3
