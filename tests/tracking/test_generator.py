import io
import subprocess
import sys
import time
import zlib

import pytest
from PIL import Image, ImageChops, ImageStat

from tracking import generator


def test_the_same_prompt_draws_the_same_picture() -> None:
    assert generator.generate("a lighthouse", "16:9") == generator.generate("a lighthouse", "16:9")


def test_it_draws_the_same_in_another_process() -> None:
    code = "import zlib; from tracking import generator; print(zlib.crc32(generator.generate('x', '1:1').png))"
    other = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert int(other.stdout) == zlib.crc32(generator.generate("x", "1:1").png)


def test_another_prompt_draws_a_picture_that_looks_different() -> None:
    pictures = []
    for prompt in ("a lighthouse", "a lighthouse!"):
        with Image.open(io.BytesIO(generator.generate(prompt, "1:1").png)) as image:
            pictures.append(image.convert("RGB").resize((8, 8), Image.Resampling.BOX))
    difference = ImageStat.Stat(ImageChops.difference(*pictures)).mean
    assert sum(difference) > 30  # of 3 * 255, on average over the picture


@pytest.mark.parametrize(
    ("aspect_ratio", "size"),
    [("1:1", (768, 768)), ("16:9", (768, 432)), ("9:16", (432, 768)), ("4:3", (768, 576)), ("3:4", (576, 768))],
)
def test_the_picture_has_the_aspect_ratio_and_costs_tokens_by_its_area(
    aspect_ratio: generator.AspectRatio, size: tuple[int, int]
) -> None:
    picture = generator.generate("x", aspect_ratio)
    with Image.open(io.BytesIO(picture.png)) as image:
        assert (image.format, image.size) == ("PNG", size)
    assert picture.output_tokens == round(size[0] * size[1] * 1290 / 1024**2)


@pytest.mark.parametrize(("prompt", "tokens"), [("x", 1), ("abcd", 1), ("abcde", 2), ("ü" * 4000, 1000)])
def test_four_characters_are_a_token(prompt: str, tokens: int) -> None:
    assert generator.generate(prompt, "1:1").input_tokens == tokens


def test_it_draws_something() -> None:
    with Image.open(io.BytesIO(generator.generate("a forest", "1:1").png)) as image:
        colours = image.convert("RGB").getcolors(maxcolors=2**24)
    assert colours is not None
    assert len(colours) > 1000


def test_it_is_quick() -> None:
    times = []
    for number in range(5):
        started = time.thread_time()
        generator.generate(f"a city at night, {number}", "1:1")
        times.append(time.thread_time() - started)
    assert min(times) < 0.1  # seconds of its own, whatever else the machine does
