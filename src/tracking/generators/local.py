"""The embedded generator: a picture and a text made of the prompt, the same ones each time, with no network."""

import hashlib
import io
import math
import random
import re
import textwrap
import time
from collections.abc import Iterable, Iterator

from PIL import Image, ImageDraw

from tracking.event import Tokens
from tracking.generators.failure import GenerationError
from tracking.generators.generation import AspectRatio, Picture, Text, TextStream
from tracking.generators.models import Models
from tracking.generators.stream import EventStream

_LONG_SIDE = 768
# Gemini's rule of thumb: ai.google.dev/gemini-api/docs/tokens, read in November 2026.
_CHARACTERS_PER_TOKEN = 4
# What Gemini 2.5 Flash Image bills for a picture of 1024 by 1024: ai.google.dev/gemini-api/docs/pricing.
_TOKENS_PER_MEGAPIXEL = 1290 / (1024 * 1024)
_SHAPES = 26
_OVERSAMPLING = 2
_SUBJECT_LENGTH = 80
# So that whoever tries it sees a text come, and can cancel it.
_WORD_SECONDS = 0.02
_SENTENCES = (
    (
        "Nobody had asked for {subject} before, and so there was no telling what it would be.",
        "It began, as such things do, with {subject} and a free afternoon.",
        "Of all that was on the list, {subject} was the last thing left.",
    ),
    (
        "The morning light made it look smaller than it was.",
        "Those who came to see it stayed longer than they had meant to.",
        "For a while nothing happened, and that was the best part.",
    ),
    (
        "In the end everyone agreed that {subject} had been worth the wait.",
        "By the evening it was written down, and it could begin again.",
        "What is left of it is this text, and perhaps a picture.",
    ),
)


class Local:
    """The drawing and the text of this module, as a generator.

    Args:
        models: Their names.
    """

    provider = "local"

    def __init__(self, models: Models) -> None:
        self.text_model = models.text
        self.image_model = models.image

    def picture(self, prompt: str, aspect_ratio: AspectRatio) -> Picture:
        """Draw the picture that belongs to a prompt.

        Args:
            prompt: What to draw; each prompt has its own colours and shapes.
            aspect_ratio: Width to height.

        Returns:
            The picture, 768 pixels on its long side. Four characters of the prompt count as a token, and a picture
            costs 1,290 tokens for 1024 by 1024 pixels, in proportion to its area.
        """
        width, height = _size(aspect_ratio)
        chance = _chance(prompt)
        image = _sky(chance, width, height)
        _shapes(chance, image)
        file = io.BytesIO()
        image.save(file, "PNG", compress_level=3)
        cost = round(width * height * _TOKENS_PER_MEGAPIXEL)
        return Picture(file.getvalue(), "image/png", Tokens(input=_count(prompt), output=cost, image=cost))

    def text(self, prompt: str) -> Text:
        """Write the text that belongs to a prompt: three sentences."""
        text = _write(prompt)
        return Text(text, Tokens(input=_count(prompt), output=_count(text)))

    def stream(self, prompt: str) -> TextStream:
        """Write the text that belongs to a prompt, word by word, at about the pace of a model."""
        words = _paced(re.findall(r"\S+\s*", _write(prompt)))
        # Nothing in it can break: what closes it and what explains it have nothing to do.
        return EventStream(words, lambda: None, _Reader(_count(prompt)), (), lambda *_: GenerationError("cut", ""))


class _Reader:
    """What counts the words that were read."""

    ended = True

    def __init__(self, tokens: int) -> None:
        self._input = tokens
        self._read = ""

    @property
    def tokens(self) -> Tokens:
        return Tokens(input=self._input, output=_count(self._read))

    def read(self, event: str) -> str:
        self._read += event
        return event


def _paced(words: Iterable[str]) -> Iterator[str]:
    for word in words:
        time.sleep(_WORD_SECONDS)
        yield word


def _chance(prompt: str) -> random.Random:
    return random.Random(hashlib.sha256(prompt.encode()).digest())  # noqa: S311 - it chooses colours and words


def _write(prompt: str) -> str:
    chance = _chance(prompt)
    subject = textwrap.shorten(prompt, _SUBJECT_LENGTH, placeholder="…")
    return " ".join(chance.choice(choices).format(subject=subject) for choices in _SENTENCES)


def _count(text: str) -> int:
    return math.ceil(len(text) / _CHARACTERS_PER_TOKEN)


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
