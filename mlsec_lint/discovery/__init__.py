"""The files of a scan: found, decoded, capped, confined to the scanned folder.

Knows names of files, never their formats. Nothing outside the folder is read, nothing
in it is executed (git runs with every hook of the repository's own configuration off),
and what is left out is counted by reason.
"""

from __future__ import annotations

from mlsec_lint.discovery.checkout import Checkout, check_out
from mlsec_lint.discovery.find import discover
from mlsec_lint.discovery.history import HistoryError, Past
from mlsec_lint.discovery.names import excluded_by, is_relevant
from mlsec_lint.discovery.tree import MAX_BYTES, MAX_TEXT, File, Tree

__all__ = [
    "MAX_BYTES",
    "MAX_TEXT",
    "Checkout",
    "File",
    "HistoryError",
    "Past",
    "Tree",
    "check_out",
    "discover",
    "excluded_by",
    "is_relevant",
]
