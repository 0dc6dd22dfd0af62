"""Models that come as OCI images: `oci://` sources of serving objects, image volumes.

KServe calls them modelcars; vLLM and others read a volume of type `image`
(Kubernetes 1.31 and later). A registry is shared wider than a bucket.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsec_lint.estate import Thing
from mlsec_lint.lower.scalars import given
from mlsec_lint.value import Unknown

if TYPE_CHECKING:
    from mlsec_lint.estate import Estate
    from mlsec_lint.kubernetes.manifest import Manifest
    from mlsec_lint.lower.inputs import Inputs
    from mlsec_lint.value import Value

#: The second is fetched by KServe's storage initializer, not by the node.
_SCHEMES = ("oci://", "oci+fetch://")
#: Kinds that serve a model, and where they name it (serving.kserve.io, 2026-11).
_SOURCES: dict[str, tuple[tuple[str, ...], ...]] = {
    "InferenceService": (
        ("spec", "predictor", "model", "storageUri"),
        ("spec", "predictor", "model", "storage", "storageUri"),
    ),
    "LLMInferenceService": (("spec", "model", "uri"),),
    "LocalModelCache": (("spec", "sourceModelUri"),),
    "TrainedModel": (("spec", "model", "storageUri"),),
}
_FRAMEWORKS = (
    "sklearn",
    "xgboost",
    "tensorflow",
    "pytorch",
    "triton",
    "onnx",
    "huggingface",
)


def lower_model_images(inputs: Inputs, estate: Estate) -> None:
    """An image for each serving object whose model is one."""
    objects = inputs.objects
    if objects is None:
        return
    for kind, paths in _SOURCES.items():
        for manifest in objects.of(kind):
            values = [given(manifest.value, *path) for path in paths]
            if kind == "InferenceService":
                values += [
                    given(manifest.value, "spec", "predictor", name, "storageUri")
                    for name in _FRAMEWORKS
                ]
            for value in values:
                if value is not None:
                    _image(estate, manifest, value)


def _image(estate: Estate, manifest: Manifest, value: Value) -> None:
    text = value.text()
    if isinstance(text, Unknown):
        start = text.parts[0] if text.parts else ""
        text = start if isinstance(start, str) else ""
    if not isinstance(text, str) or not text.startswith(_SCHEMES):
        return
    span = value.entry() or manifest.span
    name = f"{manifest.kind}/{manifest.namespace or 'default'}/{manifest.name}"
    image = Thing(
        "image", f"{manifest.address or name}#model", f"model image of {name}", span
    )
    image.provider, image.root = "kubernetes", manifest.root
    image.library = manifest.library
    made = estate.add(image)
    made.state("weights.baked", value=True, span=span, trail=value.trail)
    made.holds_weights("referenced", f"{name} serves its model from it", span)
