"""Where the weights lie, in shapes that repositories have: what is told, and what is not."""

from __future__ import annotations

import textwrap

import pytest

from mlsec_lint.scan import read, survey

CHART = {
    "deploy/trainer/Chart.yaml": "apiVersion: v2\nname: trainer\nversion: 0.1.0\n",
    "deploy/trainer/values.yaml": "image: ''\nenv: []\ncommand: []\nclaims: []\n",
    "deploy/trainer/templates/job.yaml": """
        apiVersion: batch/v1
        kind: Job
        metadata:
          name: fit-{{ .Release.Name }}
        spec:
          template:
            spec:
              containers:
              - name: fit
                image: {{ .Values.image }}
                command: {{ .Values.command | toJson }}
                env:
                {{- range .Values.env }}
                - name: {{ .name }}
                  value: "{{ tpl .value $ }}"
                {{- end }}
                resources: {limits: {nvidia.com/gpu: 8}}
                volumeMounts:
                {{- range .Values.claims }}
                - {name: {{ .name }}, mountPath: {{ .path }}}
                {{- end }}
              volumes:
              {{- range .Values.claims }}
              - name: {{ .name }}
                persistentVolumeClaim: {claimName: {{ .name }}}
              {{- end }}
        """,
    "recipes/small/fit.yaml": """
        image: registry.lab.example/fit:1
        command: [torchrun, fit.py]
        claims: [{name: scratch, path: /work}]
        env:
        - name: CKPT_ROOT
          value: "/work/runs/{{ .Release.Name }}/ckpt"
        """,
}
USE = "Run it:\n\n    helm install one deploy/trainer \\\n      -f recipes/small/fit.yaml -n lab\n"


def held(folder, files, kind="store"):
    """Addresses of the things of a kind that hold or handle weights."""
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(textwrap.dedent(text), encoding="utf-8")
    estate = survey(read(str(folder)))
    return {
        thing.address
        for thing in estate.of(kind)
        if (fact := thing.fact("weights.held")) is not None and fact.value is True
    }


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("README.md", USE),
        ("recipes/small/README.md", USE),
        ("recipes/small/README.md", USE.replace("recipes/small/fit", "fit")),
        ("README.md", "```bash\n$ " + USE.partition("    ")[2] + "```\n"),
        ("README.md", USE.replace("helm install one", "helm upgrade --install one")),
        ("README.md", USE.replace("deploy/trainer", "lab/trainer")),
        (
            "run.sh",
            "V=recipes/small/fit.yaml\nhelm install one deploy/trainer -f $V -n lab\n",
        ),
    ],
)
def test_a_chart_is_used_as_its_readme_says(tmp_path, name, text):
    assert held(tmp_path, {**CHART, name: text}) == {
        "PersistentVolumeClaim/lab/scratch"
    }
    assert held(tmp_path, {}, "workload") == {"Job/lab/fit-one"}


@pytest.mark.parametrize(
    "text",
    [
        "",
        USE.replace("fit.yaml", "yours.yaml"),  # values that are not at hand
        USE.replace("helm install", "helm uninstall"),
        USE.replace("deploy/trainer", "oci://registry.lab.example/trainer"),
        USE.replace("deploy/trainer", "../../elsewhere"),
        "We do not `helm install` it.\n",
    ],
)
def test_what_is_no_use_of_a_chart_leaves_it_a_library(tmp_path, text):
    assert held(tmp_path, {**CHART, "README.md": text}) == set()


def test_what_terraform_deploys_goes_before_what_a_readme_says(tmp_path):
    deployed = (
        'resource "helm_release" "a" {\n name = "a"\n chart = "./deploy/trainer"\n}\n'
    )
    files = {**CHART, "README.md": USE, "main.tf": deployed}

    assert held(tmp_path, files) == set()


VOLUME = {
    "disks/Chart.yaml": "apiVersion: v2\nname: disks\nversion: 0.1.0\n",
    "disks/values.yaml": "id: ''\n",
    "disks/templates/all.yaml": """
        apiVersion: v1
        kind: PersistentVolume
        metadata: {name: shared}
        spec:
          csi: {driver: efs.csi.aws.com, volumeHandle: {{ .Values.id }}}
        ---
        apiVersion: v1
        kind: PersistentVolumeClaim
        metadata: {name: scratch}
        spec: {volumeName: shared}
        """,
    "main.tf": """
        resource "aws_efs_file_system" "fs" {}
        resource "helm_release" "disks" {
          name      = "disks"
          chart     = "./disks"
          namespace = "lab"
          set {
            name  = "id"
            value = aws_efs_file_system.fs.id
          }
        }
        """,
}


def test_a_claim_of_a_chart_lies_in_the_file_system_that_terraform_hands_it(tmp_path):
    assert held(tmp_path, {**CHART, **VOLUME, "README.md": USE}) == {
        "PersistentVolumeClaim/lab/scratch",
        "PersistentVolume/shared",
        "aws_efs_file_system.fs",
    }


POD = """
    apiVersion: batch/v1
    kind: Job
    metadata: {{name: stage, namespace: lab}}
    spec:
      template:
        spec:
          containers:
          - name: stage
            image: registry.lab.example/tools:1
            command: [bash, -c]
            args:
            - |
              {script}
            volumeMounts: [{{name: v, mountPath: /work}}]
          volumes: [{{name: v, persistentVolumeClaim: {{claimName: disk}}}}]
    """
DISK = "PersistentVolumeClaim/lab/disk"


@pytest.mark.parametrize(
    ("script", "stores"),
    [
        ("hf download org/name --local-dir /work/name", {DISK}),
        ("hf download org/rows --repo-type dataset --local-dir /work/rows", set()),
        ("hf download org/name", set()),
        (
            "hf download org/name --local-dir /work/n && aws s3 sync /work/n s3://$B/n",
            {DISK, "s3://$B"},
        ),
        (
            "python3 convert_llama_weights_to_hf.py --input_dir /work/a --output_dir /work/b",
            {DISK},
        ),
        ("python3 merge_lora.py --output_dir /work/b", {DISK}),
        ("python3 convert_images.py --output_dir /work/b", set()),
        ("python3 get.py --model_output_path /work/llama", {DISK}),
        ("python3 stream.py --checkpoint_dir /work/offsets", set()),
        ("python3 get.py --report_output_path /work/r", set()),
        ("python3 rows.py --trust_remote_code --output_dir /work/rows", set()),
        ("$MAYBE_TRACE torchrun fit.py --output_dir /work/out", {DISK}),
        ("mlflow server --default-artifact-root /work/mlruns", {DISK}),
        ("mlflow ui --port 5000", set()),
    ],
)
def test_scripts_say_where_models_come_to_lie(tmp_path, script, stores):
    found = held(tmp_path, {"job.yaml": POD.format(script=script)})

    assert {s.replace("${B}", "$B") for s in found} == stores


@pytest.mark.parametrize(
    ("image", "path", "stores"),
    [
        ("ghcr.io/huggingface/text-generation-inference:3.3.4", "/data", {DISK}),
        ("ollama/ollama:0.12", "/root/.ollama", {DISK}),
        ("nvcr.io/nim/meta/llama3:1", "/opt/nim/.cache", {DISK}),
        ("ghcr.io/huggingface/text-generation-inference:3.3.4", "/etc/certs", set()),
        ("postgres:17", "/data", set()),
    ],
)
def test_a_servers_image_keeps_models_in_its_own_folder(tmp_path, image, path, stores):
    pod = f"""
        apiVersion: v1
        kind: Pod
        metadata: {{name: serve, namespace: lab}}
        spec:
          containers:
          - name: serve
            image: {image}
            args: [--port, "8080"]
            volumeMounts: [{{name: v, mountPath: {path}}}]
          volumes: [{{name: v, persistentVolumeClaim: {{claimName: disk}}}}]
        """

    assert held(tmp_path, {"pod.yaml": pod}) == stores


def test_the_pods_of_a_job_set_share_the_claim_that_it_makes(tmp_path):
    runtime = """
        apiVersion: trainer.kubeflow.org/v1alpha1
        kind: ClusterTrainingRuntime
        metadata: {name: tune}
        spec:
          template:
            spec:
              volumeClaimPolicies:
              - templates: [{metadata: {name: shared}, spec: {}}]
              replicatedJobs:
              - name: fetch
                template: {spec: {template: {spec: {containers: [
                  {name: fetch, image: "fetch:1", volumeMounts: [{name: shared, mountPath: /w}]}]}}}}
              - name: node
                template: {spec: {template: {spec: {containers: [
                  {name: node, image: "tune:1", command: [tune, run, full, output_dir=/w/out],
                   volumeMounts: [{name: shared, mountPath: /w}]}]}}}}
        """
    base = "ClusterTrainingRuntime/default/tune"

    assert held(tmp_path, {"runtime.yaml": runtime}) == {f"{base}/volumes/shared"}
    assert held(tmp_path, {}, "workload") == {base, f"{base}#node"}


def test_the_workers_of_ray_hold_what_the_head_serves(tmp_path):
    service = """
        apiVersion: ray.io/v1
        kind: RayService
        metadata: {name: chat, namespace: lab}
        spec:
          serveConfigV2: |
            applications:
            - name: chat
              args:
                llm_configs:
                - model_loading_config: {model_source: "s3://lab-weights/chat"}
          rayClusterConfig:
            headGroupSpec: {template: {spec: {containers: [{name: head, image: "ray:2"}]}}}
            workerGroupSpecs:
            - groupName: gpu
              template: {spec: {containers: [{name: w, image: "ray:2",
                resources: {limits: {nvidia.com/gpu: 1}}}]}}
            - groupName: cpu
              template: {spec: {containers: [{name: w, image: "ray:2"}]}}
        """
    base = "RayService/lab/chat"

    assert held(tmp_path, {"svc.yaml": service}, "workload") == {base, f"{base}#gpu"}


@pytest.mark.parametrize(
    ("text", "stores"),
    [
        ("artifact_store: {flavor: s3, configuration: {path: s3://lab-art}}", True),
        ("artifact_store: {flavor: s3, name: x}", False),
        ("log_store: {flavor: s3, configuration: {path: s3://lab-art}}", False),
    ],
)
def test_the_artifact_store_of_a_stack_file_holds_models(tmp_path, text, stores):
    main = f"""
        resource "aws_s3_bucket" "art" {{ bucket = "lab-art" }}
        resource "local_file" "stack" {{
          filename = "stack.yaml"
          content  = "{text}"
        }}
        """

    assert held(tmp_path, {"main.tf": main}) == (
        {"aws_s3_bucket.art"} if stores else set()
    )


@pytest.mark.parametrize(("enabled", "stores"), [("true", True), ("false", False)])
def test_the_artifact_root_of_mlflow_holds_models(tmp_path, enabled, stores):
    main = f"""
        resource "aws_s3_bucket" "art" {{ bucket = "lab-art" }}
        resource "helm_release" "m" {{
          name       = "m"
          chart      = "mlflow"
          repository = "https://community-charts.github.io/helm-charts"
          values = [yamlencode({{ artifactRoot = {{
            s3 = {{ enabled = {enabled}, bucket = aws_s3_bucket.art.id }} }} }})]
        }}
        """

    assert held(tmp_path, {"main.tf": main}) == (
        {"aws_s3_bucket.art"} if stores else set()
    )


@pytest.mark.parametrize(
    ("model", "serves"),
    [("storage: {key: lab, path: chat}", True), ("runtime: mine", False)],
)
def test_a_served_model_may_lie_in_a_storage_that_a_secret_knows(
    tmp_path, model, serves
):
    service = f"""
        apiVersion: serving.kserve.io/v1beta1
        kind: InferenceService
        metadata: {{name: chat, namespace: lab}}
        spec: {{predictor: {{model: {{modelFormat: {{name: pytorch}}, {model}}}}}}}
        """
    found = held(tmp_path, {"svc.yaml": service}, "workload")

    assert found == ({"InferenceService/lab/chat"} if serves else set())
