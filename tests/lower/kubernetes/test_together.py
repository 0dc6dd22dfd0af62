"""Pods that run one model together: groups of leaders and workers, halves of a service."""

from __future__ import annotations

import pytest
from manifests import estate_of, said, targets, values

from mlsec_lint.scan import read, survey

GPU = "resources: {limits: {nvidia.com/gpu: 8}}"
GROUP = """
apiVersion: leaderworkerset.x-k8s.io/v1
kind: LeaderWorkerSet
metadata: {name: llm, namespace: ml}
spec:
  leaderWorkerTemplate:
    leaderTemplate:
      spec:
        containers:
          - name: leader
            image: vllm/vllm-openai:v0.11.0
            command: [vllm, serve, %s, --tensor-parallel-size, "8"]
            resources: {limits: {nvidia.com/gpu: 8}}
            volumeMounts: [{name: models, mountPath: /models}]
        volumes: [{name: models, persistentVolumeClaim: {claimName: models}}]
    workerTemplate:
      spec:
        containers:
          - name: worker
            image: vllm/vllm-openai:v0.11.0
            command: [sh, -c, "ray start --block --address=$(LWS_LEADER_ADDRESS):6379"]
            %s
"""
SHARED = """%s
            volumeMounts: [{name: m, mountPath: /models}]
        volumes: [{name: m, persistentVolumeClaim: {claimName: models}}]"""
CLAIM = "PersistentVolumeClaim/ml/models"


@pytest.mark.parametrize(
    ("model", "worker", "reads", "held"),
    [
        ("s3://lab-weights/llm", GPU, ["s3://lab-weights"], True),
        ("/models/llm", SHARED % GPU, [CLAIM], True),
        ("/models/llm", GPU, [], True),
        ("/other/llm", GPU, [], True),
        ("s3://lab-weights/llm", "env: []", [], False),
    ],
)
def test_workers_hold_what_their_leader_serves(tmp_path, model, worker, reads, held):
    estate = estate_of(tmp_path, a__yaml=GROUP % (model, worker))
    found = estate.find("workload", "LeaderWorkerSet/ml/llm#worker")
    assert targets(estate, found, "reads") == reads
    assert bool(said(found)) is held


def test_workers_fetch_the_model_that_their_leader_names(tmp_path):
    estate = estate_of(tmp_path, a__yaml=GROUP % ("lab/llm", GPU))
    leader = estate.find("workload", "LeaderWorkerSet/ml/llm")
    worker = estate.find("workload", "LeaderWorkerSet/ml/llm#worker")
    assert (
        targets(estate, worker, "fetches") == targets(estate, leader, "fetches") != []
    )


SERVICE = """
apiVersion: serving.kserve.io/v1alpha2
kind: LLMInferenceService
metadata: {name: llm, namespace: ml}
spec:
  model: {uri: "%s", name: lab/llm}
  %s
"""
POD = "{containers: [{name: main, resources: {limits: {nvidia.com/gpu: 8}}}]}"
ROLES = f"""template: {POD}
  worker: {POD}
  prefill: {{template: {POD}, worker: {POD}}}
  router: {{scheduler: {{template: {{containers: [{{name: epp, image: x/y}}]}}}}}}
"""
NAMES = ["", "#worker", "#prefill", "#prefill-worker"]


@pytest.mark.parametrize(
    ("uri", "store"),
    [("pvc://models/llm", CLAIM), ("s3://lab-weights/llm", "s3://lab-weights")],
)
def test_every_half_and_host_of_a_service_has_the_model(tmp_path, uri, store):
    estate = estate_of(tmp_path, a__yaml=SERVICE % (uri, ROLES))
    for name in NAMES:
        found = estate.find("workload", f"LLMInferenceService/ml/llm{name}")
        assert targets(estate, found, "reads") == [store]
        assert values(found, "accelerator") == (True,)
    scheduler = estate.find("workload", "LLMInferenceService/ml/llm#scheduler")
    assert targets(estate, scheduler, "reads") == []


@pytest.mark.parametrize(
    ("more", "names"),
    [
        ("replicas: 1", [""]),
        ("template: {nodeSelector: {a: b}}", [""]),
        ("prefill: {replicas: 2}", ["", "#prefill"]),
        ("worker: {serviceAccountName: w}", ["", "#worker"]),
    ],
)
def test_a_service_has_pods_where_its_presets_name_the_containers(
    tmp_path, more, names
):
    estate = estate_of(tmp_path, a__yaml=SERVICE % ("gs://lab-weights/llm", more))
    pods = list(estate.of("workload"))
    assert [p.address for p in pods] == [
        f"LLMInferenceService/ml/llm{n}" for n in names
    ]
    assert all(targets(estate, p, "reads") == ["gs://lab-weights"] for p in pods)
    assert not list(estate.of("container"))


def test_what_a_service_does_not_say_its_base_does(tmp_path):
    base = """---
apiVersion: serving.kserve.io/v1alpha2
kind: LLMInferenceServiceConfig
metadata: {name: big, namespace: ml}
spec:
  template:
    serviceAccountName: reader
    containers: [{name: main, image: x/vllm, resources: {limits: {nvidia.com/gpu: 8}}}]
"""
    more = (
        "baseRefs: [{name: big}]\n  template: {containers: [{name: main, image: x/y}]}"
    )
    estate = estate_of(tmp_path, a__yaml=SERVICE % ("pvc://models", more) + base)
    pod = estate.find("workload", "LLMInferenceService/ml/llm")
    assert values(pod, "accelerator") == (True,)
    assert targets(estate, pod, "runs as") == ["ServiceAccount/ml/reader"]
    box = estate.find("container", "LLMInferenceService/ml/llm/containers/main")
    assert values(box, "image.reference") == ("x/y",)


def test_the_other_hosts_of_an_inference_service(tmp_path):
    estate = estate_of(
        tmp_path,
        a__yaml=f"""
        apiVersion: serving.kserve.io/v1beta1
        kind: InferenceService
        metadata: {{name: llm, namespace: ml}}
        spec:
          predictor:
            model: {{modelFormat: {{name: huggingface}}, storageUri: "s3://lab-weights/x"}}
            workerSpec: {{containers: [{{name: worker-container, image: x/y, {GPU}}}]}}
          transformer: {{containers: [{{name: t, image: x/y}}]}}
        """,
    )
    for name, stores in (
        ("", ["s3://lab-weights"]),
        ("#worker", ["s3://lab-weights"]),
        ("#transformer", []),
    ):
        found = estate.find("workload", f"InferenceService/ml/llm{name}")
        assert targets(estate, found, "reads") == stores


def test_a_transformer_that_stands_first_has_no_model(tmp_path):
    estate = estate_of(
        tmp_path,
        a__yaml="""
        apiVersion: serving.kserve.io/v1beta1
        kind: InferenceService
        metadata: {name: llm, namespace: ml}
        spec:
          transformer: {containers: [{name: t, image: x/y}]}
          predictor:
            model: {modelFormat: {name: sklearn}, storageUri: "s3://lab-weights/x"}
        """,
    )
    first = estate.find("workload", "InferenceService/ml/llm")
    assert targets(estate, first, "reads") == []
    assert not said(first)
    found = estate.find("workload", "InferenceService/ml/llm#predictor")
    assert targets(estate, found, "reads") == ["s3://lab-weights"]
    assert [p.fact("weights.format.model").value for p in estate.of("program")] == [
        "sklearn"
    ]


RUNTIME = """---
apiVersion: trainer.kubeflow.org/v1alpha1
kind: ClusterTrainingRuntime
metadata: {name: torch}
spec:
  template:
    spec:
      replicatedJobs:
        - name: node
          template:
            spec:
              template:
                spec:
                  containers: [{name: node, image: x/y, securityContext: {privileged: true}}]
"""
PATCHED = """
apiVersion: trainer.kubeflow.org/v1alpha1
kind: TrainJob
metadata: {name: t, namespace: ml}
spec:
  runtimeRef: {name: torch}
  trainer: {image: lab/train}
  runtimePatches:
    - manager: lab
      trainingRuntimeSpec:
        template:
          spec:
            replicatedJobs:
              - name: %s
                template:
                  spec:
                    template:
                      spec:
                        serviceAccountName: trainer
                        hostNetwork: true
                        containers: [{name: node, securityContext: {privileged: false}}]
"""


@pytest.mark.parametrize(
    ("job", "runtime", "account", "network", "privileged"),
    [
        ("node", RUNTIME, "trainer", True, False),
        ("node", "", "trainer", True, False),
        ("other", RUNTIME, "default", False, True),
    ],
)
def test_patches_of_a_training_runtime(
    tmp_path, job, runtime, account, network, privileged
):
    estate = estate_of(tmp_path, a__yaml=PATCHED % job + runtime)
    pod = estate.find("workload", "TrainJob/ml/t")
    assert targets(estate, pod, "runs as") == [f"ServiceAccount/ml/{account}"]
    assert values(pod, "host.network") == (network,)
    (box,) = [edge.target for edge in estate.edges_from(pod, "has")]
    assert values(box, "image.reference", "privileged") == ("lab/train", privileged)


def test_the_initializer_of_kserve_fills_a_volume(tmp_path):
    estate = estate_of(
        tmp_path,
        a__yaml="""
        apiVersion: v1
        kind: Pod
        metadata: {name: fill, namespace: ml}
        spec:
          containers:
            - name: fill
              image: quay.io/opendatahub/kserve-storage-initializer:v0.15
              args: ["s3://lab-weights/llm", /mnt/models, "gs://lab-more/l", /mnt/models/l]
              volumeMounts: [{name: v, mountPath: /mnt/models}]
          volumes: [{name: v, persistentVolumeClaim: {claimName: models}}]
        """,
    )
    pod = estate.find("workload", "Pod/ml/fill")
    assert targets(estate, pod, "reads") == ["s3://lab-weights", "gs://lab-more"]
    assert set(targets(estate, pod, "writes")) == {CLAIM}
    assert all(edge.certain for edge in estate.edges_from(pod, "writes"))
    assert said(estate.find("store", CLAIM))


OWN = """
apiVersion: serving.kserve.io/v1beta1
kind: InferenceService
metadata: {name: llm, namespace: ml}
spec:
  predictor:
    containers: [{name: main, image: x/y, env: [{name: STORAGE_URI, value: "%s"}]}]
"""


@pytest.mark.parametrize(
    ("uri", "store"),
    [("pvc://models/llm", CLAIM), ("s3://lab-weights/llm", "s3://lab-weights")],
)
def test_a_server_of_ones_own_in_kserve(tmp_path, uri, store):
    estate = estate_of(tmp_path, a__yaml=OWN % uri)
    found = estate.find("workload", "InferenceService/ml/llm")
    assert targets(estate, found, "reads") == [store]


@pytest.mark.parametrize(
    ("uri", "pinned"),
    [
        ("https://models.example/x.joblib", False),
        (f"https://models.example/raw/{'a' * 40}/x.joblib", True),
        ("https://lab-bucket.s3.amazonaws.com/x.joblib", None),
    ],
)
def test_a_model_of_a_web_host(tmp_path, uri, pinned):
    text = OWN.partition("    containers")[0]
    text += f"    model: {{modelFormat: {{name: sklearn}}, storageUri: '{uri}'}}\n"
    (tmp_path / "a.yaml").write_text(text)
    estate = survey(read(str(tmp_path)))
    found = [t.fact("pinned").value for t in estate.of("fetch")]
    assert found == ([] if pinned is None else [pinned])


def test_a_model_image_that_the_initializer_fetches(tmp_path):
    text = SERVICE % ("oci+fetch://registry.lab.example/llm:1", "replicas: 1")
    (tmp_path / "a.yaml").write_text(text)
    estate = survey(read(str(tmp_path)))
    assert estate.find("image", "LLMInferenceService/ml/llm#model") is not None


MPI = """
apiVersion: kubeflow.org/v2beta1
kind: MPIJob
metadata: {name: m, namespace: ml}
spec:
  mpiReplicaSpecs:
    %s
    Worker:
      template:
        spec:
          containers:
            - name: w
              image: x/y
              resources: {limits: {nvidia.com/gpu: 8}}
              volumeMounts: [{name: v, mountPath: /fsx}]
          volumes: [{name: v, persistentVolumeClaim: {claimName: models}}]
"""
LAUNCHER = """Launcher:
      template:
        spec:
          containers:
            - {name: l, image: x/y, command: [mpirun, -np, "8", python, t.py, %s]}"""


@pytest.mark.parametrize(
    ("flags", "written"),
    [
        ("--output_dir, /fsx/out, --num_train_epochs, '1'", CLAIM),
        ("--checkpoint_dir, /fsx/out", CLAIM),
        (
            "--output_dir, 's3://lab-weights/x', --num_train_epochs, '1'",
            "s3://lab-weights",
        ),
    ],
)
def test_workers_of_an_mpi_job_have_the_volumes(tmp_path, flags, written):
    estate = estate_of(tmp_path, a__yaml=MPI % (LAUNCHER % flags))
    for name in ("", "#Worker"):
        found = estate.find("workload", f"MPIJob/ml/m{name}")
        assert targets(estate, found, "writes") == [written]
        assert said(found)
