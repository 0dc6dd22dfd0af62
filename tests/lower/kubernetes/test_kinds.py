"""What single kinds say beside their pod templates, and where templates hide."""

from __future__ import annotations

import pytest
from manifests import estate_of, only, said, targets, value, values

from mlsec_lint.scan import read, survey

POD = "{containers: [{name: c, image: a, securityContext: {privileged: true}}]}"


@pytest.mark.parametrize(
    ("kind", "version", "spec"),
    [
        ("Deployment", "apps/v1", "template: {spec: POD}"),
        ("CronJob", "batch/v1", "jobTemplate: {spec: {template: {spec: POD}}}"),
        ("TFJob", "kubeflow.org/v1", "tfReplicaSpecs: {Worker: {template: {spec: POD}}}"),
        ("MPIJob", "kubeflow.org/v2beta1", "mpiReplicaSpecs: {Launcher: {template: {spec: POD}}}"),
        ("LeaderWorkerSet", "leaderworkerset.x-k8s.io/v1",
         "leaderWorkerTemplate: {workerTemplate: {spec: POD}}"),
        ("Job", "batch.volcano.sh/v1alpha1", "tasks: [{name: t, template: {spec: POD}}]"),
        ("Experiment", "kubeflow.org/v1beta1",
         "trialTemplate: {trialSpec: {apiVersion: batch/v1, kind: Job, spec: {template: {spec: POD}}}}"),
        ("RayJob", "ray.io/v1", "rayClusterSpec: {headGroupSpec: {template: {spec: POD}}}"),
        ("RayService", "ray.io/v1", "rayClusterConfig: {headGroupSpec: {template: {spec: POD}}}"),
        ("Notebook", "kubeflow.org/v1", "template: {spec: POD}"),
        ("InferenceService", "serving.kserve.io/v1beta1", "predictor: POD"),
        ("ServingRuntime", "serving.kserve.io/v1alpha1", "containers: [C]"),
        ("LLMInferenceService", "serving.kserve.io/v1alpha1", "template: POD"),
        ("ClusterTrainingRuntime", "trainer.kubeflow.org/v1alpha1",
         "template: {spec: {replicatedJobs: [{name: node, template: {spec: {template: {spec: POD}}}}]}}"),
        ("Workflow", "argoproj.io/v1alpha1",
         "templates: [{name: t, container: {image: a, securityContext: {privileged: true}}}]"),
        ("AppWrapper", "workload.codeflare.dev/v1beta2",
         "components: [{template: {apiVersion: v1, kind: Pod, spec: POD}}]"),
    ],
)  # fmt: skip
def test_where_pod_templates_stand(tmp_path, kind, version, spec):
    one = "{name: c, image: a, securityContext: {privileged: true}}"
    body = spec.replace("POD", POD).replace("C]", one + "]")
    estate = estate_of(
        tmp_path,
        x__yaml=f"apiVersion: {version}\nkind: {kind}\nmetadata: {{name: n}}\nspec: {{{body}}}\n",
    )
    assert value(only(estate, "container"), "privileged") is True
    assert only(estate, "workload").address == f"{kind}/default/n"


RAY = """\
apiVersion: ray.io/v1
kind: {kind}
metadata: {{name: r, namespace: ml}}
spec:
  {extra}
  {cluster}:
    headGroupSpec:
      template:
        spec:
          containers:
          - {{name: h, image: a, volumeMounts: [{{name: v, mountPath: /runs}}]}}
          volumes: [{{name: v, persistentVolumeClaim: {{claimName: runs}}}}]
    workerGroupSpecs:
    - groupName: gpu
      template: {{spec: {{containers: [{{name: w, image: a, resources: {{limits: {{nvidia.com/gpu: 8}}}}}}]}}}}
"""


def test_a_ray_job_runs_its_entrypoint_in_the_cluster(tmp_path):
    estate = estate_of(
        tmp_path,
        r__yaml=RAY.format(
            kind="RayJob",
            cluster="rayClusterSpec",
            extra="entrypoint: python -m x.sft --init s3://a/b --storage-path /runs/x --report_to wandb\n"
            '  runtimeEnvYAML: "env_vars: {WANDB_MODE: offline}"',
        ),
    )
    head = estate.find("workload", "RayJob/ml/r")
    assert targets(estate, head, "reads") == ["s3://a"]
    assert targets(estate, head, "writes") == ["PersistentVolumeClaim/ml/runs"]
    assert value(only(estate, "upload"), "enabled") is False


def test_a_ray_service_is_read_in_its_inner_yaml(tmp_path):
    estate = estate_of(
        tmp_path,
        r__yaml=RAY.format(
            kind="RayService",
            cluster="rayClusterConfig",
            extra="""serveConfigV2: |
    applications:
    - name: llm
      args:
        llm_configs:
        - model_loading_config: {model_source: s3://m/x}
          engine_kwargs: {trust_remote_code: true}
      runtime_env: {env_vars: {MODEL_ID: /runs/m}}""",
        ),
    )
    head = estate.find("workload", "RayService/ml/r")
    assert targets(estate, head, "reads") == ["s3://m", "PersistentVolumeClaim/ml/runs"]
    fact = only(estate, "program").fact("remote_code.trusted")
    assert (fact.value, fact.span.line) == (True, 11)
    assert fact.span.resolved().text == "trust_remote_code: true"


RUNTIME = """\
apiVersion: trainer.kubeflow.org/v1alpha1
kind: ClusterTrainingRuntime
metadata: {name: torch}
spec:
  template:
    spec:
      replicatedJobs:
      - name: model-initializer
        template: {spec: {template: {spec: {containers: [{name: i, image: init}]}}}}
      - name: node
        template:
          spec:
            template:
              spec:
                containers: [{name: node, image: base, securityContext: {privileged: true}}]
"""
TRAIN = """\
apiVersion: trainer.kubeflow.org/v1alpha1
kind: TrainJob
metadata: {name: t, namespace: ml}
spec:
  runtimeRef: {name: torch}
  trainer:
    image: lab/train:1
    command: [torchrun, t.py]
    args: [--output_dir, gs://w/x, --push_to_hub]
    env: [{name: HF_HUB_OFFLINE, value: "1"}]
    resourcesPerNode: {limits: {nvidia.com/gpu: 8}}
  initializer: {model: {storageUri: s3://base/x}}
  podTemplateOverrides:
  - targetJobs: [{name: node}]
    spec: {serviceAccountName: trainer, hostNetwork: true}
"""


@pytest.mark.parametrize("runtime", [RUNTIME, None])
def test_a_train_job_is_joined_to_its_runtime(tmp_path, runtime):
    files = {"t__yaml": TRAIN}
    if runtime is not None:
        files["r__yaml"] = runtime
    estate = estate_of(tmp_path, **files)
    job = estate.find("workload", "TrainJob/ml/t")
    assert values(job, "accelerator", "host.network") == (True, True)
    assert targets(estate, job, "runs as") == ["ServiceAccount/ml/trainer"]
    assert targets(estate, job, "writes") == ["gs://w"]
    assert targets(estate, job, "reads") == ["s3://base"]
    (container,) = (e.target for e in estate.edges_from(job, "has"))
    assert value(container, "image.reference") == "lab/train:1"
    assert value(container, "privileged") is (runtime is not None)
    assert value(only(estate, "upload"), "enabled") is False


@pytest.mark.parametrize(
    ("form", "safe"),
    [("sklearn", False), ("lightgbm", False), ("huggingface", None), ("onnx", None)],
)
def test_kserve_models(tmp_path, form, safe):
    estate = estate_of(
        tmp_path,
        i__yaml=f"""\
        apiVersion: serving.kserve.io/v1beta1
        kind: InferenceService
        metadata: {{name: i}}
        spec:
          predictor:
            serviceAccountName: s
            model:
              modelFormat: {{name: {form}}}
              storageUri: s3://m/x
              args: [--trust-remote-code]
        """,
    )
    workload = only(estate, "workload")
    assert targets(estate, workload, "reads") == ["s3://m"]
    assert targets(estate, workload, "runs as") == ["ServiceAccount/default/s"]
    program = next(
        p for p in estate.of("program") if value(p, "weights.format.model") == form
    )
    assert value(program, "weights.format.safe") is safe


def test_a_served_claim_holds_weights(tmp_path):
    estate = estate_of(
        tmp_path,
        i__yaml="""\
        apiVersion: v1
        kind: PersistentVolumeClaim
        metadata: {name: m}
        spec: {}
        ---
        apiVersion: serving.kserve.io/v1beta1
        kind: InferenceService
        metadata: {name: i}
        spec: {predictor: {model: {modelFormat: {name: x}, storageUri: "pvc://m/a"}}}
        """,
    )
    assert said(estate.find("store", "PersistentVolumeClaim/default/m"))


@pytest.mark.parametrize(
    ("kind", "version", "spec", "verb", "store"),
    [
        ("Model", "kubeai.org/v1", "url: s3://m/x", "reads", ["s3://m"]),
        ("Model", "mlops.seldon.io/v1alpha1", "storageUri: gs://m/x", "reads", ["gs://m"]),
        ("NIMCache", "apps.nvidia.com/v1alpha1", "storage: {pvc: {name: c}}",
         "writes", ["PersistentVolumeClaim/default/c"]),
        ("NIMCache", "apps.nvidia.com/v1alpha1", "storage: {hostPath: /raid}", "writes", ["hostPath:/raid"]),
        ("Model", "other.io/v1", "url: s3://m/x", "reads", None),
        ("Model", "sagemaker.services.k8s.aws/v1alpha1",
         "primaryContainer: {image: a, modelDataURL: s3://m/x.tar.gz}", "reads", ["s3://m"]),
    ],
)  # fmt: skip
def test_model_objects(tmp_path, kind, version, spec, verb, store):
    estate = estate_of(
        tmp_path,
        m__yaml=f"apiVersion: {version}\nkind: {kind}\nmetadata: {{name: n}}\nspec: {{{spec}}}\n",
    )
    if store is None:
        assert list(estate.of("workload")) == []
        return
    assert targets(estate, only(estate, "workload"), verb) == store
    assert said(estate.find("store", store[0]))


def test_a_sagemaker_job_of_the_ack_controller(tmp_path):
    estate = estate_of(
        tmp_path,
        t__yaml="""\
        apiVersion: sagemaker.services.k8s.aws/v1alpha1
        kind: TrainingJob
        metadata: {name: t}
        spec:
          algorithmSpecification: {trainingImage: 1.dkr.ecr.us-east-1.amazonaws.com/t:1}
          outputDataConfig: {s3OutputPath: s3://out/x}
          checkpointConfig: {s3URI: s3://ck/x}
        """,
    )
    workload = only(estate, "workload")
    assert value(workload, "type") == "managed"
    assert targets(estate, workload, "writes") == ["s3://out", "s3://ck"]
    assert value(only(estate, "container"), "image.pinned") is False


def test_a_script_from_a_config_map_is_run(tmp_path):
    estate = estate_of(
        tmp_path,
        x__yaml="""\
        apiVersion: v1
        kind: ConfigMap
        metadata: {name: scripts}
        data:
          up.sh: |
            #!/bin/bash
            hf upload me/x /out
        ---
        apiVersion: batch/v1
        kind: Job
        metadata: {name: j}
        spec:
          template:
            spec:
              containers:
              - name: c
                image: a
                command: [bash, /s/up.sh]
                volumeMounts: [{name: s, mountPath: /s}]
              volumes: [{name: s, configMap: {name: scripts}}]
        """,
    )
    upload = only(estate, "upload")
    assert (value(upload, "channel"), upload.span.line) == ("hub", 7)


def test_environment_from_config_maps_and_references(tmp_path):
    estate = estate_of(
        tmp_path,
        x__yaml="""\
        apiVersion: v1
        kind: ConfigMap
        metadata: {name: c}
        data: {BUCKET: weights, WANDB_MODE: offline}
        ---
        apiVersion: v1
        kind: Pod
        metadata: {name: p}
        spec:
          containers:
          - name: c
            image: a
            resources: {limits: {nvidia.com/gpu: 1}}
            envFrom: [{configMapRef: {name: c}}]
            env:
            - {name: OUT, value: "s3://$(BUCKET)/x"}
            - {name: KEPT, value: "$(ABSENT)"}
            command: [torchrun, t.py, --output_dir, $(OUT), --report_to, wandb]
        """,
    )
    assert targets(estate, only(estate, "workload"), "writes")[0] == "s3://weights"
    upload = only(estate, "upload")
    assert value(upload, "enabled") is False
    assert upload.fact("enabled").span.line == 4


def test_an_object_in_two_roots_keeps_both_addresses(tmp_path):
    pod = "apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec: {containers: [{name: c, image: a}]}\n"
    estate = estate_of(tmp_path, a__yaml=pod, b__yaml=pod)
    assert [w.address for w in estate.of("workload")] == [
        "a.yaml:Pod/default/p",
        "b.yaml:Pod/default/p",
    ]


@pytest.mark.parametrize(
    ("provisioner", "parameters", "managed"),
    [
        ("ebs.csi.aws.com", "{kmsKeyId: 'arn:aws:kms:x'}", "customer"),
        ("ebs.csi.aws.com", "{kmsKeyId: alias/aws/ebs}", "provider"),
        ("ebs.csi.aws.com", "{encrypted: 'true'}", "provider"),
        ("ebs.csi.aws.com", "{}", "?"),
        ("pd.csi.storage.gke.io", "{}", "provider"),
        ("pd.csi.storage.gke.io", "{disk-encryption-kms-key: projects/x}", "customer"),
        ("disk.csi.azure.com", "{diskEncryptionSetID: x}", "customer"),
        ("nobody.knows", "{}", None),
    ],
)
def test_who_holds_the_key_of_a_claim(tmp_path, provisioner, parameters, managed):
    estate = estate_of(
        tmp_path,
        s__yaml=f"""\
        apiVersion: storage.k8s.io/v1
        kind: StorageClass
        metadata: {{name: s}}
        provisioner: {provisioner}
        parameters: {parameters}
        ---
        apiVersion: v1
        kind: PersistentVolumeClaim
        metadata: {{name: c}}
        spec: {{storageClassName: s}}
        """,
    )
    assert value(only(estate, "store"), "encryption.key.managed_by") == managed


def test_a_workload_without_a_pod_is_noted(tmp_path):
    estate = estate_of(
        tmp_path,
        d__yaml="apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: d}\nspec: {replicas: 1}\n",
    )
    assert [n.kind for n in estate.notes] == ["template-not-read"]


def test_a_claim_that_nobody_declares_is_a_store_of_the_model(tmp_path):
    (tmp_path / "i.yaml").write_text(
        "apiVersion: serving.kserve.io/v1beta1\nkind: InferenceService\n"
        "metadata: {name: i, namespace: serve}\n"
        "spec: {predictor: {model: {modelFormat: {name: x}, storageUri: 'pvc://m/a'}}}\n"
    )
    estate = survey(read(str(tmp_path)))
    (store,) = estate.of("store")

    assert store.address == "PersistentVolumeClaim/serve/m"
    assert store.fact("declared").value is False
    assert store.evidence[0].strength == "referenced"
    assert len(estate.edges_to(store, "reads")) == 1
