"""What the lowerings read: everything that was parsed and evaluated. Plain data."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from mlsec_lint.discovery import Tree
    from mlsec_lint.kubernetes.manifest import Manifest
    from mlsec_lint.lower.kubernetes.index import Objects
    from mlsec_lint.lower.terraform_index import TerraformIndex
    from mlsec_lint.parse.yaml import Document
    from mlsec_lint.source import Note, Source, Span
    from mlsec_lint.terraform.resource import Root


class Assigned(Protocol):
    """To which clusters the objects of some paths or namespaces go, as the config says.

    `clusters` are addresses or names, `paths` patterns in the syntax of .gitignore;
    `*` stands for anything in `namespaces`. () of the last two: whatever they are.
    """

    @property
    def clusters(self) -> tuple[str, ...]:
        """Addresses or names."""

    @property
    def paths(self) -> tuple[str, ...]:
        """Patterns of paths."""

    @property
    def namespaces(self) -> tuple[str, ...]:
        """Patterns of namespaces."""

    @property
    def span(self) -> Span:
        """Where the config says so."""


@dataclass(slots=True)
class Inputs:
    """All that was read in one scan.

    * `roots`: evaluated Terraform roots;
    * `manifests`: rendered Kubernetes objects;
    * `documents`: the other YAML and JSON documents, by path (job files, configs);
    * `texts`: other texts that a lowering may recognise (shell, sbatch, Dockerfile);
    * `recognised` and `not_analysed` count documents by format, for the summary;
    * `claimed`: `id` of each document that a job format has taken as its own;
    * `groups`: by `id` of a document, those that it was composed of (Hydra);
    * `assigned`: to which clusters the config says that objects go;
    * `terraform`: the index over `roots`; `terraform_index.index_of` makes it;
    * `objects`: the index over `manifests`, with the pods found in them; the lowering
      of Kubernetes makes it.
    """

    tree: Tree
    roots: list[Root] = field(default_factory=list)
    manifests: list[Manifest] = field(default_factory=list)
    documents: list[tuple[str, Document]] = field(default_factory=list)
    texts: list[Source] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)
    recognised: dict[str, int] = field(default_factory=dict)
    not_analysed: dict[str, int] = field(default_factory=dict)
    claimed: set[int] = field(default_factory=set)
    groups: dict[int, list[Document]] = field(default_factory=dict)
    assigned: tuple[Assigned, ...] = ()
    terraform: TerraformIndex | None = None
    objects: Objects | None = None
