"""From vendor words to estate words: the only floor that says `aws_` or `kind: Pod`.

`LOWERINGS` is the list. Each lowering reads `Inputs` and adds things, facts and edges
to the estate; none reads another's mind, all join by `Estate.named`. Order matters only
for job files: a document that one format has claimed is not offered to the next.
"""

from __future__ import annotations

from collections.abc import Callable

from mlsec_lint.estate import Estate
from mlsec_lint.lower.approvals import lower_approvals
from mlsec_lint.lower.audit_logs import lower_audit_logs
from mlsec_lint.lower.aws import lower_aws
from mlsec_lint.lower.aws.acting import lower_aws_acting
from mlsec_lint.lower.aws.grants import lower_aws_grants
from mlsec_lint.lower.aws.network import lower_aws_network
from mlsec_lint.lower.azure import lower_azure
from mlsec_lint.lower.azure.grants import lower_azure_grants
from mlsec_lint.lower.azure.network import lower_azure_network
from mlsec_lint.lower.clusters import lower_clusters, settle_clusters
from mlsec_lint.lower.clusters.assigned import assign_clusters
from mlsec_lint.lower.gcp import lower_gcp
from mlsec_lint.lower.gcp.grants import lower_gcp_grants
from mlsec_lint.lower.gcp.network import lower_gcp_network
from mlsec_lint.lower.gcp.storage_transfers import lower_storage_transfers
from mlsec_lint.lower.gpu_clouds import lower_gpu_clouds
from mlsec_lint.lower.guardrails import lower_guardrails
from mlsec_lint.lower.in_terraform.artifact_stores import lower_artifact_stores
from mlsec_lint.lower.in_terraform.chart_pods import add_chart_pods
from mlsec_lint.lower.in_terraform.charts import lower_charts
from mlsec_lint.lower.in_terraform.environments import lower_environments
from mlsec_lint.lower.in_terraform.objects import add_terraform_objects
from mlsec_lint.lower.in_terraform.provider_keys import lower_provider_keys
from mlsec_lint.lower.in_terraform.scripts import lower_scripts
from mlsec_lint.lower.in_terraform.sessions import lower_sessions
from mlsec_lint.lower.in_terraform.tasks import lower_tasks
from mlsec_lint.lower.inputs import Inputs
from mlsec_lint.lower.jobs.accelerate import lower_accelerate
from mlsec_lint.lower.jobs.axolotl import lower_axolotl
from mlsec_lint.lower.jobs.azure_ml import lower_azure_ml
from mlsec_lint.lower.jobs.databricks import lower_databricks
from mlsec_lint.lower.jobs.determined import lower_determined
from mlsec_lint.lower.jobs.docker_compose import lower_docker_compose
from mlsec_lint.lower.jobs.dockerfile import lower_dockerfiles
from mlsec_lint.lower.jobs.dstack import lower_dstack
from mlsec_lint.lower.jobs.dvc import lower_dvc
from mlsec_lint.lower.jobs.github_actions import lower_github_actions
from mlsec_lint.lower.jobs.gitlab_ci import lower_gitlab_ci
from mlsec_lint.lower.jobs.hugging_face import lower_hugging_face
from mlsec_lint.lower.jobs.hydra import compose_hydra
from mlsec_lint.lower.jobs.image_pushes import lower_image_pushes
from mlsec_lint.lower.jobs.image_weights import lower_image_weights
from mlsec_lint.lower.jobs.kfp import lower_kfp
from mlsec_lint.lower.jobs.lightning import lower_lightning
from mlsec_lint.lower.jobs.litgpt import lower_litgpt
from mlsec_lint.lower.jobs.llama_factory import lower_llama_factory
from mlsec_lint.lower.jobs.llm_foundry import lower_llm_foundry
from mlsec_lint.lower.jobs.loose_secrets import lower_loose_secrets
from mlsec_lint.lower.jobs.managed_jobs import lower_vertex_jobs
from mlsec_lint.lower.jobs.mlproject import lower_mlproject
from mlsec_lint.lower.jobs.mosaic_run import lower_mosaic_run
from mlsec_lint.lower.jobs.nemo_hydra import lower_nemo
from mlsec_lint.lower.jobs.oumi import lower_oumi
from mlsec_lint.lower.jobs.ray_autoscaler import lower_ray_autoscaler
from mlsec_lint.lower.jobs.sagemaker import lower_sagemaker_jobs
from mlsec_lint.lower.jobs.sbatch import lower_sbatch
from mlsec_lint.lower.jobs.shared_paths import lower_shared_paths
from mlsec_lint.lower.jobs.sky import lower_sky
from mlsec_lint.lower.jobs.torchtitan import lower_torchtitan
from mlsec_lint.lower.jobs.torchtune import lower_torchtune
from mlsec_lint.lower.jobs.unread import count_unread
from mlsec_lint.lower.jobs.verl import lower_verl
from mlsec_lint.lower.jobs.wandb_files import lower_wandb_files
from mlsec_lint.lower.kubernetes import lower_kubernetes
from mlsec_lint.lower.kubernetes.claim_disks import lower_claim_disks
from mlsec_lint.lower.kubernetes.config_maps import offer_config_maps
from mlsec_lint.lower.kubernetes.declarations import lower_declarations
from mlsec_lint.lower.kubernetes.every_node import lower_every_node
from mlsec_lint.lower.kubernetes.exposure import lower_exposure
from mlsec_lint.lower.kubernetes.model_images import lower_model_images
from mlsec_lint.lower.kubernetes.model_registries import lower_model_registries
from mlsec_lint.lower.kubernetes.network import lower_network
from mlsec_lint.lower.kubernetes.of_clusters import lower_of_clusters
from mlsec_lint.lower.kubernetes.place import lower_pod_places
from mlsec_lint.lower.kubernetes.profiles import add_profile_bindings
from mlsec_lint.lower.kubernetes.rbac import lower_rbac
from mlsec_lint.lower.oci import lower_oci
from mlsec_lint.lower.perimeters import lower_perimeters
from mlsec_lint.lower.receivers import lower_receivers
from mlsec_lint.lower.static_keys import lower_static_keys
from mlsec_lint.lower.store_links import lower_store_links
from mlsec_lint.lower.supply_chain import lower_supply_chain
from mlsec_lint.lower.ties import lower_ties
from mlsec_lint.lower.transfer_services import lower_transfer_services

Lowering = Callable[[Inputs, Estate], None]

#: Declared stores first, so that what refers to them finds them by name.
LOWERINGS: tuple[Lowering, ...] = (
    lower_aws,
    lower_gcp,
    lower_azure,
    lower_oci,
    lower_gpu_clouds,
    lower_storage_transfers,
    lower_receivers,
    lower_guardrails,
    add_terraform_objects,
    add_profile_bindings,
    add_chart_pods,
    assign_clusters,
    lower_charts,
    lower_artifact_stores,
    compose_hydra,
    lower_kubernetes,
    lower_declarations,
    lower_pod_places,
    lower_every_node,
    lower_of_clusters,
    lower_claim_disks,
    lower_model_images,
    lower_network,
    lower_rbac,
    lower_exposure,
    lower_model_registries,
    lower_scripts,
    lower_tasks,
    lower_sessions,
    lower_environments,
    lower_provider_keys,
    offer_config_maps,
    lower_sky,
    lower_azure_ml,
    lower_docker_compose,
    lower_dvc,
    lower_determined,
    lower_mosaic_run,
    lower_dstack,
    lower_kfp,
    lower_vertex_jobs,
    lower_sagemaker_jobs,
    lower_accelerate,
    lower_databricks,
    lower_mlproject,
    lower_wandb_files,
    lower_ray_autoscaler,
    lower_dockerfiles,
    lower_image_weights,
    lower_sbatch,
    lower_github_actions,
    lower_gitlab_ci,
    lower_axolotl,
    lower_llama_factory,
    lower_torchtune,
    lower_llm_foundry,
    lower_oumi,
    lower_nemo,
    lower_verl,
    lower_litgpt,
    lower_lightning,
    lower_torchtitan,
    lower_hugging_face,
    lower_image_pushes,
    lower_shared_paths,
    lower_ties,
    lower_loose_secrets,
    lower_supply_chain,
    lower_transfer_services,
    count_unread,
)

#: What is asked once it is known which stores hold weights. Clusters first: whose
#: service accounts a trust policy means is read from them.
LATER: tuple[Lowering, ...] = (
    lower_clusters,
    lower_aws_network,
    lower_gcp_network,
    lower_azure_network,
    lower_aws_acting,
    lower_aws_grants,
    lower_gcp_grants,
    lower_azure_grants,
    settle_clusters,
    lower_audit_logs,
    lower_approvals,
    lower_static_keys,
    lower_store_links,
    lower_perimeters,
)


def lower(inputs: Inputs) -> Estate:
    """The estate that the inputs declare: every lowering once, in order.

    Notes of lowerings are in `Estate.notes`; counts of formats in `inputs.recognised`
    and `inputs.not_analysed`.
    """
    estate = Estate()
    for lowering in LOWERINGS:
        lowering(inputs, estate)
    return estate


def lower_later(inputs: Inputs, estate: Estate) -> None:
    """What is only worth asking about weights: who may read them, what is open to it.

    Policies could link every identity to every store; links are made to those stores
    that hold weights (`weights.held`), and nothing else is looked at.
    """
    for lowering in LATER:
        lowering(inputs, estate)
