"""A chart that was rendered hides no network policy; one that was not may."""

from __future__ import annotations

import pytest
from cluster_estates import EKS, estate_of, told

POD = """
apiVersion: v1
kind: Pod
metadata: {name: p, namespace: a}
spec: {containers: [{name: c, image: c}]}
"""
RELEASE = """
resource "helm_release" "r" {{
  name      = "r"
  namespace = "a"
  chart     = "{}"
}}
"""


@pytest.mark.parametrize(("chart", "known"), [("./chart", False), ("elsewhere", "?")])
def test_a_release_of_the_scan_is_known(tmp_path, chart, known):
    files = {
        "main.tf": EKS + RELEASE.format(chart),
        "chart/Chart.yaml": "apiVersion: v2\nname: c\nversion: 1.0.0\n",
        "chart/templates/pod.yaml": POD,
    }
    if known == "?":
        files = {"main.tf": files["main.tf"], "pod.yaml": POD}
    estate = estate_of(tmp_path, files)
    assert told(estate, "workload", "Pod/a/p", "egress.default_deny") == [known]


def test_a_cluster_that_a_known_module_makes_is_held(tmp_path):
    module = """
module "eks" {
  source       = "terraform-aws-modules/eks/aws"
  version      = "20.31.0"
  cluster_name = "c"
}
"""
    estate = estate_of(tmp_path, {"main.tf": module, "pod.yaml": POD})
    assert told(estate, "workload", "Pod/a/p", "egress.default_deny") == [False]
    estate = estate_of(tmp_path, {"main.tf": "", "pod.yaml": POD})
    assert told(estate, "workload", "Pod/a/p", "egress.default_deny") == ["?"]
