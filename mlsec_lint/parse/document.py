"""What a YAML or JSON reader gives: documents of Values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mlsec_lint.source import Span
    from mlsec_lint.value import Value


@dataclass(slots=True)
class Document:
    """One document of a file.

    * `value`: its root; `Value(None)` for one that was skipped;
    * `span`: all of it, without the `---` line;
    * `skipped`: the kind for which it was not read ("CustomResourceDefinition"), or "";
    * `template`: whether template actions were masked in it.
    """

    value: Value
    span: Span
    skipped: str = ""
    template: bool = False
