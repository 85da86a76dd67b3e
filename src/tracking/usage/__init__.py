"""Who used what, how fast it was and what it cost: answered from an index of what MLflow has."""

from tracking.usage.index import Index

__all__ = ["Index"]
