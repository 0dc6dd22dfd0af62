"""Clients of stores and hubs that a job points at another host: variables and flags.

`AWS_ENDPOINT_URL` turns a harmless `s3://` path into somebody's server. An endpoint of
the service itself (a region's, a VPC endpoint's) redirects nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsec_lint.estate.hosts import place_of_host
from mlsec_lint.lower.jobs.fetch_things import owned_thing, where_set
from mlsec_lint.lower.jobs.fetches import plain, shown
from mlsec_lint.lower.jobs.hosts import host_of, internal_host
from mlsec_lint.patterns import regex
from mlsec_lint.value import Unknown

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from mlsec_lint.estate import Estate, Thing
    from mlsec_lint.lower.jobs.arguments import Setting
    from mlsec_lint.lower.jobs.scene import Scene
    from mlsec_lint.source import Span
    from mlsec_lint.value import Step, Value

#: Variable -> service. AWS SDKs reference, KServe, MLflow, huggingface_hub, SkyPilot and
#: rclone documentation, 2026-11.
VARIABLES: dict[str, str] = {
    "AWS_ENDPOINT_URL": "s3",
    "AWS_ENDPOINT_URL_S3": "s3",
    "S3_ENDPOINT": "s3",
    "S3_ENDPOINT_URL": "s3",
    "AWS_S3_ENDPOINT": "s3",
    "AWS_S3_ENDPOINT_URL": "s3",
    "FSSPEC_S3_ENDPOINT_URL": "s3",
    "MLFLOW_S3_ENDPOINT_URL": "s3",
    "S3_HOSTNAME": "s3",
    "MINIO_ENDPOINT": "s3",
    "HF_ENDPOINT": "hub",
    "STORAGE_EMULATOR_HOST": "gcs",
    "GCS_ENDPOINT": "gcs",
}
_RCLONE = regex(r"RCLONE_CONFIG_\w+_ENDPOINT|RCLONE_S3_ENDPOINT")
_FLAGS = frozenset(
    {"endpoint_url", "s3_endpoint", "s3_endpoint_url", "s3_endpoint_override"}
)
#: The services' own hosts, by their ends.
_SERVICES = (
    "amazonaws.com", "amazonaws.com.cn", "googleapis.com", "core.windows.net",
    "huggingface.co", "hf.co",
)  # fmt: skip


def environment_endpoints(scene: Scene, environment: Mapping[str, Value]) -> None:
    """State every endpoint that the environment of a scene sets."""
    for name, value in environment.items():
        service = VARIABLES.get(name) or ("s3" if _RCLONE.fullmatch(name) else "")
        span = where_set(value)
        if service and span is not None:
            state_endpoint(
                scene.estate, scene.workload, service, name, value, span, value.trail
            )


def command_endpoints(scene: Scene, words: Sequence[Value]) -> None:
    """State `--endpoint-url` of a command."""
    words = plain(words)
    for at, word in enumerate(words):
        name, equals, _ = shown(word).lstrip("-").partition("=")
        if not shown(word).startswith("--") or name.replace("-", "_") not in _FLAGS:
            continue
        value = word if equals else words[at + 1] if at + 1 < len(words) else None
        if value is None or word.span is None:
            continue
        if equals:
            value = _behind_equals(value)
        state_endpoint(
            scene.estate,
            scene.workload,
            "s3",
            f"--{name}",
            value,
            word.span,
            value.trail,
        )


def settings_endpoints(scene: Scene, settings: Iterable[Setting]) -> None:
    """State `endpoint_url` (also below `client_kwargs`) of a config."""
    for setting in settings:
        if setting.last in _FLAGS and setting.span.text[:2] != "--":
            state_endpoint(
                scene.estate,
                scene.workload,
                "s3",
                setting.name,
                setting.value,
                setting.span,
                setting.value.trail,
            )


def _behind_equals(word: Value) -> Value:
    data = word.data
    if isinstance(data, str):
        return word.replace(data=data.partition("=")[2])
    parts = data.parts if isinstance(data, Unknown) else ()
    if parts and isinstance(parts[0], str):
        head = parts[0].partition("=")[2]
        rest = tuple(p for p in (head, *parts[1:]) if p != "")
        return word.replace(data=data._replace(parts=rest))
    return word


def state_endpoint(
    estate: Estate,
    owner: Thing,
    service: str,
    setting: str,
    value: Value,
    span: Span,
    trail: tuple[Step, ...] = (),
) -> None:
    """State where a client is pointed at; nothing for an empty value: its own service."""
    if value.is_null or value.data == "":
        return
    written = shown(value)
    host = host_of(written)
    data = value.data
    known = bool(host) and not set(host) & set("${}<>")
    unknown = data if isinstance(data, Unknown) else None
    where: str | Unknown = host
    if not known:
        why = f"the host in {setting} is not known"
        if unknown is None:
            unknown = Unknown("placeholder", why, setting, span=span)
        where = unknown._replace(possible=None, parts=())
    name = f"{setting} of {owner.name}"
    thing = owned_thing(estate, "endpoint", owner, f"endpoints/{setting}", name, span)
    thing.state("service", service, span)
    thing.state("setting", setting, span)
    thing.state("host", where, span, trail=trail)
    own = where if isinstance(where, Unknown) else own_host(estate, service, where)
    thing.state("host.own", own, span, trail=trail)
    estate.link(owner, "is pointed at", thing, span)


def own_host(estate: Estate, service: str, host: str) -> bool:
    """Whether a host is the lab's, the service's own, or declared in the scan."""
    if internal_host(host):
        return True
    if any(host == end or host.endswith("." + end) for end in _SERVICES):
        return True
    place = place_of_host(host) if service == "s3" else None
    account = getattr(place, "provider", "") if place is not None else ""
    return (
        any(
            store.provider == account and _declared(store)
            for store in estate.of("store")
        )
        if account
        else False
    )


def _declared(store: Thing) -> bool:
    fact = store.fact("declared")
    return fact is not None and fact.value is True
