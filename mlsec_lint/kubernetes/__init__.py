"""Rendering of Kubernetes configuration (kustomize, Helm) to manifests of Values. Meaning is lowered elsewhere."""
