"""Is the right runtime active, here and now? Standard library only, Python 3.9 and later."""
