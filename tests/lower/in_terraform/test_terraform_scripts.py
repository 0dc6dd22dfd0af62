"""Scripts, tasks and environments in Terraform: what they do, at their own lines."""

from __future__ import annotations

import base64
import gzip
import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from manifests import estate_of, only, said, targets, value, values

from mlsec_lint.lower import lower
from mlsec_lint.scan import read

SCRIPT = "#!/bin/bash\nhuggingface-cli upload acme/x /ckpt\n"
PLACES = [
    ("aws_instance", "user_data", "{}"),
    ("aws_instance", "user_data_base64", "base64encode({})"),
    ("aws_launch_template", "user_data", "base64encode({})"),
    ("aws_launch_template", "user_data", "base64gzip({})"),
    (
        "aws_sagemaker_notebook_instance_lifecycle_configuration",
        "on_start",
        "base64encode({})",
    ),
    ("google_compute_instance", "metadata_startup_script", "{}"),
    ("google_compute_instance", "metadata", '{{ "startup-script" = {} }}'),
    ("google_compute_instance_template", "metadata", '{{ "user-data" = {} }}'),
    ("google_tpu_v2_vm", "metadata", '{{ "startup-script" = {} }}'),
    ("azurerm_linux_virtual_machine", "custom_data", "base64encode({})"),
]
HEREDOC = "<<-EOT\n    #!/bin/bash\n    huggingface-cli upload acme/x /ckpt\n  EOT\n"


@pytest.mark.parametrize(("kind", "field", "form"), PLACES)
def test_every_place_is_read_at_its_line(tmp_path, kind, field, form):
    text = f'locals {{\n  s = {HEREDOC}}}\nresource "{kind}" "x" {{\n  {field} = {form.format("local.s")}\n}}\n'
    estate = estate_of(tmp_path, main__tf=text)
    upload = only(estate, "upload")
    assert (upload.span.path, upload.span.line) == ("main.tf", 4)
    workload = only(estate, "workload")
    assert workload.address == f"{kind}.x"
    assert value(workload, "type") in ("vm", "managed")


@pytest.mark.parametrize("call", ["file", "templatefile"])
def test_a_script_of_its_own_is_judged_as_what_its_machine_runs(tmp_path, call):
    more = ", {}" if call == "templatefile" else ""
    text = f'resource "aws_instance" "x" {{\n  user_data = {call}("${{path.module}}/s.sh"{more})\n}}\n'
    estate = estate_of(tmp_path, main__tf=text, s__sh=SCRIPT)
    upload = only(estate, "upload")
    assert (upload.span.path, upload.span.line) == ("s.sh", 2)
    assert only(estate, "workload").address == "aws_instance.x"


def test_unknown_parts_join_by_reference(tmp_path):
    text = """
resource "aws_s3_bucket" "b" {
  bucket_prefix = "x"
}
resource "aws_instance" "x" {
  instance_type = "p5.48xlarge"
  user_data     = <<-EOT
    #!/bin/bash
    torchrun train.py --output_dir s3://${aws_s3_bucket.b.id}/run
  EOT
}
"""
    estate = estate_of(tmp_path, main__tf=text)
    machine = only(estate, "workload")
    assert targets(estate, machine, "writes") == ["aws_s3_bucket.b"]
    assert value(machine, "accelerator") is True
    store = only(estate, "store", declared=True)
    assert any(strength == "referenced" for strength, _ in said(store))


CLOUD_CONFIG = """#cloud-config
write_files:
  - path: /opt/up.sh
    content: |
      #!/bin/bash
      huggingface-cli upload acme/x /ckpt
runcmd:
  - %s
"""


@pytest.mark.parametrize(
    "command", ["bash /opt/up.sh", "[bash, /opt/up.sh]", '[sh, -c, "bash /opt/up.sh"]']
)
def test_cloud_config_runs_what_it_writes(tmp_path, command):
    text = (
        'resource "aws_instance" "x" {\n  user_data = file("${path.module}/c.cfg")\n}\n'
    )
    estate = estate_of(tmp_path, main__tf=text, c__cfg=CLOUD_CONFIG % command)
    upload = only(estate, "upload")
    assert (upload.span.path, upload.span.line) == ("c.cfg", 6)


def test_parts_of_the_cloud_init_data_source_are_read(tmp_path):
    text = f"""
data "cloudinit_config" "c" {{
  part {{
    content_type = "text/x-shellscript"
    content      = {HEREDOC}  }}
}}
resource "aws_launch_template" "x" {{
  user_data = data.cloudinit_config.c.rendered
}}
"""
    assert only(estate_of(tmp_path, main__tf=text), "upload").span.line == 7


@pytest.mark.parametrize(
    "text",
    [
        "#!/usr/bin/env python3\nprint(1)\n",
        "<powershell>\nhuggingface-cli upload acme/x /ckpt\n</powershell>\n",
        "[settings.kernel]\nlockdown = 'integrity'\n",
        "huggingface-cli upload acme/x /ckpt\n",
    ],
)
def test_user_data_that_no_shell_runs_is_counted(tmp_path, text):
    main = (
        'resource "aws_instance" "x" {\n  user_data = file("${path.module}/u.txt")\n}\n'
    )
    (tmp_path / "main.tf").write_text(main)
    (tmp_path / "u.txt").write_text(text)
    inputs = read(str(tmp_path)).inputs
    estate = lower(inputs)
    assert list(estate.of("upload")) == []
    assert inputs.not_analysed == {"user data that is no shell script": 1}


def test_a_startup_script_of_google_needs_no_first_line(tmp_path):
    text = """
resource "google_compute_instance" "x" {
  metadata_startup_script = "huggingface-cli upload acme/x /ckpt"
}
"""
    assert only(estate_of(tmp_path, main__tf=text), "upload").span.line == 3


def test_a_script_that_nobody_can_tell_is_noted(tmp_path):
    text = 'variable "s" {}\nresource "aws_instance" "x" {\n  user_data = var.s\n}\n'
    estate = estate_of(tmp_path, main__tf=text)
    assert any("the script of aws_instance.x" in note.text for note in estate.notes)


DOCUMENTS = [
    (
        "azurerm_virtual_machine_extension",
        'virtual_machine_id = azurerm_linux_virtual_machine.m.id\nsettings = jsonencode({\ncommandToExecute = "huggingface-cli upload acme/x /ckpt"\n})',
        "azurerm_linux_virtual_machine.m",
    ),
    (
        "aws_codebuild_project",
        "source {\nbuildspec = <<-EOT\n  version: 0.2\n  phases:\n    build:\n      commands:\n        - huggingface-cli upload acme/x /ckpt\nEOT\n}",
        "aws_codebuild_project.x",
    ),
    (
        "aws_ssm_document",
        'content = jsonencode({\nmainSteps = [{ inputs = { runCommand = [\n"huggingface-cli upload acme/x /ckpt"\n] } }]\n})',
        "aws_ssm_document.x",
    ),
]


@pytest.mark.parametrize(("kind", "body", "runs"), DOCUMENTS)
def test_commands_in_documents_are_read_at_their_line(tmp_path, kind, body, runs):
    text = f'resource "azurerm_linux_virtual_machine" "m" {{\n  name = "m"\n}}\nresource "{kind}" "x" {{\n{body}\n}}\n'
    estate = estate_of(tmp_path, main__tf=text)
    upload = only(estate, "upload")
    line = upload.span.resolved().source.line_text(upload.span.line)
    assert "huggingface-cli upload" in line
    assert next(e.source.address for e in estate.edges_to(upload, "sends")) == runs


@pytest.mark.parametrize(
    ("kind", "size", "wanted"),
    [
        ("aws_launch_template", 'instance_type = "trn2.48xlarge"', True),
        ("aws_launch_template", 'instance_type = "m7i.large"', False),
        ("aws_launch_template", "instance_type = var.size", "?"),
        ("google_compute_instance_template", 'machine_type = "a3-highgpu-8g"', True),
        ("google_compute_instance_template", 'machine_type = "e2-medium"', False),
        ("google_tpu_v2_vm", 'accelerator_type = "v5litepod-8"', True),
        (
            "azurerm_linux_virtual_machine_scale_set",
            'sku = "Standard_ND96isr_H100_v5"',
            True,
        ),
        ("azurerm_linux_virtual_machine_scale_set", 'sku = "Standard_D4s_v5"', False),
    ],
)
def test_the_machine_type_tells_accelerators(tmp_path, kind, size, wanted):
    field = "metadata" if kind.startswith("google") else "user_data"
    if kind.startswith("azurerm"):
        field = "custom_data"
    script = '"#!/bin/bash\\ntrue"'
    given_script = (
        f'{{ "startup-script" = {script} }}' if field == "metadata" else script
    )
    text = f'variable "size" {{}}\nresource "{kind}" "x" {{\n  {size}\n  {field} = {given_script}\n}}\n'
    workload = only(estate_of(tmp_path, main__tf=text), "workload")
    assert value(workload, "accelerator") == wanted


TASK = {
    "name": "c",
    "image": "serve:1",
    "privileged": True,
    "user": "0:0",
    "command": ["vllm", "serve", "x", "--trust-remote-code"],
    "environment": [{"name": "HF_TOKEN", "value": "hf_" + "aB3dE6gH9j" * 3}],
    "secrets": [{"name": "WANDB_API_KEY", "valueFrom": "arn:aws:ssm:x"}],
    "resourceRequirements": [{"type": "GPU", "value": "1"}],
    "linuxParameters": {"capabilities": {"add": ["SYS_ADMIN"]}},
    "mountPoints": [
        {"sourceVolume": "w", "containerPath": "/w", "readOnly": True},
        {"sourceVolume": "s", "containerPath": "/s"},
    ],
}
ECS = """
resource "aws_efs_file_system" "f" {
}
resource "aws_ecs_task_definition" "t" {
  family                = "t"
  network_mode          = "host"
  pid_mode              = "task"
  container_definitions = %s
  volume {
    name = "w"
    efs_volume_configuration {
      file_system_id = aws_efs_file_system.f.id
    }
  }
  volume {
    name      = "s"
    host_path = "/var/run/docker.sock"
  }
}
"""


@pytest.mark.parametrize("form", ["jsonencode", "heredoc", "file"])
def test_an_ecs_task_in_any_form(tmp_path, form):
    document = json.dumps([TASK], indent=2)
    forms = {
        "jsonencode": f"jsonencode({document})",
        "heredoc": f"<<EOT\n{document}\nEOT\n",
        "file": 'file("${path.module}/task.json")',
    }
    files = {"task__json": document} if form == "file" else {}
    estate = estate_of(tmp_path, main__tf=ECS % forms[form], **files)
    workload, container = only(estate, "workload"), only(estate, "container")
    spaces = ("host.network", "host.pid", "host.ipc", "accelerator")
    assert values(workload, *spaces) == (True, False, False, True)
    rights = ("privileged", "run_as_root", "capabilities.added", "image.pinned")
    assert values(container, *rights) == (True, True, ("SYS_ADMIN",), False)
    shown = container.fact("privileged").span.resolved()
    line = shown.source.line_text(shown.line)
    assert "privileged" in line
    disk = only(estate, "mount", type="file")
    assert value(disk, "read_only") is True
    assert targets(estate, disk, "is backed by") == ["aws_efs_file_system.f"]
    assert value(only(estate, "mount", type="host"), "host.sensitive") is True
    secrets = [(s.name.split()[0], value(s, "plain")) for s in estate.of("secret")]
    assert secrets == [("HF_TOKEN", True)]
    assert value(only(estate, "program"), "remote_code.trusted") is True


def test_the_nodes_of_a_batch_job_are_containers(tmp_path):
    document = {"nodeRangeProperties": [{"targetNodes": "0:", "container": TASK}]}
    text = f'resource "aws_batch_job_definition" "b" {{\n  node_properties = jsonencode({json.dumps(document)})\n}}\n'
    estate = estate_of(tmp_path, main__tf=text)
    assert value(only(estate, "container"), "privileged") is True


def test_containers_that_nobody_can_tell_are_noted(tmp_path):
    text = 'variable "c" {}\n' + ECS % "var.c"
    estate = estate_of(tmp_path, main__tf=text)
    assert list(estate.of("container")) == []
    assert any("the containers of" in note.text for note in estate.notes)


TOKEN = "hf_" + "qW7eR2tY5u" * 3
ENVIRONMENTS = [
    ("aws_lambda_function", 'environment {\nvariables = { HF_TOKEN = "%s" }\n}'),
    (
        "aws_sagemaker_model",
        'primary_container {\nimage = "i"\nenvironment = { HF_TOKEN = "%s" }\n}',
    ),
    (
        "aws_codebuild_project",
        'environment {\nenvironment_variable {\nname = "HF_TOKEN"\nvalue = "%s"\n}\n}',
    ),
    (
        "google_cloud_run_v2_job",
        'template {\ntemplate {\ncontainers {\nimage = "i"\nenv {\nname = "HF_TOKEN"\nvalue = "%s"\n}\n}\n}\n}',
    ),
    ("google_compute_instance", 'metadata = { hf-token = "%s" }'),
    (
        "azurerm_container_group",
        'container {\nname = "c"\nimage = "i"\nsecure_environment_variables = { HF_TOKEN = "%s" }\n}',
    ),
    ("azurerm_linux_function_app", 'app_settings = { HF_TOKEN = "%s" }'),
]


@pytest.mark.parametrize(("kind", "body"), ENVIRONMENTS)
def test_a_token_in_an_environment_is_found_where_it_stands(tmp_path, kind, body):
    text = f'resource "{kind}" "x" {{\n{body % TOKEN}\n}}\n'
    secret = only(estate_of(tmp_path, main__tf=text), "secret")
    assert values(secret, "type", "plain") == ("hugging-face-token", True)
    line = secret.span.resolved().source.line_text(secret.span.line)
    assert TOKEN in line


def test_what_a_service_keeps_and_what_a_store_holds_is_no_plain_text(tmp_path):
    text = """
variable "t" {}
resource "azurerm_container_group" "x" {
  container {
    name                         = "c"
    image                        = "i"
    secure_environment_variables = { HF_TOKEN = var.t }
  }
}
resource "aws_codebuild_project" "y" {
  environment {
    environment_variable {
      name  = "HF_TOKEN"
      value = "a-name-in-a-store-8472"
      type  = "SECRETS_MANAGER"
    }
  }
}
"""
    assert list(estate_of(tmp_path, main__tf=text).of("secret")) == []


def test_provisioners_are_counted_once_for_each_block(tmp_path):
    text = """
resource "null_resource" "x" {
  count = 3
  provisioner "local-exec" {
    command = "echo"
  }
  provisioner "remote-exec" {
    inline = ["echo"]
  }
}
"""
    (tmp_path / "main.tf").write_text(text)
    inputs = read(str(tmp_path)).inputs
    lower(inputs)
    assert inputs.not_analysed == {
        "provisioner local-exec": 1,
        "provisioner remote-exec": 1,
    }


TREES = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.sampled_from(["x", "host", ""]),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(
        st.sampled_from(
            ["name", "image", "environment", "command", "mountPoints", "privileged",
             "value", "volumes", "host", "sourcePath", "linuxParameters", "capabilities",
             "add", "user", "secrets", "kind", "apiVersion", "spec", "containers",
             "metadata", "sourceVolume", "containerPath", "runcmd", "write_files"]
        ),
        inner,
        max_size=4,
    ),
    max_leaves=12,
)  # fmt: skip


@settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(TREES, st.text("ab${}:-\n #!%[]\"'", max_size=40))
def test_any_document_is_read_or_noted(tmp_path, tree, text):
    document = json.dumps(tree)
    packed = base64.b64encode(gzip.compress(b"#!/bin/sh\n")).decode()
    main = f"""
resource "aws_ecs_task_definition" "t" {{
  container_definitions = jsonencode({document})
}}
resource "aws_batch_job_definition" "b" {{
  container_properties = file("${{path.module}}/any.txt")
}}
resource "kubernetes_manifest" "m" {{
  manifest = {document}
}}
resource "kubectl_manifest" "k" {{
  yaml_body = file("${{path.module}}/any.txt")
}}
resource "aws_instance" "i" {{
  user_data        = file("${{path.module}}/any.txt")
  user_data_base64 = "{packed}"
}}
resource "helm_release" "h" {{
  name   = "h"
  chart  = "x"
  values = [jsonencode({document}), file("${{path.module}}/any.txt")]
}}
"""
    (tmp_path / "main.tf").write_text(main)
    (tmp_path / "any.txt").write_text(text)
    estate = lower(read(str(tmp_path)).inputs)
    assert {t.kind for t in estate.things.values()} >= {"workload"}
