"""What else lies in, or is done with, a store that holds weights.

A name alone is too weak for that question: a bucket called `model-logs` that logs go to
is a log bucket. Only stores with better evidence are looked at.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsec_lint.patterns import regex
from mlsec_lint.trace.weights import strongest
from mlsec_lint.value import Unknown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlsec_lint.estate import Estate, FactValue, Thing
    from mlsec_lint.source import Span
    from mlsec_lint.trace.settings import Settings

_SURE = ("declared", "referenced", "copied")
_NOTEBOOK = regex(r"(?i)jupyter|notebook|rstudio|code-server")
#: Programs of a notebook platform that nobody works in: controllers, pages, hubs.
_PLATFORM = regex(
    r"(?i)controller|webhook|-web-?app|dashboard|operator|proxy|kfam"
    r"|k8s-(?:hub|image-awaiter|network-tools|secret-sync)"
)
#: The working group that publishes Kubeflow's platform as well as its notebooks.
_PUBLISHERS = frozenset({"kubeflownotebookswg"})
ALONE = "nothing in the scan uses it for anything else"


def trace_dedicated(estate: Estate, settings: Settings) -> None:
    """State `also.holds` of every store of which something better than a name speaks."""
    del settings
    for store in estate.of("store"):
        if strongest(store) not in _SURE:
            continue
        uses = list(_uses(estate, store))
        for value, span in uses:
            store.also("also.holds", value, span)
        if not uses:
            store.state("also.holds", (), default=ALONE)


def _uses(estate: Estate, store: Thing) -> Iterator[tuple[FactValue, Span]]:
    logs = store.fact("receives.logs")
    if logs is not None and logs.value is not False:
        value = logs.value
        yield value if isinstance(value, Unknown) else ("logs or state",), logs.span
    defaults = [f.span for f in store.all_facts("workspace.default") if f.value is True]
    if any(piece.span not in defaults for piece in store.evidence):
        for span in defaults:
            yield ("workspace files",), span
    for edge in estate.edges_to(store, "takes data from"):
        if edge.certain:
            yield ("data sets",), edge.span
        else:
            why = edge.why or "whether data sets are read from it is not known"
            yield Unknown("resource", why, span=edge.span), edge.span
    for edge in estate.edges_to(store, "is backed by"):
        if edge.source.kind == "mount":
            for mounted in estate.edges_to(edge.source, "mounts"):
                if mounted.source.kind == "workload" and is_notebook(
                    estate, mounted.source
                ):
                    yield ("notebook files",), mounted.span


def is_notebook(estate: Estate, workload: Thing) -> bool:
    """Whether a workload is a notebook server: by its kind, or by its image."""
    if workload.address.startswith("Notebook/"):
        return True
    for edge in estate.edges_from(workload, "has"):
        image = edge.target.fact("image.reference")
        if image is not None and isinstance(image.value, str):
            if _is_notebook_image(image.value):
                return True
    return False


def _is_notebook_image(reference: str) -> bool:
    """Whether an image's path or tag speaks of notebooks, whoever publishes it."""
    *folders, name = reference.partition("@")[0].split("/")
    if _PLATFORM.search(name.partition(":")[0]):
        return False
    parts = [name, *(folder for folder in folders if folder not in _PUBLISHERS)]
    return any(_NOTEBOOK.search(part) for part in parts)
