"""Facts about identities, clusters and networks: who acts, where, and what is open to it."""

from __future__ import annotations

from mlsec_lint.estate.fact_kinds import EVERY, PLACED, FactKind

#: What sorts of identity there are. `everyone`, `account`, `service` and `ci` stand for
#: whoever a trust or grant names that is no identity of the scan.
SORTS = (
    "role",
    "service-account",
    "managed-identity",
    "application",
    "user",
    "group",
    "kubernetes-account",
    "kubernetes-subject",
    "account",
    "service",
    "ci",
    "everyone",
    "unknown",
)

IDENTITY: dict[str, FactKind] = {
    **EVERY,
    "public.principal": FactKind(
        "bool",
        "everyone may assume it: its trust policy names everyone unconditionally",
    ),
    "sort": FactKind("text", "what sort of identity it is", values=SORTS),
    "account": FactKind(
        "text", "the account, project, tenant or domain it belongs to, where known"
    ),
    "outside.account": FactKind(
        "text",
        "the account or project, none of the scan's own, that a weight store's policy "
        "lets in (one fact per statement)",
    ),
    "foreign": FactKind(
        "bool",
        "it belongs to an account, project, tenant or mail domain that is none of the "
        "lab's, as far as the scan tells which are",
    ),
    "person": FactKind(
        "bool", "people sign in as it or hold it: a user, a group, a role of people"
    ),
    "issuer": FactKind("text", "the token issuer's host, of a CI system or cluster"),
    "writes.any_store": FactKind(
        "bool",
        "a statement lets it write to stores whose owner nothing limits: any bucket of "
        "any account, or of the whole organisation",
    ),
    "grants.broad": FactKind(
        "bool",
        "a statement gives it weights by a wildcard of actions or of objects, or by an "
        "administrator's role (one fact per statement)",
    ),
    "trust.ci.scope": FactKind(
        "text",
        "how much of a CI system may assume it (one fact per trust statement)",
        values=(
            "subject",
            "repository",
            "pull-requests",
            "organisation",
            "everyone",
        ),
    ),
    "trust.workload.scope": FactKind(
        "text",
        "which service accounts of clusters may assume it: one of one cluster, one name "
        "in every cluster of a pool, all of a namespace, all of a cluster (one per trust)",
        values=("account", "pool", "namespace", "cluster"),
    ),
    "trust.accounts": FactKind(
        "texts", "accounts, tenants and projects whose identities may assume it"
    ),
    "trust.bound": FactKind(
        "bool",
        "a trust in a service or a third party carries a source or external-id condition",
    ),
    "trust.mfa": FactKind(
        "bool", "people who assume it must have signed in with several factors"
    ),
    "declared": FactKind(
        "bool",
        "an object or resource declares it; false for an account that is only named",
    ),
    "static_key": FactKind("bool", "a long-lived key or password of it is declared"),
    "launches": FactKind(
        "texts",
        "weight identities as which it may start work of its own: pass-role, actAs",
    ),
    "standing": FactKind(
        "bool", "its right to read weights does not expire and needs no second person"
    ),
}

#: Facts of networks, and of workloads that lie in a network of the provider's own.
NETWORKED: dict[str, FactKind] = {
    "route.internet": FactKind(
        "bool",
        "a route, or the provider's own network, leads to the internet (one fact per "
        "route)",
    ),
}

#: Facts of machines, and of clusters by their nodes.
ADDRESSED: dict[str, FactKind] = {
    "address.public": FactKind(
        "bool", "it, or a node of it, has a public address (one fact per statement)"
    ),
    "admin.open": FactKind(
        "bool",
        "a remote administration port (22, 3389) of it, or of its nodes, is open to the "
        "whole internet (one fact per rule)",
    ),
}

#: Facts about the records of what happens around weights: of clusters, networks, clouds.
AUDIT: dict[str, FactKind] = {
    "audit.logged": FactKind("bool", "the audit log of a cluster's API is kept"),
    "logs.collected": FactKind(
        "bool", "what a cluster's own parts log is collected outside of it"
    ),
    "flow.logged": FactKind("bool", "the connections of a network are recorded, all"),
    "approval.asked": FactKind(
        "bool",
        "evidence that a second person is asked before somebody gets rights or a shell "
        "(one fact for each object that could show it)",
    ),
    "approval.expires": FactKind(
        "bool",
        "evidence that rights or sessions of people end by themselves (one each)",
    ),
    "trail.complete": FactKind(
        "bool", "a trail of the cloud's API calls is on and records all regions"
    ),
    "trail.validated": FactKind(
        "bool",
        "the files of a trail are signed, so that a change shows (one per trail)",
    ),
    "logs.locked": FactKind(
        "bool",
        "nobody can shorten the time for which logs are kept (one per log bucket)",
    ),
}

#: Facts of workloads about where their connections go, beside those of policies.
REACHING: dict[str, FactKind] = {
    **NETWORKED,
    **ADDRESSED,
    "network.isolated": FactKind(
        "bool",
        "a managed job or model that runs in a network of the lab, or in none at all",
    ),
    "traffic.sealed": FactKind(
        "bool", "what the nodes of one managed job say to each other is encrypted"
    ),
    "internet.direct": FactKind(
        "bool",
        "a notebook or studio with a way to the internet of its own (one fact per way)",
    ),
    "hosts.listed": FactKind(
        "bool", "it may connect to named hosts outside and to nothing else there"
    ),
    "hosts.any_store": FactKind(
        "bool",
        "a list of hosts that it may connect to names a storage service whose stores "
        "belong to anybody (one fact per name)",
    ),
    "dns.open": FactKind(
        "bool", "a rule lets it ask any name server there is (one fact per rule)"
    ),
    "egress.rate_limited": FactKind(
        "bool", "a limit on the rate at which it sends is configured"
    ),
}

CLUSTER: dict[str, FactKind] = {
    **EVERY,
    **PLACED,
    **AUDIT,
    **ADDRESSED,
    "api.public": FactKind("bool", "its API answers on the internet to any address"),
    "policy.enforced": FactKind("bool", "network policies take effect in it"),
    "metadata.guarded": FactKind(
        "bool", "pods cannot take the identity of the node from the metadata service"
    ),
    "images.signed_only": FactKind("bool", "it admits signed images only"),
    "accounts.local": FactKind(
        "bool", "static certificates of its own open its API (AKS local accounts)"
    ),
    "identity.own": FactKind(
        "bool",
        "its machines act as identities that are no default of the project and read no "
        "weights (one fact for each group of machines)",
    ),
}

NETWORK: dict[str, FactKind] = {
    **EVERY,
    **PLACED,
    **AUDIT,
    "type": FactKind("text", "what it is", values=("network", "subnet", "rules")),
    **NETWORKED,
    **ADDRESSED,
    "metadata.guarded": FactKind(
        "bool", "machines that are started by it ask for tokens of the metadata service"
    ),
    "egress.allow_all": FactKind(
        "bool", "a rule of it opens the internet at large (one fact per rule)"
    ),
    "services.private": FactKind(
        "bool",
        "object storage, registry, keys and tokens answer at private endpoints in it",
    ),
    "dns.open": FactKind(
        "bool", "its resolver answers for any name: names carry bytes out unwatched"
    ),
}

GATEWAY: dict[str, FactKind] = {
    **EVERY,
    **PLACED,
    "type": FactKind(
        "text",
        "what it leads to",
        values=(
            "internet",
            "nat",
            "storage",
            "service",
            "peering",
            "transit",
            "firewall",
            "proxy",
            "vpn",
            "other",
        ),
    ),
    "stores.limited": FactKind(
        "bool",
        "its policy lets traffic reach stores of named owners or names only (endpoints "
        "of storage services)",
    ),
    "account": FactKind("text", "the account at its other end"),
    "hosts.listed": FactKind(
        "bool", "it lets named hosts through and nothing else (firewalls, proxies)"
    ),
    "hosts.any_store": FactKind(
        "bool",
        "its list names a storage service whose stores belong to anybody (one fact per "
        "name)",
    ),
}

#: Facts of stores about who can read them: trace/reader_facts.py states them.
READERS: dict[str, FactKind] = {
    "readers.count": FactKind(
        "number", "identities that can read it, with those not known (identities)"
    ),
    "readers.people": FactKind(
        "texts",
        "users, groups and roles of people with a standing right to read it (one fact "
        "for each)",
    ),
    "readers.accounts": FactKind(
        "texts", "outside accounts, tenants and projects that can read it (one each)"
    ),
    "readers.unknown": FactKind(
        "bool",
        "somebody can read it of whom config does not tell who it is (one fact for each)",
    ),
}

#: Facts of workloads about people inside them: settings, programs, rights.
SESSION: dict[str, FactKind] = {
    "session.enabled": FactKind(
        "bool",
        "a setting or program of its own lets people open a shell or desktop in it (one "
        "fact for each)",
    ),
    "session.shared": FactKind(
        "bool", "its containers see each other's processes, files and memory"
    ),
    "session.notebook": FactKind(
        "bool", "people work in it: a notebook server, a workbench, a studio"
    ),
    "session.people": FactKind(
        "texts",
        "users and groups that rights of the cluster or cloud let open a shell in it "
        "(one fact for each right)",
    ),
}
