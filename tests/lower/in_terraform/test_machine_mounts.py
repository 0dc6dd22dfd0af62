"""What scripts of machines mount, and the units of systemd that they write."""

from __future__ import annotations

import pytest

from mlsec_lint.scan import read, survey

LAB = """
resource "aws_fsx_lustre_file_system" "lake" {
  storage_capacity = 1200
}
resource "aws_efs_file_system" "home" {}
resource "aws_s3_bucket" "b" {
  bucket = "lab-b"
}
resource "aws_ebs_volume" "out" {
  for_each          = toset(["a", "b"])
  availability_zone = "eu-west-1a"
  size              = 500
}
resource "aws_volume_attachment" "out" {
  for_each    = {%s}
  device_name = "/dev/sd${each.key}"
  instance_id = aws_instance.t.id
  volume_id   = aws_ebs_volume.out[each.value].id
}
resource "aws_instance" "t" {
  ami           = "ami-1"
  instance_type = "p5.48xlarge"
  root_block_device {
    volume_size = 100
  }
  user_data = <<-EOT
    %s
  EOT
}
"""
ONE = 'f = "a"'
TWO = 'f = "a", g = "b"'
OUT = 'aws_ebs_volume.out["{}"]'
TRAIN = "torchrun train.py --output_dir /out/run"
UNIT = """cat > /etc/systemd/system/t.service <<UNIT
[Service]
ExecStart=-/opt/venv/bin/torchrun train.py \\
  --output_dir /out/run
UNIT"""


def written(folder, *, disks, script):
    """What the machine writes weights to: addresses with whether it is certain."""
    lines = "\n    ".join(["#!/bin/bash", *script.replace("$", "$$").splitlines()])
    lines = lines.replace("$${", "${")
    (folder / "main.tf").write_text(LAB % (disks, lines))
    estate = survey(read(str(folder)))
    return {
        (edge.target.address, edge.certain)
        for edge in estate.edges()
        if edge.verb == "writes" and edge.source.address == "aws_instance.t"
    }


@pytest.mark.parametrize(
    ("mount", "expected"),
    [
        ("mount /dev/nvme1n1 /out", OUT.format("a")),
        ("sudo mount -t xfs -o noatime /dev/sdf /out", OUT.format("a")),
        ("mount UUID=1b2c /out", OUT.format("a")),
        ('echo "/dev/sdf /out xfs defaults 0 0" >> /etc/fstab', OUT.format("a")),
        ("cat >> /etc/fstab <<E\n/dev/sdf /out xfs defaults 0 0\nE", OUT.format("a")),
        ("mount /dev/nvme0n1p1 /out", "main.tf#/out/run"),
        ("mount -t tmpfs tmpfs /out", "main.tf#/out/run"),
        ("mount --bind /mnt /out", "main.tf#/out/run"),
        (
            "mount -t lustre ${aws_fsx_lustre_file_system.lake.dns_name}@tcp:/x /out",
            "aws_fsx_lustre_file_system.lake",
        ),
        (
            "mount -t efs -o tls ${aws_efs_file_system.home.id}:/ /out",
            "aws_efs_file_system.home",
        ),
        ("mount-s3 ${aws_s3_bucket.b.bucket} /out", "aws_s3_bucket.b"),
        ("mount-s3 lab-b /out --allow-delete", "aws_s3_bucket.b"),
        (
            "mount -t nfs4 filer.lab.internal:/vol/x /out",
            "nfs://filer.lab.internal/vol/x",
        ),
    ],
)
def test_weights_lie_on_what_a_script_mounts(tmp_path, mount, expected):
    found = written(tmp_path, disks=ONE, script=f"{mount}\n{TRAIN}")

    assert found == {(expected, True)}


def test_of_several_disks_the_name_of_the_attachment_tells(tmp_path):
    found = written(tmp_path, disks=TWO, script=f"mount /dev/xvdg1 /out\n{TRAIN}")

    assert found == {(OUT.format("b"), True)}


def test_of_several_disks_a_kernel_name_tells_nothing(tmp_path):
    found = written(tmp_path, disks=TWO, script=f"mount /dev/nvme2n1 /out\n{TRAIN}")

    assert found == {(OUT.format("a"), False), (OUT.format("b"), False)}


def test_what_a_unit_starts_runs_on_the_machine(tmp_path):
    found = written(tmp_path, disks=ONE, script=f"mount /dev/sdf /out\n{UNIT}")

    assert found == {(OUT.format("a"), True)}


def test_a_text_that_is_no_unit_starts_nothing(tmp_path):
    script = UNIT.replace("[Service]", "[Unit]")
    found = written(tmp_path, disks=ONE, script=f"mount /dev/sdf /out\n{script}")

    assert found == set()


CLOUD = """#cloud-config
mounts:
  - [/dev/sdf, /out, xfs, "defaults,nofail", "0", "2"]
write_files:
  - path: /etc/systemd/system/t.service
    content: |
      [Service]
      ExecStart=/usr/bin/torchrun train.py --output_dir /out/run
"""


def test_cloud_config_mounts_and_writes_units(tmp_path):
    (tmp_path / "cloud.yaml").write_text(CLOUD)
    text = LAB % (ONE, "x")
    head, _, _ = text.partition("user_data")
    data = 'user_data = file("${path.module}/cloud.yaml")\n}\n'
    (tmp_path / "main.tf").write_text(head + data)

    estate = survey(read(str(tmp_path)))

    found = [e.target.address for e in estate.edges() if e.verb == "writes"]
    assert set(found) == {OUT.format("a")}
