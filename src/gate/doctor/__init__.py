"""Is this repository ready for the pipeline: what is there, what disagrees, and what mends each."""

from gate.doctor.check import Check, show
from gate.doctor.examination import checks
from gate.doctor.github import GitHubFacts, unknown
from gate.doctor.server import ServerFacts

__all__ = ["Check", "GitHubFacts", "ServerFacts", "checks", "show", "unknown"]
