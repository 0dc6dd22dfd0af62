"""Facts about what programs fetch, talk to and run: scripts, packages, models, versions.

Each of these is a thing of its own, because host, pin and transport of one download
belong together: two facts of one workload could not say which goes with which.
"""

from __future__ import annotations

from mlsec_lint.estate.fact_kinds import EVERY, FactKind

#: Whose it is: copied from the workload (or image) that does it.
_OF_WORKLOAD: dict[str, FactKind] = {
    **EVERY,
    "accelerator": FactKind("bool", "its workload asks for accelerators"),
    "infrastructure": FactKind("bool", "its workload is host infrastructure", "false"),
    "ml.machine": FactKind(
        "bool", "its workload is a machine of an ML service: a notebook, a job", "false"
    ),
}

FETCH: dict[str, FactKind] = {
    **_OF_WORKLOAD,
    "type": FactKind(
        "text",
        "what is fetched: a script, code of a repository or archive, packages, a model or "
        "a data set of a hub",
        values=("script", "code", "packages", "model", "dataset"),
    ),
    "what": FactKind("text", "its URL, package or repository name, as written"),
    "host": FactKind("text", "the host that it comes from"),
    "host.own": FactKind("bool", "the host is the machine itself or the lab's own"),
    "executed": FactKind("bool", "what is fetched is run by the same script"),
    "pinned": FactKind(
        "bool",
        "config says which bytes are meant: a digest, a commit, an exact version (packages)",
    ),
    "index.single": FactKind(
        "bool",
        "packages come from one index: no extra index or page of links that may offer the "
        "same names",
    ),
    "index.verified": FactKind(
        "bool", "the index is asked over TLS with its certificate checked"
    ),
    "released": FactKind("bool", "pre-releases and nightly builds are left out"),
}

CHANNEL: dict[str, FactKind] = {
    **_OF_WORKLOAD,
    "what": FactKind("text", "the setting or URL that says so, as written"),
    "host": FactKind("text", "the host at its other end"),
    "host.own": FactKind("bool", "the host is the machine itself or the lab's own"),
    "encrypted": FactKind("bool", "it uses TLS"),
    "verified": FactKind("bool", "the certificate of the other end is checked"),
}

ENDPOINT: dict[str, FactKind] = {
    **_OF_WORKLOAD,
    "service": FactKind(
        "text", "whose client is redirected (s3, hub, azure-blob, ...)"
    ),
    "setting": FactKind("text", "the variable, flag or argument that redirects it"),
    "host": FactKind("text", "the host that it talks to instead"),
    "host.own": FactKind(
        "bool", "the host is the lab's own, the service's own, or declared in the scan"
    ),
}

SOFTWARE: dict[str, FactKind] = {
    **_OF_WORKLOAD,
    "product": FactKind("text", "the product, as the table of advisories names it"),
    "role": FactKind(
        "text",
        "what it is: a server of models, data or people, or a part that gives containers "
        "the accelerators",
        values=("server", "gpu-runtime"),
    ),
    "version": FactKind("text", "the version that a tag, pin or chart names"),
    "advisories.none": FactKind(
        "bool", "no advisory of the table is about this version"
    ),
    "advisories": FactKind("texts", "the advisories about this version, by id"),
    "fixed": FactKind("text", "the first version without them, where there is one"),
}

TRANSFER: dict[str, FactKind] = {
    **EVERY,
    "service": FactKind("text", "the managed service (datasync, transfer-family, ...)"),
    "destination": FactKind("text", "where it sends to, as written"),
    "external": FactKind(
        "bool",
        "its other end is outside of the stores and hosts of the lab: another cloud's "
        "store, a server of somebody, the public internet",
    ),
}

REVIEW: dict[str, FactKind] = {
    **EVERY,
    "owners.named": FactKind(
        "bool", "a CODEOWNERS file names owners of infrastructure and training config"
    ),
    "reviews.required": FactKind(
        "bool", "the protected branch takes no change without a review"
    ),
    "reviews.by_owners": FactKind(
        "bool", "the review must be one of the code's owners"
    ),
    "commits.signed": FactKind(
        "bool", "the protected branch takes signed commits only"
    ),
    "deployment.reviewed": FactKind(
        "bool", "somebody must approve a deployment to the environment"
    ),
    "actions.pinned": FactKind(
        "bool", "the actions that a deploying workflow uses are pinned to commits"
    ),
    "runs.strangers_code": FactKind(
        "bool",
        "a workflow with the repository's secrets is started by pull requests of anybody",
    ),
}

PROGRAM: dict[str, FactKind] = {
    **EVERY,
    "format": FactKind("text", "which job format or launcher it was read from"),
    "remote_code.trusted": FactKind(
        "bool", "runs code that ships with a model or data set of a hub"
    ),
    "weights.format.safe": FactKind(
        "bool", "weights are saved or loaded as safetensors, not as pickle"
    ),
    "checkpoints.limited": FactKind(
        "bool", "it keeps a limited number of checkpoints and deletes older ones"
    ),
    "weights.format.model": FactKind("text", "the model format it names"),
}

UPLOAD: dict[str, FactKind] = {
    **EVERY,
    "channel": FactKind(
        "text",
        "by what it leaves",
        values=("hub", "tracker", "command", "replication", "transfer"),
    ),
    "service": FactKind("text", "the service's name (huggingface, wandb, mlflow, ...)"),
    "accelerator": FactKind("bool", "its workload asks for accelerators"),
    "carries": FactKind("text", "what it carries", values=("weights", "metrics")),
    "destination.host": FactKind("text", "the host it goes to"),
    "destination.internal": FactKind(
        "bool", "the destination is the lab's own: an internal host, or switched off"
    ),
    "destination.repository": FactKind("text", "the hub repository or project"),
    "enabled": FactKind("bool", "it takes place as configured"),
    "private": FactKind("bool", "the destination repository is private"),
    "source.path": FactKind(
        "text", "the local path that is sent, where what lies there is not known"
    ),
}

IMAGE: dict[str, FactKind] = {
    **EVERY,
    "accelerator": FactKind(
        "bool", "its base image brings libraries of accelerators, by its name"
    ),
    "base.references": FactKind(
        "texts", "the images of registries that it is built on, defaults of ARGs put in"
    ),
    "base.pinned": FactKind("bool", "those images are named by digest, all of them"),
    "weights.baked": FactKind(
        "bool", "weights are among its files: copied in, fetched while it was built"
    ),
}
