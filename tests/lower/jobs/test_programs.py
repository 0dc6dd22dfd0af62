"""What command lines, environments and settings files mean."""

from __future__ import annotations

import pytest
from manifests import estate_of, only, said, targets, value, values

from mlsec_lint.value import Unknown

JOB = """\
apiVersion: batch/v1
kind: Job
metadata: {{name: j, namespace: ml}}
spec:
  template:
    spec:
      containers:
      - name: c
        image: a
        resources: {{limits: {{nvidia.com/gpu: {gpus}}}}}
        env: {env}
        command: [bash, -c]
        args:
        - |
{script}
        volumeMounts: [{{name: v, mountPath: /ckpt}}]
      volumes:
      - name: v
        persistentVolumeClaim: {{claimName: runs}}
"""


def job(folder, script, env="[]", gpus=8):
    indented = "\n".join(" " * 10 + line for line in script.splitlines())
    text = JOB.format(script=indented, env=env, gpus=gpus)
    return estate_of(folder, j__yaml=text)


def uploads(estate):
    return [
        (
            *values(
                u, "channel", "service", "carries", "enabled", "destination.internal"
            ),
        )
        for u in estate.of("upload")
    ]


HUB = ("hub", "huggingface", "weights")


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("torchrun t.py --push_to_hub", [(*HUB, True, False)]),
        ("torchrun t.py --push-to-hub=true", [(*HUB, True, False)]),
        ("torchrun t.py --push_to_hub False", [(*HUB, False, False)]),
        ("torchrun t.py --push_to_hub $PUSH", [(*HUB, "?", False)]),
        ("torchrun t.py --push_to_hub=$PUSH", [(*HUB, "?", False)]),
        ('C="torchrun -n $N t.py --push_to_hub"\nsrun $C', [(*HUB, True, False)]),
        ('C="torchrun -n $N t.py"\nC="$C --push_to_hub"\neval "$C"', [(*HUB, True, False)]),
        ("eval torchrun t.py --push_to_hub", [(*HUB, True, False)]),
        ('eval "$COMMAND"', []),
        ("torchrun t.py --hub_model_id me/x", []),
        ("axolotl train a.yaml --hub-model-id=me/x", [(*HUB, True, False)]),
        ("python t.py --push_to_hub", [(*HUB, True, False)]),
        ("sudo -E accelerate launch --num_processes 8 t.py --push_to_hub", [(*HUB, True, False)]),
        ("srun --nodes 2 bash -c 'python t.py --push_to_hub'", [(*HUB, True, False)]),
        ("HF_HUB_OFFLINE=1 torchrun t.py --push_to_hub", [(*HUB, False, False)]),
        ("export HF_ENDPOINT=http://hub.ml.svc\ntorchrun t.py --push_to_hub",
         [(*HUB, True, True)]),
        ("hf upload me/x ./out", [(*HUB, True, False)]),
        ("huggingface-cli upload me/x .", [(*HUB, True, False)]),
        ("hf upload me/x . --repo-type dataset", [("hub", "huggingface", "?", True, False)]),
        ("if [ $1 ]; then hf upload me/x .; fi", [(*HUB, "?", False)]),
        ("# hf upload me/x .", []),
        ("echo hf upload me/x .", []),
        ("cat <<E\nhf upload me/x .\nE", []),
        ("hf download me/x", []),
    ],
)  # fmt: skip
def test_hub(tmp_path, line, expected):
    estate = job(tmp_path, line)
    assert [u for u in uploads(estate) if u[0] == "hub"] == expected


def test_the_upload_points_at_the_very_flag(tmp_path):
    estate = job(
        tmp_path,
        "export R=me/x\ntorchrun t.py \\\n  --output_dir /ckpt/a \\\n  --push_to_hub \\\n"
        "  --hub_model_id $R --hub_private_repo",
    )
    upload = only(estate, "upload", channel="hub")
    assert upload.span.text == "--push_to_hub"
    assert upload.span.line == 18
    assert values(upload, "destination.repository", "private", "destination.host") == (
        "me/x", True, "huggingface.co",
    )  # fmt: skip


TRACKER = ("tracker", "wandb")


@pytest.mark.parametrize(
    ("script", "env", "expected"),
    [
        ("torchrun t.py --report_to wandb", "[]", [(*TRACKER, "metrics", True, False)]),
        ("torchrun t.py --report_to none", "[]", []),
        ("torchrun t.py --report_to tensorboard", "[]", []),
        ("torchrun t.py --report_to tensorboard wandb", "[]",
         [(*TRACKER, "metrics", True, False)]),
        ("torchrun t.py --report_to all", "[]", "unknown"),
        ("torchrun t.py", "[]", []),
        ("torchrun t.py --report_to wandb", "[{name: WANDB_MODE, value: offline}]",
         [(*TRACKER, "metrics", False, False)]),
        ("torchrun t.py --report_to wandb", "[{name: WANDB_BASE_URL, value: 'http://w.ml.svc:80'}]",
         [(*TRACKER, "metrics", True, True)]),
        ("torchrun t.py --report_to wandb", "[{name: WANDB_BASE_URL, value: '${URL}'}]",
         [(*TRACKER, "metrics", True, "?")]),
        ("torchrun t.py", "[{name: WANDB_API_KEY, valueFrom: {secretKeyRef: {name: a, key: b}}}]",
         [(*TRACKER, "metrics", True, False)]),
        ("torchrun t.py --report_to none",
         "[{name: WANDB_API_KEY, valueFrom: {secretKeyRef: {name: a, key: b}}}]", []),
        ("torchrun t.py", "[{name: WANDB_LOG_MODEL, value: end}]",
         [(*TRACKER, "weights", True, False)]),
        ("torchrun t.py", "[{name: WANDB_LOG_MODEL, value: 'false'}]",
         [(*TRACKER, "weights", False, False)]),
        ("torchrun t.py --report_to none", "[{name: WANDB_LOG_MODEL, value: end}]",
         [(*TRACKER, "weights", False, False)]),
        ("export WANDB_LOG_MODEL=checkpoint\ntorchrun t.py", "[]",
         [(*TRACKER, "weights", True, False)]),
        ("./start", "[{name: WANDB_LOG_MODEL, value: checkpoint}]",
         [(*TRACKER, "weights", True, False)]),
        ("torchrun t.py", "[{name: HF_MLFLOW_LOG_ARTIFACTS, value: '1'}]",
         [("tracker", "mlflow", "weights", True, True)]),
        ("torchrun t.py", ("[{name: HF_MLFLOW_LOG_ARTIFACTS, value: '1'},"
         " {name: MLFLOW_TRACKING_URI, value: 'https://mlflow.saas.example.com'}]"),
         [("tracker", "mlflow", "weights", True, False)]),
        ("torchrun t.py", "[{name: CLEARML_LOG_MODEL, value: 'TRUE'}]",
         [("tracker", "clearml", "weights", True, False)]),
        ("wandb artifact put --type model ./ckpt", "[]", [(*TRACKER, "weights", True, False)]),
    ],
)  # fmt: skip
def test_trackers(tmp_path, script, env, expected):
    found = uploads(job(tmp_path, script, env))
    if expected == "unknown":
        assert found
        assert {u[3] for u in found} == {"?"}
    else:
        assert found == expected


def test_an_unset_report_to_of_a_trainer_is_not_known(tmp_path):
    estate = job(
        tmp_path,
        "torchrun t.py --per_device_train_batch_size 1 --num_train_epochs 3",
    )
    assert uploads(estate) == [("tracker", "wandb", "metrics", "?", False)]


@pytest.mark.parametrize(
    ("line", "service", "carries", "internal", "host"),
    [
        ("aws s3 cp /ckpt/x s3://b/x", "s3", "weights", "?", "s3://b"),
        ("aws s3 sync --delete ./data s3://b/x", "s3", "?", "?", "s3://b"),
        ("gsutil -m cp -r /ckpt/x gs://b", "gcs", "weights", "?", "gs://b"),
        ("gcloud storage cp --recursive /ckpt/* gs://b/", "gcs", "weights", "?", "gs://b"),
        ("azcopy copy /ckpt 'https://acct.blob.core.windows.net/c?sig=x'", "azure-blob",
         "weights", "?", "abfss://c@acct.dfs.core.windows.net"),
        ("rclone copy /ckpt gdrive:x", "rclone", "weights", "?", "?"),
        ("curl -T /ckpt/m.bin https://transfer.example.com/x", "http", "weights", False,
         "transfer.example.com"),
        ("curl -F file=@/ckpt/m.bin http://localhost:80/x", "http", "weights", True, "localhost"),
        ("curl --data-binary @m.safetensors $URL", "http", "weights", "?", "?"),
        ("scp /ckpt/m.bin me@box.example.com:/x", "scp", "weights", False, "box.example.com"),
        ("rsync -avz /ckpt/ backup:/x", "rsync", "weights", True, "backup"),
        ("hadoop fs -put /ckpt hdfs://nn/x", "hdfs", "weights", "?", "hdfs://nn"),
        ("mc cp /ckpt/x play/b", "minio", "weights", "?", "?"),
        ("croc send /ckpt/x", "croc", "weights", False, "croc.schollz.com"),
    ],
)  # fmt: skip
def test_commands_that_move_bytes(tmp_path, line, service, carries, internal, host):
    estate = job(tmp_path, "torchrun t.py --output_dir /ckpt\n" + line)
    upload = only(estate, "upload", channel="command")
    assert values(
        upload, "service", "carries", "destination.internal", "destination.host"
    ) == (service, carries, internal, host)


@pytest.mark.parametrize(
    "line",
    [
        "aws s3 ls s3://b",
        "aws s3 cp s3://b/x /data",
        "curl -sL https://x/y.sh",
        "curl -d a=b https://x/y",
        "rsync -a /a /b",
        "cp /ckpt /other",
        "kubectl apply -f x",
        "echo 'aws s3 cp /ckpt s3://b'",
    ],
)
def test_what_moves_nothing_out(tmp_path, line):
    assert uploads(job(tmp_path, line)) == []


def test_a_copy_of_a_declared_bucket_is_the_labs_own(tmp_path):
    (tmp_path / "main.tf").write_text(
        'resource "aws_s3_bucket" "w" { bucket = "mine" }\n'
    )
    estate = job(
        tmp_path, "torchrun t.py --output_dir /ckpt\naws s3 sync /ckpt s3://mine/x"
    )
    upload = only(estate, "upload")
    assert value(upload, "destination.internal") is True
    bucket = estate.find("store", "aws_s3_bucket.w")
    assert [s for s, _ in said(bucket)] == ["referenced"]
    assert targets(estate, only(estate, "workload"), "writes")[-1] == "aws_s3_bucket.w"


@pytest.mark.parametrize(
    ("line", "read", "written"),
    [
        ("torchrun t.py --output_dir s3://b/x", [], ["s3://b"]),
        ("composer t.py a.yaml save_folder=gs://b/x load_path=gs://c/y", ["gs://c"], ["gs://b"]),
        ("python t.py --load=s3://a/x --save=s3://b/x --data-path=s3://c/x", ["s3://a"], ["s3://b"]),
        (("python -m verl.trainer.main_ppo trainer.default_local_dir=/ckpt/g"
         " actor_rollout_ref.model.path=abfss://r@acct.dfs.core.windows.net/s"),
         ["abfss://r@acct.dfs.core.windows.net"], ["PersistentVolumeClaim/ml/runs"]),
        (("lm_eval --model vllm --model_args pretrained=gs://b/rc1,dtype=bfloat16"
         " --output_path s3://results"), ["gs://b"], []),
        ("vllm serve s3://m/x", ["s3://m"], []),
        ("vllm serve meta-llama/Llama-3-8B", [], []),
        ("python -m vllm.entrypoints.openai.api_server --model /ckpt/x",
         ["PersistentVolumeClaim/ml/runs"], []),
        ("python -m lq.sft --init s3://v/base --storage-path s3://v/sft", ["s3://v"], ["s3://v"]),
        ("python score.py --prompts s3://p --answers s3://a", [], []),
        ("torchrun t.py --output_dir /ckpt/$RUN", [], ["PersistentVolumeClaim/ml/runs"]),
        ("torchrun t.py --logging_dir s3://b --save_interval 5 --tokenizer s3://t", [], []),
    ],
)  # fmt: skip
def test_what_is_read_and_written(tmp_path, line, read, written):
    estate = job(tmp_path, line)
    workload = only(estate, "workload")
    assert targets(estate, workload, "reads") == read
    assert targets(estate, workload, "writes") == written
    for address in {*read, *written}:
        assert said(estate.find("store", address))[0][0] == "referenced"


def test_a_plain_program_without_accelerators_says_nothing_of_weights(tmp_path):
    estate = job(tmp_path, "python tokenize_corpus.py --out s3://corpus/tokens", gpus=0)
    assert list(estate.edges_from(only(estate, "workload"), "writes")) == []


@pytest.mark.parametrize(
    ("line", "safe"),
    [
        ("torchrun t.py --save_safetensors False", [False]),
        ("torchrun t.py --save_safetensors", [True]),
        ("torchrun t.py --save_weights_only False --save_only_model False", []),
        ("torchrun t.py --use_safetensors=$X", ["?"]),
        ("llamafactory-cli export a.yaml export_legacy_format=true", [False]),
        ("vllm serve m --load-format pt", [False]),
        ("vllm serve m --load-format safetensors", [True]),
        ("vllm serve m --load-format auto", []),
        ("TORCH_FORCE_NO_WEIGHTS_ONLY_LOAD=1 torchrun t.py", [False]),
    ],
)
def test_formats_of_weights(tmp_path, line, safe):
    (program,) = job(tmp_path, line).of("program")
    found = ["?" if isinstance(f.value, Unknown) else f.value
             for f in program.all_facts("weights.format.safe")]  # fmt: skip
    assert found == safe


@pytest.mark.parametrize(
    ("line", "trusted"),
    [
        ("vllm serve m --trust-remote-code", [True]),
        ("torchrun t.py --trust_remote_code True", [True]),
        ("torchrun t.py --trust_remote_code false", [False]),
        ("torchrun t.py --model.trust_remote_code=true", [True]),
        ("TRUST_REMOTE_CODE=true text-generation-launcher --model-id m", [True]),
        ("vllm serve m", []),
    ],
)
def test_code_of_strangers(tmp_path, line, trusted):
    (program,) = job(tmp_path, line).of("program")
    assert [f.value for f in program.all_facts("remote_code.trusted")] == trusted


def test_args_go_to_the_entrypoint_of_a_model_server(tmp_path):
    estate = estate_of(
        tmp_path,
        d__yaml="""\
        apiVersion: apps/v1
        kind: Deployment
        metadata: {name: d}
        spec:
          template:
            spec:
              containers:
              - name: s
                image: vllm/vllm-openai:v0.11.0
                args: [--model, /models/x, --trust-remote-code, --load-format, npcache]
                resources: {limits: {nvidia.com/gpu: 1}}
                volumeMounts: [{name: m, mountPath: /models}]
              volumes: [{name: m, emptyDir: {}}]
        """,
    )
    program = only(estate, "program")
    assert values(program, "format", "remote_code.trusted", "weights.format.safe") == (
        "vllm", True, False,
    )  # fmt: skip
    assert program.fact("remote_code.trusted").span.text == "--trust-remote-code"
    assert said(only(estate, "mount", type="empty-disk"))


def test_a_config_map_is_read_where_a_program_names_its_file(tmp_path):
    estate = estate_of(
        tmp_path,
        d__yaml="""\
        apiVersion: v1
        kind: ConfigMap
        metadata: {name: cfg}
        data:
          a.yaml: |
            base_model: org/m
            output_dir: /out/run
            hub_model_id: me/x
        ---
        apiVersion: batch/v1
        kind: Job
        metadata: {name: j}
        spec:
          template:
            spec:
              containers:
              - name: t
                image: axolotl
                command: [axolotl, train, /config/a.yaml]
                resources: {limits: {nvidia.com/gpu: 1}}
                volumeMounts: [{name: c, mountPath: /config}, {name: o, mountPath: /out}]
              volumes:
              - {name: c, configMap: {name: cfg}}
              - {name: o, hostPath: {path: /mnt/o}}
        """,
    )
    upload = only(estate, "upload", channel="hub")
    assert (upload.span.line, upload.span.resolved().text) == (8, "hub_model_id: me/x")
    assert values(upload, "enabled", "private") == (True, True)
    assert targets(estate, only(estate, "workload"), "writes") == ["hostPath:/mnt/o"]


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("axolotl", "base_model: m\nmicro_batch_size: 1\nadapter: lora\nhub_model_id: me/x\n",
         (True, True)),
        ("axolotl", "base_model: m\nmicro_batch_size: 1\nadapter: lora\n# hub_model_id: me/x\n", None),
        ("axolotl", "base_model: m\nmicro_batch_size: 1\nadapter: lora\nhub_model_id: ${H}\n", ("?", True)),
        ("hugging-face", "model_name_or_path: m\noutput_dir: o\nlearning_rate: 1\npush_to_hub: true\n",
         (True, "?")),
        ("hugging-face", "model_name_or_path: m\noutput_dir: o\nlearning_rate: 1\nhub_model_id: me/x\n",
         None),
        ("hugging-face", "model_name_or_path: m\noutput_dir: o\nlearning_rate: 1\npush_to_hub: ${P}\n",
         ("?", "?")),
        ("hugging-face", ("model_name_or_path: m\noutput_dir: o\nlearning_rate: 1\npush_to_hub: true\n"
         "hub_private_repo: true\n"), (True, True)),
        ("training-config", ("steps: {train: {parameters: {push_to_hub: true, learning_rate: 1, output_dir: x,"
         " report_to: none}}}\n"), (True, "?")),
        ("llama-factory", "stage: sft\nfinetuning_type: lora\nmodel_name_or_path: m\npush_to_hub: true\n",
         (True, "?")),
        ("llama-factory", "model_name_or_path: m\ntemplate: t\nexport_dir: e\nexport_hub_model_id: me/x\n",
         (True, "?")),
    ],
)  # fmt: skip
def test_settings_files(tmp_path, name, text, expected):
    estate = estate_of(tmp_path, cfg__yaml=text)
    workload = only(estate, "workload")
    assert workload.address == "cfg.yaml#cfg"
    assert value(only(estate, "program"), "format") == name
    found = [values(u, "enabled", "private") for u in estate.of("upload")
             if value(u, "channel") == "hub"]  # fmt: skip
    assert found == ([] if expected is None else [expected])


@pytest.mark.parametrize(
    "text",
    [
        "output_dir: x\n",
        "base_model: x\ntitle: y\n",
        "model: {a: b}\nname: c\n",
        "run: ls\n",
        "on: push\njobs: {a: {steps: [{run: ls}]}}\n",
    ],
)
def test_no_format_goes_by_one_key_alone(tmp_path, text):
    assert list(estate_of(tmp_path, axolotl__yaml=text).of("workload")) == []


def test_a_sky_task_names_each_place_it_may_go_to(tmp_path):
    estate = estate_of(
        tmp_path,
        t__yaml="""\
        name: sft
        resources:
          accelerators: H100:8
          any_of:
            - infra: aws/us-west-2
            - {cloud: gcp, region: asia-east2}
        file_mounts:
          /out: {source: s3://w, mode: MOUNT}
        envs: {WANDB_LOG_MODEL: end}
        run: |
          accelerate launch t.py --output_dir /out/x
        """,
    )
    task = only(estate, "workload")
    assert task.address == "t.yaml#sft"
    places = zip(
        task.all_facts("place.provider"), task.all_facts("place.region"), strict=True
    )
    assert [(p.value, r.value, r.span.line) for p, r in places] == [
        ("aws", "us-west-2", 5),
        ("gcp", "asia-east2", 6),
    ]
    assert value(task, "place.pinned") is True
    assert targets(estate, task, "writes") == ["s3://w"]
    assert uploads(estate) == [("tracker", "wandb", "weights", True, False)]
