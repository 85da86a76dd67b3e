"""The generators: who makes pictures and texts of prompts, chosen by GENERATOR and MODEL."""

import re

from tracking.generators.failure import GenerationError, Reason
from tracking.generators.generation import AspectRatio, Generator, Picture, Text, TextStream
from tracking.generators.models import GeneratorName, Models, choose

# What a header can carry.
_KEY = re.compile(r"[!-~]+")

__all__ = [
    "AspectRatio",
    "GenerationError",
    "Generator",
    "GeneratorName",
    "Picture",
    "Reason",
    "Text",
    "TextStream",
    "create",
]


def create(
    name: GeneratorName, model: str | None, api_key: str | None, base_url: str | None = None, timeout: float = 120.0
) -> Generator:
    """Make a generator.

    Args:
        name: Who generates, as GENERATOR says.
        model: The model for pictures or for texts, which its name tells; a usual one when None. Local has its own.
        api_key: The provider's key; local needs none.
        base_url: Another address of the provider's API; None for its own.
        timeout: How long a connection may be silent, in seconds.

    Raises:
        ValueError: The key is missing or cannot be one, or the model does not fit.
        ImportError: The provider's SDK is not installed; the message says how to install it.
    """
    models = choose(name, model)
    if name == "local":
        from tracking.generators.local import Local  # noqa: PLC0415 - Pillow takes its time to import

        return Local(models)  # NOSONAR(S5886) it has what the protocol asks for
    if not api_key:
        raise ValueError(f"{name.upper()}_API_KEY: GENERATOR={name} needs it")
    if not _KEY.fullmatch(api_key):
        # The HTTP client would refuse it too, in words that have the key in them.
        raise ValueError(f"{name.upper()}_API_KEY: it has a space, a line's end or a letter that no key has")
    try:
        return _create(name, models, api_key, base_url, timeout)
    except ModuleNotFoundError as error:
        raise ImportError(f"GENERATOR={name} needs its SDK: pip install '.[{name}]'") from error


def _create(name: GeneratorName, models: Models, api_key: str, base_url: str | None, timeout: float) -> Generator:
    # Each SDK is an extra, and takes a second or so to import.
    if name == "gemini":
        from tracking.generators.gemini import Gemini  # noqa: PLC0415

        return Gemini(models, api_key, base_url, timeout)  # NOSONAR(S5886) it has what the protocol asks for
    if name == "openai":
        from tracking.generators.openai import OpenAI  # noqa: PLC0415

        return OpenAI(models, api_key, base_url, timeout)  # NOSONAR(S5886) it has what the protocol asks for
    from tracking.generators.anthropic import Anthropic  # noqa: PLC0415

    return Anthropic(models, api_key, base_url, timeout)  # NOSONAR(S5886) it has what the protocol asks for
