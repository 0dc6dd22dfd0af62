"""Claims: what becomes of their volumes, who shares them, and what runs sealed."""

from __future__ import annotations

import pytest
from manifests import estate_of, value

CLAIM = """
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {{name: c, namespace: {namespace}}}
spec:
  accessModes: [ReadWriteMany]
  {spec}
---
"""
CLASS = """
apiVersion: storage.k8s.io/v1
kind: StorageClass
metadata: {{name: fast}}
provisioner: {provisioner}
{more}
---
"""
VOLUME = """
apiVersion: v1
kind: PersistentVolume
metadata: {{name: {name}}}
spec:
  accessModes: [ReadWriteMany]
  {spec}
---
"""
FAST = "storageClassName: fast"


def claim(spec=FAST, namespace="train"):
    return CLAIM.format(spec=spec, namespace=namespace)


def storage_class(more="", provisioner="ebs.csi.aws.com"):
    return CLASS.format(more=more, provisioner=provisioner)


def store(estate, address="PersistentVolumeClaim/train/c"):
    found = estate.find("store", address)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (claim() + storage_class(), False),
        (claim() + storage_class("reclaimPolicy: Delete"), False),
        (claim() + storage_class("reclaimPolicy: Retain"), True),
        (claim() + storage_class("reclaimPolicy: {{ .Values.policy }}"), "?"),
        (claim(), "?"),
        (claim(""), "?"),
        (claim('storageClassName: ""'), "?"),
        (
            claim() + VOLUME.format(name="v", spec="storageClassName: fast"),
            True,
        ),
        (
            claim()
            + storage_class()
            + VOLUME.format(
                name="v",
                spec="storageClassName: fast\n  persistentVolumeReclaimPolicy: Delete",
            ),
            False,
        ),
        (
            claim()
            + VOLUME.format(
                name="v",
                spec="storageClassName: fast\n  persistentVolumeReclaimPolicy: Delete",
            )
            + VOLUME.format(name="w", spec="storageClassName: fast"),
            "?",
        ),
    ],
)
def test_what_becomes_of_the_volume_of_a_claim(tmp_path, text, expected):
    estate = estate_of(tmp_path, all__yaml=text)
    assert value(store(estate), "deletion.guarded") == expected


@pytest.mark.parametrize(
    ("provisioner", "parameters", "expected"),
    [
        ("ebs.csi.aws.com", "", "?"),
        ("ebs.csi.aws.com", 'encrypted: "true"', "provider"),
        ("ebs.csi.aws.com", 'encrypted: "false"', "none"),
        ("ebs.csi.aws.com", "kmsKeyId: arn:aws:kms:eu-west-1:1:key/a", "customer"),
        ("pd.csi.storage.gke.io", "", "provider"),
        ("fsx.csi.aws.com", "", "provider"),
    ],
)
def test_the_key_of_a_claims_volume(tmp_path, provisioner, parameters, expected):
    more = f"parameters:\n  type: x\n  {parameters}"
    text = claim() + storage_class(more, provisioner)
    estate = estate_of(tmp_path, all__yaml=text)
    assert value(store(estate), "encryption.key.managed_by") == expected


def efs(name, namespace, handle):
    spec = (
        f"claimRef: {{name: c, namespace: {namespace}}}\n"
        f'  csi: {{driver: efs.csi.aws.com, volumeHandle: "{handle}"}}'
    )
    bound = f"volumeName: {name}"
    return VOLUME.format(name=name, spec=spec) + claim(bound, namespace)


@pytest.mark.parametrize(
    ("handles", "expected"),
    [
        (("fs-1", "fs-1"), {2}),
        (("fs-1", "fs-2"), {1}),
        (("fs-1::fsap-1", "fs-1::fsap-2"), {1}),
        (("fs-1::fsap-1", "fs-1::fsap-1"), {2}),
    ],
)
def test_file_systems_of_several_namespaces(tmp_path, handles, expected):
    first, second = handles
    text = efs("a", "train", first) + efs("b", "notebooks", second)
    estate = estate_of(tmp_path, all__yaml=text)
    counts = {value(thing, "share.namespaces") for thing in estate.of("store")}
    assert counts - {None} == expected


def test_an_nfs_server_of_somebody_else_is_not_known(tmp_path):
    text = claim("volumeName: v") + VOLUME.format(
        name="v", spec="nfs: {server: nas.example, path: /w}"
    )
    estate = estate_of(tmp_path, all__yaml=text)
    assert value(store(estate, "nfs://nas.example/w"), "share.open") == "?"


def test_copies_follow_snapshots_and_clones(tmp_path):
    text = (
        claim()
        + """
apiVersion: snapshot.storage.k8s.io/v1
kind: VolumeSnapshot
metadata: {name: s, namespace: train}
spec:
  source: {persistentVolumeClaimName: c}
---
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: clone, namespace: notebooks}
spec:
  accessModes: [ReadWriteOnce]
  dataSourceRef: {kind: VolumeSnapshot, name: s, namespace: train}
"""
    )
    estate = estate_of(tmp_path, all__yaml=text)
    snapshot = store(estate, "VolumeSnapshot/train/s")
    clone = store(estate, "PersistentVolumeClaim/notebooks/clone")

    def copied_to(thing):
        return [
            onward.target
            for edge in estate.edges_from(thing, "is copied by")
            for onward in estate.edges_from(edge.target, "copies to")
        ]

    assert copied_to(store(estate)) == [snapshot]
    assert copied_to(snapshot) == [clone]
    assert value(snapshot, "share.namespaces") == 2


POD = """
apiVersion: v1
kind: Pod
metadata: {{name: p}}
spec:
  {spec}
  containers:
    - name: c
      image: i
      {container}
"""


@pytest.mark.parametrize(
    ("spec", "container", "expected"),
    [
        ("restartPolicy: Never", "", False),
        ("runtimeClassName: nvidia", "", False),
        ("runtimeClassName: kata-qemu-snp", "", True),
        ("runtimeClassName: kata-qemu-nvidia-gpu-tdx", "", True),
        ("runtimeClassName: kata-cc-isolation", "", True),
        ("runtimeClassName: house-runtime", "", "?"),
        ("nodeSelector: {intel.feature.node.kubernetes.io/tdx: 'true'}", "", True),
        ("nodeSelector: {intel.feature.node.kubernetes.io/tdx: 'false'}", "", False),
        (
            "nodeSelector: {node.kubernetes.io/instance-type: Standard_DC8as_v5}",
            "",
            True,
        ),
        (
            "restartPolicy: Never",
            "resources: {limits: {aws.ec2.nitro/nitro_enclaves: 1}}",
            True,
        ),
    ],
)
def test_pods_that_ask_for_sealed_memory(tmp_path, spec, container, expected):
    text = POD.format(spec=spec, container=container)
    estate = estate_of(tmp_path, pod__yaml=text)
    pod = estate.find("workload", "Pod/default/p")
    assert pod is not None
    assert value(pod, "confidential") == expected


@pytest.mark.parametrize(
    ("terms", "expected"),
    [
        (["In, values: [SEV]"], True),
        (["In, values: [SEV, TDX]"], True),
        (["NotIn, values: [SEV]"], False),
        (["In, values: [SEV]", "In, values: [none]"], False),
    ],
)
def test_every_term_of_a_node_affinity_has_to_ask(tmp_path, terms, expected):
    label = "cloud.google.com/gke-confidential-nodes-instance-type"
    listed = ", ".join(
        f"{{matchExpressions: [{{key: {label}, operator: {term}}}]}}" for term in terms
    )
    spec = (
        "affinity: {nodeAffinity: {requiredDuringSchedulingIgnoredDuringExecution: "
        f"{{nodeSelectorTerms: [{listed}]}}}}}}"
    )
    text = POD.format(spec=spec, container="")
    estate = estate_of(tmp_path, pod__yaml=text)
    pod = estate.find("workload", "Pod/default/p")
    assert pod is not None
    assert value(pod, "confidential") == expected


SAMPLE = """
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: models}
spec: {accessModes: [ReadWriteMany], storageClassName: fast}
"""
MOUNTER = """
apiVersion: v1
kind: Pod
metadata: {name: %s}
spec:
  containers: [{name: c, image: x, volumeMounts: [{name: m, mountPath: /models}]}]
  volumes: [{name: m, persistentVolumeClaim: {claimName: models}}]
"""
SERVED = """
apiVersion: serving.kserve.io/v1beta1
kind: InferenceService
metadata: {name: %s}
spec: {predictor: {model: {modelFormat: {name: x}, storageUri: "pvc://models/a"}}}
"""


def test_of_claims_of_one_name_the_nearest_folder_s_is_meant(tmp_path):
    files = {
        "a/claim.yaml": SAMPLE,
        "b/disks/claim.yaml": SAMPLE,
        "a/pod.yaml": MOUNTER % "in-a",
        "b/jobs/pod.yaml": MOUNTER % "in-b",
        "b/serve/isvc.yaml": SERVED % "served",
    }
    for path, text in files.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text)
    estate = estate_of(tmp_path)
    backed = {
        edge.source.address.split("/volumes")[0].rpartition("/")[2]: edge.target
        for edge in estate.edges()
        if edge.verb == "is backed by"
    }
    assert backed["in-a"].span.path == "a/claim.yaml"
    assert backed["in-b"].span.path == "b/disks/claim.yaml"
    [read] = [e for e in estate.edges() if e.verb == "reads"]
    assert read.source.address == "InferenceService/default/served"
    assert read.target.span.path == "b/disks/claim.yaml"
