"""Kubernetes objects, charts and scripts that stand in Terraform files."""
