"""Regular expressions that are compiled when they are first used.

The program has some hundreds of them and a scan uses a part; to compile them all at
import was a fifth of the time of a small scan (2026-11, Python 3.11).
"""

from __future__ import annotations

import re
from typing import Any, cast


class _Pattern:
    """Stands for a compiled pattern; compiled once somebody asks for a method of it."""

    def __init__(self, text: str, flags: int) -> None:
        self._made = (text, flags)

    def __getattr__(self, name: str) -> Any:
        # Called only for what is not there yet: from the next time on, the pattern's own
        # method is found without a detour.
        found = getattr(re.compile(*self._made), name)
        setattr(self, name, found)
        return found


def regex(text: str, flags: int = 0) -> re.Pattern[str]:
    """What `re.compile` gives, but for an error in the text: that comes with its use.

    Its methods and attributes are there; `re.sub(made, ...)` and the like want the real
    pattern: write `made.sub(...)`.
    """
    return cast("re.Pattern[str]", _Pattern(text, flags))
