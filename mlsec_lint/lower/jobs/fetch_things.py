"""Fetches, channels and endpoints as things of the workload or image that has them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsec_lint.estate import Thing
from mlsec_lint.lower.jobs.fetches import pinned_requirement
from mlsec_lint.lower.jobs.hosts import internal_host
from mlsec_lint.value import Unknown

if TYPE_CHECKING:
    from collections.abc import Callable

    from mlsec_lint.estate import Estate
    from mlsec_lint.lower.jobs.fetches import Fetch
    from mlsec_lint.source import Source, Span
    from mlsec_lint.value import Step, Value

_WORDS = {
    "script": "the script {}",
    "code": "the code of {}",
    "packages": "the installation of {}",
    "model": "the model {}",
    "dataset": "the data set {}",
}
_MOST_LINES = 5_000


#: What the renderer of charts says of the values that a template takes.
_SET = "set by this value"


def where_set(value: Value) -> Span | None:
    """Where somebody set a value: in the values of a release, not in the template.

    One template serves several releases, and the mistake is of one of them.
    """
    for step in value.trail[:1]:
        if step.words == _SET:
            return step.span
    return value.entry() or value.span


def owned_thing(
    estate: Estate, kind: str, owner: Thing, stem: str, name: str, span: Span
) -> Thing:
    """A thing of a workload or image, with what it takes over from its owner."""
    thing = Thing(
        kind,
        estate.free(kind, f"{owner.address}/{stem}"[:300]),
        name,
        span,
        provider=owner.provider,
        root=owner.root,
        library=owner.library,
    )
    estate.add(thing)
    for fact in ("accelerator", "infrastructure"):
        stated = owner.fact(fact)
        if stated is not None:
            thing.state(fact, stated.value, stated.span, default=stated.default)
    sort = owner.fact("type") if owner.kind == "workload" else None
    if sort is not None and sort.value == "managed":
        thing.state("ml.machine", value=True, span=sort.span)
    return thing


def state_fetch(
    estate: Estate,
    owner: Thing,
    fetch: Fetch,
    *,
    files: Callable[[Value], Source | None] | None = None,
    trail: tuple[Step, ...] = (),
) -> Thing:
    """State one fetch of a workload or image; `files` finds requirement files."""
    fetch = _with_files(fetch, files)
    name = f"{_WORDS[fetch.type].format(fetch.what)} by {owner.name}"
    stem = f"{fetch.type}/{fetch.what}"
    known = estate.find("fetch", f"{owner.address}/{stem}"[:300])
    if known is not None and fetch.type in ("model", "dataset"):
        before = known.fact("pinned")
        if before is not None and before.value == fetch.pinned:
            return known  # the same workload takes the same model twice: one mistake
    thing = owned_thing(estate, "fetch", owner, stem, name, fetch.span)
    thing.state("type", fetch.type, fetch.span)
    thing.state("what", fetch.what, fetch.span)
    if isinstance(fetch.host, Unknown) or fetch.host:
        thing.state("host", fetch.host, fetch.span)
        own = (
            fetch.host if isinstance(fetch.host, Unknown) else internal_host(fetch.host)
        )
        thing.state("host.own", own, fetch.span)
    for fact, value in (
        ("pinned", fetch.pinned),
        ("executed", fetch.executed),
        ("index.single", fetch.single),
        ("index.verified", fetch.verified),
        ("released", fetch.released),
    ):
        if value is not None:
            thing.state(fact, value, fetch.span, trail=trail)
    estate.link(owner, "fetches", thing, fetch.span)
    return thing


def _with_files(fetch: Fetch, files: Callable[[Value], Source | None] | None) -> Fetch:
    """What requirement files say; one that the scan does not hold leaves it open."""
    if not fetch.files or fetch.pinned is not True:
        return fetch
    for word in fetch.files:
        source = files(word) if files is not None else None
        if source is None:
            shown = word.data if isinstance(word.data, str) else "a file"
            why = f"the requirements in {shown} are not in the scan"
            return fetch._replace(pinned=Unknown("environment", why, span=fetch.span))
        loose = loose_lines(source)
        if loose:
            more = f" and {len(loose) - 3} more" if len(loose) > 3 else ""
            what = f"{', '.join(loose[:3])}{more} of {source.path}"
            return fetch._replace(pinned=False, what=what)
    return fetch


def loose_lines(source: Source) -> list[str]:
    """The requirements of a file that name no version, by name."""
    lines = source.text.replace("\\\n", " ").splitlines()[:_MOST_LINES]
    if any("--hash=" in line or line.strip() == "--require-hashes" for line in lines):
        return []
    found = []
    for line in lines:
        entry = line.partition(" #")[0].strip()
        if not entry or entry.startswith(("#", "-")):
            continue
        if pinned_requirement(entry) is False:
            found.append(entry.partition(";")[0].strip()[:60])
    return found
