"""What the tests of rendering share: trees of files, rendering, and kubectl's answer."""

from __future__ import annotations

import os
import shutil
import subprocess

from mlsec_lint.discovery import discover
from mlsec_lint.kubernetes import render
from mlsec_lint.kubernetes.edit import plain
from mlsec_lint.parse.yaml import documents
from mlsec_lint.source import Source

KUBECTL = shutil.which("kubectl")


def write(root, files):
    """Write files given as {path: text}."""
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return root


def render_folder(root):
    tree = discover(str(root), use_git=False)
    pairs = []
    for file in tree.files:
        if file.path.endswith((".yaml", ".yml", ".json", "Kustomization")):
            source = tree.source(file.path)
            if source is not None:
                pairs += [(file.path, one) for one in documents(source)[0]]
    return render(tree, pairs)


def rendered(root, files):
    return render_folder(write(root, files))


def by_address(result):
    return {one.address: one for one in result.manifests}


def without_empty(data):
    """As kubectl prints: no nulls, no empty mappings."""
    if isinstance(data, dict):
        cleaned = {name: without_empty(child) for name, child in data.items()}
        return {n: c for n, c in cleaned.items() if c is not None and c != {}}
    if isinstance(data, list):
        return [without_empty(one) for one in data]
    return data


def identity(data):
    metadata = data.get("metadata") or {}
    return (data.get("kind"), metadata.get("namespace"), metadata.get("name"))


def ours(result, root):
    """Objects of one root as plain data, by identity."""
    found = [without_empty(plain(m.value)) for m in result.manifests if m.root == root]
    return {identity(data): data for data in found}


def kubectls(folder):
    """Objects that `kubectl kustomize` prints for a folder, by identity."""
    assert KUBECTL is not None
    done = subprocess.run(
        [
            KUBECTL,
            "kustomize",
            "--load-restrictor",
            "LoadRestrictionsNone",
            str(folder),
        ],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
        env={**os.environ, "GIT_ALLOW_PROTOCOL": "none"},
    )
    assert done.returncode == 0, done.stderr
    found, notes = documents(Source("out.yaml", done.stdout))
    assert notes == []
    data = [without_empty(plain(one.value)) for one in found]
    return {identity(one): one for one in data}


def place(value):
    """Where a value is stated: "file:line"."""
    return f"{value.span.path}:{value.span.line}"


def way(value):
    """The trail of a value as "file:line words"."""
    return [f"{step.span.path}:{step.span.line} {step.words}" for step in value.trail]
