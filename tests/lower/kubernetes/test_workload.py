"""Pods, containers and mounts: one field at a time, in any kind."""

from __future__ import annotations

import pytest
from manifests import estate_of, only, said, targets, value, values

from mlsec_lint.trace import trace

POD = """\
spec:
  hostNetwork: true
  containers:
    - name: train
      image: registry.lab.internal/train:1
      securityContext:
        privileged: true
        capabilities: {add: [CAP_SYS_ADMIN, net_raw]}
        runAsUser: 0
      args: [--output_dir, /ckpt/run, --learning_rate, "1"]
      resources: {limits: {nvidia.com/gpu: 8}}
      volumeMounts:
        - {name: c, mountPath: /ckpt}
        - {name: s, mountPath: /run/docker.sock}
  volumes:
    - name: c
      hostPath: {path: /mnt/nvme}
    - name: s
      hostPath:
        path: /var/run/docker.sock
"""
PARTS = {
    "workload", "container", "mount", "store", "identity", "program", "upload", "secret",
}  # fmt: skip
HEADS = {
    "Job": ("batch/v1", "spec:\n  template:\n"),
    "PyTorchJob": (
        "kubeflow.org/v1",
        "spec:\n  pytorchReplicaSpecs:\n    Master:\n      template:\n",
    ),
    "RayCluster": ("ray.io/v1", "spec:\n  headGroupSpec:\n    template:\n"),
    "JobSet": (
        "jobset.x-k8s.io/v1alpha2",
        "spec:\n  replicatedJobs:\n  - name: a\n    template:\n      spec:\n        template:\n",
    ),
    "NobodyKnowsThis": (
        "x.example/v9",
        "spec:\n  parts:\n  - deep:\n      template:\n",
    ),
}


def manifest(kind):
    version, head = HEADS[kind]
    indent = " " * (len(head.rstrip("\n").rpartition("\n")[2]) - len("template:") + 2)
    pod = "".join(indent + line + "\n" for line in POD.splitlines())
    meta = (
        f"apiVersion: {version}\nkind: {kind}\nmetadata: {{name: x, namespace: ml}}\n"
    )
    return meta + head + pod


def portrait(estate, kind):
    """What the pod says: facts, edges and evidence, with addresses freed of the kind.

    What an operator makes beside the pod (a head service) is not the pod's.
    """
    found = []
    for thing in estate.things.values():
        if thing.kind not in PARTS:
            continue
        clean = [
            (name, fact.value, fact.span.text.replace(kind, "KIND"))
            for name, fact in sorted(thing.facts.items())
        ]
        edges = [
            (
                e.verb,
                e.target.address.replace(kind, "KIND"),
                e.span.text.replace(kind, "KIND"),
            )
            for e in estate.edges_from(thing)
            if e.target.kind in PARTS
        ]
        words = [(s, w.replace(kind, "KIND")) for s, w in said(thing)]
        found.append(
            (thing.kind, thing.address.replace(kind, "KIND"), clean, edges, words)
        )
    return found


@pytest.mark.parametrize("kind", [k for k in HEADS if k != "Job"])
def test_the_same_pod_is_the_same_in_every_kind(tmp_path, kind):
    job = estate_of(tmp_path / "a", j__yaml=manifest("Job"))
    other = estate_of(tmp_path / "b", j__yaml=manifest(kind))
    assert [p[0] for p in portrait(job, "Job")].count("container") == 1
    assert portrait(other, kind) == portrait(job, "Job")


def test_the_pod_says_what_it_does(tmp_path):
    estate = estate_of(tmp_path, j__yaml=manifest("JobSet"))
    pod = only(estate, "workload")
    assert pod.address == "JobSet/ml/x"
    assert values(pod, "type", "accelerator", "host.network", "host.pid") == (
        "pod", True, True, False,
    )  # fmt: skip
    container = only(estate, "container")
    assert values(
        container, "privileged", "capabilities.added", "run_as_root", "image.pinned",
        "image.registry", "privilege_escalation", "accelerator",
    ) == (True, ("SYS_ADMIN", "NET_RAW"), True, False, "registry.lab.internal", True, True)  # fmt: skip
    assert container.fact("privileged").span.text == "privileged: true"
    assert pod.fact("host.network").span.text == "hostNetwork: true"
    disk = only(estate, "mount", host__path="/mnt/nvme")
    assert values(disk, "type", "host.sensitive", "path", "read_only") == (
        "host", False, "/ckpt", False,
    )  # fmt: skip
    assert targets(estate, disk, "is backed by") == ["hostPath:/mnt/nvme"]
    assert ("referenced", "JobSet/ml/x writes weights to /ckpt/run") in said(disk)
    assert targets(estate, pod, "writes") == ["hostPath:/mnt/nvme"]
    socket = only(estate, "mount", host__path="/var/run/docker.sock")
    assert value(socket, "host.sensitive") is True
    assert said(socket) == []


@pytest.mark.parametrize(
    ("path", "sensitive"),
    [
        ("/", True), ("/etc", True), ("/etc/kubernetes", True), ("/proc", True),
        ("/var/run/docker.sock", True), ("/run/containerd/containerd.sock", True),
        ("/var/lib/kubelet/pods", True), ("/dev", True), ("/dev/sda", True), ("/dev/shm", False),
        ("/dev/infiniband", False), ("/dev/infiniband/uverbs0", False), ("/dev/shm/../sda", True),
        ("/mnt/nvme", False), ("/data//x/", False), ("/etcetera", False), ("/etc/localtime", False),
        ("/root", True), ("/var", True), ("/var/scratch", False), ("${DISK}", "?"),
        ("/root/models", False),
        ("/root/.cache/huggingface", False),
        ("/root/.ssh/keys", True),
        ("/home/ubuntu/.kube/config", True),
        ("/home/ubuntu/models", False),
        ("/home", True),
    ],
)  # fmt: skip
def test_host_paths(tmp_path, path, sensitive):
    estate = estate_of(
        tmp_path,
        p__yaml=f"""\
        apiVersion: v1
        kind: Pod
        metadata: {{name: p}}
        spec:
          containers: [{{name: a, image: b, volumeMounts: [{{name: v, mountPath: /x}}]}}]
          volumes: [{{name: v, hostPath: {{path: "{path}"}}}}]
        """,
    )
    assert value(only(estate, "mount"), "host.sensitive") == sensitive


@pytest.mark.parametrize(
    ("volume", "kind", "store"),
    [
        ("emptyDir: {}", "empty-disk", "node-disk"),
        ("emptyDir: {medium: Memory}", "empty-memory", "memory"),
        ("emptyDir: {medium: '${M}'}", "?", None),
        ("hostPath: {path: /mnt}", "host", "node-disk"),
        ("configMap: {name: a}", "config", None),
        ("secret: {secretName: a}", "config", None),
        ("image: {reference: a}", "image", None),
        ("nfs: {server: a, path: /b}", "file", "file"),
        ("persistentVolumeClaim: {claimName: absent}", "claim", "claim"),
        ("persistentVolumeClaim: {claimName: local}", "local-volume", "node-disk"),
        ("persistentVolumeClaim: {claimName: bucket}", "object", "object"),
        ("persistentVolumeClaim: {claimName: disk}", "block", "block"),
        ("csi: {driver: gcsfuse.csi.storage.gke.io, volumeAttributes: {bucketName: w}}",
         "object", "object"),
        ("csi: {driver: nobody.knows}", "other", None),
        ("ephemeral: {volumeClaimTemplate: {spec: {storageClassName: nvme}}}",
         "local-volume", "node-disk"),
    ],
)  # fmt: skip
def test_volumes_are_what_they_lie_in(tmp_path, volume, kind, store):
    estate = estate_of(
        tmp_path,
        storage__yaml="""\
        apiVersion: v1
        kind: PersistentVolumeClaim
        metadata: {name: local}
        spec: {storageClassName: nvme}
        ---
        apiVersion: v1
        kind: PersistentVolumeClaim
        metadata: {name: disk}
        spec: {storageClassName: gp3}
        ---
        apiVersion: v1
        kind: PersistentVolumeClaim
        metadata: {name: bucket}
        spec: {volumeName: pv}
        ---
        apiVersion: v1
        kind: PersistentVolume
        metadata: {name: pv}
        spec: {csi: {driver: s3.csi.aws.com, volumeHandle: h, volumeAttributes: {bucketName: weights}}}
        ---
        apiVersion: storage.k8s.io/v1
        kind: StorageClass
        metadata: {name: nvme}
        provisioner: rancher.io/local-path
        ---
        apiVersion: storage.k8s.io/v1
        kind: StorageClass
        metadata: {name: gp3}
        provisioner: ebs.csi.aws.com
        """,
        pod__yaml=f"""\
        apiVersion: v1
        kind: Pod
        metadata: {{name: p}}
        spec:
          containers: [{{name: a, image: b, volumeMounts: [{{name: v, mountPath: /x}}]}}]
          volumes:
          - name: v
            {volume}
        """,
    )
    mount = only(estate, "mount")
    assert value(mount, "type") == kind
    behind = [e.target for e in estate.edges_from(mount, "is backed by")]
    assert [value(s, "type") for s in behind] == ([store] if store else [])


def test_a_claim_leads_through_its_volume_to_the_bucket(tmp_path):
    estate = estate_of(
        tmp_path,
        x__yaml="""\
        apiVersion: v1
        kind: PersistentVolume
        metadata: {name: pv}
        spec:
          claimRef: {namespace: ml, name: runs}
          csi:
            driver: blob.csi.azure.com
            volumeAttributes: {storageAccount: acct, containerName: runs}
        ---
        apiVersion: v1
        kind: PersistentVolumeClaim
        metadata: {name: runs, namespace: ml}
        spec: {}
        """,
    )
    claim = next(
        s for s in estate.of("store") if s.name.startswith("PersistentVolumeClaim")
    )
    (volume,) = (e.target for e in estate.edges_from(claim, "is backed by"))
    assert targets(estate, volume, "is backed by") == [
        "abfss://runs@acct.dfs.core.windows.net"
    ]


@pytest.mark.parametrize(
    ("image", "pinned", "registry"),
    [
        ("a", False, "docker.io"),
        ("a/b:1", False, "docker.io"),
        ("r.io/a/b", False, "r.io"),
        ("localhost:5000/a", False, "localhost:5000"),
        ("r.io/a@sha256:" + "0" * 64, True, "r.io"),
        ("${IMAGE}", "?", "?"),
        ("r.io/a:${TAG}", "?", "r.io"),
        ("r.io/PROJECT_ID/a:1", "?", "r.io"),
        ("r.io/a:V1", False, "r.io"),
        ("IMAGE_NAME", "?", "?"),
        (":1.0.0", "?", "?"),
        ("r.io/:v1", "?", "r.io"),
        ("r.io/a@sha256:${DIGEST}", True, "r.io"),
        ("${REG}/a@sha256:" + "0" * 64, True, "?"),
    ],
)
def test_images(tmp_path, image, pinned, registry):
    estate = estate_of(
        tmp_path,
        p__yaml=f"""\
        apiVersion: v1
        kind: Pod
        metadata: {{name: p}}
        spec: {{containers: [{{name: a, image: "{image}"}}]}}
        """,
    )
    assert values(only(estate, "container"), "image.pinned", "image.registry") == (
        pinned,
        registry,
    )


@pytest.mark.parametrize(
    ("context", "pod", "root"),
    [
        ("{}", "{}", None),
        ("{runAsUser: 0}", "{}", True),
        ("{runAsUser: 1000}", "{runAsUser: 0}", False),
        ("{}", "{runAsUser: 0}", True),
        ("{runAsNonRoot: false}", "{}", None),
        ("{runAsNonRoot: true}", "{}", False),
        ("{runAsUser: '${UID}'}", "{}", "?"),
    ],
)
def test_users(tmp_path, context, pod, root):
    estate = estate_of(
        tmp_path,
        p__yaml=f"""\
        apiVersion: v1
        kind: Pod
        metadata: {{name: p}}
        spec:
          securityContext: {pod}
          containers: [{{name: a, image: b, securityContext: {context}}}]
        """,
    )
    assert value(only(estate, "container"), "run_as_root") == root


@pytest.mark.parametrize(
    ("resources", "rest", "asks"),
    [
        ("{limits: {nvidia.com/gpu: 1}}", "", True),
        ("{limits: {nvidia.com/gpu: 0}}", "", False),
        ("{limits: {nvidia.com/gpu: $N}}", "", True),
        ("{requests: {aws.amazon.com/neuroncore: 2}}", "", True),
        ("{limits: {google.com/tpu: 4}}", "", True),
        ("{limits: {amd.com/gpu: 4}}", "", True),
        ("{limits: {habana.ai/gaudi: 4}}", "", True),
        ("{limits: {cpu: 4}}", "", False),
        (
            "{}",
            "nodeSelector: {cloud.google.com/gke-accelerator: nvidia-h100-80gb}",
            True,
        ),
        ("{}", "nodeSelector: {node.kubernetes.io/instance-type: p5.48xlarge}", True),
        ("{}", "nodeSelector: {node.kubernetes.io/instance-type: m5.large}", False),
        ("{}", "tolerations: [{key: nvidia.com/gpu, operator: Exists}]", False),
    ],
)
def test_accelerators(tmp_path, resources, rest, asks):
    estate = estate_of(
        tmp_path,
        p__yaml=f"""\
        apiVersion: v1
        kind: Pod
        metadata: {{name: p}}
        spec:
          {rest or "restartPolicy: Never"}
          containers: [{{name: a, image: b, resources: {resources}}}]
        """,
    )
    assert value(only(estate, "workload"), "accelerator") is asks


@pytest.mark.parametrize(
    ("name", "image", "infrastructure"),
    [
        (
            "nvidia-device-plugin-daemonset",
            "nvcr.io/nvidia/k8s-device-plugin:v0.17.0",
            True,
        ),
        ("nvidia-device-plugin-daemonset", "evil.io/nvidia/k8s-device-plugin:v1", None),
        ("trainer", "nvcr.io/nvidia/k8s-device-plugin:v0.17.0", None),
        ("cilium", "quay.io/cilium/cilium:v1.16.0", True),
        ("cilium", "quay.io/ciliumx/cilium:v1.16.0", None),
        (
            "aws-node",
            "602401143452.dkr.ecr.us-west-2.amazonaws.com/amazon-k8s-cni:v1",
            True,
        ),
    ],
)
def test_infrastructure_needs_name_and_registry(tmp_path, name, image, infrastructure):
    estate = estate_of(
        tmp_path,
        p__yaml=f"""\
        apiVersion: apps/v1
        kind: DaemonSet
        metadata: {{name: {name}, namespace: kube-system}}
        spec: {{template: {{spec: {{containers: [{{name: a, image: "{image}"}}]}}}}}}
        """,
    )
    assert value(only(estate, "workload"), "infrastructure") is infrastructure


@pytest.mark.parametrize(
    ("name", "images", "unknown"),
    [
        ("nvidia-driver-daemonset", ["FILLED BY THE OPERATOR"], True),
        ("nvidia-driver-daemonset", ["FILLED BY THE OPERATOR", "evil.io/x"], False),
        ("nvidia-driver-daemonset", ["<IMAGE>", "nvcr.io/nvidia/driver:1"], True),
        ("trainer", ["FILLED BY THE OPERATOR"], False),
    ],
)
def test_an_image_that_is_not_known_leaves_a_listed_name_undecided(
    tmp_path, name, images, unknown
):
    containers = ", ".join(
        f'{{name: c{n}, image: "{image}"}}' for n, image in enumerate(images)
    )
    estate = estate_of(
        tmp_path,
        p__yaml=f"""\
        apiVersion: apps/v1
        kind: DaemonSet
        metadata: {{name: {name}, namespace: kube-system}}
        spec: {{template: {{spec: {{containers: [{containers}]}}}}}}
        """,
    )
    found = value(only(estate, "workload"), "infrastructure")
    assert found == ("?" if unknown else None)


def test_a_neighbour_with_a_foreign_image_spoils_the_allow_list(tmp_path):
    estate = estate_of(
        tmp_path,
        p__yaml="""\
        apiVersion: apps/v1
        kind: DaemonSet
        metadata: {name: cilium, namespace: kube-system}
        spec:
          template:
            spec:
              containers:
              - {name: a, image: "quay.io/cilium/cilium:v1.16.0"}
              - {name: b, image: "docker.io/someone/shell"}
        """,
    )
    assert value(only(estate, "workload"), "infrastructure") is None


def test_admission_patterns_are_no_pods(tmp_path):
    estate = estate_of(
        tmp_path,
        p__yaml="""\
        apiVersion: kyverno.io/v1
        kind: ClusterPolicy
        metadata: {name: p}
        spec: {rules: [{validate: {pattern: {spec: {containers: [{name: "*", image: "*"}]}}}}]}
        """,
    )
    assert list(estate.of("workload")) == []


def test_service_accounts_and_cloud_identities(tmp_path):
    estate = estate_of(
        tmp_path,
        p__yaml="""\
        apiVersion: v1
        kind: ServiceAccount
        metadata:
          name: t
          namespace: ml
          annotations: {eks.amazonaws.com/role-arn: "arn:aws:iam::111111111111:role/train"}
        ---
        apiVersion: v1
        kind: Pod
        metadata: {name: p, namespace: ml}
        spec: {serviceAccountName: t, containers: [{name: a, image: b}]}
        ---
        apiVersion: v1
        kind: Pod
        metadata: {name: q, namespace: ml}
        spec: {containers: [{name: a, image: b}]}
        """,
    )
    pods = list(estate.of("workload"))
    assert [targets(estate, p, "runs as") for p in pods] == [
        ["ServiceAccount/ml/t"],
        ["ServiceAccount/ml/default"],
    ]
    account = estate.find("identity", "ServiceAccount/ml/t")
    assert targets(estate, account, "becomes") == [
        "arn:aws:iam::111111111111:role/train"
    ]


@pytest.mark.parametrize(
    ("subject", "role", "public"),
    [
        ("{kind: Group, name: 'system:authenticated'}", "admin", True),
        ("{kind: User, name: 'system:anonymous'}", "view", True),
        ("{kind: Group, name: 'system:authenticated'}", "system:discovery", False),
        ("{kind: Group, name: 'system:serviceaccounts'}", "admin", False),
        ("{kind: User, name: alice}", "admin", False),
        ("{kind: ServiceAccount, name: x, namespace: y}", "admin", False),
    ],
)
def test_bindings_to_everyone(tmp_path, subject, role, public):
    estate = estate_of(
        tmp_path,
        p__yaml=f"""\
        apiVersion: rbac.authorization.k8s.io/v1
        kind: ClusterRoleBinding
        metadata: {{name: b}}
        roleRef: {{kind: ClusterRole, name: "{role}"}}
        subjects: [{subject}]
        """,
    )
    assert value(only(estate, "binding"), "public.principal") is public


def test_several_templates_have_addresses_of_their_own(tmp_path):
    estate = estate_of(
        tmp_path,
        p__yaml="""\
        apiVersion: ray.io/v1
        kind: RayCluster
        metadata: {name: r, namespace: ml}
        spec:
          headGroupSpec:
            template: {spec: {containers: [{name: head, image: a}]}}
          workerGroupSpecs:
          - groupName: gpu
            template: {spec: {containers: [{name: w, image: a}]}}
          - groupName: cpu
            template: {spec: {containers: [{name: w, image: a}]}}
        """,
    )
    assert [w.address for w in estate.of("workload")] == [
        "RayCluster/ml/r",
        "RayCluster/ml/r#gpu",
        "RayCluster/ml/r#cpu",
    ]


@pytest.mark.parametrize(
    ("image", "people"),
    [
        ("ghcr.io/kubeflow/kubeflow/notebook-servers/codeserver-python:v1", True),
        ("tensorflow/tensorflow:2.15.0-jupyter", True),
        ("quay.io/jupyter/base-notebook@sha256:" + "a" * 64, True),
        ("docker.io/kubeflownotebookswg/jupyter-scipy:v1.9.2", True),
        ("docker.io/kubeflownotebookswg/centraldashboard:v1.9.2", None),
        ("docker.io/kubeflownotebookswg/kfam:v1.9.2", None),
        ("ghcr.io/kubeflow/kubeflow/notebook-controller:v1", None),
        ("quay.io/jupyterhub/k8s-hub:4.0.0", None),
        ("lab/train:1", None),
    ],
)
def test_people_work_in_notebooks_not_in_what_runs_them(tmp_path, image, people):
    estate = estate_of(
        tmp_path,
        p__yaml=f"""\
        apiVersion: v1
        kind: Pod
        metadata: {{name: a}}
        spec: {{containers: [{{name: a, image: "{image}"}}]}}
        """,
    )
    trace(estate)
    assert value(only(estate, "workload"), "session.notebook") is people


def test_a_command_that_a_template_s_action_wrote_whole(tmp_path):
    helper = """
    {{- define "app.pods" }}
    apiVersion: v1
    kind: Pod
    metadata: {name: p}
    spec:
      containers:
        - name: c
          image: busybox@sha256:%s
          command: ["sh", "-c"]
          args:
            - |
              set -e
              aws s3 cp /w/model.safetensors s3://elsewhere/{{ .Values.name }}
    {{- end }}
    """ % ("0" * 64)
    estate = estate_of(
        tmp_path,
        Chart__yaml="apiVersion: v2\nname: app\nversion: 0.1.0\n",
        values__yaml="name: x\n",
        templates____helpers__tpl=helper,
        templates___pods__yaml='{{ include "app.pods" . }}\n',
    )
    [upload] = estate.of("upload")
    assert upload.span.path in ("templates/pods.yaml", "templates/_helpers.tpl")
