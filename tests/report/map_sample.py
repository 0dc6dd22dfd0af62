"""Pictures for tests: what a stranger would write into names, words and lines."""

from __future__ import annotations

from mlsec_lint.picture import Change, Control, Edge, Loss, Node, Picture, Spot, Walk
from mlsec_lint.report.safe import clean

#: Each would do something in some format if it were not escaped.
HOSTILE = (
    "</script><script>alert(1)</script>",
    "<!--<script>",
    '"><img src=x onerror=alert(1)>',
    "' onfocus='alert(1)' autofocus='",
    "`; drop\n```\n# out of the fence",
    '"]; click n0 "javascript:alert(1)"',
    '%%{init: {"securityLevel": "loose"}}%%',
    "[x](https://evil.example/) @everyone #1 https://evil.example",
    "\u202egpj.exe\u2028\u2029\x1b[31m\x00",
    '\\"; URL="javascript:alert(1)"; a="',
    "$style ${data} &lt;b&gt; &amp;",
    "\\N\\G\\l",
)


def hostile(at: int) -> str:
    """As a picture has it: one safe line, which still has to be escaped."""
    return clean(HOSTILE[at % len(HOSTILE)])


def sample() -> Picture:
    """A walk for each hostile text, in every place where text can be."""
    found = Picture("SL2")
    for at in range(len(HOSTILE)):
        text = hostile(at)
        spot = Spot(f"dir/{text}.tf", at + 1, 1, f"line {text}")
        first = len(found.nodes)
        found.nodes += [
            Node(f"store {text}", "store", "store", spot, (f"because {text}",)),
            Node(f"hop {text}", "workload", "hop", spot),
            Node(f"service:{text}", "outside", "sink"),
        ]
        control = Control("egress-x", f"title {text}", f"fix {text}", spot)
        edges = len(found.edges)
        found.edges += [
            Edge(first, first + 1, f"words {text}", spot, text, (control,)),
            Edge(first + 1, first + 2, f"exit {text}", spot, exit=True),
        ]
        change = Change("egress-x", f"fix {text}", spot, 1, failing=True)
        found.walks.append(
            Walk(
                state=("open", "possible", "accepted", "allowed")[at % 4],
                edges=(edges, edges + 1),
                store=f"store {text}",
                sink=f"service:{text}",
                by="network",
                rule="weights-to-internet",
                severity="critical",
                message=f"message {text}",
                accepted=f"reason {text}",
                settle=(text,),
                others=(text,),
                cut=change,
            )
        )
        found.changes = (*found.changes, change)
    found.quiet = (hostile(0),)
    found.losses = (Loss("syntax-error", 1, hostile(2), incomplete=True),)
    found.incomplete = True
    found.cuts = f"These changes close {hostile(1)}"
    found.left_out = 7
    return found


def crowd(walks: int) -> Picture:
    """So many walks, each with a store and a sink of its own."""
    found = Picture("SL2")
    spot = Spot("main.tf", 1, 1, "x")
    for at in range(walks):
        found.nodes += [
            Node(f"store{at}", "store", "store", spot),
            Node(f"service:h{at}", "outside", "sink"),
        ]
        found.edges.append(Edge(2 * at, 2 * at + 1, "leaves", spot))
        walk = Walk("open", (at,), f"store{at}", f"service:h{at}", "hub")
        found.walks.append(walk)
    return found
