"""The verbs of edges: `mlsec-lint facts` prints them, `Estate.link` checks against them."""

from __future__ import annotations

#: verb -> (meaning, kinds it starts at, kinds it ends at)
VERBS: dict[str, tuple[str, tuple[str, ...], tuple[str, ...]]] = {
    "reads": ("reads weights or data from", ("workload", "program"), ("store",)),
    "writes": ("writes weights or data to", ("workload", "program"), ("store",)),
    "takes data from": ("reads data sets from", ("workload",), ("store",)),
    "runs": ("runs the program", ("workload", "container"), ("program",)),
    "has": ("consists of", ("workload",), ("container",)),
    "mounts": ("mounts", ("workload", "container"), ("mount",)),
    "is backed by": ("lies in", ("mount", "store"), ("store",)),
    "runs as": ("acts with the rights of", ("workload",), ("identity",)),
    "becomes": (
        "may take the rights of the cloud identity",
        ("identity",),
        ("identity",),
    ),
    "may read": (
        "is allowed, by cloud policies, to get the bytes of",
        ("identity",),
        ("store",),
    ),
    "may write": (
        "is allowed, by cloud policies, to put or replace bytes in",
        ("identity",),
        ("store", "destination"),
    ),
    "may open": (
        "is allowed to share, or to change who may read",
        ("identity",),
        ("store",),
    ),
    "may launch as": (
        "may start work of its own that acts as",
        ("identity",),
        ("identity",),
    ),
    "counts as": (
        "is, for the other system, a member of or the same as",
        ("identity",),
        ("identity",),
    ),
    "may enter": (
        "may open a shell, notebook or session in",
        ("identity",),
        ("workload",),
    ),
    "runs on": ("is started in", ("workload", "namespace"), ("cluster",)),
    "is run by": (
        "is started on the machines of",
        ("workload",),
        ("workload",),
    ),
    "has nodes": ("its pods run on the machines of", ("cluster",), ("workload",)),
    "lies in": (
        "has its addresses in",
        ("workload", "cluster", "network"),
        ("network",),
    ),
    "leads out by": (
        "sends what its routes do not keep inside through",
        ("network",),
        ("gateway",),
    ),
    "binds": ("grants its role to", ("binding",), ("identity",)),
    "may connect to": (
        "can open a connection, by the network's policies, to",
        ("workload",),
        ("destination",),
    ),
    "applies to": ("decides over the connections of", ("policy",), ("workload",)),
    "exposes": ("answers for", ("service",), ("workload",)),
    "hands jobs to": ("runs what it is given on", ("workload",), ("workload",)),
    "covers": ("its rights count in", ("binding",), ("namespace",)),
    "contains": ("holds", ("namespace",), ("workload", "identity")),
    "lets run in": (
        "lets its subjects run own code, as any account of it, in",
        ("binding",),
        ("namespace",),
    ),
    "lets enter": (
        "lets its subjects run commands in pods of",
        ("binding",),
        ("namespace",),
    ),
    "lets read secrets of": ("lets its subjects read", ("binding",), ("namespace",)),
    "lets become accounts of": (
        "lets its subjects take or widen identities of",
        ("binding",),
        ("namespace",),
    ),
    "fetches": (
        "takes from the network",
        ("workload", "image", "program"),
        ("fetch",),
    ),
    "talks over": (
        "opens or answers",
        ("workload", "image", "store", "service"),
        ("channel",),
    ),
    "is pointed at": (
        "has a client that talks to",
        ("workload", "store"),
        ("endpoint",),
    ),
    "contains software": (
        "runs or installs",
        ("workload", "container", "image"),
        ("software",),
    ),
    "is moved by": ("is read or filled by", ("store",), ("transfer",)),
    "sends": ("sends by", ("workload", "program"), ("upload",)),
    "takes from": ("sends what lies in", ("upload",), ("store",)),
    "is replicated by": ("has its material also in", ("key",), ("key",)),
    "is encrypted with": ("its bytes are sealed with", ("store", "copy"), ("key",)),
    "leads to": (
        "names, and needs, another operator or partition",
        ("container", "store", "upload"),
        ("tie",),
    ),
    "is copied by": ("is copied automatically by", ("store",), ("copy",)),
    "copies to": ("puts the copy in", ("copy",), ("store",)),
    "carries": ("holds the secret", ("workload", "container", "program"), ("secret",)),
}
