from decimal import Decimal
from types import SimpleNamespace

from hypothesis import given
from hypothesis import strategies as st

from tracking import layout
from tracking.event import Event, Tokens
from tracking.pricing import Price

from .events import event

UNKNOWN = Price(None, "unknown", None, {}, "no price")

# A setting may be named as what is measured.
MEASURED = [*layout.Record.__slots__, "user_email", "event_id", "estimated_cost_usd", "input_tokens", "image_tokens"]
counts = st.none() | st.integers(0, 10**9)
texts = st.text(max_size=20)
events = st.builds(
    event,
    user=st.none() | texts,
    kind=st.sampled_from(["text", "image"]),
    provider=texts,
    model=texts,
    processing_time_ms=st.floats(0, 1e9),
    time_to_first_token_ms=st.none() | st.floats(0, 1e9),
    tokens=st.builds(Tokens, counts, counts, counts, counts, counts, counts),
    outcome=st.sampled_from(["ok", "error", "cancelled"]),
    error_class=st.none() | texts,
    settings=st.dictionaries(st.sampled_from(MEASURED), texts),
)
prices = st.just(UNKNOWN) | st.builds(
    Price,
    st.decimals(0, 10**6, places=12),
    st.sampled_from(["environment", "genai-prices"]),
    st.just("2026-11-23"),
    st.dictionaries(st.sampled_from(["input", "output"]), st.decimals(0, 1000, places=4)),
)


def run(made: Event, fields: layout.Fields) -> SimpleNamespace:
    info = SimpleNamespace(status=fields.status, start_time=made.time_ms, run_name=fields.name)
    return SimpleNamespace(
        info=info, data=SimpleNamespace(tags=fields.tags, params=fields.params, metrics=fields.metrics)
    )


def expected(made: Event, price: Price) -> dict[str, object]:
    return {
        "id": made.id,
        "time_ms": made.time_ms,
        "user": made.user,
        "kind": made.kind,
        "provider": made.provider,
        "model": made.model,
        "prompt_length": made.prompt_length,
        "processing_time_ms": made.processing_time_ms,
        "time_to_first_token_ms": made.time_to_first_token_ms,
        "tokens": made.tokens,
        "outcome": made.outcome,
        "error_class": made.error_class,
        "cost_usd": price.usd,
        "price_source": price.source,
    }


def as_dict(record: layout.Record | None) -> dict[str, object]:
    assert record is not None
    return {name: getattr(record, name) for name in layout.Record.__slots__}


@given(events, prices)
def test_a_run_is_read_as_it_was_laid_out(made: Event, price: Price) -> None:
    read = layout.from_run(run(made, layout.lay_out(made, price)))  # type: ignore[arg-type]
    assert as_dict(read) == expected(made, price)


@given(events, prices)
def test_a_trace_is_read_as_it_was_laid_out(made: Event, price: Price) -> None:
    tags = layout.trace_tags(made, layout.lay_out(made, price), made.time_ms)
    metadata = {} if made.user is None else {layout.TRACE_USER: made.user}  # MLflow takes it from the span
    trace = SimpleNamespace(trace_id=f"tr-{made.id}", request_time=made.time_ms, tags=tags, trace_metadata=metadata)
    assert as_dict(layout.from_trace(trace)) == expected(made, price)  # type: ignore[arg-type]


def test_what_is_unknown_is_left_out_and_never_0() -> None:
    fields = layout.lay_out(event(tokens=Tokens(), user=None), UNKNOWN)
    assert fields.metrics == {"processing_time_ms": 1234.5}
    assert "user_email" not in fields.tags
    assert fields.tags["price_source"] == "unknown"


def test_a_cost_is_kept_exactly() -> None:
    fields = layout.lay_out(event(), Price(Decimal("1E-12"), "environment", "2026-11-23", {"input": Decimal("0.10")}))
    assert fields.tags["cost_usd"] == "0.000000000001"
    assert fields.tags["price_per_million"] == '{"input":"0.10"}'


def test_runs_and_traces_of_others_and_runs_that_are_not_complete_are_no_records() -> None:
    made = event()
    fields = layout.lay_out(made, UNKNOWN)
    theirs = run(made, fields)
    theirs.data.tags = {}
    assert layout.from_run(theirs) is None  # type: ignore[arg-type]
    begun = run(made, fields)
    begun.info.status = "RUNNING"
    assert layout.from_run(begun) is None  # type: ignore[arg-type]
    trace = SimpleNamespace(trace_id="tr-1", request_time=0, tags={})
    assert layout.from_trace(trace) is None  # type: ignore[arg-type]
