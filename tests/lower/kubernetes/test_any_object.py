"""Arbitrary objects: lowered or noted, never a crash."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from mlsec_lint.estate import Estate
from mlsec_lint.kubernetes.manifest import Manifest
from mlsec_lint.lower.inputs import Inputs
from mlsec_lint.lower.kubernetes import lower_kubernetes
from mlsec_lint.source import Source, Span
from mlsec_lint.value import Unknown, Value

_SCALARS = st.one_of(
    st.sampled_from(
        ["", "true", "x", "${X}", "<y>", "/a", "s3://b/c", "$(A)", "0", "bash"]
    ),
    st.none(),
    st.just(Unknown("template", "t")),
)
_NAMES = st.sampled_from(
    [
        "spec", "template", "containers", "initContainers", "name", "image", "command", "args",
        "env", "value", "valueFrom", "secretKeyRef", "volumes", "volumeMounts", "mountPath",
        "hostPath", "path", "persistentVolumeClaim", "claimName", "csi", "driver", "emptyDir",
        "securityContext", "capabilities", "add", "privileged", "resources", "limits",
        "nvidia.com/gpu", "envFrom", "configMapRef", "subjects", "roleRef", "data", "stringData",
        "model", "predictor", "storageUri", "entrypoint", "trainer", "metadata", "source", "key",
        "serviceAccountName", "nodeSelector", "affinity", "volumeClaimTemplates", "lifecycle",
    ]
)  # fmt: skip
_TREES = st.recursive(
    _SCALARS,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3).map(tuple),
        st.dictionaries(_NAMES, inner, max_size=6),
    ),
    max_leaves=40,
)
_SOURCE = Source("x.yaml", "kind: X\n" * 4)
_SPAN = Span(_SOURCE, 0, 7)


def _value(data):
    if isinstance(data, tuple):
        return Value(tuple(_value(d) for d in data), _SPAN)
    if isinstance(data, dict):
        return Value({k: _value(v).replace(key=_SPAN) for k, v in data.items()}, _SPAN)
    return Value(data, _SPAN)


@settings(max_examples=300, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(
                ["Pod", "Job", "RayJob", "TrainJob", "InferenceService", "Secret", "ConfigMap",
                 "ClusterRoleBinding", "ServiceAccount", "PersistentVolumeClaim", "Other"]
            ),
            st.dictionaries(_NAMES, _TREES, max_size=8),
        ),
        max_size=3,
    )
)  # fmt: skip
def test_any_object_is_lowered_or_noted(objects):
    manifests = [
        Manifest(_value(data), kind, "v1", "n", "", _SPAN) for kind, data in objects
    ]
    estate = Estate()
    lower_kubernetes(Inputs(None, manifests=manifests), estate)
    for thing in estate.things.values():
        assert thing.span is not None
