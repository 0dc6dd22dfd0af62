"""Kubernetes objects in Terraform: at their own lines, each once, in their cluster."""

from __future__ import annotations

import pytest
from manifests import estate_of, only, targets, value
from terraform_objects import manifests, one

from mlsec_lint.value import Unknown

POD = """\
apiVersion: v1
kind: Pod
metadata:
  name: {name}
  namespace: ml
spec:
  containers:
    - name: c
      image: {image}
      securityContext:
        privileged: true
"""


def test_a_heredoc_is_read_at_its_own_lines_with_unknown_parts_in_place(tmp_path):
    text = """
variable "n" {}
resource "aws_s3_bucket" "b" {
  bucket_prefix = "x"
}
resource "kubectl_manifest" "p" {
  yaml_body = <<-EOT
    apiVersion: v1
    kind: Pod
    metadata:
      name: p-${var.n}
    spec:
      containers:
        - name: c
          image: i
          env:
            - name: BUCKET
              value: ${aws_s3_bucket.b.id}
  EOT
}
"""
    found = one(tmp_path, main__tf=text)
    assert found.address == "kubectl_manifest.p"
    assert found.name == "p-${var.n}"
    assert found.span.line == 6
    env = found.value.at("spec", "containers", "env", "value")
    assert env.data.symbol.address == "aws_s3_bucket.b"
    assert env.entry().line == 18
    name = found.value.at("metadata", "name")
    assert [p if isinstance(p, str) else p.name for p in name.data.parts] == [
        "p-",
        "var.n",
    ]


def test_a_template_file_gives_its_own_lines_and_known_values(tmp_path):
    text = """
resource "kubectl_manifest" "p" {
  yaml_body = templatefile("${path.module}/pod.yaml.tftpl", { name = "a", image = "i:1" })
}
"""
    template = POD.replace("{name}", "${name}").replace("{image}", "${image}")
    found = one(tmp_path, main__tf=text, pod__yaml__tftpl=template)
    image = found.value.at("spec", "containers", "image")
    assert (image.data, image.entry().path, image.entry().line) == (
        "i:1", "pod.yaml.tftpl", 9,
    )  # fmt: skip
    assert found.span.path == "pod.yaml.tftpl"
    assert [step.span.path for step in found.via] == ["main.tf"]


def test_a_plain_file_that_a_resource_applies_is_judged_once(tmp_path):
    text = """
resource "kubectl_manifest" "p" {
  yaml_body = file("${path.module}/pod.yaml")
}
"""
    pod = POD.format(name="a", image="i:1")
    found = one(tmp_path, main__tf=text, pod__yaml=pod)
    assert found.address == "kubectl_manifest.p"
    assert found.value.at("spec", "containers", "image").entry().line == 9
    other = POD.format(name="other", image="i:2")
    found, _, _ = manifests(tmp_path, other__yaml=other)
    assert [m.name for m in found] == ["a", "other"]


def test_several_documents_have_addresses_of_their_own(tmp_path):
    pods = POD.format(name="a", image="i") + "---\n" + POD.format(name="b", image="i")
    text = f'resource "kubectl_manifest" "p" {{\nyaml_body = <<EOT\n{pods}EOT\n}}\n'
    found, _, _ = manifests(tmp_path, main__tf=text)
    assert [(m.address, m.name) for m in found] == [
        ("kubectl_manifest.p#0", "a"),
        ("kubectl_manifest.p#1", "b"),
    ]


def test_instances_are_objects_of_their_own(tmp_path):
    text = """
locals { pods = { a = "x:1", b = "x:2" } }
resource "kubernetes_manifest" "p" {
  for_each = local.pods
  manifest = {
    apiVersion = "v1"
    kind = "Pod"
    metadata = { name = each.key }
    spec = { containers = [{ name = "c", image = each.value }] }
  }
}
"""
    found, _, _ = manifests(tmp_path, main__tf=text)
    assert [(m.address, m.name) for m in found] == [
        ('kubernetes_manifest.p["a"]', "a"),
        ('kubernetes_manifest.p["b"]', "b"),
    ]


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("yaml_body = var.x", "var.x"),
        ('yaml_body = "just words"', "not known"),
        ('yaml_body = "kind: Pod"', "not known"),
    ],
)
def test_what_is_no_object_is_noted(tmp_path, body, words):
    text = f'variable "x" {{}}\nresource "kubectl_manifest" "p" {{\n{body}\n}}\n'
    found, estate, _ = manifests(tmp_path, main__tf=text)
    assert found == []
    assert [n.kind for n in estate.notes] == ["template-not-read"]
    assert words in estate.notes[0].text


def test_changes_of_other_objects_are_counted(tmp_path):
    text = """
resource "kubernetes_labels" "l" {
  api_version = "v1"
  kind = "Pod"
  metadata { name = "x" }
  labels = { a = "b" }
}
"""
    found, _, inputs = manifests(tmp_path, main__tf=text)
    assert (found, inputs.not_analysed) == ([], {"kubernetes_labels": 1})


CLUSTERS = """
resource "google_container_cluster" "a" { name = "a" }
resource "google_container_cluster" "b" { name = "b" }
data "google_container_cluster" "b" { name = "b" }
data "google_container_cluster" "c" { name = "c" }
provider "kubernetes" {
  alias = "a"
  host  = "https://${google_container_cluster.a.endpoint}"
}
provider "kubernetes" {
  alias = "b"
  cluster_ca_certificate = base64decode(data.google_container_cluster.b.master_auth[0].cluster_ca_certificate)
}
provider "kubernetes" {
  alias = "c"
  host  = "https://${data.google_container_cluster.c.endpoint}"
}
provider "kubernetes" {
  alias = "d"
}
"""


def test_the_provider_says_which_cluster_an_object_goes_to(tmp_path):
    space = """
resource "kubernetes_namespace_v1" "%s" {
  provider = kubernetes.%s
  metadata {
    name = "n"
  }
}
"""
    text = CLUSTERS + "".join(space % (name, name) for name in "abcd")
    found, _, _ = manifests(tmp_path, main__tf=text)
    assert {m.address[-1]: m.cluster for m in found} == {
        "a": "google_container_cluster.a",
        "b": "google_container_cluster.b",
        "c": "name:c",
        "d": "",
    }


def test_an_account_of_another_cluster_is_not_the_pods(tmp_path):
    def account(name, role):
        return f"""
resource "kubernetes_service_account_v1" "{name}" {{
  provider = kubernetes.{name}
  metadata {{
    name = "trainer"
    annotations = {{ "iam.gke.io/gcp-service-account" = "{role}@p.iam.gserviceaccount.com" }}
  }}
}}
"""

    pod = """
resource "kubernetes_pod_v1" "p" {
  provider = kubernetes.b
  metadata {
    name = "p"
  }
  spec {
    service_account_name = "trainer"
    container {
      name = "c"
      image = "i"
    }
  }
}
"""
    text = CLUSTERS + account("a", "wrong") + account("b", "right") + pod
    estate = estate_of(tmp_path, main__tf=text)
    workload = only(estate, "workload")
    runs = [e.target for e in estate.edges_from(workload, "runs as")]
    assert [t.address for t in runs] == ["kubernetes_service_account_v1.b"]


def test_an_unknown_number_of_blocks_keeps_what_is_possible(tmp_path):
    text = """
variable "on" {}
resource "kubernetes_pod_v1" "p" {
  metadata {
    name = "p"
  }
  spec {
    dynamic "container" {
      for_each = var.on
      content {
        name  = "c"
        image = container.value
      }
    }
  }
}
"""
    found = one(tmp_path, main__tf=text)
    containers = found.value.at("spec", "containers")
    assert isinstance(containers.data, Unknown)
    assert [len(p.elements()) for p in containers.data.possible] == [0, 1]


def test_a_script_in_a_config_map_of_terraform_stands_at_its_line(tmp_path):
    text = """
resource "kubernetes_config_map_v1" "s" {
  metadata {
    name = "s"
  }
  data = {
    "run.sh" = <<-EOT
      #!/bin/bash
      huggingface-cli upload acme/x /ckpt
    EOT
  }
}
resource "kubernetes_pod_v1" "p" {
  metadata {
    name = "p"
  }
  spec {
    container {
      name    = "c"
      image   = "i"
      command = ["bash", "/scripts/run.sh"]
      volume_mount {
        name       = "s"
        mount_path = "/scripts"
      }
    }
    volume {
      name = "s"
      config_map {
        name = kubernetes_config_map_v1.s.metadata[0].name
      }
    }
  }
}
"""
    estate = estate_of(tmp_path, main__tf=text)
    upload = only(estate, "upload")
    assert (upload.span.path, upload.span.line) == ("main.tf", 9)
    assert value(upload, "service") == "huggingface"


@pytest.mark.parametrize("form", ["heredoc", "yamlencode", "file"])
def test_a_config_in_a_config_map_of_terraform_is_entered(tmp_path, form):
    config = "base_model: acme/x\nhub_model_id: acme/y\ndatasets: []\n"
    forms = {
        "heredoc": f"<<EOT\n{config}EOT\n",
        "yamlencode": 'yamlencode({\nbase_model = "acme/x"\nhub_model_id = "acme/y"\ndatasets = []\n})',
        "file": 'file("${path.module}/axolotl.txt")',
    }
    text = f"""
resource "kubernetes_config_map_v1" "c" {{
  metadata {{
    name = "c"
  }}
  data = {{
    "axolotl.yaml" = {forms[form]}
  }}
}}
resource "kubernetes_pod_v1" "p" {{
  metadata {{
    name = "p"
  }}
  spec {{
    container {{
      name    = "c"
      image   = "i"
      command = ["axolotl", "train", "/config/axolotl.yaml"]
      volume_mount {{
        name       = "c"
        mount_path = "/config"
      }}
    }}
    volume {{
      name = "c"
      config_map {{
        name = "c"
      }}
    }}
  }}
}}
"""
    estate = estate_of(tmp_path, main__tf=text, axolotl__txt=config)
    upload = only(estate, "upload", channel="hub")
    line = upload.span.resolved().source.line_text(upload.span.line)
    assert "hub_model_id" in line


def test_a_claim_of_terraform_is_found_by_the_uri_of_a_model(tmp_path):
    text = """
resource "kubernetes_persistent_volume_claim_v1" "c" {
  metadata {
    name      = "weights"
    namespace = "ml"
  }
  spec {
    access_modes = ["ReadWriteMany"]
  }
}
"""
    service = """
        apiVersion: serving.kserve.io/v1beta1
        kind: InferenceService
        metadata:
          name: s
          namespace: ml
        spec:
          predictor:
            model:
              modelFormat: {name: vllm}
              storageUri: pvc://weights/x
            containers: [{name: c, image: i}]
"""
    estate = estate_of(tmp_path, main__tf=text, isvc__yaml=service)
    store = only(estate, "store", declared=True)
    assert store.address == "kubernetes_persistent_volume_claim_v1.c"
    assert [piece.strength for piece in store.evidence] == ["referenced"]


def test_objects_join_by_a_name_that_nobody_can_tell(tmp_path):
    text = """
variable "prefix" {}
resource "kubernetes_service_account_v1" "a" {
  metadata {
    name = "${var.prefix}-trainer"
  }
}
resource "kubernetes_service_account_v1" "b" {
  metadata {
    name = "${var.prefix}-server"
  }
}
resource "kubernetes_persistent_volume_claim_v1" "c" {
  metadata {
    name = "${var.prefix}-models"
  }
  spec {
    access_modes = ["ReadWriteOnce"]
  }
}
resource "kubernetes_config_map_v1" "m" {
  metadata {
    name = "${var.prefix}-env"
  }
  data = { WANDB_PROJECT = "p" }
}
resource "kubernetes_pod_v1" "p" {
  metadata {
    name = "p"
  }
  spec {
    service_account_name = kubernetes_service_account_v1.b.metadata[0].name
    container {
      name    = "c"
      image   = "i"
      command = ["torchrun", "train.py", "--output_dir", "/models/x"]
      env_from {
        config_map_ref {
          name = kubernetes_config_map_v1.m.metadata[0].name
        }
      }
      volume_mount {
        name       = "m"
        mount_path = "/models"
      }
    }
    volume {
      name = "m"
      persistent_volume_claim {
        claim_name = kubernetes_persistent_volume_claim_v1.c.metadata[0].name
      }
    }
  }
}
"""
    estate = estate_of(tmp_path, main__tf=text)
    pod = only(estate, "workload")
    assert targets(estate, pod, "runs as") == ["kubernetes_service_account_v1.b"]
    assert targets(estate, pod, "writes") == ["kubernetes_persistent_volume_claim_v1.c"]
    assert [value(u, "service") for u in estate.of("upload")] == ["wandb"]
