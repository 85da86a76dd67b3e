from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tracking import gallery
from tracking.gallery import Gallery, Generation


def generation(number: int) -> Generation:
    return Generation(
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


def test_the_newest_come_first_and_survive_a_restart(tmp_path: Path) -> None:
    for number in range(3):
        Gallery(tmp_path).add(generation(number), b"png")
    assert Gallery(tmp_path).latest(2) == [generation(2), generation(1)]


def test_a_picture_comes_back_as_it_was(tmp_path: Path) -> None:
    Gallery(tmp_path).add(generation(1), b"\x89PNG\x00")
    assert Gallery(tmp_path).picture("id-1") == (b"\x89PNG\x00", "image/png")
    assert Gallery(tmp_path).picture("id-2") is None


def test_it_stays_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gallery, "CAPACITY", 3)
    kept = Gallery(tmp_path)
    for number in range(5):
        kept.add(generation(number), b"png")
    assert [each.id for each in kept.latest(100)] == ["id-4", "id-3", "id-2"]
    assert kept.picture("id-1") is None


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
    assert len({each.id for each in Gallery(tmp_path).latest(100)}) == 40


def test_a_users_generations_can_be_forgotten(tmp_path: Path) -> None:
    kept = Gallery(tmp_path)
    kept.add(generation(1), b"png")
    kept.add(generation(2).model_copy(update={"user_email": "eve's@example.com"}), b"png")
    assert kept.forget("eve's@example.com") == 1
    assert [each.id for each in kept.latest(100)] == ["id-1"]
