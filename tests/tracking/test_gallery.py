import sqlite3
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tracking.gallery import Gallery, Generation, Search

EVERYTHING = Search()


def generation(number: int, **other: str) -> Generation:
    made = Generation(
        id=f"id-{number}",
        created_at="2026-11-23T10:00:00+00:00",
        user_email="ada@example.com",
        prompt=f"prompt {number}",
        aspect_ratio="1:1",
        image_url=f"/api/images/id-{number}.png",
        processing_time_ms=1.5,
        input_tokens=1,
        output_tokens=2,
        estimated_cost_usd=None,
    )
    return made.model_copy(update=other)


def listed(kept: Gallery, search: Search = EVERYTHING, limit: int = 100) -> list[str]:
    return [each.id for each in kept.page(search, limit)[0]]


def test_the_newest_come_first_and_survive_a_restart(tmp_path: Path) -> None:
    for number in range(3):
        Gallery(tmp_path).add(generation(number), b"png")
    assert Gallery(tmp_path).page(EVERYTHING, 2)[0] == [generation(2), generation(1)]


def test_a_picture_comes_back_as_it_was(tmp_path: Path) -> None:
    Gallery(tmp_path).add(generation(1), b"\x89PNG\x00")
    assert Gallery(tmp_path).picture("id-1", None) == (b"\x89PNG\x00", "image/png")
    assert Gallery(tmp_path).picture("id-2", None) is None


def test_the_newest_of_each_user_are_kept_whatever_others_do(tmp_path: Path) -> None:
    kept = Gallery(tmp_path, capacity=3)
    kept.add(generation(0, user_email="eve@example.com"), b"png")
    for number in range(1, 6):
        kept.add(generation(number), b"png")
    assert listed(kept) == ["id-5", "id-4", "id-3", "id-0"]
    assert listed(kept, Search(user="eve@example.com")) == ["id-0"]
    assert kept.picture("id-2", None) is None
    assert kept.picture("id-0", None) is not None


def test_where_no_user_is_kept_it_stays_bounded_too(tmp_path: Path) -> None:
    kept = Gallery(tmp_path, capacity=2)
    for number in range(4):
        kept.add(generation(number, user_email=""))
    assert listed(kept) == ["id-3", "id-2"]


def test_a_smaller_gallery_lets_go_of_what_is_too_much(tmp_path: Path) -> None:
    for number in range(4):
        Gallery(tmp_path).add(generation(number))
    kept = Gallery(tmp_path, capacity=2)
    kept.add(generation(4))
    assert listed(kept) == ["id-4", "id-3"]


@pytest.mark.parametrize("content", [None, b"no database" * 100])
def test_a_folder_or_a_file_that_is_no_gallery_is_told(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "gallery.db"
    if content is None:
        path.mkdir()
    else:
        path.write_bytes(content)
    with pytest.raises(OSError, match=r"gallery\.db cannot be written: .*\. Choose another DATA_DIR\."):
        Gallery(tmp_path)


def test_nobody_else_can_read_it(tmp_path: Path) -> None:
    Gallery(tmp_path / "data")
    assert (tmp_path / "data").stat().st_mode & 0o077 == 0


def test_several_workers_share_it(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda number: Gallery(tmp_path).add(generation(number), b"png"), range(40)))
    assert len(set(listed(Gallery(tmp_path)))) == 40


def test_workers_that_start_at_once_with_nothing_make_it_once(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        for number in range(40):
            list(pool.map(Gallery, [tmp_path / str(number)] * 8))


def test_a_users_generations_can_be_forgotten(tmp_path: Path) -> None:
    kept = Gallery(tmp_path)
    kept.add(generation(1), b"png")
    kept.add(generation(2, user_email="eve's@example.com"), b"png")
    assert kept.forget("eve's@example.com") == 1
    assert listed(kept) == ["id-1"]


def test_pages_follow_each_other_and_what_is_added_meanwhile_moves_nothing(tmp_path: Path) -> None:
    kept = Gallery(tmp_path)
    for number in range(5):
        kept.add(generation(number))
    first, after = kept.page(EVERYTHING, 2)
    kept.add(generation(5))
    second, after_second = kept.page(EVERYTHING, 2, after)
    third, end = kept.page(EVERYTHING, 2, after_second)
    assert [each.id for each in (*first, *second, *third)] == ["id-4", "id-3", "id-2", "id-1", "id-0"]
    assert end is None
    assert kept.page(EVERYTHING, 6)[1] is None


def test_it_is_searched_by_prompt_user_and_model(tmp_path: Path) -> None:
    kept = Gallery(tmp_path)
    kept.add(generation(1, prompt="Ein LÖWE im Gras", model="m"))
    kept.add(generation(2, prompt="100 % wool_", user_email="eve@example.com"))
    kept.add(generation(3, prompt="ein löwe", user_email="eve@example.com", model="m"))
    assert listed(kept, Search(words="Löwe")) == ["id-3", "id-1"]
    assert listed(kept, Search(words="0 % w")) == ["id-2"]
    assert listed(kept, Search(words="_")) == ["id-2"]
    assert listed(kept, Search(model="m", user="eve@example.com")) == ["id-3"]
    assert listed(kept, Search(user="nobody")) == []
    assert kept.users(None) == ["ada@example.com", "eve@example.com"]
    assert kept.users("eve@example.com") == ["eve@example.com"]
    assert kept.models(None) == ["m"]


def test_another_users_are_not_shown(tmp_path: Path) -> None:
    kept = Gallery(tmp_path)
    kept.add(generation(1), b"png")
    assert kept.find("id-1", "eve@example.com") is None
    assert kept.picture("id-1", "eve@example.com") is None
    assert kept.find("id-1", "ada@example.com") == kept.find("id-1", None) == generation(1)


def test_where_no_user_is_kept_who_knows_the_id_may_see_it(tmp_path: Path) -> None:
    kept = Gallery(tmp_path)
    kept.add(generation(1, user_email=""), b"png")
    assert kept.find("id-1", "\0") is not None
    assert listed(kept, Search(user="\0")) == []


def test_a_text_has_no_picture(tmp_path: Path) -> None:
    kept = Gallery(tmp_path)
    kept.add(generation(1, kind="text", text="Once upon a time"))
    assert kept.picture("id-1", None) is None
    assert kept.find("id-1", None) is not None


def test_what_came_since_is_told_in_its_order(tmp_path: Path) -> None:
    kept = Gallery(tmp_path)
    assert kept.newest() == 0
    for number in range(3):
        kept.add(generation(number, user_email="eve@example.com" if number == 1 else "ada@example.com"))
    assert kept.newest() == 3
    assert [(number, each.id) for number, each in kept.since(1, None)] == [(2, "id-1"), (3, "id-2")]
    assert [each.id for _, each in kept.since(0, "ada@example.com")] == ["id-0", "id-2"]
    assert [each.id for _, each in kept.since(0, None, limit=1)] == ["id-0"]


def test_what_an_earlier_version_kept_is_read(tmp_path: Path) -> None:
    kept = Gallery(tmp_path)
    kept.add(generation(1), b"png")
    new = ("kind", "provider", "model", "text", "time_to_first_token_ms", "cached_input_tokens", "cache_write_tokens")
    with sqlite3.connect(tmp_path / "gallery.db") as connection:
        paths = ", ".join(f"'$.{name}'" for name in new)
        connection.execute(f"UPDATE generation SET data = json_remove(data, {paths})")  # noqa: S608 - our own names
    connection.close()
    assert kept.find("id-1", None) == generation(1)
    assert kept.models(None) == []
