"""The models of each provider, and which of its two kinds MODEL replaces."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

GeneratorName = Literal["local", "gemini", "openai", "anthropic"]

# A banana is Gemini's name for pictures: gemini-nano-banana-2.1.
_IMAGE_WORDS = ("image", "imagen", "dall-e", "banana")


@dataclass(frozen=True, slots=True)
class Models:
    """The models in use.

    Args:
        text: The model that writes texts.
        image: The model that makes pictures; None when there is none.
    """

    text: str
    image: str | None


# Read in November 2026, each in its SDK's own list of models and with a price in genai-prices.
_USUAL: Mapping[GeneratorName, Models] = {
    "local": Models("local-text", "local-drawing"),
    # ai.google.dev/gemini-api/docs/models and ai.google.dev/gemini-api/docs/pricing
    "gemini": Models("gemini-3.8-flash", "gemini-nano-banana-2.1"),
    # developers.openai.com/api/docs/models and developers.openai.com/api/docs/deprecations
    "openai": Models("gpt-6-luna", "gpt-image-2.5-flare"),
    # platform.claude.com/docs/en/about-claude/models/overview
    "anthropic": Models("claude-sonnet-5-5", None),
}


def choose(name: GeneratorName, model: str | None) -> Models:
    """Return a provider's models.

    Args:
        name: The provider, as GENERATOR calls it.
        model: The model for pictures or for texts, which its name tells; the other kind keeps the usual one.

    Raises:
        ValueError: The model makes pictures, and the provider does not.
    """
    usual = _USUAL[name]
    if model is None or name == "local":
        return usual
    if not any(word in model.lower() for word in _IMAGE_WORDS):
        return Models(text=model, image=usual.image)
    if usual.image is None:
        raise ValueError(f"MODEL: GENERATOR={name} has no image model; gemini, openai and local have")
    return Models(text=usual.text, image=model)
