"""What can be asked of the stores of Google Cloud: permissions by sort of store.

Reading needs no right on the key: the service decrypts for whoever may read an object.
Not here: Filestore and managed Lustre, whose bytes are had by the network.
"""

from __future__ import annotations

from typing import NamedTuple


class Kind(NamedTuple):
    """A sort of store: its types, its IAM resources, and the permissions that count.

    `stems` are the IAM resources' types without `_member` and so on, each with the
    argument that names the store; `type` is the sort of resource that is read, in the
    words of conditions, `held` that of the store itself.
    """

    types: tuple[str, ...]
    stems: tuple[tuple[str, str], ...]
    read: tuple[str, ...]
    write: tuple[str, ...]
    open: tuple[str, ...]
    type: str
    held: str


BUCKET = Kind(
    ("google_storage_bucket", "google_container_registry"),
    (
        ("google_storage_bucket_iam", "bucket"),
        ("google_storage_managed_folder_iam", "bucket"),
    ),
    ("storage.objects.get",),
    ("storage.objects.create",),
    ("storage.buckets.setIamPolicy",),
    "storage.googleapis.com/Object",
    "storage.googleapis.com/Bucket",
)
_REPOSITORY = "google_artifact_registry_repository"
_ARTIFACTS = "artifactregistry.repositories"
REPOSITORY = Kind(
    (_REPOSITORY,),
    ((f"{_REPOSITORY}_iam", "repository"),),
    (f"{_ARTIFACTS}.downloadArtifacts", f"{_ARTIFACTS}.exportArtifacts"),
    (f"{_ARTIFACTS}.uploadArtifacts",),
    (f"{_ARTIFACTS}.setIamPolicy",),
    "artifactregistry.googleapis.com/Repository",
    "artifactregistry.googleapis.com/Repository",
)


def _compute(
    types: tuple[str, ...], stems: dict[str, str], name: str, *read: str
) -> Kind:
    """Disks, snapshots and images: who may copy them reads them."""
    return Kind(
        types,
        tuple((f"{stem}_iam", argument) for stem, argument in stems.items()),
        tuple(f"compute.{name}.{verb}" for verb in read),
        (),
        (f"compute.{name}.setIamPolicy",),
        f"compute.googleapis.com/{name[:1].upper()}{name[1:-1]}",
        f"compute.googleapis.com/{name[:1].upper()}{name[1:-1]}",
    )


_DISKS = ("google_compute_disk", "google_compute_region_disk")
_SNAPSHOT, _IMAGE = "google_compute_snapshot", "google_compute_image"
_MACHINE = "google_compute_machine_image"
KINDS = (
    BUCKET,
    REPOSITORY,
    _compute(
        _DISKS, dict.fromkeys(_DISKS, "name"), "disks", "useReadOnly", "createSnapshot"
    ),
    _compute((_SNAPSHOT,), {_SNAPSHOT: "name"}, "snapshots", "useReadOnly"),
    _compute((_IMAGE,), {_IMAGE: "image"}, "images", "useReadOnly"),
    _compute((_MACHINE,), {_MACHINE: "machine_image"}, "machineImages", "useReadOnly"),
)
#: Who may change the policy of what a store lies in may let itself read the store.
POLICY_SETTERS = (
    "resourcemanager.projects.setIamPolicy",
    "resourcemanager.folders.setIamPolicy",
    "resourcemanager.organizations.setIamPolicy",
)
#: By which one acts as a service account: tokens, signatures, keys, its policy.
BECOME = (
    "iam.serviceAccounts.getAccessToken",
    "iam.serviceAccounts.signJwt",
    "iam.serviceAccounts.signBlob",
    "iam.serviceAccounts.setIamPolicy",
)
KEYS = ("iam.serviceAccountKeys.create",)
ACT_AS = ("iam.serviceAccounts.actAs",)
#: By which one starts work that runs as an account which one may act as.
RUN = (
    *("compute.instances.create", "compute.instances.setServiceAccount"),
    *("compute.instanceTemplates.create", "container.clusters.create"),
    *("aiplatform.customJobs.create", "aiplatform.trainingPipelines.create"),
    *("aiplatform.pipelineJobs.create", "aiplatform.endpoints.deploy"),
    *("aiplatform.notebookRuntimeTemplates.create", "notebooks.instances.create"),
    *("run.services.create", "run.jobs.create", "run.services.update"),
    *("cloudfunctions.functions.create", "cloudfunctions.functions.update"),
    *("batch.jobs.create", "dataflow.jobs.create", "dataproc.clusters.create"),
    *("dataproc.batches.create", "composer.environments.create", "tpu.nodes.create"),
    *("cloudbuild.builds.create", "workflows.workflows.create"),
    *("cloudscheduler.jobs.create", "workstations.workstations.create"),
)
