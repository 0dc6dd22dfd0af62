"""Kubernetes manifests as they would be applied: rendering, never meaning."""

from __future__ import annotations

from mlsec_lint.kubernetes.helm import Release
from mlsec_lint.kubernetes.render import Rendered, render

__all__ = ["Release", "Rendered", "render"]
