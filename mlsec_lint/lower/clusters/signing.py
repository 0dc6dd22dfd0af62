"""Objects by which a cluster admits signed images only: Kyverno, sigstore, Ratify.

Kyverno's ClusterPolicy with `verifyImages` and ImageValidatingPolicy (1.15), sigstore
policy-controller's ClusterImagePolicy, Gatekeeper constraints that ask Ratify, Connaisseur
(documentation of the projects, 2026-11).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsec_lint.estate import Fact
from mlsec_lint.lower.scalars import given, settled, text_of
from mlsec_lint.value import Unknown

if TYPE_CHECKING:
    from mlsec_lint.kubernetes.manifest import Manifest
    from mlsec_lint.value import Value

_MAX_RULES = 500


def signing_of(manifest: Manifest) -> Fact | None:
    """Whether an object makes its cluster refuse unsigned images; None for no such."""
    kind, api = manifest.kind, manifest.api_version
    if kind == "ClusterPolicy" and api.startswith("kyverno.io/"):
        return _kyverno(manifest)
    if kind in ("ImageValidatingPolicy", "ClusterImagePolicy"):
        mode = given(manifest.value, "spec", "mode")
        warns = mode is not None and text_of(mode) == "warn"
        return None if warns else Fact(True, manifest.span)  # noqa: FBT003
    if api.startswith("constraints.gatekeeper.sh/") and "ratify" in kind.lower():
        action = text_of(given(manifest.value, "spec", "enforcementAction"))
        return Fact(True, manifest.span) if action in ("", "deny") else None  # noqa: FBT003
    return None


def _kyverno(manifest: Manifest) -> Fact | None:
    """A policy with `verifyImages` that enforces, whole or in the rule."""
    spec = given(manifest.value, "spec")
    whole = given(spec, "validationFailureAction")
    rules = given(spec, "rules")
    for rule in rules.elements()[:_MAX_RULES] if rules is not None else ():
        checks = given(rule, "verifyImages")
        if checks is None:
            continue
        for check in checks.elements() or (checks,):
            own = given(check, "failureAction")
            action = own if own is not None else whole
            fact = _enforced(action, manifest, checks)
            if fact is not None:
                return fact
    return None


def _enforced(action: Value | None, manifest: Manifest, checks: Value) -> Fact | None:
    """Kyverno audits unless `Enforce` is set (1.13)."""
    span = checks.entry() or manifest.span
    if action is None:
        return None
    text = settled(action).text()
    if isinstance(text, Unknown):
        return Fact(text._replace(possible=None, parts=()), span)
    return Fact(True, span) if str(text).lower() == "enforce" else None  # noqa: FBT003
