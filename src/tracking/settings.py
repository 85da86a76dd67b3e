"""The service's settings, all from the environment."""

from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

Price = Annotated[float, Field(ge=0, allow_inf_nan=False)] | None


class Settings(BaseSettings):
    """Everything that can be set, by the names that the environment uses.

    Prices are US dollars for a million tokens. A price that is not set is unknown, which is not the same as 0.
    """

    model_config = SettingsConfigDict(frozen=True, extra="ignore", env_ignore_empty=True)

    ENABLE_TRACKING: bool = Field(default=True, description="Whether generations are logged to MLflow.")
    MLFLOW_TRACKING_URI: str | None = Field(
        default=None, description="Where MLflow keeps runs; a local SQLite file in DATA_DIR when not set."
    )
    MLFLOW_EXPERIMENT_NAME: str = Field(
        default="image-generation", min_length=1, description="The experiment; it is created when it is missing."
    )
    TEXT_INPUT_TOKEN_COST_PER_MILLION: Price = Field(default=None, description="Price of text input tokens.")
    TEXT_OUTPUT_TOKEN_COST_PER_MILLION: Price = Field(default=None, description="Price of text output tokens.")
    IMAGE_INPUT_TOKEN_COST_PER_MILLION: Price = Field(
        default=None, description="Price of an image model's input tokens."
    )
    IMAGE_OUTPUT_TOKEN_COST_PER_MILLION: Price = Field(
        default=None, description="Price of an image model's output tokens."
    )
    DATA_DIR: Path = Field(default=Path(".data"), description="Where pictures, and by default MLflow's runs, are kept.")
    LOCAL_USER_EMAIL: str = Field(
        default="developer@localhost", min_length=1, description="Who is asking: one fixed user, in development."
    )
    HOST: str = Field(default="127.0.0.1", description="The address that the service listens on.")
    PORT: int = Field(default=8000, ge=0, le=65535, description="Its port; 0 takes a free one.")
    LOG_LEVEL: Literal["debug", "info", "warning", "error"] = Field(
        default="warning", description="How much the service logs."
    )


class SettingsError(Exception):
    """A setting has a value that is not allowed; the message names it, and what is."""


def load() -> Settings:
    """Read the environment.

    Raises:
        SettingsError: A value is not allowed.
    """
    try:
        return Settings()
    except ValidationError as error:
        # The value itself is left out: it may be a secret that landed in the wrong place.
        wrong = (f"{each['loc'][0]}: {each['msg']}" for each in error.errors())
        raise SettingsError("; ".join(wrong)) from None
