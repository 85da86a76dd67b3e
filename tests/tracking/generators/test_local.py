import io
import subprocess
import sys
import time
import zlib

import pytest
from PIL import Image, ImageChops, ImageStat

from tracking import generators
from tracking.event import Tokens
from tracking.generators import AspectRatio, Generator


@pytest.fixture
def local() -> Generator:
    return generators.create("local", None, None)


def test_the_same_prompt_draws_the_same_picture(local: Generator) -> None:
    assert local.picture("a lighthouse", "16:9") == local.picture("a lighthouse", "16:9")


def test_it_makes_the_same_in_another_process(local: Generator) -> None:
    code = (
        "import zlib; from tracking import generators; local = generators.create('local', None, None);"
        "print(zlib.crc32(local.picture('x', '1:1').content), zlib.crc32(local.text('x').content.encode()))"
    )
    other = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    ours = [zlib.crc32(local.picture("x", "1:1").content), zlib.crc32(local.text("x").content.encode())]
    assert [int(each) for each in other.stdout.split()] == ours


def test_another_prompt_draws_a_picture_that_looks_different(local: Generator) -> None:
    pictures = []
    for prompt in ("a lighthouse", "a lighthouse!"):
        with Image.open(io.BytesIO(local.picture(prompt, "1:1").content)) as image:
            pictures.append(image.convert("RGB").resize((8, 8), Image.Resampling.BOX))
    difference = ImageStat.Stat(ImageChops.difference(*pictures)).mean
    assert sum(difference) > 30  # of 3 * 255, on average over the picture


@pytest.mark.parametrize(
    ("aspect_ratio", "size"),
    [("1:1", (768, 768)), ("16:9", (768, 432)), ("9:16", (432, 768)), ("4:3", (768, 576)), ("3:4", (576, 768))],
)
def test_the_picture_has_the_aspect_ratio_and_costs_tokens_by_its_area(
    local: Generator, aspect_ratio: AspectRatio, size: tuple[int, int]
) -> None:
    picture = local.picture("x", aspect_ratio)
    with Image.open(io.BytesIO(picture.content)) as image:
        assert (image.format, image.size, picture.media_type) == ("PNG", size, "image/png")
    cost = round(size[0] * size[1] * 1290 / 1024**2)
    assert picture.tokens == Tokens(input=1, output=cost, image=cost)


@pytest.mark.parametrize(("prompt", "tokens"), [("x", 1), ("abcd", 1), ("abcde", 2), ("ü" * 4000, 1000)])
def test_four_characters_are_a_token(local: Generator, prompt: str, tokens: int) -> None:
    assert local.picture(prompt, "1:1").tokens.input == tokens
    assert local.text(prompt).tokens.input == tokens


def test_it_draws_something(local: Generator) -> None:
    with Image.open(io.BytesIO(local.picture("a forest", "1:1").content)) as image:
        colours = image.convert("RGB").getcolors(maxcolors=2**24)
    assert colours is not None
    assert len(colours) > 1000


def test_it_is_quick(local: Generator) -> None:
    times = []
    for number in range(5):
        started = time.thread_time()
        local.picture(f"a city at night, {number}", "1:1")
        times.append(time.thread_time() - started)
    assert min(times) < 0.1  # seconds of its own, whatever else the machine does


@pytest.mark.parametrize("prompt", ["a lighthouse", "{subject} 100% {0}", "夜", "long " * 800])
def test_a_text_is_three_sentences_that_come_word_by_word(local: Generator, prompt: str) -> None:
    whole = local.text(prompt)
    assert whole == local.text(prompt)
    assert 60 < len(whole.content) < 500
    with local.stream(prompt) as stream:
        assert stream.tokens == Tokens(input=whole.tokens.input, output=0)
        words = list(stream)
    assert len(words) > 10
    assert "".join(words) == whole.content
    assert stream.tokens == whole.tokens


def test_another_prompt_has_another_text(local: Generator) -> None:
    assert len({local.text(f"a lighthouse {number}").content for number in range(20)}) == 20


def test_a_text_that_we_close_stops_and_counts_what_came(local: Generator) -> None:
    stream = local.stream("a lighthouse")
    words = iter(stream)
    first = next(words)
    stream.close()
    assert list(words) == []
    assert stream.tokens == Tokens(input=3, output=-(-len(first) // 4))
