"""Each job format: it is recognised by its own keys, and every field says what it means."""

from __future__ import annotations

import pytest
from manifests import estate_of, only, said, targets, value, values

from mlsec_lint.lower import lower
from mlsec_lint.scan import read

TOKEN = "hf_" + "aZ9kQ2mN7vR4tY6uB8wE1xC3pL5sD0fGhJ"


@pytest.mark.parametrize(
    ("form", "text", "reads", "writes", "uploads"),
    [
        (
            "torchtune",
            """\
            output_dir: /out/t
            model: {_component_: torchtune.models.llama3}
            checkpointer:
              _component_: torchtune.training.FullModelHFCheckpointer
              checkpoint_dir: /in/m
              output_dir: ${output_dir}
            metric_logger: {_component_: torchtune.training.metric_logging.WandBLogger}
            """,
            ["c.yaml#/in/m"],
            ["c.yaml#/out/t"],
            [("wandb", "metrics", True)],
        ),
        (
            "llm-foundry",
            """\
            max_duration: 1ba
            train_loader: {dataset: {remote: s3://data}}
            save_folder: s3://ck/run
            load_path: gs://base/x.pt
            loggers: {wandb: {}}
            callbacks:
              hf_checkpointer: {save_folder: s3://hf/run, mlflow_registered_model_name: m}
            """,
            ["gs://base"],
            ["s3://ck", "s3://hf"],
            [("wandb", "metrics", True), ("mlflow", "weights", True)],
        ),
        (
            "olmo",
            """\
            save_folder: /ck
            remote_save_folder: s3://olmo/run
            optimizer: {name: adamw}
            scheduler: {name: cosine}
            tokenizer: {identifier: x}
            wandb: {project: p}
            """,
            [],
            ["c.yaml#/ck", "s3://olmo"],
            [("wandb", "metrics", True)],
        ),
        (
            "oumi",
            """\
            model: {model_name: org/m, trust_remote_code: true}
            training: {output_dir: s3://o/x, enable_wandb: true}
            """,
            [],
            ["s3://o"],
            [("wandb", "metrics", True)],
        ),
        (
            "oumi",
            "model: {model_name: org/m}\ntraining: {enable_wandb: false}\n",
            [],
            [],
            [],
        ),
        (
            "nemo",
            """\
            trainer: {devices: 8}
            exp_manager:
              exp_dir: /results
              create_wandb_logger: true
              wandb_logger_kwargs: {project: p, log_model: all}
            model: {restore_from_path: /base/m.nemo}
            """,
            ["c.yaml#/base/m.nemo"],
            ["c.yaml#/results"],
            [("wandb", "metrics", True), ("wandb", "weights", True)],
        ),
        (
            "verl",
            """\
            data: {train_files: s3://d}
            actor_rollout_ref: {model: {path: /m/base}}
            trainer: {logger: [console, wandb], default_local_dir: /ck/v, default_hdfs_dir: null}
            """,
            ["c.yaml#/m/base"],
            ["c.yaml#/ck/v"],
            [("wandb", "metrics", True)],
        ),
        (
            "litgpt",
            "checkpoint_dir: /m/base\nout_dir: /o/lora\nlogger_name: wandb\nprecision: bf16\n",
            ["c.yaml#/m/base"],
            ["c.yaml#/o/lora"],
            [("wandb", "metrics", True)],
        ),
    ],
)
def test_configs_of_frameworks(tmp_path, form, text, reads, writes, uploads):
    estate = estate_of(tmp_path, c__yaml=text)
    workload = only(estate, "workload")
    assert value(only(estate, "program"), "format") == form
    assert targets(estate, workload, "reads") == reads
    assert list(dict.fromkeys(targets(estate, workload, "writes"))) == writes
    found = [values(u, "service", "carries", "enabled") for u in estate.of("upload")]
    assert found == uploads
    for address in {*reads, *writes}:
        assert said(estate.find("store", address))[0][0] == "referenced"


SBATCH = """\
#!/bin/bash
#SBATCH --job-name=sft
#SBATCH --gres=gpu:8
export HF_HUB_OFFLINE=1
OUT=/ckpt/run
srun --container-image=nvcr.io#nvidia/pytorch:25.01-py3 \\
     --container-mounts=/fsx:/ckpt,/data:/data \\
     torchrun t.py --output_dir $OUT --push_to_hub
aws s3 sync $OUT s3://w/run
"""


def test_sbatch(tmp_path):
    estate = estate_of(tmp_path, train__sbatch=SBATCH)
    workload = only(estate, "workload")
    assert workload.address == "train.sbatch#sft"
    assert values(workload, "type", "accelerator") == ("job-file", True)
    assert targets(estate, workload, "writes") == ["train.sbatch#/fsx", "s3://w"]
    container = only(estate, "container")
    assert values(container, "image.reference", "image.registry", "image.pinned") == (
        "nvcr.io/nvidia/pytorch:25.01-py3", "nvcr.io", False,
    )  # fmt: skip
    hub = only(estate, "upload", channel="hub")
    assert values(hub, "enabled", "destination.internal") == (False, False)
    copy = only(estate, "upload", channel="command")
    assert values(copy, "carries", "service") == ("weights", "s3")
    assert copy.span.line == 9


def test_sbatch_in_a_here_document(tmp_path):
    text = f"#!/bin/bash\ncat > job.slurm <<EOF\n{SBATCH}EOF\nsbatch job.slurm\n"
    estate = estate_of(tmp_path, submit__sh=text)
    found = [w for w in estate.of("workload") if w.name.endswith("#sft")]
    assert len(found) == 1
    assert only(estate, "upload", channel="hub").span.line == 10


@pytest.mark.parametrize(
    "text",
    [
        "#!/bin/bash\necho hello\n",
        "#SBATCH is a word in this text\n",
        "nothing\n#SBATCH --gres=gpu:1 in prose\n",
    ],
)
def test_texts_that_are_no_jobs(tmp_path, text):
    assert list(estate_of(tmp_path, notes__txt=text).of("workload")) == []


def test_a_squashed_image_on_disk_is_no_reference(tmp_path):
    text = SBATCH.replace("nvcr.io#nvidia/pytorch:25.01-py3", "/fsx/x.sqsh")
    assert list(estate_of(tmp_path, t__sbatch=text).of("container")) == []


def test_azure_ml_job_and_its_datastore(tmp_path):
    estate = estate_of(
        tmp_path,
        job__yml="""\
        $schema: https://azuremlschemas.azureedge.net/latest/commandJob.schema.json
        name: sft
        command: >-
          python train.py --data ${{inputs.data}} x${{inputs.nothing}}y z${{inputs.many}} --output_dir ${{outputs.model}} --trust_remote_code
        environment: {image: mcr.microsoft.com/azureml/x:1}
        environment_variables: {WANDB_API_KEY: "${{secrets.W}}", HF_MLFLOW_LOG_ARTIFACTS: "1"}
        inputs:
          data: {type: uri_folder, path: azureml://datastores/corpus/paths/x}
          nothing: null
          many: [a, b]
        outputs: {model: {type: custom_model, path: azureml://datastores/w/paths/run}}
        compute: azureml:gpu-cluster
        """,
        store__yml=f"""\
        $schema: https://azuremlschemas.azureedge.net/latest/azureBlob.schema.json
        name: w
        type: azure_blob
        account_name: acct
        container_name: weights
        credentials: {{sas_token: "{"kX9" * 12}"}}
        """,
    )
    workload = only(estate, "workload")
    assert workload.address == "job.yml#sft"
    store = "abfss://weights@acct.dfs.core.windows.net"
    assert set(targets(estate, workload, "writes")) == {store}
    assert said(estate.find("store", store))
    assert estate.find("store", "azureml://datastores/w") is None
    assert value(only(estate, "container"), "image.registry") == "mcr.microsoft.com"
    program = only(estate, "program")
    assert value(program, "remote_code.trusted") is True
    secrets = [values(s, "type", "plain") for s in estate.of("secret")]
    assert ("azure-signature", True) in secrets
    assert ("wandb-key", True) not in secrets


def test_azure_ml_pipeline_steps(tmp_path):
    estate = estate_of(
        tmp_path,
        p__yml="""\
        $schema: https://azuremlschemas.azureedge.net/latest/pipelineJob.schema.json
        jobs:
          train:
            type: command
            command: torchrun t.py --push_to_hub
            compute: azureml:gpu
          prep: {type: command, command: ls, compute: azureml:cpu}
        """,
    )
    assert [w.address for w in estate.of("workload")] == ["p.yml#train", "p.yml#prep"]
    assert values(only(estate, "upload"), "channel", "enabled") == ("hub", True)


def test_compose(tmp_path):
    estate = estate_of(
        tmp_path,
        compose__yaml=f"""\
        services:
          trainer:
            image: lab/train:1
            privileged: true
            network_mode: host
            cap_add: [SYS_PTRACE]
            user: "0:0"
            environment:
              - HF_TOKEN={TOKEN}
              - WANDB_LOG_MODEL=end
              - WANDB_API_KEY
            command: torchrun t.py --output_dir /ckpt --push_to_hub
            volumes: ["/mnt/nvme:/ckpt", "/var/run/docker.sock:/var/run/docker.sock:ro", "v:/x"]
            deploy: {{resources: {{reservations: {{devices: [{{capabilities: [gpu]}}]}}}}}}
          web: {{build: .}}
        """,
    )
    trainer, web = estate.of("workload")
    assert (trainer.address, web.address) == (
        "compose.yaml#trainer",
        "compose.yaml#web",
    )
    assert values(trainer, "accelerator", "host.network", "host.pid") == (
        True,
        True,
        False,
    )
    assert values(web, "accelerator", "host.network") == (False, False)
    container = estate.edges_from(trainer, "has")[0].target
    assert values(container, "privileged", "capabilities.added", "run_as_root") == (
        True, ("SYS_PTRACE",), True,
    )  # fmt: skip
    socket = only(estate, "mount", host__path="/var/run/docker.sock")
    assert values(socket, "host.sensitive", "read_only") == (True, True)
    assert targets(estate, trainer, "writes") == ["hostPath:/mnt/nvme"]
    assert [
        values(u, "channel", "carries", "enabled") for u in estate.of("upload")
    ] == [
        ("hub", "weights", True),
        ("tracker", "metrics", True),
        ("tracker", "weights", True),
    ]
    found = {
        s.address.rpartition("/")[2]: value(s, "plain") for s in estate.of("secret")
    }
    assert found == {"HF_TOKEN": True, "WANDB_API_KEY": False}


def test_determined(tmp_path):
    estate = estate_of(
        tmp_path,
        d__yaml="""\
        name: sft
        searcher: {name: single}
        entrypoint: python -m torch.distributed.run t.py --report_to wandb
        checkpoint_storage: {type: s3, bucket: det-ck}
        bind_mounts: [{host_path: /etc, container_path: /host}]
        resources: {slots_per_trial: 8}
        environment:
          image: {cuda: lab/det:1}
          environment_variables: [HF_TOKEN=abc, WANDB_MODE=offline]
        """,
    )
    workload = only(estate, "workload")
    assert workload.address == "d.yaml#sft"
    assert targets(estate, workload, "writes") == ["s3://det-ck"]
    assert value(only(estate, "mount"), "host.sensitive") is True
    assert values(only(estate, "upload"), "service", "enabled") == ("wandb", False)


def test_dstack(tmp_path):
    estate = estate_of(
        tmp_path,
        x__dstack__yml="""\
        type: task
        name: sft
        image: lab/train:1
        env: [WANDB_API_KEY, HF_HUB_OFFLINE=1]
        commands: [pip install x, accelerate launch t.py --push_to_hub --output_dir /ck]
        backends: [aws]
        regions: [ap-east-1]
        resources: {gpu: H100:8}
        volumes: ["/mnt/ck:/ck"]
        """,
    )
    workload = only(estate, "workload")
    assert values(workload, "place.provider", "place.region", "place.pinned") == (
        "aws", "ap-east-1", True,
    )  # fmt: skip
    assert targets(estate, workload, "writes") == ["hostPath:/mnt/ck"]
    assert value(only(estate, "upload", channel="hub"), "enabled") is False


def test_ray_cluster_launcher(tmp_path):
    estate = estate_of(
        tmp_path,
        r__yaml="""\
        cluster_name: burst
        provider: {type: aws, region: us-west-2}
        docker: {image: rayproject/ray:2}
        available_node_types: {w: {node_config: {InstanceType: p5.48xlarge}}}
        setup_commands: [aws s3 cp s3://w/checkpoints/x /tmp/x]
        """,
    )
    workload = only(estate, "workload")
    assert values(workload, "accelerator", "place.region") == (True, "us-west-2")
    assert said(estate.find("store", "s3://w"))[0][0] == "named"


def test_mosaic_run(tmp_path):
    estate = estate_of(
        tmp_path,
        m__yaml="""\
        name: mpt
        image: mosaicml/llm-foundry:latest
        compute: {gpus: 8, cluster: c}
        command: composer train.py /mnt/config/parameters.yaml
        parameters: {save_folder: oci://ck@ns/run, loggers: {wandb: {}}}
        """,
    )
    assert targets(estate, only(estate, "workload"), "writes") == ["oci://ck@ns"]


def test_dvc(tmp_path):
    estate = estate_of(
        tmp_path,
        dvc__yaml="""\
        stages: {train: {cmd: python t.py --push_to_hub, outs: [models/m.pt]}}
        artifacts: {m: {path: models/m.pt, type: model}}
        """,
        __dvc___config="""\
            [core]
                remote = up
            ['remote "up"']
                url = s3://dvc-remote/x
                secret_access_key = wJalrXUtnFEMI/K7MDENG/bPxRfiCYzQ19283746
            """,
    )
    store = estate.find("store", "s3://dvc-remote")
    assert said(store)[0] == (
        "referenced", "DVC tracks the model m and keeps it in the remote up",
    )  # fmt: skip
    assert value(only(estate, "secret"), "plain") is True
    assert value(only(estate, "upload"), "channel") == "hub"


def test_dockerfile(tmp_path):
    estate = estate_of(
        tmp_path,
        Dockerfile=f"FROM a\nARG X=1\nENV HF_TOKEN={TOKEN} B=c\nENV WANDB_API_KEY=${{K}}\n",
    )
    secret = only(estate, "secret")
    assert values(secret, "type", "plain") == ("hugging-face-token", True)
    assert secret.span.line == 3


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("CloudFormation", "AWSTemplateFormatVersion: x\n"),
        ("CloudFormation", "Resources: {B: {Type: 'AWS::S3::Bucket'}}\n"),
        ("DeepSpeed", "zero_optimization: {stage: 3}\n"),
        ("AWS ParallelCluster", "HeadNode: {}\nScheduling: {}\nRegion: x\n"),
        ("Ansible", "- hosts: all\n  tasks: []\n"),
        ("conda environment", "name: x\ndependencies: [pip]\n"),
        ("IAM policy document", 'Version: "2012-10-17"\nStatement: []\n'),
        ("CodeBuild", "version: 0.2\nphases: {}\n"),
        ("OpenTelemetry collector", "receivers: {}\nexporters: {}\nservice: {}\n"),
        ("Grafana dashboard", "panels: []\nschemaVersion: 39\n"),
        ("workflow without models", "on: push\njobs: {}\n"),
        ("oumi (judging, synthesis, quantization)", "judge_params: {}\n"),
    ],
)
def test_what_is_recognised_but_not_read_is_counted(tmp_path, name, text):
    (tmp_path / "x.yaml").write_text(text)
    inputs = read(str(tmp_path)).inputs
    lower(inputs)
    assert inputs.not_analysed == {name: 1}
    assert inputs.recognised == {}


@pytest.mark.parametrize(
    ("name", "found"),
    [("values.yaml", 1), (".env", 1), ("run.toml", 1), ("notes.md", 0), ("x.py", 0)],
)
def test_tokens_in_config_that_no_format_claims(tmp_path, name, found):
    (tmp_path / name).write_text(f"# old\nhub: x\ntoken: {TOKEN}\nwandbKey: abc\n")
    estate = lower(read(str(tmp_path)).inputs)
    secrets = [(s.span.line, value(s, "type")) for s in estate.of("secret")]
    assert secrets == [(3, "hugging-face-token")] * found


@pytest.mark.parametrize(
    ("path", "written"),
    [
        ("${root}/x", ["c.yaml#/ck/x"]),
        ("${trainer.base}/y", ["c.yaml#/ck/sub/y"]),
        ("s3://${bucket}/y", ["s3://weights"]),
        ("${oc.env:HOME}/x", []),
        ("${absent}/x", []),
        ("${loop}", []),
    ],
)
def test_references_inside_a_config(tmp_path, path, written):
    estate = estate_of(
        tmp_path,
        c__yaml=f"""\
        root: /ck
        bucket: weights
        loop: ${{loop}}
        data: {{}}
        actor_rollout_ref: {{}}
        trainer: {{base: "${{root}}/sub", default_local_dir: "{path}"}}
        """,
    )
    assert targets(estate, only(estate, "workload"), "writes") == written


def test_a_document_is_one_job(tmp_path):
    text = "base_model: m\nmicro_batch_size: 1\nadapter: lora\noutput_dir: o\nlearning_rate: 1\nmax_steps: 2\n"
    (tmp_path / "x.yaml").write_text(text)
    inputs = read(str(tmp_path)).inputs
    lower(inputs)
    assert inputs.recognised == {"axolotl": 1}


@pytest.mark.parametrize(
    "text",
    [
        "$schema: http://azureml/sdk-2-0/CommandJob.json\ncommand: python t.py\n",
        "type: finetuning\nexperiment_name: x\ntraining_data: t.jsonl\n",
        "type: distillation\nstudent_model: m\ntraining_data: {path: t}\n",
        "endpoint_name: e\nmodel: azureml:m@latest\ninstance_type: Standard_NC6\n",
    ],
)
def test_azure_ml_without_the_usual_schema_is_read(tmp_path, text):
    (tmp_path / "x.yaml").write_text(text)
    inputs = read(str(tmp_path)).inputs
    estate = lower(inputs)
    assert inputs.recognised == {"azure-ml": 1}
    assert len(list(estate.of("workload"))) == 1


def test_a_type_alone_is_no_azure_ml(tmp_path):
    (tmp_path / "x.yaml").write_text("type: pipeline\nname: mine\nsteps: []\n")
    inputs = read(str(tmp_path)).inputs
    lower(inputs)
    assert inputs.recognised == {}
