"""What the lowerings read: everything that was parsed and evaluated. Plain data."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mlsec_lint.discovery import Tree
    from mlsec_lint.kubernetes.manifest import Manifest
    from mlsec_lint.lower.kubernetes.index import Objects
    from mlsec_lint.lower.terraform_index import TerraformIndex
    from mlsec_lint.parse.yaml import Document
    from mlsec_lint.source import Note, Source
    from mlsec_lint.terraform.resource import Root


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
    terraform: TerraformIndex | None = None
    objects: Objects | None = None
