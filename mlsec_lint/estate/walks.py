"""Steps and ways out as plain data: what traces say to each other and to rules.

A hop is one step of a walk: a thing, the line that states the step, and words that read
on from the hop before. A path is a walk from a store that holds weights to where the
lab has no say any more.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from mlsec_lint.estate import Thing
    from mlsec_lint.source import Span
    from mlsec_lint.value import Step, Unknown


class Sink(NamedTuple):
    """Where paths can end. `named`: whether a name stands beside it, which `meaning` tells."""

    meaning: str
    named: bool = True


SINKS: dict[str, Sink] = {
    "internet": Sink("the open internet", named=False),
    "service": Sink("a named outside service; its host"),
    "account": Sink(
        "an account that is not the store's own; its id, `*` for any of them, "
        "`unknown(URI)` for the owner of a store that nothing declares"
    ),
    "person": Sink("somebody at a keyboard", named=False),
    "place": Sink("another country; its ISO 3166-1 alpha-2 code"),
}

#: By what a path leaves: the kind of its last steps.
WAYS: dict[str, str] = {
    "network": "a workload that has the weights can connect to it",
    "any-store": "an identity that may write to buckets of any owner, by an endpoint "
    "that lets it",
    "foreign-store": "a job writes to a store that nothing declares",
    "hub": "a push to a model hub",
    "tracker": "artifacts given to an experiment tracker",
    "upload": "a command that uploads",
    "endpoint": "a client of a store that is pointed at another host",
    "transfer": "a managed service that moves the contents of stores",
    "replication": "a copy that is kept in step",
    "backup": "a copy that is kept for later",
    "sharing": "a permission on a snapshot, image or registry",
    "image": "an image with weights in it that is copied or shared",
    "place": "a workload that lies, or may be put, there",
    "public": "a setting or policy that names everyone",
    "grant": "a right that names somebody outside of the workloads",
    "ci": "a CI system whose tokens are trusted",
    "launch": "the right to start work of one's own as an identity of the weights",
    "enter": "the right to open a shell or session in a workload",
    "interactive": "a notebook or desktop that holds or may read the weights",
    "shared-name": "a service account of the same name in another cluster",
    "dashboard": "a dashboard that runs code for callers without a login",
    "node-disk": "another pod that sees the same disk of the node",
    "remote-code": "code of strangers that runs beside the weights",
}


class Hop(NamedTuple):
    """One step.

    * `address`: of the thing stepped to, as design.md defines addresses;
    * `span`: the line that states the step, `words` what it says;
    * `thing`: where the estate has it;
    * `unknown`: why the step may not be so; None where it is certain;
    * `controls`: ids of rules whose requirement, met at this hop, would close it.
    """

    address: str
    span: Span
    words: str
    thing: Thing | None = None
    unknown: Unknown | None = None
    trail: tuple[Step, ...] = ()
    controls: tuple[str, ...] = ()


class Path(NamedTuple):
    """One way out.

    * `source`: the store; `hops`: from it outwards, itself left out, the last of them
      the statement that lets the weights out;
    * `sink`: a key of SINKS, `name` beside it ("" where there is none); `by`: of WAYS;
    * `entry`: address of the last workload, identity or copy on it;
    * `unknown`: the one thing that is not known about it; None where it is certain;
    * `others`: entry points of longer ways from this store to this sink.
    """

    source: Thing
    sink: str
    name: str
    by: str
    hops: tuple[Hop, ...]
    entry: str
    unknown: Unknown | None = None
    others: tuple[str, ...] = ()

    @property
    def end(self) -> str:
        """The sink as reports write it: `internet`, `person`, `account:ID`."""
        return f"{self.sink}:{self.name}" if self.name else self.sink
