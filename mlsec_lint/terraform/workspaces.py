"""Which workspaces a root is made for: what its text compares `terraform.workspace` with.

Who keeps environments apart by workspaces writes their names into conditions
(`terraform.workspace == "prod" ? 1 : 0`) and into the keys of maps
(`local.sizes[terraform.workspace]`). Evaluated in the workspace "default" alone, what
stands only in another one would not be there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsec_lint.patterns import regex
from mlsec_lint.terraform.variable_files import MAX_VARIANTS, STAGES

if TYPE_CHECKING:
    from mlsec_lint.terraform.run import Files

DEFAULT = "default"
_WORKSPACE = "terraform.workspace"
_ALIAS = regex(r"(?m)^[ \t]*(\w+)[ \t]*=[ \t]*terraform\.workspace[ \t]*$")
_COMPARED = regex(
    r'\b(terraform\.workspace|local\.\w+)[ \t]*[!=]=[ \t]*"([\w-]{1,64})"'
)
_BEFORE = regex(r'"([\w-]{1,64})"[ \t]*[!=]=[ \t]*(terraform\.workspace|local\.\w+)\b')
_LOOKED_UP = regex(r"[\[,][ \t]*(terraform\.workspace|local\.\w+)[ \t]*[\],]")
_KEY = regex(r'(?m)^[ \t]*"?([a-z][\w-]{1,32})"?[ \t]*[=:][ \t]*[^=\s]')


def workspaces_of(files: Files, folder: str) -> list[str]:
    """The workspaces that a root's own files tell apart, sorted; [] where they tell none.

    Where there is one name only, what is done in all other workspaces is "default".
    """
    paths = files.folder(folder).files
    texts = [files.source_of(path).text for path in paths]
    whole = "\n".join(texts)
    if _WORKSPACE not in whole:
        return []
    meant = {_WORKSPACE, *(f"local.{match[1]}" for match in _ALIAS.finditer(whole))}
    found = {m[2] for m in _COMPARED.finditer(whole) if m[1] in meant}
    found |= {m[1] for m in _BEFORE.finditer(whole) if m[2] in meant}
    if any(match[1] in meant for match in _LOOKED_UP.finditer(whole)):
        keys = {match[1] for match in _KEY.finditer(whole)}
        found |= keys & {*STAGES, DEFAULT}
    if len(found) == 1:
        found.add(DEFAULT)
    return sorted(found)[:MAX_VARIANTS]
