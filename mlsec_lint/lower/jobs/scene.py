"""Where a program runs: its workload, environment and mounts, and what it states there.

The one place that turns "this path or URI holds weights" into evidence and edges.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from mlsec_lint.estate import Thing
from mlsec_lint.lower.jobs.endpoints import endpoint_of, put_at_endpoint
from mlsec_lint.lower.jobs.paths import Mounted, known_path, mounted_at
from mlsec_lint.lower.stores import Named, referred_store

if TYPE_CHECKING:
    from collections.abc import Callable

    from mlsec_lint.estate import Estate
    from mlsec_lint.source import Source, Span
    from mlsec_lint.value import Value


class WeightPath(NamedTuple):
    """A local path or URI of weights, and who said so."""

    path: str
    words: str
    span: Span


@dataclass(slots=True)
class Scene:
    """A place where commands run: a container, a job file's `run:`, a script.

    * `holder`: the container, or the workload itself;
    * `environment`: variables the commands start with;
    * `mounted`: what is mounted, by path in the scene;
    * `working`: the working directory, or "";
    * `accelerator`: whether accelerators are asked for;
    * `config`: the config file that a path means here, or None;
    * `file`: the text that a ConfigMap puts at a path here, or None;
    * `sourced`: the text of the scan that a sourced path means, or None;
    * `listed`: the list of requirements that a path means, or None;
    * `attached`: the disks that a device path means, none where nobody knows;
    * `fetched`: local paths that copies of stores were put at;
    * `copied`: local paths called after weights that were copied to other local paths.
    """

    estate: Estate
    workload: Thing
    holder: Thing
    environment: dict[str, Value]
    mounted: list[Mounted] = field(default_factory=list)
    working: str = ""
    accelerator: bool = False
    config: Callable[[str], Value | None] = field(default=lambda _: None)
    file: Callable[[str], Value | None] = field(default=lambda _: None)
    sourced: Callable[[Value], Source | None] = field(default=lambda _: None)
    listed: Callable[[Value], Source | None] = field(default=lambda _: None)
    attached: Callable[[str], list[Named]] = field(default=lambda _: [])
    fetched: list[tuple[str, Named]] = field(default_factory=list)
    copied: list[Value] = field(default_factory=list)
    weights: list[WeightPath] = field(default_factory=list)
    count: int = 0

    def program(self, form: str, span: Span) -> Thing:
        """A new program of this scene, with the edge that runs it."""
        self.count += 1
        number = "" if self.count == 1 else str(self.count)
        thing = Thing(
            "program",
            self.estate.free("program", f"{self.holder.address}/program{number}"),
            f"program of {self.holder.name}",
            span,
            provider=self.workload.provider,
            root=self.workload.root,
            library=self.workload.library,
        )
        thing.state("format", form, span)
        self.estate.add(thing)
        self.estate.link(self.workload, "runs", thing, span)
        if self.holder is not self.workload:
            self.estate.link(self.holder, "runs", thing, span)
        return thing

    def weights_at(
        self,
        value: Value,
        verb: str,
        words: str,
        span: Span,
        program: Thing | None,
        doubt: str = "",
    ) -> None:
        """Weights are read from (`reads`) or written to (`writes`) a path or URI.

        States edges from the workload, and evidence on the program, the workload, the
        mount and the stores behind it. `doubt` says why it may be another place.
        """
        text = f"{self.workload.name} {words}"
        for thing in (program, self.holder, self.workload):
            if thing is not None:
                thing.holds_weights("referenced", text, span)
        found = self.behind(value, span, written=verb == "writes")
        if found is None:
            return
        mount, stores, path = found
        self.weights.append(WeightPath(path, text, span))
        if mount is not None:
            mount.holds_weights("referenced", text, span)
        for named in stores:
            sure = named._replace(certain=False, why=doubt) if doubt else named
            self.link(sure, verb, words, span, program)
            if len(named.stores) == 1:  # even where its name is not known
                named.stores[0].holds_weights("referenced", text, span)

    def link(
        self, named: Named, verb: str, words: str, span: Span, program: Thing | None
    ) -> None:
        """An edge from the workload (and its program) to each store that is meant."""
        endpoint = endpoint_of(self.environment)
        doubts = {
            store.address: put_at_endpoint(store, endpoint) if endpoint else ""
            for store in named.stores
        }
        for source in (self.workload, program):
            if source is None:
                continue
            for store in named.stores:
                self.estate.link(
                    source,
                    verb,
                    store,
                    span,
                    words,
                    certain=named.certain and not doubts[store.address],
                    why=named.why or doubts[store.address],
                )

    def behind(
        self, value: Value, span: Span, *, written: bool = False
    ) -> tuple[Thing | None, tuple[Named, ...], str] | None:
        """The mount and stores behind a path or URI, and its text; None for none.

        What is `written` to a copy of a store goes to the disk and not to the store.

        A local path under no mount lies on the disk of the node or machine: a store of
        its own, `file#/path`, that nothing declares.
        """
        located = value if value.span is not None else value.replace(span=span)
        named = referred_store(self.estate, located, self.workload.provider)
        if named is not None:
            text = located.text()
            return None, (named,), text if isinstance(text, str) else ""
        path = known_path(value, self.working)
        if not path:
            return None
        entry = mounted_at(path, self.mounted)
        if entry is not None and not (written and entry.copied):
            return entry.mount, entry.stores, path
        return None, (self._own_disk(path, span),), path

    def _own_disk(self, path: str, span: Span) -> Named:
        pod = self.workload.provider == "kubernetes"
        owner = self.holder.address if pod else span.path
        address = f"{owner}#{path}"
        store = self.estate.find("store", address)
        if store is None:
            store = self.estate.add(
                Thing(
                    "store",
                    address,
                    f"{path} of {self.workload.name}",
                    span,
                    provider=self.workload.provider,
                    root=self.workload.root,
                )
            )
            # in a pod this is the container's own layer: the node's disk
            store.state("type", "node-disk" if pod else "file", span)
            store.state("declared", value=False, span=span)
            store.state("path", path, span)
        return Named([store], certain=True, why="")

    def kept_in(self, path: str) -> str:
        """Why the mount at a path holds weights by what others do with it, or ""."""
        entry = mounted_at(path, self.mounted)
        for named in entry.stores if entry is not None else ():
            for store in named.stores:
                for piece in store.evidence:
                    if piece.strength in ("declared", "referenced"):
                        return piece.words
        return ""

    def evidence_for(self, path: str) -> WeightPath | None:
        """The weight path that a path holds, or that it lies in."""
        for known in self.weights:
            if not known.path or not path:
                continue
            ours, theirs = path.rstrip("/"), known.path.rstrip("/")
            if ours == theirs or ours.startswith(theirs + "/"):
                return known
            if theirs.startswith(ours + "/"):
                return known
        return None
