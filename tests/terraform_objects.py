"""Manifests of Terraform files given as text: what tests of objects in Terraform start from."""

from __future__ import annotations

from mlsec_lint.estate import Estate
from mlsec_lint.lower.in_terraform.objects import add_terraform_objects
from mlsec_lint.scan import read
from mlsec_lint.value import Unknown


def plain(found):
    """A Value as plain data, scalars as text; "?" where it is unknown."""
    data = found.data
    if isinstance(data, Unknown):
        return "?"
    if isinstance(data, dict):
        return {name: plain(child) for name, child in data.items()}
    if isinstance(data, tuple):
        return [plain(child) for child in data]
    return found.text()


def written(folder, **files):
    for name, text in files.items():
        path = folder / name.replace("___", "/").replace("__", ".")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


def manifests(folder, **files):
    """The manifests of files, and the estate that has the notes."""
    written(folder, **files)
    inputs = read(str(folder)).inputs
    estate = Estate()
    add_terraform_objects(inputs, estate)
    return inputs.manifests, estate, inputs


def one(folder, **files):
    found, _, _ = manifests(folder, **files)
    assert len(found) == 1, [m.address for m in found]
    return found[0]
