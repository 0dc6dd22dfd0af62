"""The table of advisories: its form, its order of versions, what it says about tags."""

from __future__ import annotations

import json
from datetime import date

import jsonschema
import pytest

from mlsec_lint.estate import tables
from mlsec_lint.estate.versions import (
    advisories,
    product_of,
    product_of_image,
    products,
    version_of,
)
from mlsec_lint.rules.baseline import read_baseline
from mlsec_lint.rules.config import Config
from mlsec_lint.rules.grammar import Policies
from mlsec_lint.rules.read import read_policies
from mlsec_lint.scan import scan

TABLE = tables.document("advisories.json")


def test_the_table_is_valid():
    schema = json.loads(tables.folder().joinpath("advisories.schema.json").read_text())
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.validate(TABLE, schema)


def test_every_row_is_of_a_product_and_has_an_order():
    known = {product["product"] for product in products()}
    for row in TABLE["rows"]:
        assert row["product"] in known
        below, since = version_of(row["below"]), version_of(row["since"])
        fixed = version_of(row["fixed"])
        assert below is not None
        assert fixed is not None
        assert fixed >= below
        assert since is None or since < below
        assert row["date"] <= TABLE["as_of"]


def test_the_table_is_in_the_index_with_an_age():
    edition = tables.edition("advisories.json")
    assert edition.as_of == TABLE["as_of"]
    assert edition.max_age_days <= 90


@pytest.mark.parametrize(
    "texts",
    [
        (
            "2.3.0.dev1",
            "2.3.0a1",
            "2.3.0b2",
            "2.3.0rc1",
            "2.3",
            "2.3.1",
            "2.10",
            "10.0",
        ),
        ("v1.17.3-ubuntu20.04", "v1.17.4-ubi8", "1.17.8", "v1.18.0-rc.1", "v1.18.0"),
        ("24.05-py3", "24.12-vllm-python-py3", "25.07-py3", "26.03-py3"),
        ("RELEASE.2022-12-12T19-27-27Z", "RELEASE.2023-03-20T20-16-18Z"),
        ("0.6.3.post1", "0.6.5", "0.8.5"),
        ("2.9.0-py310-gpu", "2.54.0.abc123-py311"),
    ],
)
def test_versions_are_ordered(texts):
    found = [version_of(text) for text in texts]
    assert None not in found
    assert found == sorted(found)


@pytest.mark.parametrize(
    ("one", "other"), [("2.0", "2.0.0"), ("v1.2", "1.2.0"), ("1.2", "1.2-cuda12")]
)
def test_some_spellings_are_one_version(one, other):
    assert version_of(one) == version_of(other)


@pytest.mark.parametrize(
    "text",
    ["", "latest", "main", "nightly", "3", "stable-cpu", "sha-1a2b3c4", "gemma4", "${TAG}",
     "py3.11-latest", "." * 500, "9" * 500],
)  # fmt: skip
def test_what_names_no_version(text):
    assert version_of(text) is None


@pytest.mark.parametrize(
    ("product", "version", "words", "expected"),
    [
        ("MLflow", "2.2.0", "", {"CVE-2023-1177", "CVE-2026-2614"}),
        ("MLflow", "2.2.1", "", {"CVE-2026-2614"}),
        (
            "MLflow",
            "3.9.0",
            "server --app-name basic-auth",
            {"CVE-2026-2614", "CVE-2026-2652"},
        ),
        ("MLflow", "3.10.0", "", set()),
        ("MLflow", "3.10.0rc1", "", {"CVE-2026-2614"}),
        ("vLLM", "0.8.4", "", set()),
        ("vLLM", "0.8.4", "--kv-connector mooncakeconnector", {"CVE-2025-32444"}),
        ("vLLM", "0.6.4", "mooncake", set()),
        ("vLLM", "0.11.0", "", {"CVE-2025-62164"}),
        ("BentoML", "1.3.3", "", set()),
        ("Jupyter Server Proxy", "3.2.2", "", {"CVE-2024-28179"}),
        ("Jupyter Server Proxy", "3.2.3", "", set()),
        ("Jupyter Server Proxy", "4.1.0", "", {"CVE-2024-28179"}),
        ("BentoML", "1.4.2", "", {"CVE-2025-27520"}),
        ("MinIO", "RELEASE.2022-12-12T19-27-27Z", "server /data", set()),
        (
            "MinIO",
            "RELEASE.2022-12-12T19-27-27Z",
            "server http://minio-{0...3}/data",
            {"CVE-2023-28432"},
        ),
        ("NVIDIA Container Toolkit", "v1.17.7", "", {"CVE-2025-23266"}),
        ("NVIDIA Container Toolkit", "v1.17.8", "", set()),
        ("NVIDIA GPU Operator", "v24.9.2", "", {"CVE-2025-23266"}),
    ],
)
def test_which_advisories_are_about_a_version(product, version, words, expected):
    found = version_of(version)
    assert found is not None
    assert {row.id for row in advisories(product, found, words)} == expected


@pytest.mark.parametrize(
    ("repository", "product"),
    [
        ("ghcr.io/mlflow/mlflow", "MLflow"),
        ("rayproject/ray-ml", "Ray"),
        ("docker.io/rayproject/ray", "Ray"),
        ("nvcr.io/nvidia/tritonserver", "Triton Inference Server"),
        ("nvcr.io/nvidia/k8s/container-toolkit", "NVIDIA Container Toolkit"),
        ("vllm/vllm-openai", "vLLM"),
        ("registry.lab.example/team/trainer", None),
        ("example/my-mlflow-client", None),
    ],
)
def test_products_of_images(repository, product):
    found = product_of_image(repository)
    assert (found["product"] if found else None) == product


def test_products_of_packages_and_charts():
    package, chart = (
        product_of("packages", "mlflow"),
        product_of("charts", "gpu-operator"),
    )
    assert package is not None
    assert chart is not None
    assert (package["product"], chart["role"]) == ("MLflow", "gpu-runtime")
    assert product_of("packages", "numpy") is None


@pytest.mark.parametrize(
    ("day", "stale"), [("2026-11-25", False), ("2027-11-25", True)]
)
def test_a_finding_says_when_the_table_is_old(tmp_path, day, stale):
    deployment = (
        "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: mlflow}\nspec:\n"
        "  template:\n    spec:\n      containers:\n"
        "        - {name: mlflow, image: 'ghcr.io/mlflow/mlflow:v2.1.0'}\n"
    )
    tmp_path.joinpath("mlflow.yaml").write_text(deployment)
    policies = tables.folder().parent
    rules = {rule.id: rule for rule in read_policies([policies])[0].rules}
    baseline, errors = read_baseline("SL2", [policies])
    assert baseline is not None, errors

    result = scan(
        str(tmp_path),
        config=Config(),
        baseline=baseline,
        policies=Policies((rules["integrity-ml-server-version"],)),
        today=date.fromisoformat(day),
    )

    assert [f.tables for f in result.findings] == [("advisories.json",)]
    assert any("advisories.json" in note.text for note in result.notes) is stale
