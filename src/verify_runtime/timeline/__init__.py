"""Which runtime is active at each step of a workflow, read without running it."""

from verify_runtime.timeline.model import Active, Change, Invocation, JobTimeline, Place, StepTimeline
from verify_runtime.timeline.reader import timeline

__all__ = ["Active", "Change", "Invocation", "JobTimeline", "Place", "StepTimeline", "timeline"]
