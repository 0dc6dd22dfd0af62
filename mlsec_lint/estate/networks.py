"""Networks of clouds in words of no vendor: subnets, routes, gateways, filters, doors.

A lowering states where each workload lies (`Place`) and what its subnet's routes lead
to; `trace/reach.py` says what follows. A connection leaves a place through the filters
of the place, then those of the subnet, then the route that is most specific for its
address, then whatever the gateway at the route's end asks. Everything that is not in
the scan is said by an Unknown, never by its absence.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from mlsec_lint.estate.addresses import NO_ADDRESS, Addresses

if TYPE_CHECKING:
    from mlsec_lint.estate import Thing
    from mlsec_lint.estate.policy import Applied
    from mlsec_lint.estate.selectors import Truth
    from mlsec_lint.source import Span
    from mlsec_lint.value import Step, Unknown


class Filter(NamedTuple):
    """Rules that a connection must pass: decided as policies of a pod are.

    * `applied`: allow-lists isolate (security groups); numbered rules are ordered by
      `Policy.order` and what matches none goes on, or not, as `Policy.isolates` says;
    * `words`: what it is ("security group aws_security_group.nodes");
    * `span`: where it is attached, or its header.

    Without `applied` it lets everything through.
    """

    applied: tuple[Applied, ...]
    words: str
    span: Span


class Route(NamedTuple):
    """Where traffic to some addresses goes.

    * `where`: the destination, one network. The smallest that holds an address wins,
      then the lower `priority`;
    * `gateway`: a key of `Networks.gateways`; "" stays inside (local, blackhole);
    * `unknown`: why it may not be there, or not be for these addresses. A route of
      whose destination nothing is known has `where` = EVERY_ADDRESS, and is asked
      first;
    * `span`: the line that states it.
    """

    where: Addresses
    gateway: str
    span: Span
    priority: int = 0
    unknown: Unknown | None = None
    trail: tuple[Step, ...] = ()


@dataclass(slots=True, eq=False)
class Gateway:
    """What a route leads to.

    * `thing`: of kind `gateway`; its fact `type` says what it is;
    * `opens`: `internet`; `account` (the network of somebody, `account` says who, ""
      for the lab's own); `beyond` (a place of which nothing is known, `unknown` says
      why); `nothing`;
    * `needs_public`: it serves only machines with a public address;
    * `then`: keys of subnets by whose routes traffic goes on (firewall endpoints);
    * `filters`: what it lets through; those of hosts make it a proxy or firewall;
    * `unknown`: why it may not be there, or what lies beyond is not known;
    * `words`: what it does for a connection, where its type does not say it; `silent`:
      it goes without saying.
    """

    thing: Thing
    opens: str
    needs_public: bool = False
    then: tuple[str, ...] = ()
    filters: tuple[Filter, ...] = ()
    account: str | Unknown = ""
    unknown: Unknown | None = None
    words: str = ""
    silent: bool = False


@dataclass(slots=True, eq=False)
class Door:
    """A way to a storage service that needs no internet: endpoint, private access.

    * `thing`: of kind `gateway` and type `storage` (or `service`);
    * `service`: whose buckets answer there: aws, gcp, azure; "" for another service;
    * `where`: the addresses at which it answers, as far as they are its own;
      `public`: it answers at public addresses of the service that nobody lists here;
    * `limited`: its policy, or a perimeter, lets traffic reach stores of named owners
      only;
    * `span`: the line to point at (the policy's, else the header);
    * `unknown`: why it may not be there.
    """

    thing: Thing
    service: str
    limited: Truth
    span: Span
    where: Addresses = NO_ADDRESS
    public: bool = False
    unknown: Unknown | None = None


@dataclass(slots=True, eq=False)
class Subnet:
    """A subnet with all that decides over what leaves it.

    `open`: why there may be other routes, filters or doors than those (the table or
    the network is not in the scan); None where the scan holds them all.
    """

    thing: Thing
    routes: tuple[Route, ...] = ()
    filters: tuple[Filter, ...] = ()
    doors: tuple[Door, ...] = ()
    open: Unknown | None = None


class Place(NamedTuple):
    """One place where a workload, or the nodes of a cluster, lie.

    Several places of one workload are all its own (machines in several subnets, a
    second network card): what is open from one is open.

    * `span`: the line that puts it there;
    * `subnet`: a key of `Networks.subnets`; "" where there is none to name;
    * `filters`: those of the workload (security groups, rules for its tags);
    * `public`: it has a public address; `public_span` the line that says so;
    * `provided`: the provider's own network, open to the internet (a managed notebook
      or job without a network of the lab);
    * `isolated`: a switch of the service takes the network away;
    * `unknown`: why it may not lie there, or, without a subnet, why nobody can tell;
    * `admin`: the lines that open ports 22 or 3389 of it to the whole internet, or may.
    """

    span: Span
    subnet: str = ""
    filters: tuple[Filter, ...] = ()
    public: Truth = False
    public_span: Span | None = None
    provided: bool = False
    isolated: Truth = False
    unknown: Unknown | None = None
    words: str = "lies in it"
    admin: tuple[tuple[Truth, Span], ...] = ()


class Guard(NamedTuple):
    """Rules that somebody declares, whoever lies behind them: a group, a firewall rule.

    * `thing`: of kind `network` and type `rules`; it is no part of the estate unless every
      network is taken to be around weights;
    * `admin`: as in `Place`; `filters`: what goes out;
    * `also`: facts of whatever is started by it: name, value, line.
    """

    thing: Thing
    admin: tuple[tuple[Truth, Span], ...] = ()
    filters: tuple[Filter, ...] = ()
    also: tuple[tuple[str, Truth, Span], ...] = ()


@dataclass(slots=True)
class Networks:
    """All networks of a scan.

    * `subnets`, `gateways`: by address;
    * `places`: by (kind, address) of the workload or cluster;
    * `guards`: the rules of the scan, attached or not;
    * `answers`: what the tracer has worked out, kept so that it does so once.
    """

    subnets: dict[str, Subnet] = field(default_factory=dict)
    gateways: dict[str, Gateway] = field(default_factory=dict)
    places: dict[tuple[str, str], tuple[Place, ...]] = field(default_factory=dict)
    guards: list[Guard] = field(default_factory=list)
    answers: dict[object, object] = field(default_factory=dict)

    def put(self, thing: Thing, *places: Place) -> None:
        """Say where a workload or cluster lies, beside what was said before."""
        key = (thing.kind, thing.address)
        self.places[key] = (*self.places.get(key, ()), *places)

    def of(self, thing: Thing) -> tuple[Place, ...]:
        """Where a workload or cluster lies, as far as somebody said."""
        return self.places.get((thing.kind, thing.address), ())
