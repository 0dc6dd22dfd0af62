"""Another root's outputs by its state: the root is that whose backend has the same place."""

from __future__ import annotations

import pytest

from mlsec_lint.lower.remote_state import behind
from mlsec_lint.lower.terraform_index import index_of
from mlsec_lint.scan import read

NETWORK = """
terraform {{
  backend "{kind}" {{
    {place}
  }}
}}
resource "aws_subnet" "s" {{
  for_each = toset(["a", "b"])
}}
output "subnets" {{
  value = {{ for k, s in aws_subnet.s : k => s.id }}
}}
output "listed" {{
  value = [for s in aws_subnet.s : s.id]
}}
"""
COMPUTE = """
data "terraform_remote_state" "net" {{
  backend = "{kind}"
  config = {{
    {place}
  }}
}}
resource "aws_instance" "m" {{
  subnet_id = data.terraform_remote_state.net.outputs.{output}
}}
"""
S3 = 'bucket = "state"\n    key = "net.tfstate"'
GCS = 'bucket = "state"\n    prefix = "net"'
A, B = 'aws_subnet.s["a"]', 'aws_subnet.s["b"]'


def outcome(folder, roots):
    for name, text in roots.items():
        (folder / name).mkdir()
        (folder / name / "main.tf").write_text(text)
    index = index_of(read(str(folder)).inputs)
    [here] = [home for home in index.roots if home.root.path == "compute"]
    [machine] = here.of("aws_instance")
    found = behind(index, here, machine.values.get("subnet_id"))
    if found is None:
        return None
    home, value = found
    return home.root.path, [one.address for one in home.parents(value, ("aws_subnet",))]


@pytest.mark.parametrize(
    ("kind", "kept", "asked", "output", "expected"),
    [
        ("s3", S3, S3, 'subnets["b"]', ("net", [B])),
        ("s3", S3, S3 + '\n    region = "eu-west-1"', "subnets.a", ("net", [A])),
        ("s3", S3, S3, "listed[1]", ("net", [B])),
        ("gcs", GCS, GCS, 'subnets["b"]', ("net", [B])),
        # other states, and none that says which
        ("s3", S3, S3.replace("net.", "other."), 'subnets["b"]', None),
        ("s3", S3, S3.replace('"state"', '"elsewhere"'), 'subnets["b"]', None),
        ("s3", S3, 'bucket = "state"', 'subnets["b"]', None),
        ("s3", S3, S3, 'subnets["c"]', None),
        ("s3", S3, S3, "listed[7]", None),
        ("s3", S3, S3, "nothing", None),
    ],
)
def test_an_output_of_another_root(tmp_path, kind, kept, asked, output, expected):
    roots = {
        "net": NETWORK.format(kind=kind, place=kept),
        "compute": COMPUTE.format(kind=kind, place=asked, output=output),
    }
    assert outcome(tmp_path, roots) == expected


def test_two_roots_with_one_state_are_none(tmp_path):
    network = NETWORK.format(kind="s3", place=S3)
    machine = COMPUTE.format(kind="s3", place=S3, output='subnets["a"]')
    roots = {"net": network, "net2": network, "compute": machine}
    assert outcome(tmp_path, roots) is None
