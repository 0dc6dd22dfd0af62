"""The facts that can be stated about each kind of thing. Verbs of edges: verbs.py.

One table: `mlsec-lint facts` prints it, the rule reader refuses what is not in it, and
`Thing.state` checks against it. Absent means that nothing states the fact: a rule that
needs it does not apply, unless `absent` says what absence means. What a provider does
by default is stated by the lowering, with its source; it is never left to absence.
"""

from __future__ import annotations

from mlsec_lint.estate.access_facts import (
    AUDIT,
    CLUSTER,
    GATEWAY,
    IDENTITY,
    NETWORK,
    REACHING,
    READERS,
    SESSION,
)
from mlsec_lint.estate.bearer_facts import LINKS, PERIMETER, STATIC
from mlsec_lint.estate.ci_facts import CI
from mlsec_lint.estate.fact_kinds import EVERY, LASTING, PLACED, FactKind, expected
from mlsec_lint.estate.key_facts import KEY
from mlsec_lint.estate.program_facts import (
    CHANNEL,
    ENDPOINT,
    FETCH,
    IMAGE,
    PROGRAM,
    REVIEW,
    SOFTWARE,
    TRANSFER,
    UPLOAD,
)

__all__ = ("FACTS", "KINDS", "FactKind", "expected")

_STORE: dict[str, FactKind] = {
    **EVERY,
    **LINKS,
    **PLACED,
    **LASTING,
    **READERS,
    "type": FactKind(
        "text",
        "what sort of store it is",
        values=(
            "object",
            "block",
            "file",
            "registry",
            "ml-service",
            "memory",
            "node-disk",
            "claim",
            "snapshot",
        ),
    ),
    "declared": FactKind(
        "bool", "a resource declares it; false when only a URI or a path names it"
    ),
    "public.blocked": FactKind(
        "bool", "no setting of the store itself can make it public: a block is in force"
    ),
    "public.acl": FactKind(
        "bool", "an access list of the store opens it to everyone or any signed-in user"
    ),
    "public.principal": FactKind(
        "bool",
        "a policy or binding on the store names everyone without a closing condition",
    ),
    "copies.tenants": FactKind(
        "bool", "its contents may be copied to accounts of other tenants (Azure)"
    ),
    "destination.foreign": FactKind(
        "bool",
        "a job writes weights to it, and the scan does not declare it",
    ),
    "destination.uri": FactKind(
        "text", "its URI, where a job writes weights to it and nothing declares it"
    ),
    "public.network": FactKind(
        "bool", "its data endpoint answers on the public internet (Azure accounts)"
    ),
    "encryption.key.managed_by": FactKind(
        "text",
        "who controls the key that protects it at rest",
        values=("none", "provider", "customer", "hsm"),
    ),
    "access.logged": FactKind(
        "bool", "every read of its objects is recorded: data events or access logs"
    ),
    "versioning.enabled": FactKind("bool", "object versions are kept"),
    "retention.locked": FactKind(
        "bool", "a retention lock that nobody can shorten holds its objects"
    ),
    "auth.identity_only": FactKind(
        "bool", "no ACLs, account keys, shared signatures or HMAC keys open it"
    ),
    "front.public": FactKind(
        "bool", "a CDN, website, accelerator or load balancer serves from it"
    ),
    "replication.countries": FactKind(
        "texts",
        "ISO codes of every place to which it is copied or spread automatically",
    ),
    "receives.logs": FactKind(
        "bool",
        "access logs, trails, flow logs or Terraform state are put into it",
        "false",
    ),
    "objects.expire": FactKind(
        "bool", "a lifecycle rule deletes its objects by their age"
    ),
    "checkpoints.expire": FactKind(
        "bool",
        "old checkpoints that jobs write into it go: by a rule of the store, or by a "
        "limit of every job",
    ),
    "copies.count": FactKind(
        "number", "stores that hold this lineage of weights, itself included (stores)"
    ),
    "copies.places": FactKind("texts", "the addresses of these stores and copies"),
    "registry.private": FactKind(
        "bool",
        "the model registry that keeps it answers and is shared within the organisation "
        "only",
    ),
    "workspace.default": FactKind(
        "bool", "the default store of an ML workspace: every user of it may write there"
    ),
    "also.holds": FactKind(
        "texts", "what else lies in a store that holds weights: logs, data sets, ..."
    ),
    "path": FactKind("text", "the path on the node or in the pod, where it is one"),
    "encryption.at_host": FactKind(
        "bool",
        "the machine's temporary disks and caches are encrypted too (Azure machines)",
    ),
    "share.open": FactKind(
        "bool",
        "position on the network is enough to mount it: export rules, security groups "
        "and policies admit a whole network or everyone",
    ),
    "share.namespaces": FactKind(
        "number", "namespaces whose claims lie in this one file system (count)"
    ),
    "shared.public": FactKind(
        "bool", "a permission on the snapshot, image or gallery gives it to everyone"
    ),
    "shared.accounts": FactKind(
        "texts",
        "accounts, subscriptions, projects and domains that a permission gives it to",
    ),
    "export.public": FactKind(
        "bool", "a signed link exports its bytes through a public endpoint (Azure)"
    ),
    "sharing.blocked": FactKind(
        "bool",
        "the account's block on public snapshots or images is as stated in force",
    ),
}

_WORKLOAD: dict[str, FactKind] = {
    **EVERY,
    **LINKS,
    **PLACED,
    **SESSION,
    **CI,
    "type": FactKind(
        "text",
        "what sort of workload it is",
        values=("pod", "job-file", "managed", "vm", "pipeline", "node-group"),
    ),
    "confidential": FactKind(
        "bool", "its memory is sealed from the host: a confidential VM or an enclave"
    ),
    "place.pinned": FactKind(
        "bool",
        "its config names every place that a scheduler may put it (job files that a "
        "multi-cloud scheduler reads)",
    ),
    "copies.count": FactKind(
        "number",
        "stores and services that it puts one lineage of weights into (stores)",
    ),
    "copies.places": FactKind("texts", "the addresses of these stores and uploads"),
    "checkpoints.expire": FactKind(
        "bool", "all that it runs keeps a limited number of checkpoints"
    ),
    "accelerator": FactKind("bool", "asks for GPUs, TPUs or other accelerators"),
    "infrastructure": FactKind(
        "bool",
        "a known device plugin, driver, CNI, CSI or monitoring agent that needs the host",
        "false",
    ),
    "every_node": FactKind("bool", "a pod of it runs on every node of its cluster"),
    "nodes.chosen": FactKind("text", "the labels by which it picks its nodes"),
    "nodes.labels": FactKind("texts", "the labels that each machine of the group has"),
    "host.network": FactKind("bool", "shares the node's network namespace"),
    "host.pid": FactKind("bool", "shares the node's process namespace"),
    "host.ipc": FactKind("bool", "shares the node's IPC namespace"),
    "identity.own": FactKind(
        "bool",
        "it reaches weights as an identity of its own, not as that of its machine or the "
        "default one of its namespace or project",
    ),
    "metadata.guarded": FactKind(
        "bool",
        "requests that a program was tricked into cannot take its identity from the "
        "metadata service",
    ),
    "nodes.dedicated": FactKind(
        "bool",
        "a taint keeps pods that do not ask for it from the machines: those of a group "
        "of nodes, or those that a pod runs on; or a sandbox keeps it apart",
    ),
    "egress.default_deny": FactKind(
        "bool", "connections to the outside that no policy allows are refused"
    ),
    "egress.internet": FactKind(
        "bool", "it can open a connection to the internet, by the network's policies"
    ),
    "egress.allow_all": FactKind(
        "bool",
        "a rule that applies to it opens the internet at large (one fact per rule)",
    ),
    "egress.destinations": FactKind(
        "texts", "where it can open connections to, as its policies say"
    ),
    **REACHING,
}

_CONTAINER: dict[str, FactKind] = {
    **EVERY,
    "accelerator": FactKind("bool", "it or its pod asks for accelerators"),
    "infrastructure": FactKind("bool", "its workload is host infrastructure", "false"),
    "privileged": FactKind("bool", "runs privileged"),
    "capabilities.added": FactKind("texts", "Linux capabilities added, without CAP_"),
    "privilege_escalation": FactKind(
        "bool", "allowPrivilegeEscalation as set or by default"
    ),
    "run_as_root": FactKind("bool", "the user id is 0, as written"),
    "seccomp.unconfined": FactKind("bool", "the seccomp profile is Unconfined"),
    "image.reference": FactKind("text", "the image reference as evaluated"),
    "image.pinned": FactKind("bool", "the image is named by digest"),
    "image.registry": FactKind("text", "the registry host of the image"),
    "image.tags.fixed": FactKind(
        "bool",
        "the registry, which the scan declares, refuses to move a tag or signs its meaning",
    ),
    "secrets": FactKind(
        "texts", "the Secrets whose keys it takes as variables, by name"
    ),
}

_MOUNT: dict[str, FactKind] = {
    **EVERY,
    "accelerator": FactKind("bool", "its pod asks for accelerators"),
    "infrastructure": FactKind("bool", "its workload is host infrastructure", "false"),
    "type": FactKind(
        "text",
        "what is mounted",
        values=(
            "host",
            "empty-memory",
            "empty-disk",
            "local-volume",
            "claim",
            "object",
            "file",
            "block",
            "image",
            "config",
            "other",
        ),
    ),
    "host.path": FactKind("text", "the path on the node"),
    "host.sensitive": FactKind(
        "bool", "the host path gives the node: sockets, /etc, /proc, kubelet, /"
    ),
    "path": FactKind("text", "the path in the container"),
    "read_only": FactKind("bool", "mounted read-only"),
    "secrets": FactKind(
        "texts", "the Secrets, or entries of a secret manager, that it brings, by name"
    ),
    "secrets.class": FactKind(
        "text", "the SecretProviderClass that says which secrets it brings"
    ),
    "token.audience": FactKind(
        "text",
        "for whom a token of the pod's account is made; empty: the cluster's API",
    ),
}

_SECRET: dict[str, FactKind] = {
    **EVERY,
    **STATIC,
    "type": FactKind("text", "what sort of secret it is (hugging-face-token, ...)"),
    "plain": FactKind("bool", "stands in plain text; placeholders do not"),
    "opens.weights": FactKind(
        "bool",
        "opens a hub, tracker, registry or cloud, or a workload carries it that handles "
        "weights or asks for accelerators",
    ),
}

_BINDING: dict[str, FactKind] = {
    **EVERY,
    "public.principal": FactKind(
        "bool",
        "binds everyone or every signed-in user to more than reading what is made for all",
    ),
    "role": FactKind("text", "the role it grants"),
    "rights": FactKind(
        "texts",
        "what it grants that leads to weights: secrets, run (own code), enter, become "
        "(other identities), copy",
    ),
    "rights.words": FactKind("text", "the same in words, lesser rights included"),
    "subjects.kind": FactKind("texts", "User, Group, ServiceAccount"),
    "subjects.people": FactKind(
        "bool", "binds users or groups that are no parts of the cluster: people or CI"
    ),
}

_SERVICE: dict[str, FactKind] = {
    **EVERY,
    "exposure": FactKind(
        "text",
        "from where it answers: the internet, the nodes' network, a private network, "
        "the cluster",
        values=("internet", "node", "network", "cluster"),
    ),
    "authenticated": FactKind("bool", "somebody asks for a login before it answers"),
    "authenticated.by": FactKind(
        "text",
        "what a caller shows: a key that lasts, a token, or a login of the directory",
        values=("key", "token", "directory"),
    ),
    "anonymous.from": FactKind(
        "text",
        "from where it answers callers without a login",
        values=("internet", "node", "network", "cluster", "nobody"),
    ),
    "surface": FactKind(
        "text",
        "what answers: a dashboard by which people act, or a model",
        values=("dashboard", "model"),
    ),
    "surface.name": FactKind("text", "the program that answers (MLflow, vLLM, ...)"),
}

_DESTINATION: dict[str, FactKind] = {
    "type": FactKind(
        "text",
        "what it is; `any-store` is any bucket of any account of one storage service",
        values=("internet", "host", "network", "inside", "any-store", "account"),
    ),
}

_POLICY: dict[str, FactKind] = {
    "isolates": FactKind("bool", "refuses what no rule beside it allows"),
}

_NAMESPACE: dict[str, FactKind] = {
    **EVERY,
}

_COPY: dict[str, FactKind] = {
    **EVERY,
    **PLACED,
    "service": FactKind("text", "what makes the copy (s3-replication, geo-pair, ...)"),
    "type": FactKind(
        "text",
        "what sort of copy it is: kept in step, or kept for later",
        values=("replication", "backup"),
    ),
    "account": FactKind("text", "the account it goes to, where config names one"),
    "target.uri": FactKind("text", "the store that it goes to, where a URI names it"),
    "target.foreign": FactKind(
        "bool", "it goes to a store or account that the scan does not declare"
    ),
    "encryption.key.managed_by": FactKind(
        "text",
        "who controls the key that protects the copy",
        values=("none", "provider", "customer", "hsm"),
    ),
}

_TIE: dict[str, FactKind] = {
    **EVERY,
    "operator": FactKind("text", "the provider it leads to"),
    "operator.seat": FactKind(
        "texts", "ISO code of the country of the operator's seat"
    ),
    "partition": FactKind("text", "the sovereign part of a cloud that it leads to"),
    "partition.mixed": FactKind(
        "bool", "weights of the scan lie outside of that sovereign part"
    ),
}

_CLOUD: dict[str, FactKind] = {
    **EVERY,
    **PERIMETER,
    **AUDIT,
    "regions.pinned": FactKind(
        "bool", "a policy of the organisation denies other regions than those it lists"
    ),
}

FACTS: dict[str, dict[str, FactKind]] = {
    "store": _STORE,
    "key": KEY,
    "identity": IDENTITY,
    "cluster": CLUSTER,
    "network": NETWORK,
    "gateway": GATEWAY,
    "workload": _WORKLOAD,
    "container": _CONTAINER,
    "mount": _MOUNT,
    "program": PROGRAM,
    "upload": UPLOAD,
    "secret": _SECRET,
    "binding": _BINDING,
    "namespace": _NAMESPACE,
    "service": _SERVICE,
    "destination": _DESTINATION,
    "policy": _POLICY,
    "copy": _COPY,
    "cloud": _CLOUD,
    "image": IMAGE,
    "tie": _TIE,
    "fetch": FETCH,
    "channel": CHANNEL,
    "endpoint": ENDPOINT,
    "software": SOFTWARE,
    "transfer": TRANSFER,
    "review": REVIEW,
}

#: What each kind of thing is, in one clause.
KINDS: dict[str, str] = {
    "store": "a place where bytes lie: bucket, account, volume, file system, node path",
    "key": "an encryption key",
    "identity": "who acts: role, service account, user, group",
    "workload": "what runs: pod template, managed job, virtual machine, job file",
    "container": "one container of a workload",
    "mount": "one volume mounted into a container or pod",
    "program": "what a container, script or job file runs, with its arguments",
    "upload": "a way by which a program sends bytes to a hub, tracker or host",
    "secret": "a credential that stands in config",
    "binding": "a grant of rights to subjects",
    "copy": "an automatic copy of a store to another place",
    "service": "an address at which workloads answer: service, ingress, route",
    "destination": "where connections go: the internet, a host name, a network",
    "policy": "a rule of a cluster about which connections its pods may open",
    "namespace": "a part of a cluster with names, rights and policies of its own",
    "cluster": "a Kubernetes cluster, as its cloud or a file declares it",
    "network": "a network or subnet of a cloud",
    "gateway": "what leads out of a network: gateway, endpoint, peering, firewall",
    "tie": "what ties the scan to another operator or a sovereign part of a cloud",
    "image": "a container image that the scan builds, or that brings a model",
    "fetch": "what a script, build or config takes from the network before or while it runs",
    "channel": "a connection that config describes, with or without TLS",
    "endpoint": "an address that config gives to a client of a store or hub",
    "software": "a program at a version, as an image tag, pin or chart names it",
    "transfer": "a managed service that moves the contents of stores",
    "review": "what the repository says about who must approve changes",
    "cloud": "a cloud that the scan declares resources in, all accounts of it together",
}
