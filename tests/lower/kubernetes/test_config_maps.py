"""Configs and scripts in ConfigMaps: read once, by their pod or by themselves."""

from __future__ import annotations

from manifests import estate_of, only, targets, value

MAP = """\
apiVersion: v1
kind: ConfigMap
metadata: {name: c, namespace: ml}
data:
  sft.yaml: |
    base_model: org/m
    adapter: lora
    datasets: []
    output_dir: s3://lab-ckpt/x
    hub_model_id: lab/m
  push.sh: |
    #!/bin/bash
    hf upload lab/other ./out
  note.txt: |
    hf upload lab/never ./out
  bad.yaml: |
    a: [
"""
POD = """\
---
apiVersion: v1
kind: Pod
metadata: {name: p, namespace: ml}
spec:
  containers:
  - name: c
    image: a
    command: [bash, -c, "axolotl train /cfg/sft.yaml && bash /cfg/push.sh"]
    volumeMounts: [{name: v, mountPath: /cfg}]
  volumes: [{name: v, configMap: {name: c}}]
"""


def uploads(estate):
    return [
        (value(u, "destination.repository"), u.span.line)
        for u in estate.of("upload")
        if value(u, "channel") == "hub"
    ]


def test_by_themselves(tmp_path):
    estate = estate_of(tmp_path, c__yaml=MAP)
    assert sorted(uploads(estate)) == [("lab/m", 10), ("lab/other", 13)]
    config = only(estate, "upload", destination__repository="lab/m")
    (edge,) = [
        e for e in estate.edges_to(config, "sends") if e.source.kind == "workload"
    ]
    assert targets(estate, edge.source, "writes") == ["s3://lab-ckpt"]
    assert edge.source.span.line == 6


def test_by_their_pod_alone(tmp_path):
    estate = estate_of(tmp_path, c__yaml=MAP + POD)
    assert sorted(uploads(estate)) == [("lab/m", 10), ("lab/other", 13)]
    assert [w.address for w in estate.of("workload")] == ["Pod/ml/p"]
