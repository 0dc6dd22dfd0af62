"""Uploads: ways by which a program sends bytes out, stated in estate words."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from mlsec_lint.estate import Thing
from mlsec_lint.value import Unknown

if TYPE_CHECKING:
    from mlsec_lint.lower.jobs.scene import Scene
    from mlsec_lint.source import Span
    from mlsec_lint.value import Step


class Upload(NamedTuple):
    """What a reader found; fields as the facts of that name."""

    channel: str
    service: str
    carries: str | Unknown
    span: Span
    host: str | Unknown = ""
    internal: bool | Unknown = False
    host_span: Span | None = None
    enabled: bool | Unknown = True
    enabled_span: Span | None = None
    repository: str | Unknown = ""
    private: bool | Unknown | None = None
    private_span: Span | None = None
    private_default: str = ""
    trail: tuple[Step, ...] = ()


def state_upload(scene: Scene, program: Thing | None, upload: Upload) -> Thing:
    """Make the upload a thing that the program (else the workload) sends by."""
    owner = program or scene.holder
    stem = f"{owner.address}/{upload.channel}/{upload.service}"
    address = scene.estate.free("upload", stem)
    thing = Thing(
        "upload",
        address,
        f"upload to {upload.service} by {scene.workload.name}",
        upload.span,
        provider=scene.workload.provider,
        root=scene.workload.root,
        library=scene.workload.library,
    )
    scene.estate.add(thing)
    accelerator = scene.workload.fact("accelerator")
    if accelerator is not None:
        thing.state("accelerator", accelerator.value, accelerator.span)
    if upload.carries == "weights":
        thing.holds_weights("referenced", "it carries weights", upload.span)
    thing.state("channel", upload.channel, upload.span)
    thing.state("service", upload.service, upload.span)
    thing.state("carries", upload.carries, upload.span, trail=upload.trail)
    thing.state(
        "enabled",
        upload.enabled,
        upload.enabled_span or upload.span,
        trail=upload.trail,
    )
    where = upload.host_span or upload.span
    if isinstance(upload.host, Unknown) or upload.host:
        thing.state("destination.host", upload.host, where)
    thing.state("destination.internal", upload.internal, where)
    if isinstance(upload.repository, Unknown) or upload.repository:
        thing.state("destination.repository", upload.repository, upload.span)
    if upload.private is not None:
        thing.state(
            "private",
            upload.private,
            upload.private_span or upload.span,
            default=upload.private_default,
        )
    sources = (scene.workload,) if program is None else (scene.workload, program)
    for source in sources:
        scene.estate.link(source, "sends", thing, upload.span)
    return thing
