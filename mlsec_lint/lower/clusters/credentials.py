"""Pods that bring credentials of a cloud of their own, by environment variables.

Such a pod does not reach stores as its service account or node. That the credential is a
long-lived one is another matter.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsec_lint.lower.scalars import given, settled, text_of
from mlsec_lint.patterns import regex
from mlsec_lint.value import Unknown

if TYPE_CHECKING:
    from mlsec_lint.lower.inputs import Inputs
    from mlsec_lint.lower.kubernetes.workload import Pod
    from mlsec_lint.value import Value

_FACT = "identity.own"
#: Variables by which SDKs of the clouds and fsspec take credentials (2026-11).
_NAMES = frozenset(
    {
        "AWS_ACCESS_KEY_ID",
        "AWS_SECRET_ACCESS_KEY",
        "AWS_SHARED_CREDENTIALS_FILE",
        "AWS_WEB_IDENTITY_TOKEN_FILE",
        "AWS_CONTAINER_CREDENTIALS_FULL_URI",
        "GOOGLE_APPLICATION_CREDENTIALS",
        "GOOGLE_CLOUD_KEYFILE_JSON",
        "AZURE_CLIENT_SECRET",
        "AZURE_STORAGE_KEY",
        "AZURE_STORAGE_ACCOUNT_KEY",
        "AZURE_STORAGE_CONNECTION_STRING",
        "AZURE_STORAGE_SAS_TOKEN",
        "RCLONE_CONFIG",
    }
)
#: Names that programs choose for keys of object stores (tensorizer, vLLM, LMCache, MinIO).
_KEYS = regex(
    r"(?:^|_)(?:AWS|S3|MINIO|OSS|COS|TOS|OBS|R2|B2|GCS|STORAGE|BUCKET)_"
    r"(?:ACCESS_KEY(?:_ID)?|SECRET(?:_ACCESS)?_KEY|HMAC_(?:KEY|SECRET))$"
)


def state_credentials(inputs: Inputs) -> None:
    """State `identity.own` of pods whose containers are given credentials."""
    for pod in inputs.objects.pods if inputs.objects is not None else ():
        for _, container in pod.template.containers:
            if _in_env(pod, container):
                break


def _is_key(name: str) -> bool:
    return name in _NAMES or (len(name) < 100 and _KEYS.search(name) is not None)


def _in_env(pod: Pod, container: Value) -> bool:
    env = given(container, "env")
    for entry in env.elements() if env is not None else ():
        name = given(entry, "name")
        if name is not None and _is_key(text_of(name)):
            words = "it is given credentials of its own"
            span = name.entry() or pod.workload.span
            pod.workload.state(_FACT, value=True, span=span, default=words)
            return True
    whole = given(container, "envFrom")
    unsure = settled(env).unknown if env is not None else None
    if whole is None and unsure is None:
        return False
    if _FACT not in pod.workload.facts:
        where = whole if whole is not None else env
        span = (where.entry() if where is not None else None) or pod.workload.span
        why = "its environment comes from elsewhere and may hold credentials"
        pod.workload.state(_FACT, Unknown("environment", why, span=span), span)
    return False
