"""With which keys a managed training job seals its outputs and its disks.

SageMaker: `OutputDataConfig.KmsKeyId` and `ResourceConfig.VolumeKmsKeyId`, the same of
ACK's TrainingJob; without them a key of AWS. Instances with NVMe of their own take no
key: their hardware seals them, and nothing is stated of their disks. Vertex: `encryptionSpec.kmsKeyName` of the job, else a
key of Google (API references of both, read 2026-11).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsec_lint.estate import Thing
from mlsec_lint.lower.machines import sealed_by_hardware
from mlsec_lint.lower.scalars import settled
from mlsec_lint.lower.stores import referred_store
from mlsec_lint.value import Unknown

if TYPE_CHECKING:
    from mlsec_lint.estate import Estate, FactValue
    from mlsec_lint.source import Span
    from mlsec_lint.value import Value

_KEY = "encryption.key.managed_by"
_AWS = "Amazon SageMaker: a key of AWS unless the job names one"
_GOOGLE = "Vertex AI: a key of Google unless the job names one"


def output_key(estate: Estate, key: Value | None, output: Value | None) -> None:
    """State who manages the key of what a SageMaker job writes, at the job's own line."""
    if output is None or output.span is None or output.data == "":
        return
    named = referred_store(estate, settled(output, loose=True), "aws")
    if named is None or not named.certain:
        return
    for store in named.stores:
        declared = store.fact("declared")
        ours = declared is not None and declared.value is True
        if key is not None and _key_text(key) != "":
            _also(store, _managed_by(key), key.entry() or output.span)
            _sealed(estate, store, key)
        elif not ours and store.fact(_KEY) is None:
            store.state(_KEY, "provider", output.entry() or output.span, default=_AWS)


def volume_key(
    estate: Estate, workload: Thing, key: Value | None, machine: Value | None
) -> None:
    """The volume of a SageMaker job as a store, with who manages its key."""
    volume = _volume(estate, workload, "aws")
    if key is not None and _key_text(key) != "":
        span = key.entry() or workload.span
        volume.state(_KEY, _managed_by(key), span, trail=key.trail)
        _sealed(estate, volume, key)
        return
    text = settled(machine).text() if machine is not None else None
    if not isinstance(text, str) or not sealed_by_hardware(text):
        volume.state(_KEY, "provider", volume.span, default=_AWS)


def vertex_key(estate: Estate, workload: Thing, key: Value | None) -> None:
    """The disks of a Vertex job as a store, with who manages their key."""
    volume = _volume(estate, workload, "gcp")
    if key is None or _key_text(key) == "":
        volume.state(_KEY, "provider", volume.span, default=_GOOGLE)
        return
    text = _key_text(key)
    told = not isinstance(text, Unknown) or _has_parts(text)
    value: FactValue = "customer" if told or text is None else text
    volume.state(_KEY, value, key.entry() or workload.span, trail=key.trail)
    _sealed(estate, volume, key)


def _volume(estate: Estate, workload: Thing, provider: str) -> Thing:
    made = Thing(
        "store",
        f"{workload.address}#volume",
        f"the volume of {workload.name}",
        workload.span,
        provider,
        workload.root,
        workload.library,
    )
    volume = estate.add(made)
    volume.state("type", "block")
    volume.state("declared", value=True)
    # No edge: nothing but the job reaches its volume, and it is gone with the job.
    if any(True for _ in estate.edges_from(workload, "writes")):
        words = f"{workload.name}, which writes weights, keeps them on its volume"
        volume.holds_weights("referenced", words, workload.span)
    return volume


def _key_text(key: Value) -> str | Unknown | None:
    text = settled(key).text()
    return text.strip() if isinstance(text, str) else text


def _managed_by(key: Value) -> str | Unknown:
    """`provider` for AWS's own aliases, `customer` for any other key."""
    text = _key_text(key)
    if isinstance(text, Unknown):
        start = text.parts[0] if text.parts else ""
        told = isinstance(start, str) and ":key/" in start
        return "customer" if told else text._replace(possible=None, parts=())
    return "provider" if "alias/aws/" in (text or "") else "customer"


def _has_parts(text: Unknown) -> bool:
    """Whether what is known of a name says that it is a key of the lab's project."""
    return any(isinstance(p, str) and "cryptoKeys/" in p for p in text.parts)


def _also(store: Thing, value: str | Unknown, span: Span) -> None:
    """State one more key beside the store's own: objects may name theirs."""
    first = store.fact(_KEY)
    if first is not None:
        store.many.setdefault(_KEY, [first])
    store.also(_KEY, value, span)


def _sealed(estate: Estate, store: Thing, key: Value) -> None:
    text = _key_text(key)
    for found in estate.named(text, "key")[:1] if isinstance(text, str) else ():
        span = key.entry() or store.span
        estate.link(store, "is encrypted with", found, span)
