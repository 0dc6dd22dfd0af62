"""What the evaluator hands to the lowerings: roots of evaluated resources. Plain data."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from mlsec_lint.source import Note, Span
    from mlsec_lint.value import Step, Value


class ProviderUse(NamedTuple):
    """The provider configuration that a resource uses.

    `name` is the local name ("aws"), `alias` "" for the default configuration,
    `values` the evaluated `provider` block as an object (None when no block is
    there), `span` its header, `source` and `version` from required_providers
    ("hashicorp/aws", "~> 5.0"), `locked` the version of the lock file or "".
    """

    name: str
    alias: str = ""
    values: Value | None = None
    span: Span | None = None
    source: str = ""
    version: str = ""
    locked: str = ""


@dataclass(slots=True)
class Resource:
    """One instance of a resource or data source.

    * `address`: full, with module path and instance keys; an instance of an unknown
      count or for_each has the key `[*]`;
    * `values`: an object Value: attributes, and nested blocks as lists of objects
      under their type name (also `timeouts`, never `lifecycle` or `provisioner`); where
      a dynamic block's for_each is not known, the list is an Unknown whose `possible`
      are the list without and the list with one symbolic block;
    * `lifecycle`: the evaluated lifecycle block as an object, or None;
    * `span`: the block's header (type and labels); `block`: the whole block;
    * `calls`: the module calls it came through, innermost first;
    * `repeat_unknown`: whether it exists at all, or how often, is not known;
    * `library`: the module is called by nobody in the scan and was evaluated with its
      defaults.
    """

    address: str
    type: str
    name: str
    mode: str  # "managed" | "data"
    module: str  # "" or "module.data[\"a\"]"
    values: Value
    span: Span
    block: Span
    provider: ProviderUse
    index: str | int | None = None
    lifecycle: Value | None = None
    depends_on: tuple[str, ...] = ()
    calls: tuple[Step, ...] = ()
    repeat_unknown: bool = False
    library: bool = False


@dataclass(slots=True)
class ModuleCall:
    """A module call whose source was not read: its arguments are kept."""

    address: str
    source: str
    version: str
    arguments: Value
    span: Span
    block: Span
    provider_uses: dict[str, ProviderUse] = field(default_factory=dict)
    calls: tuple[Step, ...] = ()


@dataclass(slots=True)
class Root:
    """One evaluated Terraform root.

    `path` is the folder relative to the scanned folder ("" for the folder itself).
    `outputs` maps names to Values; `sensitive_outputs` names those declared so, which
    are never printed. `backend` is the evaluated backend block or None.
    """

    path: str
    resources: list[Resource] = field(default_factory=list)
    unread_modules: list[ModuleCall] = field(default_factory=list)
    outputs: dict[str, Value] = field(default_factory=dict)
    providers: list[ProviderUse] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)
    variables: dict[str, Value] = field(default_factory=dict)
    backend: Value | None = None
    library: bool = False
    variant: str = ""
    sensitive_outputs: frozenset[str] = frozenset()
