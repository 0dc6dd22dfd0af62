"""Ray cluster launcher files. Fields from docs.ray.io/en/latest/cluster/vms, read 2026-11."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from mlsec_lint.lower.jobs.carried_files import state_carried
from mlsec_lint.lower.jobs.configs import Configs
from mlsec_lint.lower.jobs.images import state_image
from mlsec_lint.lower.jobs.job_file import job_workload, unclaimed
from mlsec_lint.lower.jobs.run import Runner, script_source
from mlsec_lint.lower.jobs.sagemaker import runs_as
from mlsec_lint.lower.jobs.script_job import job_container, job_scene
from mlsec_lint.lower.kubernetes.rights import named_identities
from mlsec_lint.lower.scalars import given, text_of

if TYPE_CHECKING:
    from mlsec_lint.estate import Estate, Thing
    from mlsec_lint.lower.inputs import Inputs
    from mlsec_lint.value import Value

_COMMANDS = (
    "initialization_commands",
    "setup_commands",
    "head_setup_commands",
    "worker_setup_commands",
    "head_start_ray_commands",
    "worker_start_ray_commands",
)


def is_ray_cluster(value: Value) -> bool:
    """A cluster's name, its provider and its node types."""
    keys = value.data.keys() if isinstance(value.data, dict) else set()
    return {"cluster_name", "provider"} <= keys and bool(
        keys & {"available_node_types", "head_node_type", "worker_nodes"}
    )


def lower_ray_autoscaler(inputs: Inputs, estate: Estate) -> None:
    """Lower Ray cluster files: region, image, accelerators, commands."""
    configs = Configs(inputs)
    for path, document in unclaimed(inputs, is_ray_cluster, "ray"):
        cluster = document.value
        name = text_of(given(cluster, "cluster_name"))
        workload = job_workload(estate, path, document, "ray", name)
        _place(workload, given(cluster, "provider"))
        accelerators = _accelerated(cluster)
        workload.state("accelerator", accelerators)
        image = given(cluster, "docker", "image")
        if image is not None:
            state_image(job_container(estate, workload, "ray", image.entry()), image)
        _carried(estate, workload, given(cluster, "file_mounts"))
        _identities(estate, workload, cluster)
        scene = job_scene(estate, workload, {}, [], accelerators, configs)
        runner = Runner(scene)
        for field in _COMMANDS:
            listed = given(cluster, field)
            for command in listed.elements() if listed is not None else ():
                source = script_source(command)
                if source is not None:
                    runner.script(source, {})
        runner.finish()


def _carried(estate: Estate, workload: Thing, listed: Value | None) -> None:
    """`file_mounts: {/there: here}`: files of whoever starts the cluster."""
    for target, source in listed.items() if listed is not None else ():
        span = source.entry() or workload.span
        state_carried(estate, workload, text_of(source), target, span)


def _identities(estate: Estate, workload: Thing, cluster: Value) -> None:
    """The roles and accounts that its nodes are given, where the scan declares them.

    A profile of EC2 carries one role, most often of its own name (Terraform's and the
    console's habit): which one it is the file does not say.
    """
    types = given(cluster, "available_node_types")
    for _, node in types.items() if types is not None else ():
        profile = given(node, "node_config", "IamInstanceProfile")
        for value in (given(profile, "Arn"), given(profile, "Name")):
            _by_profile(estate, workload, value)
        accounts = given(node, "node_config", "serviceAccounts")
        for account in accounts.elements()[:10] if accounts is not None else ():
            runs_as(estate, workload, given(account, "email"), "serviceAccount:")


def _by_profile(estate: Estate, workload: Thing, value: Value | None) -> None:
    text = text_of(value).rpartition("/")[2]
    span = value.entry() if value is not None else None
    if value is None or not text or span is None:
        return
    arn = text_of(value).replace(":instance-profile/", ":role/")
    found = named_identities(estate, arn) or named_identities(estate, f"role/{text}")
    why = f"which role the instance profile {text} carries is not in the scan"
    for identity in found[:10]:
        estate.link(workload, "runs as", identity, span, certain=False, why=why)


def _place(workload: Thing, provider: Value | None) -> None:
    kind = text_of(given(provider, "type")).lower()
    for field in ("region", "location"):
        region = given(provider, field)
        if region is not None and (text := region.text()) is not None:
            span = region.entry() or workload.span
            workload.also("place.provider", kind, span)
            workload.also("place.region", text, span)
            workload.state("place.pinned", value=True, span=span)
            return


#: Machines with accelerators: AWS, Google Cloud, Azure.
_MACHINES = re.compile(
    r"(?:p[2-6]|g[4-7]|gr6|trn\d|inf\d|dl\d)[a-z0-9-]*\.|(?:a[234]|g[24])-|Standard_N[CDV]"
)
_FIELDS = ("InstanceType", "machineType", "vmSize")


def _accelerated(cluster: Value) -> bool:
    types = given(cluster, "available_node_types")
    for _, node in types.items() if types is not None else ():
        resources = given(node, "resources")
        for name, amount in resources.items() if resources is not None else ():
            if name in ("GPU", "TPU", "neuron_cores") and text_of(amount) != "0":
                return True
        config = given(node, "node_config")
        if given(config, "guestAccelerators") or given(config, "acceleratorType"):
            return True
        inner = given(config, "azure_arm_parameters")
        machines = [
            text_of(given(part, f)) for part in (config, inner) for f in _FIELDS
        ]
        if any(_MACHINES.match(machine) for machine in machines):
            return True
    return False
