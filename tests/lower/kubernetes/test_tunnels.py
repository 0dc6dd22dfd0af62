"""Tunnels: of a sidecar to a port of its pod, and of a batch script to one of its own."""

from __future__ import annotations

import pytest

from mlsec_lint.scan import read, survey
from mlsec_lint.value import Unknown

POD = """
apiVersion: apps/v1
kind: Deployment
metadata: {name: files, namespace: n}
spec:
  selector: {matchLabels: {app: files}}
  template:
    metadata: {labels: {app: files}}
    spec:
      containers:
        - name: web
          image: %s
        - name: tunnel
          image: %s
"""
FILES = "filebrowser/filebrowser:v2\n          args: [--noauth, --root=/srv]"
LOGIN = "filebrowser/filebrowser:v2\n          args: [--root=/srv]"
TENSORBOARD = "registry.lab.internal/tools/proxy"
QUICK = (
    'cloudflare/cloudflared\n          args: [tunnel, --url, "http://localhost:8080"]'
)
NAMED = "cloudflare/cloudflared\n          args: [tunnel, run, --token, $(T)]"
NGROK = 'ngrok/ngrok:3\n          args: [http, "8080"]'
GUARDED = 'ngrok/ngrok:3\n          args: [http, "8080", --oauth=google]'
OTHER = "cloudflare/cloudflared\n          args: [access, tcp]"


def answers(estate):
    """Who gets an answer without a login, from each service of the scan."""
    return [
        "unknown" if isinstance(fact.value, Unknown) else fact.value
        for service in estate.of("service")
        if (fact := service.fact("anonymous.from")) is not None
    ]


@pytest.mark.parametrize(
    ("web", "tunnel", "expected"),
    [
        (FILES, QUICK, ["internet"]),
        (FILES, NGROK, ["internet"]),
        (FILES, GUARDED, ["nobody"]),
        (FILES, NAMED, ["unknown"]),
        (LOGIN, QUICK, ["nobody"]),
        (FILES, OTHER, []),
        (TENSORBOARD, QUICK, []),
    ],
)
def test_what_a_sidecar_shows_answers_to_the_internet(tmp_path, web, tunnel, expected):
    (tmp_path / "pod.yaml").write_text(POD % (web, tunnel))

    assert answers(survey(read(str(tmp_path)))) == expected


SCRIPT = """#!/bin/bash
#SBATCH --gres=gpu:8
torchrun train.py --output_dir /lustre/run
%s &
%s
"""


@pytest.mark.parametrize(
    ("server", "tunnel", "expected"),
    [
        ("python -m http.server 8080", "ngrok http 8080", ["internet"]),
        ("python3 -m http.server 8080", "ngrok http --oauth google 8080", ["nobody"]),
        ("jupyter lab --ServerApp.token= ", "ngrok http 8888", ["internet"]),
        ("jupyter lab", "ngrok http 8888", ["nobody"]),
        ("sleep 60", "ngrok http 8080", []),
        ("python -m http.server 8080", "echo ngrok http 8080", []),
    ],
)
def test_what_a_batch_script_shows_by_a_tunnel(tmp_path, server, tunnel, expected):
    (tmp_path / "train.sbatch").write_text(SCRIPT % (server, tunnel))
    estate = survey(read(str(tmp_path)))

    assert answers(estate) == expected
    ends = {str(p.end) for p in estate.paths if p.unknown is None}
    assert ("internet" in ends) == (expected == ["internet"])
