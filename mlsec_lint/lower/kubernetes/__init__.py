"""Kubernetes objects to workloads, containers, mounts, services and claims."""
