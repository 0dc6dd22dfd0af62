"""Connections of a job without TLS, or whose certificate nobody checks.

By switches of the environment and of tools, and by `http://` URLs of models and data.
Hosts that are the lab's own or the machine itself are no matter of this.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from mlsec_lint.lower.jobs.arguments import flag_truth, truth
from mlsec_lint.lower.jobs.fetch_things import owned_thing, where_set
from mlsec_lint.lower.jobs.fetches import name_of, plain, shown, text
from mlsec_lint.lower.jobs.hosts import host_of, internal_host
from mlsec_lint.patterns import regex
from mlsec_lint.value import Unknown

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from mlsec_lint.estate import Estate, Thing
    from mlsec_lint.lower.jobs.arguments import Setting
    from mlsec_lint.source import Span
    from mlsec_lint.value import Value


class Channel(NamedTuple):
    """A connection: what says so, its host ("" for any), TLS and whether it is checked."""

    what: str
    span: Span
    host: str | Unknown = ""
    encrypted: bool | Unknown | None = None
    verified: bool | Unknown | None = None


#: Variables that switch the check off, and what they are then set to. "" is empty:
#: requests and huggingface_hub read CURL_CA_BUNDLE; Python 3.13 `ssl`, git 2.51 and Node
#: documentation, 2026-11.
_SWITCHES: dict[str, frozenset[str]] = {
    "CURL_CA_BUNDLE": frozenset({""}),
    "REQUESTS_CA_BUNDLE": frozenset({""}),
    "PYTHONHTTPSVERIFY": frozenset({"0"}),
    "GIT_SSL_NO_VERIFY": frozenset({"1", "true", "yes", "on"}),
    "NODE_TLS_REJECT_UNAUTHORIZED": frozenset({"0"}),
    "MLFLOW_TRACKING_INSECURE_TLS": frozenset({"1", "true"}),
    "MLFLOW_S3_IGNORE_TLS": frozenset({"1", "true"}),
    "WANDB_INSECURE_DISABLE_SSL": frozenset({"1", "true"}),
    "S3_VERIFY_SSL": frozenset({"0", "false"}),
    "AWS_S3_VERIFY_SSL": frozenset({"0", "false"}),
    "HF_HUB_DISABLE_SSL_VERIFICATION": frozenset({"1", "true"}),
    "CONDA_SSL_VERIFY": frozenset({"0", "false"}),
}
#: Variables that switch TLS itself off.
_PLAIN = {"S3_USE_HTTPS": frozenset({"0", "false"})}
#: Variables that say where a server takes weights from: NIM 1.13 documentation, 2026-11.
_SOURCES = frozenset({"NIM_PEFT_SOURCE"})
_VERIFY = frozenset(
    {"verify_ssl", "ssl_verify", "verify_certs", "verify_tls", "verify_certificate",
     "tls_verify", "s3_verify_ssl"}
)  # fmt: skip
_NO_VERIFY = frozenset(
    {"no_verify_ssl", "insecure_skip_verify", "skip_tls_verify", "insecure_skip_tls_verify",
     "no_check_certificate", "disable_ssl_verification", "skip_ssl_verification"}
)  # fmt: skip
_WEIGHTS = regex(
    r"\.(?:safetensors|gguf|ggml|ckpt|pth?|bin|nemo|tar(?:\.gz|\.zst)?|tgz|zip|parquet|jsonl"
    r"|arrow|webdataset|npz|h5|onnx)(?:[?#]|$)",
    re.IGNORECASE,
)
_MODEL_NAMES = regex(
    r"(?:^|[._])(?:model|models|dataset|datasets|data|checkpoint|ckpt|weights|storage_uri"
    r"|model_uri|base_model)(?:[._](?:url|uri|path|dir|name_or_path|id|source))?$"
)
_WEB = regex(r"(?:https?|ftp)://")
#: `aws --no-verify-ssl`, `helm --insecure-skip-tls-verify`: tool -> its switches.
_TOOLS: dict[str, frozenset[str]] = {
    "curl": frozenset({"-k", "--insecure"}),
    "wget": frozenset({"--no-check-certificate"}),
    "aws": frozenset({"--no-verify-ssl"}),
    "s5cmd": frozenset({"--no-verify-ssl"}),
    "rclone": frozenset({"--no-check-certificate"}),
    "mc": frozenset({"--insecure"}),
    "helm": frozenset({"--insecure-skip-tls-verify"}),
    "kubectl": frozenset({"--insecure-skip-tls-verify"}),
    "skopeo": frozenset({"--src-tls-verify=false", "--tls-verify=false"}),
    "podman": frozenset({"--tls-verify=false"}),
    "oras": frozenset({"--insecure", "--plain-http"}),
    "crane": frozenset({"--insecure"}),
}


def _in_clear(value: Value, span: Span) -> Iterator[Channel]:
    """Weights that a server takes from a web address without TLS."""
    url = value.text()
    if isinstance(url, str) and url.strip().lower().startswith("http://"):
        yield Channel(url.strip(), span, host_of(url.strip()), encrypted=False)


def of_environment(environment: Mapping[str, Value]) -> Iterator[Channel]:
    """Switches among the variables of a job."""
    for name, value in environment.items():
        span = where_set(value)
        if name in _SOURCES and span is not None:
            yield from _in_clear(value, span)
        off = _SWITCHES.get(name) or _PLAIN.get(name)
        if span is None or off is None:
            continue
        data = value.text()
        checked: bool | Unknown
        if isinstance(data, Unknown):
            checked = data._replace(possible=None, parts=())
        else:
            checked = ("" if data is None else data.strip().lower()) not in off
        if name in _PLAIN:
            yield Channel(name, span, encrypted=checked)
        else:
            yield Channel(name, span, verified=checked)


def of_settings(settings: Sequence[Setting]) -> Iterator[Channel]:
    """`verify_ssl: false` and the like; `http://` for a model or data set."""
    for setting in settings:
        if setting.last in _VERIFY:
            state = truth(setting.value)
            if state is not None:
                yield Channel(setting.name, setting.span, verified=state)
        elif setting.last in _NO_VERIFY:
            off = flag_truth(setting)
            verified = off if isinstance(off, Unknown) else not off
            yield Channel(setting.name, setting.span, verified=verified)
        elif text(setting.value).startswith("http://") and _MODEL_NAMES.search(
            setting.name
        ):
            host = host_of(text(setting.value))
            yield Channel(shown(setting.value), setting.span, host, encrypted=False)


def of_command(words: Sequence[Value]) -> Iterator[Channel]:
    """Switches of tools that fetch, `http://` downloads, settings of git and pip."""
    words = plain(words)
    name = name_of(words)
    if not words or words[0].span is None:
        return
    url = next((w for w in words[1:] if _WEB.search(shown(w))), None)
    host = _host(url)
    for word in words[1:]:
        value = text(word)
        short = value.startswith("-") and not value.startswith("--")
        bundled = name == "curl" and short and value[1:].isalpha() and "k" in value
        if (value in _TOOLS.get(name, ()) or bundled) and word.span is not None:
            yield Channel(f"{name} {value}", _line(words), host, verified=False)
            break
    if name in ("curl", "wget", "aria2c") and url is not None:
        found = shown(url)
        if found.startswith("http://") and _WEIGHTS.search(found):
            yield Channel(found, url.span or words[0].span, host, encrypted=False)
    if name == "git" and any("sslverify" in shown(w).lower() for w in words[1:6]):
        off = any(
            shown(w).lower().endswith(("sslverify=false", "false")) for w in words[1:8]
        )
        if off:
            yield Channel("git http.sslVerify", _line(words), host, verified=False)


def _host(url: Value | None) -> str | Unknown:
    if url is None:
        return ""
    host = host_of(shown(url))
    if isinstance(url.data, Unknown) and set(host) & set("${}"):
        return url.data._replace(possible=None, parts=())
    return host


def _line(words: Sequence[Value]) -> Span:
    first, last = words[0].span, words[-1].span
    assert first is not None
    if last is None or last.source is not first.source:
        return first
    whole = first.to(last)
    return first if "\n" in whole.text else whole


def state_channel(estate: Estate, owner: Thing, channel: Channel) -> Thing:
    """State a connection as a thing of the workload, image, store or service it is of."""
    name = f"{channel.what} of {owner.name}"
    stem = f"channels/{channel.what}"
    thing = owned_thing(estate, "channel", owner, stem, name, channel.span)
    thing.state("what", channel.what, channel.span)
    host = channel.host
    if isinstance(host, Unknown) or host:
        thing.state("host", host, channel.span)
        own = host if isinstance(host, Unknown) else internal_host(host)
        thing.state("host.own", own, channel.span)
    if channel.encrypted is not None:
        thing.state("encrypted", channel.encrypted, channel.span)
    if channel.verified is not None:
        thing.state("verified", channel.verified, channel.span)
    estate.link(owner, "talks over", thing, channel.span)
    return thing
