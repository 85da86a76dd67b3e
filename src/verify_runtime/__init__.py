"""Placeholder for the editable install."""
