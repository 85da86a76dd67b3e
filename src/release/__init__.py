"""A tag becomes a release: notes, source, SBOM, and the major tag. Standard library only, the SBOM aside.

What publishes holds a token that may write, so it runs on the runner's own Python, with nothing installed beside it.
"""
