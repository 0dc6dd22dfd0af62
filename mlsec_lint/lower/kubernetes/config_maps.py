"""Configs and scripts in ConfigMaps that no container of the scan was seen to read.

What a pod mounts and names on its command line is read with the pod. The rest is offered
to the job formats as documents and texts of its own, with the file's positions.
"""

from __future__ import annotations

from bisect import bisect_left
from typing import TYPE_CHECKING

from mlsec_lint.lower.kubernetes.environment import entries
from mlsec_lint.parse.embedded import embedded
from mlsec_lint.parse.yaml import yaml_documents

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlsec_lint.estate import Estate
    from mlsec_lint.lower.inputs import Inputs
    from mlsec_lint.source import Source

_DOCUMENTS = (".yaml", ".yml", ".json")
_MAX_TEXT = 200_000
_MAX_OFFERED = 2_000


def offer_config_maps(inputs: Inputs, estate: Estate) -> None:
    """Add what ConfigMaps hold to the documents and texts that job formats look at."""
    if inputs.objects is None:
        return
    read = _Read(estate)
    offered = 0
    for manifest in inputs.objects.of("ConfigMap"):
        if manifest.library:
            continue
        for key, value in entries(manifest).items():
            source = embedded(value) if value.type == "block" else None
            if source is None or len(source.text) > _MAX_TEXT or read.within(source):
                continue
            offered += 1
            if offered > _MAX_OFFERED:
                return
            if key.endswith(_DOCUMENTS):
                documents, notes = yaml_documents(source)
                if not notes:  # a syntax error there is no matter of this scan
                    path = manifest.span.path
                    inputs.documents.extend((path, d) for d in documents)
            elif source.text.startswith("#!"):
                inputs.texts.append(source)


class _Read:
    """Where things that programs say stand, to tell whether a text was read already."""

    def __init__(self, estate: Estate) -> None:
        self._places: dict[str, list[int]] = {}
        for path, start in _places(estate):
            self._places.setdefault(path, []).append(start)
        for starts in self._places.values():
            starts.sort()

    def within(self, source: Source) -> bool:
        """Whether anything that was stated stands in a text."""
        outer, start = source.outer(0)
        _, end = source.outer(max(0, len(source.text) - 1))
        starts = self._places.get(outer.path, [])
        at = bisect_left(starts, start)
        return at < len(starts) and starts[at] <= end


def _places(estate: Estate) -> Iterator[tuple[str, int]]:
    for kind in ("program", "upload"):
        for thing in estate.of(kind):
            span = thing.span.resolved()
            yield span.source.path, span.start
            for fact in thing.facts.values():
                span = fact.span.resolved()
                yield span.source.path, span.start
    for edge in estate.edges():
        if edge.verb in ("reads", "writes", "sends"):
            span = edge.span.resolved()
            yield span.source.path, span.start
