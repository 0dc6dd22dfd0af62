"""Where images with weights go: the registries that they are pushed to, who runs them.

What builds and pushes is read from CI files, scripts, makefiles and the files of build
tools. A registry that such an image is pushed to holds weights; a container whose image
is one of them reads them from there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from mlsec_lint.lower.jobs.image_commands import Book
from mlsec_lint.lower.jobs.image_files import read_files
from mlsec_lint.lower.jobs.image_references import place_of, reference, same_image
from mlsec_lint.lower.stores import written
from mlsec_lint.source import Note
from mlsec_lint.value import Unknown

if TYPE_CHECKING:
    from mlsec_lint.estate import Estate, Thing
    from mlsec_lint.lower.inputs import Inputs
    from mlsec_lint.lower.jobs.image_commands import Build
    from mlsec_lint.lower.jobs.image_references import Reference
    from mlsec_lint.source import Span

#: So many names are followed from one build, through `tag` and copies.
_MAX_NAMES = 200


def lower_image_pushes(inputs: Inputs, estate: Estate) -> None:
    """Evidence for registries that images with weights go to; edges from who runs them."""
    images = {image.address: image for image in estate.of("image") if image.evidence}
    if not images:
        return
    book = Book()
    read_files(inputs, book)
    moves: dict[tuple[str, str], list[tuple[Reference, bool, Span]]] = {}
    for move in book.moves:
        key = book.key(move.source, move.span)
        moves.setdefault(key, []).append((move.target, move.pushed, move.span))
    runs = _Runs(estate)
    for build in book.builds:
        image = next((images[p] for p in build.dockerfiles if p in images), None)
        if image is not None:
            for name, span in _pushed(book, moves, build):
                _put(estate, image, name, span, runs)


def _pushed(
    book: Book,
    moves: dict[tuple[str, str], list[tuple[Reference, bool, Span]]],
    build: Build,
) -> list[tuple[Reference, Span]]:
    """The names under which a build is pushed, each with the line that does it."""
    found: list[tuple[Reference, Span]] = []
    waiting = [(name, build.pushed, build.span) for name in build.names]
    known: set[tuple[str, str]] = set()
    for name, pushed, span in waiting:  # grows while it is walked
        key = book.key(name, span)
        if key in known or len(known) >= _MAX_NAMES:
            continue
        known.add(key)
        push = book.pushes.get(key)
        if pushed or push is not None:
            found.append((name, push or span))
        waiting.extend(moves.get(key, ()))
    return found


def _put(
    estate: Estate, image: Thing, name: Reference, span: Span, runs: _Runs
) -> None:
    place = place_of(estate, name, span)
    if not place.stores:
        words = (
            f"{image.name}, which has weights in it, is pushed to {name.name}: "
            "the scan cannot tell which registry that is"
        )
        kind = "registry-unknown"
        note = Note(kind, words, span.path, span, incomplete=True, strict_only=True)
        estate.note([note])
    whither = "it" if place.certain else "a registry of that name"
    words = f"{image.name}, which has weights in it, is pushed to {whither}"
    for store in place.stores:
        store.holds_weights("referenced" if place.certain else "named", words, span)
        runs.link(name, store, image, certain=place.certain)


class _Runs:
    """Which workloads run an image of a name."""

    def __init__(self, estate: Estate) -> None:
        self.estate = estate
        workloads = {
            id(edge.target): edge.source
            for edge in estate.edges()
            if edge.verb == "has"
        }
        self.named: dict[str, list[_Run]] = {}
        self.symbols: dict[str, list[_Run]] = {}
        for container in estate.of("container"):
            fact = container.fact("image.reference")
            workload = workloads.get(id(container))
            if fact is None or workload is None:
                continue
            value = fact.value
            if isinstance(value, Unknown) and (symbol := _symbol(value)):
                run = _Run(workload, fact.span, None)
                self.symbols.setdefault(symbol, []).append(run)
            text = written(value) if isinstance(value, Unknown) else value
            found = reference(text) if isinstance(text, str) else None
            if found is not None and found.host:
                run = _Run(workload, fact.span, found)
                self.named.setdefault(found.path, []).append(run)

    def link(
        self, name: Reference, store: Thing, image: Thing, *, certain: bool
    ) -> None:
        """An edge from each workload that runs the image."""
        words = f"runs {image.name} from it, which has weights in it"
        why = "which registry the name means is not known"
        for run in self.named.get(name.path, ()):
            same = run.reference == name and not name.local
            if run.reference is None or not (same or same_image(run.reference, name)):
                continue
            sure = certain and "$" not in run.reference.name
            doubt = "" if sure else why
            self.estate.link(
                run.workload, "reads", store, run.span, words, certain=sure, why=doubt
            )
        if store.provider != "aws":  # there a repository holds one image
            return
        for address in sorted(store.names):
            for run in self.symbols.get(address, ()):
                if run.workload.root == store.root:
                    self.estate.link(run.workload, "reads", store, run.span, words)


class _Run(NamedTuple):
    """A workload that runs an image: where it says so, by which name."""

    workload: Thing
    span: Span
    reference: Reference | None


def _symbol(unknown: Unknown) -> str:
    """The resource whose URL an image's name begins with, or ""."""
    first = unknown.parts[0] if unknown.parts else unknown
    symbol = first.symbol if isinstance(first, Unknown) else None
    return symbol.address if symbol is not None else ""
