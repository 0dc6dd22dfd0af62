"""Databricks bundles: variables, volumes, permissions, tasks of every kind, endpoints."""

from __future__ import annotations

import pytest
from manifests import estate_of, only, targets, value, values

KEY = "sk-" + "aZ9kQ2mN7vR4tY6uB8wE1xC3pL5sD0fGhJ"

BUNDLE = """\
bundle: {name: lab}
include: [resources/*.yml]
variables:
  catalog: {default: main}
  bucket: {default: lab-volumes}
  stage: {default: dev}
targets:
  dev: {mode: development}
  prod: {variables: {stage: prod}}
"""
RESOURCES = """\
resources:
  registered_models:
    llm:
      name: llm_${var.stage}
      catalog_name: ${var.catalog}
      schema_name: lab
  volumes:
    ckpt:
      catalog_name: ${var.catalog}
      schema_name: lab
      name: ckpt
      volume_type: EXTERNAL
      storage_location: s3://${var.bucket}/ckpt
      grants:
      - {principal: "account users", privileges: [READ_VOLUME]}
      - {principal: trainers, privileges: [READ_VOLUME]}
      - {principal: "account users", privileges: [WRITE_VOLUME]}
  jobs:
    train:
      run_as: {service_principal_name: 6c1-app}
      environments:
      - environment_key: default
        spec: {client: "1", dependencies: [torch, "mlflow==3.1.0", -r ../r.txt, ../d.whl]}
      job_clusters:
      - job_cluster_key: gpu
        new_cluster:
          node_type_id: p5.48xlarge
          ssh_public_keys: [ssh-rsa AAAA]
          aws_attributes: {instance_profile_arn: "arn:aws:iam::1:instance-profile/nodes"}
      tasks:
      - task_key: sft
        job_cluster_key: gpu
        libraries: [{pypi: {package: trl}}]
        spark_python_task:
          python_file: ../train.py
          parameters: [--output_dir, /Volumes/main/lab/ckpt/run]
      - task_key: judge
        environment_key: default
        notebook_task:
          notebook_path: ../Judge
          base_parameters: {model_name: "${var.catalog}.lab.llm_${var.stage}"}
      - task_key: each
        for_each_task:
          inputs: "[1]"
          task:
            task_key: inner
            python_wheel_task:
              package_name: p
              entry_point: go
              named_parameters: {push_to_hub: "true", hub_model_id: lab/m}
      - task_key: gate
        condition_task: {op: EQUAL_TO, left: a, right: b}
"""
ROLE = """\
resource "aws_iam_role" "nodes" {
  name               = "nodes"
  assume_role_policy = "{}"
}
"""


def bundle(tmp_path, resources=RESOURCES, **files):
    return estate_of(
        tmp_path,
        databricks__yml=BUNDLE,
        **{"resources/r__yml": resources},
        **files,
    )


def test_variables_join_models_and_volumes(tmp_path):
    estate = bundle(tmp_path, main__tf=ROLE)
    jobs = {w.address.rpartition(".")[2]: w for w in estate.of("workload")}
    assert list(jobs) == ["sft", "judge", "inner"]
    model = estate.find("store", "resources/r.yml#registered_models.llm")
    volume = estate.find("store", "resources/r.yml#volumes.ckpt")
    assert targets(estate, jobs["judge"], "reads") == [model.address]
    assert targets(estate, jobs["sft"], "writes") == [volume.address]
    assert targets(estate, volume, "is backed by") == ["s3://lab-volumes"]
    assert [f.value for f in volume.all_facts("public.principal")] == [True, False]


def test_who_acts_and_who_can_enter(tmp_path):
    estate = bundle(tmp_path, main__tf=ROLE)
    sft, judge, inner = estate.of("workload")
    assert targets(estate, sft, "runs as") == ["aws_iam_role.nodes"]
    assert values(sft, "session.enabled", "identity.own") == (True, True)
    assert value(judge, "session.enabled") is None
    uploads = [values(u, "channel", "enabled") for u in estate.of("upload")]
    assert uploads == [("hub", True)]
    assert targets(estate, inner, "sends")


def test_packages_of_tasks(tmp_path):
    estate = bundle(tmp_path)
    found = {values(f, "what", "pinned") for f in estate.of("fetch")}
    assert found == {("torch", False), ("mlflow==3.1.0", True), ("trl", False)}


def test_a_job_that_runs_as_a_person(tmp_path):
    text = RESOURCES.replace("service_principal_name: 6c1-app", "user_name: a@lab.org")
    estate = bundle(tmp_path, text)
    assert {value(w, "identity.own") for w in estate.of("workload")} == {False}


ENDPOINT = """\
resources:
  model_serving_endpoints:
    chat:
      name: chat
      config:
        served_entities:
        - entity_name: main.lab.other
          workload_type: GPU_SMALL
        - external_model:
            name: gpt
            provider: openai
            openai_config: {openai_api_key_plaintext: %s}
"""


def test_endpoints_ask_for_a_token(tmp_path):
    estate = bundle(tmp_path, ENDPOINT % KEY)
    service = only(estate, "service")
    facts = ("surface", "exposure", "authenticated.by", "anonymous.from")
    assert values(service, *facts) == ("model", "internet", "token", "nobody")
    assert targets(estate, service, "exposes") == ["resources/r.yml#chat"]
    assert values(only(estate, "secret"), "type", "plain") == ("openai-key", True)


@pytest.mark.parametrize("key", ["'{{secrets/lab/key}}'", "${var.key}"])
def test_keys_of_a_secret_scope(tmp_path, key):
    estate = bundle(tmp_path, ENDPOINT % key)
    assert [s for s in estate.of("secret") if value(s, "plain") is True] == []


def test_variables_that_name_themselves(tmp_path):
    text = BUNDLE.replace("default: main", "default: '${var.catalog}${var.catalog}'")
    estate = estate_of(
        tmp_path, databricks__yml=text, **{"resources/r__yml": RESOURCES}
    )
    assert len(list(estate.of("workload"))) == 3
