"""Is the right runtime active, here and now? Standard library only, Python 3.9 and later.

A check runs before a step's own work, so its start counts: records are NamedTuples, which are frozen and slotted on
Python 3.9 too, and cost a third of what importing dataclasses does.
"""
