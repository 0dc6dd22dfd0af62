"""What rendering hands to the lowerings: manifests of Values. Plain data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mlsec_lint.source import Span
    from mlsec_lint.value import Step, Value


@dataclass(slots=True)
class Manifest:
    """One Kubernetes object as it would be applied.

    * `value`: the object's Value; every scalar keeps the span of the file that set it;
    * `kind`, `api_version`, `name`, `namespace`: as text after rendering; "" where
      absent, and the placeholder's own text where unknown (`${NAME}`);
    * `span`: the narrow header: the `kind:` entry;
    * `root`: the overlay, chart or folder that renders it, relative; "" for a plain
      file that nothing includes;
    * `via`: the overlays it came through, innermost first;
    * `library`: a chart's or base's default that no release or overlay uses;
    * `address`: `Kind/namespace/name`, or the Terraform address for objects that
      Terraform declares;
    * `cluster`: which cluster it goes to, where a provider configuration says so: the
      address of the cluster, or `name:` and its name; "" where nothing does. An
      assignment of the config, an Argo CD destination or a script that names one
      cluster counts as well;
    * `goes_to`: the addresses of the clusters that such a one names, and `said` its
      line and words; () and None where a provider configuration or nothing tells;
    * `destination`: the name or server of the cluster, as a release of Argo CD has it.
    """

    value: Value
    kind: str
    api_version: str
    name: str
    namespace: str
    span: Span
    root: str = ""
    via: tuple[Step, ...] = ()
    library: bool = False
    address: str = ""
    cluster: str = ""
    goes_to: tuple[str, ...] = ()
    said: Step | None = None
    destination: str = ""
