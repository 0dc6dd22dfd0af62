"""Credential files that a job takes along from the machine of whoever starts it.

A job file that copies `~/.netrc` to its machines hands them that person's logins. Their
contents are in no config: what is stated is which file travels, and where that is said.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsec_lint.lower.secrets import Found, state_secret
from mlsec_lint.patterns import regex

if TYPE_CHECKING:
    from mlsec_lint.estate import Estate, Thing
    from mlsec_lint.source import Span

_HOME = regex(r"(?:~[\w.-]*|\$\{?HOME\}?|/root|/home/[^/]+|/Users/[^/]+)/+")
#: Files of a home folder that log in somewhere, and what sort of credential they hold.
#: From the documentation of each tool (curl, huggingface_hub, AWS CLI, gcloud, azure-cli,
#: OpenSSH, kubectl, docker, git, gh, rclone, s3cmd, Kaggle, NGC, Databricks), 2026-11.
_FILES: tuple[tuple[str, str], ...] = (
    (".netrc", "netrc-logins"),
    (".cache/huggingface/token", "hugging-face-token"),
    (".cache/huggingface/stored_tokens", "hugging-face-token"),
    (".huggingface/token", "hugging-face-token"),
    (".aws/credentials", "aws-credentials-file"),
    (".config/gcloud/application_default_credentials.json", "gcp-credentials-file"),
    (".config/gcloud/credentials.db", "gcp-credentials-file"),
    (".azure/msal_token_cache.json", "azure-credentials-file"),
    (".oci/config", "oci-credentials-file"),
    (".kube/config", "kubeconfig"),
    (".docker/config.json", "registry-login"),
    (".git-credentials", "git-login"),
    (".config/gh/hosts.yml", "github-token"),
    (".config/rclone/rclone.conf", "rclone-config"),
    (".s3cfg", "aws-credentials-file"),
    (".boto", "gcp-credentials-file"),
    (".kaggle/kaggle.json", "kaggle-key"),
    (".ngc/config", "nvidia-key"),
    (".databrickscfg", "databricks-token"),
    (".pypirc", "pypi-token"),
)
_SSH_KEY = regex(r"\.ssh(?:/(?:id_[\w.-]*|[\w-]+\.pem))?")
_NO_KEY = (".pub",)


def credential_file(path: str, *, folders: bool = True) -> str:
    """What sort of credential a file of a home (or, with `folders`, a folder) holds, or ""."""
    home = _HOME.match(path.strip())
    if home is None:
        return ""
    inner = path.strip()[home.end() :].rstrip("/")
    if not inner or inner.endswith(_NO_KEY):
        return ""
    if _SSH_KEY.fullmatch(inner):
        return "ssh-key" if folders or "/" in inner else ""
    for known, sort in _FILES:
        if inner == known or (folders and known.startswith(inner + "/")):
            return sort
    return ""


def state_carried(
    estate: Estate, workload: Thing, source: str, target: str, span: Span
) -> Thing | None:
    """The credential file that a job copies to its machines; None for other files.

    Either end tells: `~/.netrc: ./secrets/netrc` is one, too.
    """
    sort = credential_file(source) or credential_file(target, folders=False)
    if not sort:
        return None
    name = source.strip() or target.strip()
    found = Found(sort, False, span)  # noqa: FBT003
    return state_secret(estate, workload, found, workload.address, name)
