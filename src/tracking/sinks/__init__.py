"""Where the delivery brings events to: MLflow, as runs or as traces."""

from tracking.sinks.run import RunSink
from tracking.sinks.sink import Failed, Parcel, Receipt, Refused, Sink
from tracking.sinks.trace import TraceSink

__all__ = ["Failed", "Parcel", "Receipt", "Refused", "RunSink", "Sink", "TraceSink"]
