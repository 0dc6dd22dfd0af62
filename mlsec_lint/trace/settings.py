"""What a user may choose about tracing."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, Protocol

if TYPE_CHECKING:
    from mlsec_lint.source import Span

ASSUMPTIONS = ("inferred", "declared", "all")


class Asset(Protocol):
    """A declared asset: `match` is an address or a name, with `*` for anything.

    `holds` is `weights`, `public` (published, no secret) or `none`.
    """

    @property
    def match(self) -> str:
        """Address, URI or name."""

    @property
    def holds(self) -> str:
        """What it holds."""

    @property
    def span(self) -> Span:
        """Where the config says so."""


class Settings(NamedTuple):
    """How weights are found.

    * `assume`: `inferred` (all evidence counts), `declared` (only what somebody
      declared, and its copies and readers), `all` (every store and every workload with
      accelerators holds weights);
    * `assets`: the assets of the config file; they outrank all other evidence;
    * `complete`: the scan holds every Terraform root: what it does not declare is not
      the lab's.
    """

    assume: str = "inferred"
    assets: tuple[Asset, ...] = ()
    complete: bool = False
