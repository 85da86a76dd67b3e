"""The service's settings, all from the environment."""

import os
import re
from decimal import Decimal
from ipaddress import ip_network
from pathlib import Path
from typing import Annotated, Literal, Self
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, Field, SecretStr, ValidationError, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

PRICE_PREFIX = "PRICE_"
DATABRICKS = "databricks"

# A server on loopback or in a private network may have no certificate.
_ADDRESSES = ("sqlite:///", "http://", "https://", "postgresql://", "mysql://", "mssql://")  # NOSONAR(S5332)
_DRIVER = re.compile(r"\+\w+(?=://)")  # as in postgresql+psycopg2://
_MOST = 1_000_000_000
_KEY_LENGTH = 16


def _usable(secret: SecretStr) -> SecretStr:
    """Return a secret without the line break that a file ends in; one inside of it no request can carry."""
    value = secret.get_secret_value().strip()
    if not value or not value.isprintable():
        raise ValueError("it is blank, or has a line break or another sign in it that cannot be printed")
    return SecretStr(value)


Secret = Annotated[SecretStr, AfterValidator(_usable)]
Price = Annotated[Decimal, Field(ge=0, allow_inf_nan=False)] | None


class Settings(BaseSettings):
    """Everything that can be set, by the names that the environment uses.

    Prices are US dollars for a million tokens. A price that is not set is unknown, which is not the same as 0.
    """

    model_config = SettingsConfigDict(frozen=True, extra="ignore", env_ignore_empty=True, hide_input_in_errors=True)

    ENABLE_TRACKING: bool = Field(default=True, description="Whether generations are logged to MLflow.")
    APP_ENV: Literal["dev", "prod"] = Field(
        default="dev", description="The environment: each has an experiment of its own."
    )
    MLFLOW_TRACKING_URI: str | None = Field(
        default=None,
        repr=False,  # it may have a password in it
        description="Where MLflow keeps events: sqlite:///FILE, a server's address or databricks; "
        "a SQLite file in DATA_DIR when not set.",
    )
    MLFLOW_EXPERIMENT_NAME: str | None = Field(
        default=None, description="The experiment, made when missing; image-generation-APP_ENV when not set."
    )
    MLFLOW_TRACKING_USERNAME: str | None = Field(default=None, description="The MLflow server's user.")
    MLFLOW_TRACKING_PASSWORD: Secret | None = Field(default=None, description="The MLflow server's password.")
    MLFLOW_TRACKING_TOKEN: Secret | None = Field(default=None, description="The MLflow server's token.")
    DATABRICKS_HOST: str | None = Field(default=None, description="The Databricks workspace's address.")
    DATABRICKS_TOKEN: Secret | None = Field(default=None, description="Its token.")
    DATABRICKS_CLIENT_ID: str | None = Field(default=None, description="Or its service principal,")
    DATABRICKS_CLIENT_SECRET: Secret | None = Field(default=None, description="with the secret.")
    TRACKING_SINK: Literal["run", "trace"] = Field(
        default="run", description="What an event becomes in MLflow: a run, or a trace, for many thousands a day."
    )
    DELIVERY: Literal["service", "separate"] = Field(
        default="service", description="Who delivers: the service, or `tracking deliver`, started by you."
    )
    TRACK_PROMPTS: Literal["full", "hash", "off"] = Field(
        default="full",
        description="What is kept of prompts; texts, which may quote them, are kept with full alone.",
    )
    TRACK_USERS: Literal["email", "hash", "off"] = Field(default="email", description="What is kept of users.")
    TRACKING_HASH_KEY: Secret | None = Field(
        default=None, description="The key of these hashes, 16 characters or more."
    )
    TEXT_INPUT_TOKEN_COST_PER_MILLION: Price = Field(default=None, description="Price of text input tokens.")
    TEXT_OUTPUT_TOKEN_COST_PER_MILLION: Price = Field(default=None, description="Price of text output tokens.")
    IMAGE_INPUT_TOKEN_COST_PER_MILLION: Price = Field(
        default=None, description="Price of an image model's input tokens."
    )
    IMAGE_OUTPUT_TOKEN_COST_PER_MILLION: Price = Field(
        default=None, description="Price of an image model's output tokens."
    )
    GENERATOR: Literal["local", "gemini", "openai", "anthropic"] = Field(
        default="local", description="Who generates; local needs no network and no key."
    )
    MODEL: str | None = Field(
        default=None, min_length=1, description="The model, for pictures or for text; a usual one when not set."
    )
    GENERATOR_BASE_URL: str | None = Field(
        default=None, repr=False, description="Another address of the provider's API; OpenAI's ends in /v1."
    )
    GEMINI_API_KEY: Secret | None = Field(default=None, description="Gemini's key.")
    OPENAI_API_KEY: Secret | None = Field(default=None, description="OpenAI's key.")
    ANTHROPIC_API_KEY: Secret | None = Field(default=None, description="Anthropic's key.")
    USAGE_TIME_ZONE: str = Field(default="UTC", description="Where days begin, such as Europe/Berlin.")
    # Absolute from the start: a process may change its folder, and the delivery is another one.
    DATA_DIR: Annotated[Path, AfterValidator(Path.absolute)] = Field(
        default=Path(".data"), validate_default=True, description="The journal, pictures, and by default MLflow's runs."
    )
    LOCAL_USER_EMAIL: str = Field(
        default="developer@localhost", min_length=1, description="Who is asking: one fixed user, in development."
    )
    IDENTITY_HEADER: str | None = Field(
        default=None,
        pattern=r"^[A-Za-z0-9-]+$",
        description="The header in which your proxy says who is asking, such as X-Forwarded-Email; "
        "LOCAL_USER_EMAIL asks when not set.",
    )
    TRUSTED_PROXIES: str | None = Field(
        default=None, description="The only addresses that this header is believed from: 10.0.0.7, 10.1.0.0/16."
    )
    ADMIN_USERS: str | None = Field(
        default=None, description="Who may see other users' generations and usage: ada@example.com, ..."
    )
    GENERATIONS_PER_MINUTE: int = Field(
        default=30, ge=1, le=_MOST, description="The most generations of a user in a minute."
    )
    GENERATIONS_AT_ONCE: int = Field(
        default=4, ge=1, le=_MOST, description="The most generations of a user that run at once, in each worker."
    )
    REQUESTS_PER_MINUTE: int = Field(
        default=1_200, ge=1, le=_MOST, description="The most requests of a user in a minute."
    )
    MAX_REQUEST_BYTES: int = Field(default=65_536, ge=1_024, le=_MOST, description="The largest request, in bytes.")
    GALLERY_SIZE: int = Field(
        default=1_000, ge=1, le=_MOST, description="How many generations of each user the gallery keeps: the newest."
    )
    MLFLOW_UI_URL: str | None = Field(
        default=None,
        pattern=r"^https?://\S+$",
        description="Where people open MLflow, when that is another address than MLFLOW_TRACKING_URI.",
    )
    HOST: str = Field(default="127.0.0.1", description="The address that the service listens on.")
    PORT: int = Field(default=8000, ge=0, le=65535, description="Its port; 0 takes a free one.")
    LOG_LEVEL: Literal["debug", "info", "warning", "error"] = Field(
        default="warning", description="How much the service logs."
    )

    @property
    def experiment(self) -> str:
        """The experiment's name; in Databricks it is a path."""
        folder = "/Shared/" if self.is_databricks else ""
        return self.MLFLOW_EXPERIMENT_NAME or f"{folder}image-generation-{self.APP_ENV}"

    @property
    def is_databricks(self) -> bool:
        """Whether MLflow is Databricks'."""
        uri = self.MLFLOW_TRACKING_URI or ""
        return uri == DATABRICKS or uri.startswith(f"{DATABRICKS}://")

    @property
    def api_key(self) -> SecretStr | None:
        """The generator's key."""
        name = f"{self.GENERATOR.upper()}_API_KEY"
        return getattr(self, name, None)

    @property
    def proxies(self) -> list[str]:
        """The addresses and networks of TRUSTED_PROXIES."""
        return _split(self.TRUSTED_PROXIES)

    @property
    def admins(self) -> frozenset[str]:
        """The names in ADMIN_USERS."""
        return frozenset(_split(self.ADMIN_USERS))

    def prices(self) -> dict[str, str]:
        """Return the prices that are set, the models' own (`PRICE_...`) included, by their names."""
        own = {name: value for name, value in os.environ.items() if name.startswith(PRICE_PREFIX)}
        four = {name: str(value) for name, value in self if name.endswith("_PER_MILLION") and value is not None}
        return own | four

    def environment(self) -> dict[str, str]:
        """Return an environment that another process reads the same settings from."""
        values = {name: value for name, value in self if value is not None}
        return {name: value for name, value in os.environ.items() if name not in type(self).model_fields} | {
            name: value.get_secret_value() if isinstance(value, SecretStr) else str(value)
            for name, value in values.items()
        }

    @model_validator(mode="after")
    def _fit(self) -> Self:
        for problem in (*self._mlflow_problems(), *self._identity_problems(), *self._other_problems()):
            raise ValueError(problem)
        return self

    def _mlflow_problems(self) -> list[str]:
        problems = []
        uri = self.MLFLOW_TRACKING_URI or ""
        if uri and not (self.is_databricks or _DRIVER.sub("", uri, 1).startswith(_ADDRESSES)):
            problems.append(f"MLFLOW_TRACKING_URI: it is databricks, or begins with one of {', '.join(_ADDRESSES)}")
        if len(uri.rpartition("@")[0].split()) > 1:  # a log's line would take it for the password's end
            problems.append("MLFLOW_TRACKING_URI: a blank in a user's name or password is written %20")
        if self.MLFLOW_TRACKING_URI == DATABRICKS:
            has_principal = self.DATABRICKS_CLIENT_ID and self.DATABRICKS_CLIENT_SECRET
            if not self.DATABRICKS_HOST or not (self.DATABRICKS_TOKEN or has_principal):
                problems.append(
                    "MLFLOW_TRACKING_URI: databricks needs DATABRICKS_HOST, and DATABRICKS_TOKEN or "
                    "DATABRICKS_CLIENT_ID and DATABRICKS_CLIENT_SECRET"
                )
        if self.is_databricks and not self.experiment.startswith("/"):
            problems.append("MLFLOW_EXPERIMENT_NAME: in Databricks it is a path, such as /Shared/image-generation")
        if self.is_databricks and self.TRACKING_SINK == "trace":
            problems.append("TRACKING_SINK: Databricks takes traces into Unity Catalog's tables only; use run")
        return problems

    def _identity_problems(self) -> list[str]:
        problems = []
        try:
            for each in self.proxies:
                ip_network(each)
        except ValueError:
            problems.append("TRUSTED_PROXIES: addresses or networks with commas between them: 10.0.0.7, 10.1.0.0/16")
        if self.IDENTITY_HEADER and not self.proxies:
            problems.append("TRUSTED_PROXIES: IDENTITY_HEADER needs it, for anyone can write a header")
        return problems

    def _other_problems(self) -> list[str]:
        problems = []
        key = self.TRACKING_HASH_KEY.get_secret_value() if self.TRACKING_HASH_KEY else ""
        if "hash" in {self.TRACK_PROMPTS, self.TRACK_USERS} and len(key) < _KEY_LENGTH:
            problems.append(f"TRACKING_HASH_KEY: a hash needs a key of {_KEY_LENGTH} characters or more")
        if self.GENERATOR != "local" and self.api_key is None:
            problems.append(f"{self.GENERATOR.upper()}_API_KEY: GENERATOR={self.GENERATOR} needs it")
        if self.GENERATOR_BASE_URL and not _is_address(self.GENERATOR_BASE_URL):
            problems.append("GENERATOR_BASE_URL: it is an address such as https://gateway.example.com/v1")
        try:
            ZoneInfo(self.USAGE_TIME_ZONE)
        except (KeyError, OSError, ValueError):
            problems.append("USAGE_TIME_ZONE: it is a name of the tz database, such as UTC or Europe/Berlin")
        return problems


def _is_address(text: str) -> bool:
    try:
        parts = urlsplit(text)
        (parts.hostname or "").encode("idna")
        return parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:  # what should be a port is no number, or no name is like this one
        return False


def _split(text: str | None) -> list[str]:
    return [each.strip() for each in (text or "").split(",") if each.strip()]


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
        wrong = (
            "".join(f"{name}: " for name in each["loc"]) + each["msg"].removeprefix("Value error, ")
            for each in error.errors()
        )
        raise SettingsError("; ".join(wrong)) from None
