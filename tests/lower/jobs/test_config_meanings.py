"""What the settings of training tools mean where one tool differs from the others."""

from __future__ import annotations

import pytest
from manifests import estate_of, only, targets, value


def fetches(estate):
    return [(value(f, "type"), value(f, "what"), value(f, "pinned"))
            for f in estate.of("fetch")]  # fmt: skip


def trackers(estate):
    return [(value(u, "service"), value(u, "enabled")) for u in estate.of("upload")
            if value(u, "channel") == "tracker"]  # fmt: skip


COMMIT = "0123456789012345678901234567890123456789"

OUMI = """\
model: {model_name: org/model, trust_remote_code: true}
data:
  train:
    datasets:
      - dataset_name: org/data
      - {dataset_name: org/more, dataset_kwargs: {revision: %s}}
training: {output_dir: s3://out/x, enable_wandb: true, enable_mlflow: false%s}
"""


@pytest.mark.parametrize(
    ("more", "writes"),
    [
        ("", ["s3://out"]),
        (", save_final_model: false", ["s3://out"]),
        (", save_final_model: false, save_steps: 0", []),
        (", save_final_model: false, save_steps: 0, save_epoch: true", ["s3://out"]),
    ],
)
def test_oumi_training(tmp_path, more, writes):
    estate = estate_of(tmp_path, t__yaml=OUMI % (COMMIT, more))
    assert targets(estate, only(estate, "workload"), "writes") == writes
    assert fetches(estate) == [
        ("model", "org/model", False),
        ("dataset", "org/data", False),
    ]
    assert trackers(estate) == [("wandb", True)]


@pytest.mark.parametrize(
    ("engine", "models", "hosts"),
    [
        ("NATIVE", ["org/model"], []),
        ("VLLM", ["org/model"], []),
        ("TOGETHER", [], ["api.together.xyz"]),
        ("OPENAI", [], ["api.openai.com"]),
        ("ANTHROPIC", [], ["api.anthropic.com"]),
        ("REMOTE_VLLM", [], []),
    ],
)
@pytest.mark.parametrize(
    "text",
    [
        "model: {model_name: org/model}\nengine: ENGINE\n",
        "model: {model_name: org/model}\ntasks: []\ninference_engine: ENGINE\n",
        """\
judge_params: {}
inference_config: {model: {model_name: org/model}, engine: ENGINE}
""",
    ],
)
def test_oumi_engines(tmp_path, text, engine, models, hosts):
    estate = estate_of(tmp_path, t__yaml=text.replace("ENGINE", engine))
    assert [what for _, what, _ in fetches(estate)] == models
    assert [value(c, "host") for c in estate.of("channel")] == hosts


def test_oumi_quantization_writes_weights(tmp_path):
    text = "model: {model_name: org/m}\nmethod: awq_q4_0\noutput_path: s3://q/x\n"
    estate = estate_of(tmp_path, t__yaml=text)
    assert targets(estate, only(estate, "workload"), "writes") == ["s3://q"]


@pytest.mark.parametrize(
    ("source", "sent"),
    [
        ("s3://out/final", [("fireworks", "api.fireworks.ai", "weights", "m-v1")]),
        ("/ckpt/final", [("fireworks", "api.fireworks.ai", "weights", "m-v1")]),
        ("org/model", []),
    ],
)
def test_oumi_deploys_to_a_provider(tmp_path, source, sent):
    text = f"""\
    model_source: {source}
    provider: fireworks
    model_name: m-v1
    hardware: {{accelerator: nvidia_h100_80gb, count: 2}}
    """
    estate = estate_of(tmp_path, t__yaml=text)
    facts = ("service", "destination.host", "carries", "destination.repository")
    assert [tuple(value(u, f) for f in facts) for u in estate.of("upload")] == sent


HF = """\
model_name_or_path: org/base
model_revision: %s
output_dir: /out
per_device_train_batch_size: 1
num_train_epochs: 3
report_to: %s
%s
"""


@pytest.mark.parametrize(
    ("reports", "found"),
    [
        ("none", []),
        ("[]", []),
        ("wandb", [("wandb", True)]),
        ("[tensorboard, wandb]", [("wandb", True)]),
        ("'null'", []),
        ("null", [("wandb", "?")]),
        ("~", [("wandb", "?")]),
    ],
)
def test_reports_of_a_trainer(tmp_path, reports, found):
    estate = estate_of(tmp_path, t__yaml=HF % (COMMIT, reports, ""))
    assert trackers(estate) == found


def test_a_trainer_that_reports_to_all(tmp_path):
    found = trackers(estate_of(tmp_path, t__yaml=HF % (COMMIT, "all", "")))
    assert ("wandb", "?") in found
    assert {state for _, state in found} == {"?"}


@pytest.mark.parametrize(
    ("more", "found"),
    [
        ("dataset_name: org/d", [("org/d", False)]),
        ("dataset_name: org/d\ndataset_revision: " + COMMIT, [("org/d", True)]),
        ("dataset_mixer:\n  org/a-b.1: 1.0\n  org/c: 0.5", [("org/a-b.1 and 1 more", False)]),
        ("dataset_mixer_list: [org/a, 1.0, org/c, 2.0]", [("org/a and 1 more", False)]),
        ("dataset_mixture: {datasets: [{id: org/a}, {id: ./local}]}", [("org/a", False)]),
        (
            f"datasets:\n- path: org/a\n  revision: {COMMIT}\n- path: org/b",
            [("org/b", False)],
        ),
        (
            f"datasets:\n- revision: {COMMIT}\n  path: org/a\n- path: org/b",
            [("org/b", False)],
        ),
        (
            f"datasets:\n- path: org/a\n- path: org/b\n  revision: {COMMIT}",
            [("org/a", False)],
        ),
        (
            "datasets:\n- path: org/a\n  revision: C\n- path: org/b\n  revision: C",
            [("org/a", True)],
        ),
    ],
)  # fmt: skip
def test_data_sets_and_their_revisions(tmp_path, more, found):
    estate = estate_of(
        tmp_path, t__yaml=HF % (COMMIT, "none", more.replace("C", COMMIT))
    )
    assert fetches(estate) == [
        ("model", "org/base", True),
        *(("dataset", what, pinned) for what, pinned in found),
    ]


def test_a_push_of_a_revision_is_a_push(tmp_path):
    more = "push_to_hub_revision: true\nhub_model_id: lab/m"
    estate = estate_of(tmp_path, t__yaml=HF % ("main", "none", more))
    upload = only(estate, "upload", channel="hub")
    assert value(upload, "enabled") is True
    assert value(upload, "destination.repository") == "lab/m"


AXOLOTL = """\
base_model: org/base
datasets: [{path: org/d}]
micro_batch_size: 1
num_epochs: 1
output_dir: ./out
"""


@pytest.mark.parametrize(
    ("more", "found"),
    [
        ("", []),
        ("wandb_project:\n", []),
        ("wandb_project: p\n", [("wandb", True)]),
        ("use_mlflow: true\n", [("mlflow", True)]),
    ],
)
def test_axolotl_tells_only_the_trackers_that_it_names(tmp_path, more, found):
    assert trackers(estate_of(tmp_path, t__yaml=AXOLOTL + more)) == found


def test_the_second_engine_of_llama_factory(tmp_path):
    text = """\
    model: org/base
    model_class: llm
    train_dataset: data/x.yaml
    dist_config: {name: fsdp2}
    output_dir: ./out
    max_steps: 10
    learning_rate: 1e-4
    """
    estate = estate_of(tmp_path, t__yaml=text)
    assert value(only(estate, "program"), "format") == "llama-factory"
    assert fetches(estate) == [("model", "org/base", False)]
    assert trackers(estate) == []


OLMO = """\
optimizer: {name: adamw}
scheduler: {name: cosine}
tokenizer: {identifier: x}
save_overwrite: false
save_interval_ephemeral: 250
load_path: %s
data: {paths: ['s3://corpus/a.npy', 's3://corpus/b.npy']}
"""


@pytest.mark.parametrize(
    ("load", "reads", "found"),
    [
        ("null", [], []),
        ("s3://base/step1", ["s3://base"], []),
        ("oci://my-bucket/run/a.pt", ["oci://my-bucket"], []),
        ("oci://ghcr.io/org/model", [], []),
        ("oci://registry/model:v1", [], []),
        ("https://w.org/step1/", [], [("model", "https://w.org/step1/", False)]),
    ],
)
def test_olmo_loads_and_its_data(tmp_path, load, reads, found):
    estate = estate_of(tmp_path, t__yaml=OLMO % load)
    job = only(estate, "workload")
    assert value(only(estate, "program"), "format") == "olmo"
    assert targets(estate, job, "reads") == reads
    assert targets(estate, job, "takes data from") == ["s3://corpus"]
    assert fetches(estate) == found


MCLI = """\
image: org/image:1
command: composer train.py
compute: {gpus: 8}
integrations:
- {integration_type: git_repo, git_repo: org/code, %s}
- {integration_type: pip_packages, packages: [%s]}
- {integration_type: wandb, project: p, entity: e}
parameters:
  train_loader: {dataset: {remote: s3://corpus/c4, local: /tmp/c4}}
"""


@pytest.mark.parametrize(
    ("code", "pinned", "package", "loose"),
    [
        ("git_branch: main", False, "oci-cli==3.23.2", True),
        ("git_branch: v0.21.0", "?", "oci-cli", False),
        (f"git_commit: '{COMMIT}'", True, "'a>=1'", False),
    ],
)
def test_what_mosaicml_does_around_a_command(tmp_path, code, pinned, package, loose):
    estate = estate_of(tmp_path, t__yaml=MCLI % (code, package))
    found = {kind: (what, state) for kind, what, state in fetches(estate)}
    assert found["code"] == ("https://github.com/org/code", pinned)
    assert found["packages"][1] is loose
    assert trackers(estate) == [("wandb", True)]
    job = only(estate, "workload")
    assert targets(estate, job, "takes data from") == ["s3://corpus"]


def test_traces_of_a_profiler_are_no_weights(tmp_path):
    text = """\
    output_dir: /out
    model: {_component_: a.b}
    tokenizer: {_component_: a.c, path: /in/tok}
    checkpointer: {_component_: a.d, checkpoint_dir: /in, output_dir: "${output_dir}"}
    profiler: {_component_: a.p, output_dir: "${output_dir}/traces"}
    """
    estate = estate_of(tmp_path, t__yaml=text)
    job = only(estate, "workload")
    assert set(targets(estate, job, "writes")) == {"t.yaml#/out"}


@pytest.mark.parametrize(
    ("path", "place"),
    [
        ("'${.x}'", "s3://b"),
        ("'${..top}/run'", "s3://t"),
        ("'${.x}/${name}'", "s3://b"),
        ("'${oc.select:trainer.x,null}'", "s3://b"),
        ("'${oc.select:trainer.absent,null}'", None),
        ("'${.absent}'", None),
        ("'${oc.env:HOME}'", None),
    ],
)
def test_references_inside_a_config(tmp_path, path, place):
    text = f"""\
    top: s3://t
    name: n
    trainer: {{x: s3://b/c, default_hdfs_dir: {path}}}
    data: {{}}
    algorithm: {{}}
    """
    estate = estate_of(tmp_path, t__yaml=text)
    assert targets(estate, only(estate, "workload"), "writes") == (
        [place] if place else []
    )


VERL = """\
trainer:
  default_local_dir: /ckpt
  default_hdfs_dir: hdfs://nn/ck
  s3_base_path: s3://verl-out/x
  logger: [console, wandb]
data: {train_files: 's3://corpus/a.parquet', balance_dp_token: False}
actor_rollout_ref: {model: {path: org/base, trust_remote_code: true}}
critic: {model: {path: s3://critic/x}}
"""


def _of_verl(estate):
    job = only(estate, "workload")
    stores = {edge.target.address for edge in estate.edges_from(job, "writes")}
    assert {"s3://verl-out", "hdfs://nn"} <= stores
    assert targets(estate, job, "takes data from") == ["s3://corpus"]
    assert targets(estate, job, "reads") == ["s3://critic"]
    assert fetches(estate) == [("model", "org/base", False)]
    assert trackers(estate) == [("wandb", True)]
    assert list(estate.of("secret")) == []


def test_verl(tmp_path):
    _of_verl(estate_of(tmp_path, t__yaml=VERL))


@pytest.mark.parametrize(
    "launcher",
    ["python3 -m verl.trainer.main_ppo", "torchrun train.py", "ray job submit -- python t.py"],
)  # fmt: skip
def test_verl_on_a_command_line(tmp_path, launcher):
    text = f"""\
    #!/bin/bash
    #SBATCH --gres=gpu:8
    {launcher} \\
      trainer.default_local_dir=/ckpt trainer.default_hdfs_dir=hdfs://nn/ck \\
      trainer.s3_base_path=s3://verl-out/x trainer.logger='["console","wandb"]' \\
      data.train_files=s3://corpus/a.parquet \\
      actor_rollout_ref.model.path=org/base critic.model.path=s3://critic/x
    """
    _of_verl(estate_of(tmp_path, run__sbatch=text))


def test_nemo_on_a_command_line(tmp_path):
    text = """\
    #!/bin/bash
    #SBATCH --gres=gpu:8
    srun python examples/nlp/megatron_gpt_pretraining.py \\
      exp_manager.exp_dir=s3://nemo-out/x exp_manager.create_wandb_logger=True \\
      model.restore_from_path=s3://base/gpt.nemo model.data.data_prefix=s3://corpus/a
    """
    estate = estate_of(tmp_path, run__sbatch=text)
    job = only(estate, "workload")
    assert targets(estate, job, "writes") == ["s3://nemo-out"]
    assert targets(estate, job, "reads") == ["s3://base"]
    assert targets(estate, job, "takes data from") == ["s3://corpus"]
    assert trackers(estate) == [("wandb", True)]


RECIPE = """\
display_name: a recipe
instance_types: [ml.p5.48xlarge]
run:
  name: r
  model_type: %s
  results_dir: /fsx/results/${.name}
  model_name_or_path: s3://escrow/base
  data_s3_path: s3://corpus/train.jsonl
  output_s3_path: s3://out/x
trainer: {num_nodes: 1}
%s
"""
TRAINING = """\
training_config:
  model: {path: org/base, trust_remote_code: true}
  trainer: {logger: [console, mlflow], default_local_dir: /opt/ml/model}
  mlflow: {tracking_uri: 'https://mlflow.example.org'}
  trainer_callbacks: [{output_path: s3://metering/x}]
  data: {dataset_path: null}
"""


def test_a_recipe_of_hyperpod(tmp_path):
    estate = estate_of(tmp_path, t__yaml=RECIPE % ("verl", TRAINING))
    job = only(estate, "workload")
    assert value(only(estate, "program"), "format") == "hyperpod"
    assert set(targets(estate, job, "writes")) == {
        "s3://out",
        "t.yaml#/fsx/results/r",
        "t.yaml#/opt/ml/model",
    }
    assert targets(estate, job, "reads") == ["s3://escrow"]
    assert targets(estate, job, "takes data from") == ["s3://corpus"]
    assert fetches(estate) == [("model", "org/base", False)]
    (upload,) = estate.of("upload")
    assert value(upload, "destination.host") == "mlflow.example.org"


def test_a_recipe_that_evaluates_writes_no_weights(tmp_path):
    text = RECIPE % ("amazon.nova", "evaluation: {task: mmlu}\ninference: {}")
    estate = estate_of(tmp_path, t__yaml=text)
    job = only(estate, "workload")
    assert targets(estate, job, "writes") == []
    assert targets(estate, job, "reads") == ["s3://escrow"]


def test_a_run_that_is_no_script_is_no_task_of_skypilot(tmp_path):
    text = "run: {model_type: x}\nresources: {restart: 1}\nsetup: {}\n"
    assert list(estate_of(tmp_path, t__yaml=text).of("workload")) == []


STAGED = """\
run: {name: r, results_dir: /res/%s, time_limit: '1:00:00', dependency: singleton%s}
model: {checkpoint_folder: '${%s.run.results_dir}/ck', model_type: gpt}
"""


@pytest.mark.parametrize(
    ("folder", "more", "package", "reads", "writes"),
    [
        ("conversion", ", convert_name: c", "conversion", ["/res/a/ck"], ["/res/a"]),
        ("evaluation", "", "evaluation", ["/res/a/ck"], []),
        ("evaluation", "", "training", [], []),
    ],
)
def test_stages_of_the_launcher_of_nemo(tmp_path, folder, more, package, reads, writes):
    path = f"conf/{folder}/x.yaml"
    files = {path.replace("/", "___").replace(".", "__"): STAGED % ("a", more, package)}
    estate = estate_of(tmp_path, **files)
    job = only(estate, "workload")
    assert targets(estate, job, "reads") == [f"{path}#{p}" for p in reads]
    assert targets(estate, job, "writes") == [f"{path}#{p}" for p in writes]


@pytest.mark.parametrize(
    "text",
    ['{"bundle": 1, "variables": 2, "targets": 3}\n', "{{ .Values.everything }}\n"],
)
def test_a_vocabulary_is_no_bundle(tmp_path, text):
    estate = estate_of(tmp_path, v__yaml=text)
    assert list(estate.of("workload")) == []


LIGHTNING = """\
trainer:
  max_epochs: 1
  accelerator: gpu
  logger:
%s
model: {class_path: a.B}
"""


@pytest.mark.parametrize(
    ("logger", "found"),
    [
        ("Wandb: {log_model: all}", [("wandb", "weights", True)]),
        ("Wandb: {log_model: false}", [("wandb", "weights", False)]),
        ("MLFlow: {log_model: true}", [("mlflow", "weights", True)]),
        ("MLFlow: {log_model: all}", [("mlflow", "weights", True)]),
        ("MLFlow: {}", []),
        ("Neptune: {}", [("neptune", "weights", True)]),
        ("Neptune: {log_model_checkpoints: false}", [("neptune", "weights", False)]),
        ("CSV: {log_model: true}", []),
    ],
)
def test_which_logger_of_lightning_gets_checkpoints(tmp_path, logger, found):
    name, _, arguments = logger.partition(": ")
    entry = f"""\
  - class_path: lightning.pytorch.loggers.{name}Logger
    init_args: {arguments}"""
    estate = estate_of(tmp_path, t__yaml=LIGHTNING % entry)
    facts = ("service", "carries", "enabled")
    assert [tuple(value(u, f) for f in facts) for u in estate.of("upload")
            if value(u, "carries") == "weights"] == found  # fmt: skip


def test_torchtitan_writes_no_checkpoint_unless_it_is_told_to(tmp_path):
    text = """\
    [job]
    dump_folder = "/out"
    [training]
    steps = 1
    [checkpoint]
    folder = "checkpoint"
    """
    estate = estate_of(tmp_path, t__toml=text)
    assert targets(estate, only(estate, "workload"), "writes") == []


LAUNCHER = """\
cluster_type: k8s
base_results_dir: /data/results
container: %s
instance_type: %s
git: {repo_url_or_path: %s, commit: %s, token: null}
env_vars: {WANDB_API_KEY: '${oc.env:WANDB_API_KEY}', WANDB_MODE: offline}
cluster:
  namespace: train
  persistent_volume_claims: [{claimName: fsx-claim, mountPath: /data}]
recipes: {run: {results_dir: /data/results/r}, model: {hf_model_name_or_path: org/base}}
"""


@pytest.mark.parametrize(
    ("container", "machine", "repository", "commit", "image", "code", "asks"),
    [
        ("nvcr.io/nvidia/nemo:24.09", "p5.48xlarge", "https://git.example.com/a/b",
         COMMIT, "nvcr.io/nvidia/nemo:24.09", [("https://git.example.com/a/b", True)], True),
        ("/fsx/nemo.sqsh", "ml.m5.large", "git@github.com:org/code.git",
         "null", None, [("https://github.com/org/code.git", False)], None),
        ("'{{container_image}}'", "ml.g6e.xlarge", "./code", "null", "?", [], True),
        ("null", "null", "null", "null", None, [], None),
    ],
)  # fmt: skip
def test_what_a_launcher_says_around_a_recipe(
    tmp_path, container, machine, repository, commit, image, code, asks
):
    commit = f"'{commit}'" if commit == COMMIT else commit
    text = LAUNCHER % (container, machine, repository, commit)
    estate = estate_of(tmp_path, t__yaml=text)
    job = only(estate, "workload")
    store = "PersistentVolumeClaim/train/fsx-claim"
    assert set(targets(estate, job, "writes")) == {store}
    assert value(job, "accelerator") is asks
    images = [value(c, "image.reference") for c in estate.of("container")]
    assert images == ([image] if image else [])
    found = [(what, pinned) for kind, what, pinned in fetches(estate) if kind == "code"]
    assert found == code
    assert trackers(estate) == [("wandb", False)]


def test_a_job_of_the_hyperpod_command_line(tmp_path):
    text = """\
    training_cfg: {entry_script: /opt/train.py, run: {name: x}}
    cluster: {cluster_type: k8s, instance_type: ml.g5.8xlarge}
    base_results_dir: ./result
    container: docker.io/org/image:v1
    env_vars: {NCCL_DEBUG: INFO}
    """
    estate = estate_of(tmp_path, t__yaml=text)
    assert value(only(estate, "workload"), "accelerator") is True
    assert value(only(estate, "container"), "image.pinned") is False


@pytest.mark.parametrize(
    ("engine", "trusted"),
    [("SGLANG", True), ("REMOTE_VLLM", True), ("VLLM", True), ("OPENAI", None)],
)
def test_code_of_a_tokenizer_runs_beside_a_server_of_the_model(
    tmp_path, engine, trusted
):
    text = f"model: {{model_name: o/m, trust_remote_code: true}}\nengine: {engine}\n"
    estate = estate_of(tmp_path, t__yaml=text)
    assert value(only(estate, "program"), "remote_code.trusted") is trusted


def test_parts_that_nemo_takes_from_pretrained_ones(tmp_path):
    text = """\
    exp_manager: {exp_dir: /out, create_clearml_logger: true}
    trainer: {devices: 8}
    model:
      mm_cfg:
        llm: {from_pretrained: s3://base/llm.nemo}
        vision_encoder: {from_pretrained: "org/clip", from_hf: true}
    """
    estate = estate_of(tmp_path, t__yaml=text)
    assert targets(estate, only(estate, "workload"), "reads") == ["s3://base"]
    assert fetches(estate) == [("model", "org/clip", False)]
    assert trackers(estate) == [("clearml", True)]
