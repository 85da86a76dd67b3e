"""The embedded generator: a picture drawn from the prompt, the same one each time, with no network."""

import hashlib
import io
import math
import random
from dataclasses import dataclass
from typing import Literal, get_args

from PIL import Image, ImageDraw

AspectRatio = Literal["1:1", "16:9", "9:16", "4:3", "3:4"]
ASPECT_RATIOS: tuple[AspectRatio, ...] = get_args(AspectRatio)

_LONG_SIDE = 768
# Gemini's rule of thumb: ai.google.dev/gemini-api/docs/tokens, read in November 2026.
_CHARACTERS_PER_TOKEN = 4
# What Gemini 2.5 Flash Image bills for a picture of 1024 by 1024: ai.google.dev/gemini-api/docs/pricing.
_TOKENS_PER_MEGAPIXEL = 1290 / (1024 * 1024)
_SHAPES = 26
_OVERSAMPLING = 2


@dataclass(frozen=True, slots=True)
class Picture:
    """A generated picture.

    Args:
        png: The file's bytes.
        input_tokens: The tokens of the prompt.
        output_tokens: The tokens of the picture.
    """

    png: bytes
    input_tokens: int
    output_tokens: int


def generate(prompt: str, aspect_ratio: AspectRatio) -> Picture:
    """Draw the picture that belongs to a prompt.

    Args:
        prompt: What to draw; each prompt has its own colours and shapes.
        aspect_ratio: Width to height.

    Returns:
        The picture, 768 pixels on its long side. Four characters of the prompt count as a token, and a picture costs
        1,290 tokens for 1024 by 1024 pixels, in proportion to its area.
    """
    width, height = _size(aspect_ratio)
    chance = random.Random(hashlib.sha256(prompt.encode()).digest())  # noqa: S311 - it chooses colours
    image = _sky(chance, width, height)
    _shapes(chance, image)
    file = io.BytesIO()
    image.save(file, "PNG", compress_level=3)
    return Picture(
        file.getvalue(),
        math.ceil(len(prompt) / _CHARACTERS_PER_TOKEN),
        round(width * height * _TOKENS_PER_MEGAPIXEL),
    )


def _size(aspect_ratio: AspectRatio) -> tuple[int, int]:
    across, up = (int(part) for part in aspect_ratio.split(":"))
    scale = _LONG_SIDE / max(across, up)
    return round(across * scale), round(up * scale)


def _colour(chance: random.Random, hue: float, lightness: float) -> tuple[int, int, int]:
    """Return a colour near a hue (0 to 1), as red, green and blue (0 to 255)."""
    shifted = (hue + chance.uniform(-0.06, 0.06)) * 2 * math.pi
    channels = (0.5 + 0.5 * math.cos(shifted - offset) for offset in (0, 2.09, 4.19))
    red, green, blue = (round(255 * (lightness * 0.55 + channel * 0.45)) for channel in channels)
    return red, green, blue


def _sky(chance: random.Random, width: int, height: int) -> Image.Image:
    """Draw a soft gradient: four corner colours, blended by enlarging a picture of four pixels."""
    hue = chance.random()
    corners = Image.new("RGB", (2, 2))
    for x in range(2):
        for y in range(2):
            corners.putpixel((x, y), _colour(chance, hue + 0.12 * x + 0.07 * y, 0.9 - 0.45 * y))
    return corners.resize((width, height), Image.Resampling.BICUBIC, box=(0.25, 0.25, 1.75, 1.75))


def _shapes(chance: random.Random, image: Image.Image) -> None:
    """Draw rings, discs and arcs along a curve, twice as large first, so that their edges are smooth."""
    hue = chance.random()
    width, height = (side * _OVERSAMPLING for side in image.size)
    layer = Image.new("RGBA", (width, height))
    draw = ImageDraw.Draw(layer, "RGBA")
    turns, phase = chance.uniform(0.6, 2.4), chance.uniform(0, 2 * math.pi)
    for index in range(_SHAPES):
        along = index / _SHAPES
        centre = (
            width * (0.1 + 0.8 * along),
            height * (0.5 + 0.32 * math.sin(phase + turns * 2 * math.pi * along)),
        )
        radius = min(width, height) * chance.uniform(0.02, 0.13)
        box = (centre[0] - radius, centre[1] - radius, centre[0] + radius, centre[1] + radius)
        colour = (*_colour(chance, hue + 0.25 * along, chance.uniform(0.25, 1.0)), chance.randint(70, 190))
        style = chance.choice(("disc", "ring", "arc"))
        line = max(2, round(radius * 0.16))
        if style == "disc":
            draw.ellipse(box, fill=colour)
        elif style == "ring":
            draw.ellipse(box, outline=colour, width=line)
        else:
            start = chance.randint(0, 359)
            draw.arc(box, start, start + chance.randint(60, 260), fill=colour, width=line)
    small = layer.resize(image.size, Image.Resampling.BOX)
    image.paste(small, mask=small)
