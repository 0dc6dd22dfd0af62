"""Kinds of operators that state a model in fields of their own: policies/data/model_kinds.json."""

from __future__ import annotations

import datetime as dt
import json

import pytest
from manifests import estate_of, only, said, targets, value, values

from mlsec_lint.estate.tables import document
from mlsec_lint.lower.kubernetes.model_kinds import model_rows
from mlsec_lint.scan import read, survey

_COLUMNS = {
    "kind", "group", "read", "source", "program", "parts", "made", "whole", "server", "servers",
    "pod", "container", "secrets", "gpus", "instance", "gpu_with", "profile", "models", "volumes",
    "images", "pushes", "expose", "selector", "owner", "literals", "groups", "disks", "switch", "formats",
}  # fmt: skip


def test_the_table_says_where_each_row_is_from():
    for row in model_rows():
        assert set(row) <= _COLUMNS, row["kind"]
        assert row["made"] in ("always", "else", "load", "none")
        assert dt.date.fromisoformat(row["read"]) <= dt.date(2026, 11, 24)
        assert row["source"]
        assert row["program"]
    keys = [
        (row["kind"], row["group"]) for row in document("model_kinds.json")["kinds"]
    ]
    assert len(keys) == len(set(keys))


def one(tmp_path, version, kind, body, more=""):
    text = (
        f"apiVersion: {version}\nkind: {kind}\nmetadata: {{name: n, namespace: ml}}\n"
    )
    return estate_of(tmp_path, a__yaml=text + body + "\n" + more)


KAITO = "kaito.sh/v1beta1"
GPU = "resource: {instanceType: Standard_NC24ads_A100_v4, labelSelector: {}}\n"


def test_a_preset_of_kaito_is_public(tmp_path):
    estate = one(
        tmp_path,
        KAITO,
        "Workspace",
        GPU
        + "inference: {preset: {name: phi-4, presetOptions: {modelAccessSecret: hf}}}",
    )
    workload = only(estate, "workload")
    assert (workload.address, value(workload, "accelerator")) == (
        "Workspace/ml/n",
        True,
    )
    assert workload.fact("accelerator").span.line == 4
    assert not said(workload)
    assert list(estate.of("fetch")) == []
    assert workload.fact("host.network") is None  # its operator decides


@pytest.mark.parametrize(
    ("resource", "expected"),
    [
        ("resource: {instanceType: Standard_NC6s_v3}", True),
        ("resource: {instanceType: Standard_D8s_v5}", False),
        ("resource: {labelSelector: {}}", True),
    ],
)
def test_machines_of_kaito(tmp_path, resource, expected):
    estate = one(
        tmp_path, KAITO, "Workspace", resource + "\ninference: {preset: {name: p}}"
    )
    assert value(only(estate, "workload"), "accelerator") is expected


def test_adapters_of_kaito_are_weights_in_images(tmp_path):
    estate = one(
        tmp_path,
        KAITO,
        "Workspace",
        GPU
        + "inference: {preset: {name: p}, adapters: [{source: {name: a, image: lab.azurecr.io/a:1}}]}",
    )
    image = only(estate, "image")
    assert value(image, "weights.baked") is True
    assert image.span.text == "image: lab.azurecr.io/a:1"
    assert said(only(estate, "workload"))


def test_a_registry_of_the_scan_holds_what_kaito_takes_from_it(tmp_path):
    (tmp_path / "main.tf").write_text(
        'resource "azurerm_container_registry" "lab" {\n  name = "lab"\n  location = "westeurope"\n'
        '  resource_group_name = "r"\n  sku = "Premium"\n}\n'
    )
    (tmp_path / "w.yaml").write_text(
        f"apiVersion: {KAITO}\nkind: Workspace\nmetadata: {{name: n}}\n{GPU}"
        "inference:\n  preset: {name: p}\n  adapters:\n"
        "  - source: {image: lab.azurecr.io/a:1}\n  - source: {image: other.azurecr.io/a:1}\n"
    )
    estate = survey(read(str(tmp_path)))
    workload = only(estate, "workload")
    assert targets(estate, workload, "reads") == ["azurerm_container_registry.lab"]
    assert said(estate.find("store", "azurerm_container_registry.lab"))


@pytest.mark.parametrize(
    ("image", "stores"),
    [
        ("lab.azurecr.io/tuned:1", ["lab.azurecr.io"]),
        ("ACR_REPO_HERE.azurecr.io/IMAGE_NAME_HERE:0.0.1", []),
        ("tuned:1", ["docker.io/tuned"]),
    ],
)
def test_tuning_of_kaito_pushes_weights_as_an_image(tmp_path, image, stores):
    estate = one(
        tmp_path,
        KAITO,
        "Workspace",
        GPU
        + "tuning: {preset: {name: p}, method: qlora, input: {urls: ['https://x/y.parquet']},"
        + f" output: {{image: '{image}', imagePushSecret: s}}}}",
    )
    workload = only(estate, "workload")
    assert said(workload)
    assert targets(estate, workload, "writes") == stores
    assert [n.kind for n in estate.notes] == ([] if stores else ["registry-unknown"])
    for store in stores:
        assert said(estate.find("store", store))


def test_tuning_of_kaito_writes_to_a_volume(tmp_path):
    estate = one(
        tmp_path,
        KAITO,
        "Workspace",
        GPU
        + """\
tuning:
  preset: {name: p}
  input: {volumeSource: {persistentVolumeClaim: {claimName: data}}}
  output: {volumeSource: {persistentVolumeClaim: {claimName: out}}}""",
    )
    workload = only(estate, "workload")
    assert targets(estate, workload, "writes") == ["PersistentVolumeClaim/ml/out"]
    assert targets(estate, workload, "reads") == []
    assert not said(estate.find("store", "PersistentVolumeClaim/ml/data"))


def test_a_template_of_kaito_is_the_pod_itself(tmp_path):
    estate = one(
        tmp_path,
        KAITO,
        "Workspace",
        GPU
        + "inference: {template: {spec: {containers: [{name: c, image: a, args: [--x]}]}}}",
    )
    assert value(only(estate, "workload"), "host.network") is False


@pytest.mark.parametrize(
    ("annotations", "body", "expected"),
    [
        ("{}", "inference: {preset: {name: p}}", ["cluster"]),
        ('{kaito.sh/enablelb: "True"}', "inference: {preset: {name: p}}", ["internet"]),
        (
            '{kaito.sh/enablelb: "False"}',
            "inference: {preset: {name: p}}",
            ["cluster"],
        ),
        ('{kaito.sh/enablelb: "${LB}"}', "inference: {preset: {name: p}}", ["?"]),
        ('{kaito.sh/enablelb: "True"}', "tuning: {preset: {name: p}}", []),
    ],
)
def test_from_where_kaito_answers(tmp_path, annotations, body, expected):
    text = f"apiVersion: {KAITO}\nkind: Workspace\nmetadata: {{name: n, annotations: {annotations}}}\n"
    estate = estate_of(tmp_path, a__yaml=text + body + "\n")
    services = list(estate.of("service"))
    assert [value(s, "anonymous.from") for s in services] == expected
    for service in services:
        assert values(service, "surface", "surface.name") == ("model", "KAITO")


def test_a_service_of_nim_reads_what_its_cache_keeps(tmp_path):
    cache = """---
apiVersion: apps.nvidia.com/v1alpha1
kind: NIMCache
metadata: {name: c, namespace: ml}
spec:
  env: [{name: NIM_REPOSITORY_OVERRIDE, value: "s3://mirror/"}]
  source: {ngc: {modelPuller: nvcr.io/nim/meta/llama:1, authSecret: ngc}}
  storage: {pvc: {create: true, size: 50Gi}}
"""
    estate = one(
        tmp_path,
        "apps.nvidia.com/v1alpha1",
        "NIMService",
        """\
spec:
  image: {repository: nvcr.io/nim/meta/llama, tag: 1.0.3}
  authSecret: ngc
  resources: {limits: {nvidia.com/gpu: 1}}
  storage: {nimCache: {name: c}}""",
        cache,
    )
    service = estate.find("workload", "NIMService/ml/n")
    kept = ["PersistentVolumeClaim/ml/c-pvc"]
    assert targets(estate, service, "reads") == kept
    puller = estate.find("workload", "NIMCache/ml/c")
    assert targets(estate, puller, "writes") == kept
    assert targets(estate, puller, "reads") == ["s3://mirror"]
    container = estate.find("container", "NIMService/ml/n/containers/model")
    assert value(container, "image.reference") == "nvcr.io/nim/meta/llama:1.0.3"
    assert container.fact("privileged") is None


def test_each_service_of_a_pipeline_of_nim_is_a_workload(tmp_path):
    estate = one(
        tmp_path,
        "apps.nvidia.com/v1alpha1",
        "NIMPipeline",
        """\
spec:
  services:
  - name: llm
    enabled: true
    spec:
      image: {repository: a, tag: "1"}
      storage: {pvc: {name: m}}
      expose: {service: {type: LoadBalancer}}
  - {name: off, enabled: false, spec: {image: {repository: c, tag: "1"}}}
  - {name: embed, spec: {image: {repository: b, tag: "1"}, storage: {hostPath: /raid}}}""",
    )
    first, second = estate.of("workload")
    assert (first.address, second.address) == (
        "NIMPipeline/ml/n",
        "NIMPipeline/ml/n#embed",
    )
    assert targets(estate, first, "reads") == ["PersistentVolumeClaim/ml/m"]
    assert targets(estate, second, "reads") == ["hostPath:/raid"]
    found = {s.address: value(s, "anonymous.from") for s in estate.of("service")}
    assert found == {
        "NIMPipeline/ml/n#llm": "internet",
        "NIMPipeline/ml/n#embed": "cluster",
    }
    service = estate.find("service", "NIMPipeline/ml/n#llm")
    assert targets(estate, service, "exposes") == ["NIMPipeline/ml/n"]


@pytest.mark.parametrize(
    ("endpoint", "fetches"),
    [("https://huggingface.co", 1), ("https://hub.lab.internal", 0)],
)
@pytest.mark.parametrize(("revision", "pinned"), [("main", False), ("a" * 40, True)])
def test_a_cache_of_nim_pulls_from_the_hub(
    tmp_path, endpoint, fetches, revision, pinned
):
    estate = one(
        tmp_path,
        "apps.nvidia.com/v1alpha1",
        "NIMCache",
        f"""\
spec:
  source:
    hf: {{endpoint: "{endpoint}", namespace: nvidia, modelName: nano, revision: {revision}}}
  storage: {{pvc: {{name: m}}}}""",
    )
    found = [(f.name, value(f, "pinned")) for f in estate.of("fetch")]
    assert [one[1] for one in found] == [pinned] * fetches
    assert all("nvidia/nano" in name for name, _ in found)


def test_models_of_kubeai_take_arguments_and_adapters(tmp_path):
    estate = one(
        tmp_path,
        "kubeai.org/v1",
        "Model",
        """\
spec:
  engine: VLLM
  url: pvc://models/llm
  adapters: [{name: a, url: "s3://lab/lora"}]
  args: [--trust-remote-code]
  env: {AWS_REGION: eu-west-1}
  resourceProfile: nvidia-gpu-l4:1""",
    )
    workload = only(estate, "workload")
    assert value(workload, "accelerator") is True
    assert sorted(targets(estate, workload, "reads")) == [
        "PersistentVolumeClaim/ml/models",
        "s3://lab",
    ]
    program = next(p for p in estate.of("program") if p.fact("remote_code.trusted"))
    assert value(program, "remote_code.trusted") is True
    assert program.fact("remote_code.trusted").span.line == 8


@pytest.mark.parametrize("profile", ["cpu:2", "$PROFILE"])
def test_profiles_of_kubeai_that_name_no_accelerator(tmp_path, profile):
    estate = one(
        tmp_path,
        "kubeai.org/v1",
        "Model",
        f"spec: {{url: 's3://m/x', resourceProfile: '{profile}'}}",
    )
    assert value(only(estate, "workload"), "accelerator") is False


DYNAMO = """\
spec:
  envs: [{name: SHARED, value: "1"}]
  services:
    Frontend:
      componentType: frontend
      ingress: %s
      extraPodSpec: {mainContainer: {image: "r/f:1"}}
    Worker:
      envFromSecret: hf
      volumeMounts: [{name: models, mountPoint: /models}]
      resources: {limits: {gpu: "2"}}
      extraPodSpec:
        hostNetwork: true
        serviceAccountName: worker
        containers: [{name: side, image: "r/s:1"}]
        mainContainer:
          image: r/w:1
          securityContext: {runAsUser: 0}
          command: [python3]
          args: [-m, dynamo.vllm, --model, /models/llm, --trust-remote-code]"""


def test_services_of_dynamo_are_whole_pods(tmp_path):
    estate = one(
        tmp_path, "nvidia.com/v1alpha1", "DynamoGraphDeployment", DYNAMO % "{}"
    )
    front, worker = estate.of("workload")
    assert (front.name, worker.name) == (
        "DynamoGraphDeployment/ml/n",
        "DynamoGraphDeployment/ml/n#Worker",
    )
    assert values(front, "accelerator", "host.network") == (False, False)
    assert values(worker, "accelerator", "host.network") == (True, True)
    assert targets(estate, worker, "runs as") == ["ServiceAccount/ml/worker"]
    assert targets(estate, worker, "reads") == ["PersistentVolumeClaim/ml/models"]
    main, side = (e.target for e in estate.edges_from(worker, "has"))
    assert values(main, "image.reference", "run_as_root") == ("r/w:1", True)
    assert values(side, "image.reference", "privileged") == ("r/s:1", False)
    program = next(p for p in estate.of("program") if p.fact("remote_code.trusted"))
    assert value(program, "remote_code.trusted") is True


@pytest.mark.parametrize(
    ("ingress", "expected"),
    [
        ("{enabled: false, host: x}", ["cluster"]),
        (
            "{enabled: true, host: x, ingressControllerClassName: gce}",
            ["cluster", "internet"],
        ),
        (
            "{enabled: true, host: x, ingressControllerClassName: nginx}",
            ["cluster", "?"],
        ),
        ("{enabled: '${ON}', host: x}", ["cluster", "?"]),
    ],
)
def test_from_where_dynamo_answers(tmp_path, ingress, expected):
    estate = one(
        tmp_path, "nvidia.com/v1alpha1", "DynamoGraphDeployment", DYNAMO % ingress
    )
    services = list(estate.of("service"))
    assert [value(s, "anonymous.from") for s in services] == expected
    exposed = {e.target.name for e in estate.edges_from(services[0], "exposes")}
    assert "DynamoGraphDeployment/ml/n#Worker" in exposed


SELDON = """\
spec:
  predictors:
  - name: main
    graph:
      name: iris
      implementation: SKLEARN_SERVER
      modelUri: s3://lab/iris
      envSecretRefName: creds
      serviceAccountName: reader
      children: [{name: next, modelUri: "gs://lab/next"}]
  - name: canary%s
    graph: {name: other, modelUri: "s3://canary/x"}"""


@pytest.mark.parametrize(
    ("more", "names"),
    [("", ["", "#canary"])],
)
def test_predictors_of_seldon(tmp_path, more, names):
    estate = one(
        tmp_path, "machinelearning.seldon.io/v1", "SeldonDeployment", SELDON % more
    )
    first, second = estate.of("workload")
    assert [w.name for w in (first, second)] == [
        f"SeldonDeployment/ml/n{name}" for name in names
    ]
    assert sorted(targets(estate, first, "reads")) == ["gs://lab", "s3://lab"]
    assert targets(estate, first, "runs as") == ["ServiceAccount/ml/reader"]
    assert targets(estate, second, "reads") == ["s3://canary"]
    assert value(only(estate, "service"), "anonymous.from") == "?"


@pytest.mark.parametrize(
    ("version", "kind", "spec", "safe"),
    [
        ("machinelearning.seldon.io/v1", "SeldonDeployment",
         "predictors: [{graph: {implementation: SKLEARN_SERVER, modelUri: 's3://m/x'}}]", [False]),
        ("machinelearning.seldon.io/v1", "SeldonDeployment",
         "predictors: [{graph: {implementation: TRITON_SERVER, modelUri: 's3://m/x'}}]", []),
        ("mlops.seldon.io/v1alpha1", "Model", "storageUri: 's3://m/x', requirements: [sklearn]", [False]),
        ("mlops.seldon.io/v1alpha1", "Model", "storageUri: 's3://m/x', requirements: [onnx]", []),
    ],
)  # fmt: skip
def test_formats_of_seldon_that_are_pickles(tmp_path, version, kind, spec, safe):
    estate = one(tmp_path, version, kind, f"spec: {{{spec}}}")
    programs = [p for p in estate.of("program") if p.fact("weights.format.safe")]
    assert [value(p, "weights.format.safe") for p in programs] == safe


def test_models_of_seldon_beside_pods_of_their_own(tmp_path):
    spec = "\n    componentSpecs: [{spec: {containers: [{name: other, image: 'lab/x:1'}]}}]"
    estate = one(
        tmp_path, "machinelearning.seldon.io/v1", "SeldonDeployment", SELDON % spec
    )
    workload = only(estate, "workload")
    assert "s3://canary" in targets(estate, workload, "reads")


ENGINE = """---
apiVersion: apps/v1
kind: Deployment
metadata: {name: engine, namespace: ml}
spec:
  template:
    metadata: {labels: {model: base, lora: "true"}}
    spec: {containers: [{name: c, image: "vllm/vllm-openai:v0.11.0"}]}
"""


@pytest.mark.parametrize(
    ("spec", "label", "reader"),
    [
        ("", "base", "Deployment/ml/engine"),
        ("credentialsSecretRef: {name: aws},", "base", "ModelAdapter/ml/n"),
        ("", "another", "ModelAdapter/ml/n"),
    ],
)
def test_adapters_of_aibrix_are_loaded_by_the_pods_they_select(
    tmp_path, spec, label, reader
):
    estate = one(
        tmp_path,
        "model.aibrix.ai/v1alpha1",
        "ModelAdapter",
        f"spec: {{{spec} podSelector: {{matchLabels: {{model: {label}}}}}, artifactURL: 's3://lab/lora'}}",
        ENGINE,
    )
    store = estate.find("store", "s3://lab")
    assert [e.source.name for e in estate.edges_to(store, "reads")] == [reader]
    engine = estate.find("workload", "Deployment/ml/engine")
    assert bool(said(engine)) is (label == "base")


def test_an_adapter_of_aibrix_from_the_hub_with_a_key(tmp_path):
    key = "sk-" + "kFJ12nKs8XwVmGpj3QzX65s4RbN2xJqWzPYCjYu7wT3B"
    estate = one(
        tmp_path,
        "model.aibrix.ai/v1alpha1",
        "ModelAdapter",
        f"spec: {{artifactURL: 'huggingface://lab/lora', additionalConfig: {{api-key: {key}}}}}",
    )
    assert value(only(estate, "fetch"), "pinned") is False
    assert value(only(estate, "secret"), "plain") is True


@pytest.mark.parametrize(
    ("version", "kind", "spec", "reads"),
    [
        ("serving.kserve.io/v1alpha1", "LocalModelCache", "sourceModelUri: 's3://lab/m'", "s3://lab"),
        ("serving.kserve.io/v1alpha1", "LocalModelNamespaceCache", "sourceModelUri: 'gs://lab/m'", "gs://lab"),
        ("serving.kserve.io/v1alpha1", "TrainedModel", "model: {storageUri: 's3://lab/m'}", "s3://lab"),
        ("ome.io/v1beta1", "BaseModel", "storage: {storageUri: 's3://lab/m'}", "s3://lab"),
        ("llmaz.io/v1alpha1", "OpenModel", "source: {uri: 's3://lab/m'}", "s3://lab"),
        ("nvidia.com/v1alpha1", "DynamoModel", "source: {uri: 's3://lab/m'}", "s3://lab"),
        ("workload.serving.volcano.sh/v1alpha1", "ModelBooster",
         "backends: [{name: b, modelURI: 's3://lab/m', workers: [{image: 'a:1'}]}]", "s3://lab"),
        ("resources.yatai.ai/v1alpha1", "BentoRequest", "downloadUrl: 's3://lab/b.tar.gz'", "s3://lab"),
        ("llm-d.ai/v1alpha1", "ModelService", "modelArtifacts: {uri: 's3://lab/m'}", "s3://lab"),
        ("production-stack.vllm.ai/v1alpha1", "LoraAdapter",
         "adapterSource: {type: s3, repository: 's3://lab/m'}", "s3://lab"),
        ("production-stack.vllm.ai/v1alpha1", "VLLMRuntime",
         "storageConfig: {enabled: true, mountPath: /weights}, model: {modelURL: /weights/llm}",
         "PersistentVolumeClaim/ml/n"),
        ("apps.nvidia.com/v1alpha1", "NemoCustomizer",
         "trainingConfig: {image: {repository: a}, modelPVC: {name: m}}", "PersistentVolumeClaim/ml/m"),
    ],
)  # fmt: skip
def test_what_a_kind_reads(tmp_path, version, kind, spec, reads):
    estate = one(tmp_path, version, kind, f"spec: {{{spec}}}")
    workload = only(estate, "workload")
    assert targets(estate, workload, "reads") == [reads]
    assert said(workload)
    assert said(estate.find("store", reads))


@pytest.mark.parametrize(
    ("uri", "kept", "pinned"),
    [
        ("s3://lab/m", True, []),
        ("hf://meta-llama/Llama-3.3-70B-Instruct", False, [False]),
        ("hf://meta-llama/Llama-3.3-70B-Instruct@" + "a" * 40, False, [True]),
    ],
)
def test_models_that_ome_keeps_on_each_node(tmp_path, uri, kept, pinned):
    estate = one(
        tmp_path,
        "ome.io/v1beta1",
        "ClusterBaseModel",
        f"spec: {{storage: {{storageUri: '{uri}', path: /raid/models/m}}}}",
    )
    workload = only(estate, "workload")
    assert targets(estate, workload, "writes") == ["hostPath:/raid/models/m"] * kept
    assert bool(said(workload)) is kept
    assert [value(f, "pinned") for f in estate.of("fetch")] == pinned


def test_a_graph_of_dynamo_in_its_second_version_is_found_by_the_walk(tmp_path):
    estate = one(
        tmp_path,
        "nvidia.com/v1beta1",
        "DynamoGraphDeployment",
        """\
spec:
  components:
  - {name: Frontend, podTemplate: {spec: {containers: [{name: main, image: "r/f:1"}]}}}
  - {name: Worker, podTemplate: {spec: {containers: [{name: main, image: "r/w:1"}]}}}""",
    )
    assert [w.name for w in estate.of("workload")] == [
        "DynamoGraphDeployment/ml/n",
        "DynamoGraphDeployment/ml/n#Worker",
    ]


def test_workers_of_kthena_share_the_model_of_their_backend(tmp_path):
    estate = one(
        tmp_path,
        "workload.serving.volcano.sh/v1alpha1",
        "ModelBooster",
        """\
spec:
  backends:
  - name: b
    modelURI: s3://lab/m
    cacheURI: hostpath://mnt/cache/
    workers:
    - {type: prefill, image: "r/p:1", resources: {limits: {huawei.com/ascend-1980: "4"}}}
    - {type: decode, image: "r/d:1"}""",
    )
    first, second = estate.of("workload")
    assert values(first, "accelerator") == (True,)
    for workload, image in ((first, "r/p:1"), (second, "r/d:1")):
        assert targets(estate, workload, "reads") == ["s3://lab", "hostPath:/mnt/cache"]
        (container,) = (e.target for e in estate.edges_from(workload, "has"))
        assert value(container, "image.reference") == image


DATASET = """\
apiVersion: data.fluid.io/v1alpha1
kind: Dataset
metadata: {name: d, namespace: ml}
spec: {mounts: [{mountPoint: "s3://lab/llm", name: m}, {mountPoint: [x]}]}
---
apiVersion: data.fluid.io/v1alpha1
kind: AlluxioRuntime
metadata: {name: d, namespace: ml}
spec: {tieredstore: {levels: [{mediumtype: SSD, path: "/mnt/ssd0/cache,/mnt/ssd1"}, {mediumtype: MEM, path: /dev/shm}, x]}}
---
apiVersion: serving.kserve.io/v1beta1
kind: InferenceService
metadata: {name: s, namespace: ml}
spec: {predictor: {model: {modelFormat: {name: x}, storageUri: "pvc://%s/llm"}}}
"""


@pytest.mark.parametrize(
    ("claim", "stores"),
    [("d", ["s3://lab", "hostPath:/mnt/ssd0/cache", "hostPath:/mnt/ssd1"]), ("e", [])],
)
def test_a_data_set_of_fluid_is_what_its_claim_lies_in(tmp_path, claim, stores):
    estate = estate_of(tmp_path, a__yaml=DATASET % claim)
    kept = estate.find("store", f"PersistentVolumeClaim/ml/{claim}")
    assert targets(estate, kept, "is backed by") == stores


@pytest.mark.parametrize("field", ["key", "name"])
def test_variables_of_a_bento(tmp_path, field):
    key = "AKIA" + "Q7RST3UVWX4YZ5AB"
    estate = one(
        tmp_path,
        "serving.yatai.ai/v2alpha1",
        "BentoDeployment",
        f"""\
spec:
  bento: iris
  ingress: {{enabled: true}}
  envs: [{{{field}: AWS_ACCESS_KEY_ID, value: {key}}}]
  runners: [{{name: r, resources: {{limits: {{gpu: "1"}}}}}}]""",
    )
    assert value(only(estate, "workload"), "accelerator") is True
    assert said(only(estate, "workload"))
    assert value(only(estate, "secret"), "plain") is True
    assert [value(s, "anonymous.from") for s in estate.of("service")] == [
        "cluster",
        "?",
    ]


def test_a_trained_model_is_read_by_the_service_it_names(tmp_path):
    estate = one(
        tmp_path,
        "serving.kserve.io/v1alpha1",
        "TrainedModel",
        "spec: {inferenceService: s, model: {storageUri: 's3://lab/m'}}",
        """---
apiVersion: serving.kserve.io/v1beta1
kind: InferenceService
metadata: {name: s, namespace: ml}
spec: {predictor: {triton: {args: [--x]}}}
""",
    )
    assert targets(estate, only(estate, "workload"), "reads") == ["s3://lab"]


def test_copies_of_kserve_lie_on_the_disks_of_nodes(tmp_path):
    estate = one(
        tmp_path,
        "serving.kserve.io/v1alpha1",
        "LocalModelCache",
        "spec: {sourceModelUri: 'hf://lab/m', nodeGroups: [gpu, absent]}",
        """---
apiVersion: serving.kserve.io/v1alpha1
kind: LocalModelNodeGroup
metadata: {name: gpu}
spec: {persistentVolumeSpec: {local: {path: /models/}}}
""",
    )
    workload = only(estate, "workload")
    assert targets(estate, workload, "writes") == ["hostPath:/models"]
    assert value(only(estate, "fetch"), "pinned") is False


@pytest.mark.parametrize(
    ("label", "expected"),
    [("a: b", "?"), ("networking.kserve.io/visibility: cluster-local", "cluster")],
)
def test_a_graph_of_kserve_answers_for_the_services_it_calls(tmp_path, label, expected):
    estate = estate_of(
        tmp_path,
        a__yaml=f"""\
        apiVersion: serving.kserve.io/v1alpha1
        kind: InferenceGraph
        metadata: {{name: g, namespace: ml, labels: {{{label}}}}}
        spec: {{nodes: {{root: {{routerType: Sequence, steps: [{{serviceName: s}}, {{serviceUrl: "http://x"}}]}}}}}}
        ---
        apiVersion: serving.kserve.io/v1beta1
        kind: InferenceService
        metadata: {{name: s, namespace: ml}}
        spec: {{predictor: {{model: {{modelFormat: {{name: x}}, storageUri: "s3://m/x"}}}}}}
        """,
    )
    graph = estate.find("service", "InferenceGraph/ml/g")
    assert value(graph, "anonymous.from") == expected
    assert targets(estate, graph, "exposes") == ["InferenceService/ml/s"]


def test_a_bento_is_an_image_with_models(tmp_path):
    estate = one(
        tmp_path,
        "resources.yatai.ai/v1alpha1",
        "Bento",
        "spec: {tag: 'iris:1', image: 'r.lab.eu/bentos:iris'}",
    )
    assert value(only(estate, "image"), "weights.baked") is True
    assert list(estate.of("workload")) == []


def test_an_unknown_spec_is_noted_and_states_nothing(tmp_path):
    estate = one(tmp_path, "kubeai.org/v1", "Model", "spec: ${SPEC}")
    assert [n.kind for n in estate.notes] == ["template-not-read"]
    assert list(estate.of("workload")) == list(estate.of("store")) == []


# -- hostile shapes ----------------------------------------------------------------

_SHAPES = (
    "null", "''", "x", "1", "[]", "{}", "[[]]", "[null, {}]", "[{name: a}]", "{a: {b: [c]}}",
    "{name: {}, value: []}", "[{name: [], value: {}}]", "${X}", "'pvc://'", "'://'",
    "{repository: [], tag: {}}", "{enabled: [], annotations: x}", "[x, [y], {z: 1}]",
)  # fmt: skip


def _paths(row):
    """Every path of a row, of its parts and of the whole object."""
    columns = {k: v for k, v in row.items() if k not in ("source", "read", "program")}
    texts, stack = [], [columns]
    while stack:
        here = stack.pop()
        if isinstance(here, str):
            texts.append(here.lstrip("/"))
        else:
            stack.extend(
                here.values()
                if isinstance(here, dict)
                else here
                if isinstance(here, list)
                else []
            )
    return sorted(
        {t for t in texts if t and " " not in t and "/" not in t and ":" not in t}
    )


def _whole(part, path):
    """A path of a part from the object: behind `^` from what the part marks."""
    if not part or path.startswith("spec."):
        return path.lstrip("^")
    above, _, below = part.partition(".^")
    return f"{above}.{path[1:]}" if path.startswith("^") else f"{above}{below}.{path}"


def _nested(path, shape, listed):
    """YAML in which a path leads to a shape; `*` is a list or a mapping."""
    head, _, rest = path.partition(".")
    inner = _nested(rest, shape, listed) if rest else shape
    if head == "*":
        return f"[{inner}]" if listed else f"{{a: {inner}}}"
    return f"{{{json.dumps(head)}: {inner}}}"


@pytest.mark.parametrize("row", model_rows(), ids=lambda r: f"{r['kind']}.{r['group']}")
def test_no_shape_of_a_field_breaks_a_kind(tmp_path, row):
    documents, number = [], 0
    for part in row.get("parts", ["spec"]):
        for path in _paths(row):
            for shape in _SHAPES:
                number += 1
                whole = _whole(part, path)
                body = _nested(whole, shape, listed=number % 2 == 0)[1:-1]
                documents.append(
                    f"{{apiVersion: {row['group']}/v1, kind: {row['kind']}, metadata: {{name: n{number}}}, {body}}}"
                )
    documents += [
        f"{{apiVersion: {row['group']}/v1, kind: {row['kind']}, spec: {shape}}}"
        for shape in _SHAPES
    ]
    estate = estate_of(tmp_path, a__yaml="\n---\n".join(documents) + "\n")
    assert len(list(estate.of("workload"))) + len(list(estate.of("image"))) > 0
