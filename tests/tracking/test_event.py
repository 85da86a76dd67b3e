import uuid

from tracking.event import new_id, now_ms


def test_an_id_is_a_uuid_of_version_7_that_holds_the_time() -> None:
    time_ms = now_ms()
    made = uuid.UUID(new_id(time_ms))
    assert (made.version, made.variant) == (7, uuid.RFC_4122)
    assert made.int >> 80 == time_ms


def test_ids_are_unique_and_in_the_order_of_time() -> None:
    made = [new_id(time_ms) for time_ms in range(1_000) for _ in range(10)]
    assert len(set(made)) == len(made)
    assert sorted(made, key=lambda each: each[:12]) == made
    assert sorted(made)[:10] == sorted(made[:10])
