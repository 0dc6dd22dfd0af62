"""Evidence that changes are reviewed: CODEOWNERS, branch protection, pinned actions.

Evidence of a process, never proof: what is there is said, and what is missing is a
note. It counts where the scan holds weights (trace/reviews.py). GitHub's documentation of CODEOWNERS,
workflow syntax and hardening; integrations/github 6.x schema; read 2026-11.
"""

from __future__ import annotations

import posixpath
import re
from typing import TYPE_CHECKING

from mlsec_lint.estate import Thing
from mlsec_lint.lower.declared import thing_of
from mlsec_lint.lower.reading import given, span_of
from mlsec_lint.lower.supply_chain.workflows import lower_workflows
from mlsec_lint.lower.terraform_index import index_of, values_at
from mlsec_lint.patterns import regex
from mlsec_lint.source import Span
from mlsec_lint.value import Unknown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlsec_lint.estate import Estate
    from mlsec_lint.lower.inputs import Inputs
    from mlsec_lint.lower.terraform_index import RootIndex
    from mlsec_lint.terraform.resource import Resource
    from mlsec_lint.value import Value

_PLACES = ("CODEOWNERS", ".github/CODEOWNERS", "docs/CODEOWNERS", ".gitlab/CODEOWNERS")
_COVERING = regex(
    r"\*|\.tf\b|terraform|infra|k8s|kubernetes|deploy|charts?|helm|train|policies|manifests"
    r"|\.github|\.ya?ml",
    re.IGNORECASE,
)
_MOST_LINES = 20_000


def lower_reviews(inputs: Inputs, estate: Estate) -> None:
    """State what the repository says about who must approve changes."""
    for here in index_of(inputs).roots:
        for kind, state in _PROTECTIONS.items():
            for resource in here.of(kind):
                state(here, estate, resource)
    lower_workflows(inputs, estate)
    _owners(inputs, estate)


# -- CODEOWNERS -----------------------------------------------------------------


def _owners(inputs: Inputs, estate: Estate) -> None:
    """The line that covers infrastructure; the file's first line where none does."""
    texts = {source.path: source for source in inputs.texts}
    source = next((texts[path] for path in _PLACES if path in texts), None)
    if source is None:
        return
    thing = Thing("review", source.path, source.path, Span(source, 0, 0), "github")
    estate.add(thing)
    covers = _Folders(inputs)
    start = 0
    first: Span | None = None
    for line in source.text.splitlines(keepends=True)[:_MOST_LINES]:
        span = Span(source, start, start + len(line.rstrip()))
        start += len(line)
        words = line.partition("#")[0].split()
        if not words:
            continue
        first = first or span
        if len(words) > 1 and (_COVERING.search(words[0]) or covers(words[0])):
            thing.state("owners.named", value=True, span=span)
            return
    where = first or Span(source, 0, min(1, len(source.text)))
    thing.state("owners.named", value=False, span=where)


class _Folders:
    """The folders that hold infrastructure or training config, found when asked for."""

    def __init__(self, inputs: Inputs) -> None:
        self._inputs = inputs
        self._known: set[str] | None = None

    def __call__(self, pattern: str) -> bool:
        """Whether a plain folder of CODEOWNERS (`/benchmarks/`) holds such config."""
        name = pattern.strip("/")
        if not name:
            return False
        if self._known is None:
            self._known = set()
            for path in _config_of(self._inputs):
                self._known.update(_above(path))
        return name in self._known


def _config_of(inputs: Inputs) -> Iterator[str]:
    for root in inputs.roots:
        yield root.path
    for manifest in inputs.manifests:
        yield posixpath.dirname(manifest.span.path)


def _above(folder: str) -> Iterator[str]:
    """The folder and all above it, without the scanned one."""
    while folder:
        yield folder
        folder = posixpath.dirname(folder)


# -- branch protection ----------------------------------------------------------


def _review(here: RootIndex, estate: Estate, resource: Resource) -> Thing:
    return estate.add(thing_of(here, resource, "review", "github"))


def _put_bool(thing: Thing, fact: str, resource: Resource, value: Value | None) -> None:
    """A switch that is off unless it is set (GitHub's API and the provider)."""
    if value is None:
        words = "GitHub: off unless it is set"
        thing.state(fact, value=False, span=resource.span, default=words)
        return
    state = value.boolean()
    if state is None:
        state = Unknown("error", "this is not true or false", span=value.span)
    if isinstance(state, Unknown):
        state = state._replace(possible=None, parts=())
    thing.state(fact, state, span_of(value, resource), trail=value.trail)


def _protection(here: RootIndex, estate: Estate, resource: Resource) -> None:
    thing = _review(here, estate, resource)
    signed = given(resource.values, "require_signed_commits")
    _put_bool(thing, "commits.signed", resource, signed)
    blocks = values_at(resource.values, "required_pull_request_reviews")
    if not blocks:
        words = "GitHub: no review is asked for unless the block is there"
        thing.state("reviews.required", value=False, span=resource.span, default=words)
        return
    block = blocks[0]
    unknown = block.unknown
    span = span_of(block, resource)
    count = given(block, "required_approving_review_count")
    number = count.integer() if count is not None else 1
    if unknown is not None or isinstance(number, Unknown):
        doubt = unknown if unknown is not None else number
        assert isinstance(doubt, Unknown)
        thing.state("reviews.required", doubt._replace(possible=None, parts=()), span)
    else:
        thing.state("reviews.required", number is None or number > 0, span)
    owners = given(block, "require_code_owner_reviews")
    _put_bool(thing, "reviews.by_owners", resource, owners)


def _environment(here: RootIndex, estate: Estate, resource: Resource) -> None:
    thing = _review(here, estate, resource)
    blocks = values_at(resource.values, "reviewers")
    if not blocks:
        words = "GitHub: a deployment waits for nobody unless reviewers are named"
        thing.state(
            "deployment.reviewed", value=False, span=resource.span, default=words
        )
        return
    unknown = blocks[0].unknown
    state = True if unknown is None else unknown._replace(possible=None, parts=())
    thing.state("deployment.reviewed", state, span_of(blocks[0], resource))


_PROTECTIONS = {
    "github_branch_protection": _protection,
    "github_branch_protection_v3": _protection,
    "github_repository_environment": _environment,
}
