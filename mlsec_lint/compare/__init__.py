"""What a change does: two scanned states of one repository, and what is between them.

`change(before, after, ...)` finds which things are the same in both, however they were
renamed or moved, and then what is new or gone: ways out, readers, copies, findings.
"""

from __future__ import annotations

from mlsec_lint.compare.changes import change
from mlsec_lint.compare.sides import Seen, see

__all__ = ("Seen", "change", "see")
