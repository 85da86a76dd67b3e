"""Any events, around the days when clocks are put forward."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

from tracking.event import Tokens

from .records import record

ZONES = [ZoneInfo(name) for name in ("UTC", "Europe/Berlin", "Asia/Kathmandu", "America/St_Johns", "Pacific/Apia")]
COSTS = st.decimals(min_value=0, max_value=10**11, places=18)
TOKENS = st.none() | st.integers(0, 10**12)

RECORDS = st.builds(
    record,
    time_ms=st.datetimes(datetime(2026, 3, 1), datetime(2026, 4, 5), timezones=st.just(UTC)).map(  # noqa: DTZ001 - its way
        lambda each: round(each.timestamp() * 1000)
    ),
    user=st.none() | st.sampled_from(["ada@example.com", "=cmd()"]) | st.text(st.characters(codec="utf-8"), max_size=9),
    kind=st.sampled_from(["text", "image"]),
    provider=st.sampled_from(["openai", "google"]),
    model=st.sampled_from(["one", "two"]),
    prompt_length=st.integers(0, 100_000),
    processing_time_ms=st.integers(0, 10**6).map(lambda each: each / 2),
    outcome=st.sampled_from(["ok", "ok", "ok", "error", "cancelled"]),
    tokens=st.builds(Tokens, input=TOKENS, output=TOKENS),
    cost_usd=st.none() | COSTS,
)
