"""One module per command: its arguments, and the call into the program below."""

from __future__ import annotations

CLEAN, FINDINGS, USAGE, INCOMPLETE, BUG = 0, 1, 2, 3, 70


class UsageError(Exception):
    """The caller asked for something that cannot be: exit code 2, one line."""
