"""Providers of workload identity pools that nobody of the scan uses."""

from __future__ import annotations

import pytest

from mlsec_lint.lower import lower, lower_later
from mlsec_lint.scan import read
from mlsec_lint.trace import trace

PROVIDER = """
resource "google_iam_workload_identity_pool_provider" "forge" {
  workload_identity_pool_id          = "forge"
  workload_identity_pool_provider_id = "forge"
  attribute_mapping = {
    "google.subject" = "assertion.sub"
  }
  CONDITION
  oidc {
    issuer_uri = "https://token.actions.githubusercontent.com"
  }
}
"""


def provider_of(folder, condition, assume="all"):
    text = PROVIDER.replace("CONDITION", condition)
    folder.joinpath("main.tf").write_text(text, encoding="utf-8")
    inputs = read(str(folder)).inputs
    estate = lower(inputs)
    trace(estate, assume=assume, between=lambda: lower_later(inputs, estate))
    address = "google_iam_workload_identity_pool_provider.forge"
    return estate.find("identity", address)


@pytest.mark.parametrize(
    ("condition", "scope", "bound"),
    [
        ("", "everyone", False),
        (
            "attribute_condition = \"assertion.repository_owner == 'lab'\"",
            "organisation",
            True,
        ),
        ("attribute_condition = \"assertion.sub == 'repo:lab/a:x'\"", "subject", True),
    ],
)
def test_the_condition_of_a_provider_says_who_comes_in(
    tmp_path, condition, scope, bound
):
    thing = provider_of(tmp_path, condition)

    assert thing.fact("trust.ci.scope").value == scope
    assert thing.fact("trust.bound").value is bound
    assert thing.fact("weights.held").value is True


def test_a_provider_holds_no_weights_by_itself(tmp_path):
    assert provider_of(tmp_path, "", "inferred").fact("weights.held") is None
