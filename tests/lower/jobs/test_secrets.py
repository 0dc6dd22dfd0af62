"""Credentials in environments, scripts, Secrets and ConfigMaps; placeholders are none."""

from __future__ import annotations

import pytest
from manifests import estate_of, only, value, values

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


TOKEN = "hf_" + "aZ9kQ2mN7vR4tY6uB8wE1xC3pL5sD0fGhJ"


@pytest.mark.parametrize(
    ("entry", "plain"),
    [
        (f"value: {TOKEN}", True),
        ("value: hf_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx", False),
        ("value: ${HF_TOKEN}", False),
        ("value: <your-token>", False),
        ("value: changeme", False),
        ("value: hf_your_token_here", False),
        ("valueFrom: {secretKeyRef: {name: s, key: k}}", False),
        ("value: ''", False),
    ],
)
def test_tokens_in_environments(tmp_path, entry, plain):
    estate = job(tmp_path, "true", f"[{{name: HF_TOKEN, {entry}}}]")
    secret = only(estate, "secret")
    assert values(secret, "type", "plain") == ("hugging-face-token", plain)
    assert TOKEN not in repr((secret.address, secret.name))


@pytest.mark.parametrize(
    ("name", "literal", "expected"),
    [
        ("WANDB_API_KEY", "0f3c9a7b1d5e8f2a6c4b0d9e7f1a3c5b8d2e6f40", [("wandb-key", True)]),
        ("GIT_COMMIT", "0f3c9a7b1d5e8f2a6c4b0d9e7f1a3c5b8d2e6f40", []),
        ("AWS_SECRET_ACCESS_KEY", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYzQ19283746",
         [("aws-secret-key", True)]),
        # AWS makes no such key: it is that of a store which speaks S3
        ("AWS_SECRET_ACCESS_KEY", "hunter2hunter2", [("password", True)]),
        ("AWS_SECRET_ACCESS_KEY", "testuser", [("aws-secret-key", False)]),
        ("X", "AKIA" + "Q3EGRTMQ7ZLWXN5P", [("aws-access-key", True)]),
        ("PAD_TOKEN", "<|endoftext|>", []),
        ("MAX_TOKENS", "4096", []),
        ("OPENAI_API_KEY", "EMPTY", [("openai-key", False)]),
        ("HF_TOKEN_PATH", "/secrets/token", []),
        ("DB_PASSWORD", "hunter2hunter2", [("password", True)]),
        ("TOKENIZERS_PARALLELISM", "false", []),
        ("SORT_KEY", "created_at_time", []),
    ],
)  # fmt: skip
def test_which_names_hold_credentials(tmp_path, name, literal, expected):
    estate = job(tmp_path, "true", f"[{{name: {name}, value: '{literal}'}}]")
    assert [values(s, "type", "plain") for s in estate.of("secret")] == expected


def test_a_token_in_a_script_is_found_at_its_place(tmp_path):
    estate = job(tmp_path, f"ls\nexport HF_TOKEN={TOKEN}")
    secret = only(estate, "secret")
    assert secret.span.line == 16
    assert secret.span.resolved().text == TOKEN


@pytest.mark.parametrize(
    ("kind", "body", "expected"),
    [
        ("Secret", f"stringData: {{token: {TOKEN}}}", [True]),
        ("Secret", "data: {token: aHVudGVyMmh1bnRlcjI=}", [True]),
        ("Secret", "data: {password: Y2hhbmdlbWU=}", [False]),
        ("Secret", "data: {token: enterYourSecret==}", [False]),
        ("Secret", "data: {key: Replace_this_with_your_secret_key}", []),
        ("Secret", "data: {token: hunter2-hunter2}", ["?"]),
        ("Secret", "stringData: {username: somebody, host: db.lab}", []),
        ("Secret", "stringData: {token: 'ENC[AES256_GCM,data:x]'}\nsops: {mac: x}", []),
        ("Secret", "stringData: {token: '{{ .Values.token }}'}", [False]),
        ("ConfigMap", f"data: {{run.sh: 'export T={TOKEN}'}}", [True]),
        ("ConfigMap", "data: {a: b}", []),
    ],
)
def test_secret_and_config_map_objects(tmp_path, kind, body, expected):
    text = f"apiVersion: v1\nkind: {kind}\nmetadata: {{name: s}}\n{body}\n"
    estate = estate_of(tmp_path, s__yaml=text)
    assert [value(s, "plain") for s in estate.of("secret")] == expected
