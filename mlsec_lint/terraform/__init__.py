"""Terraform semantics: HCL syntax to resources of Values. Knows no cloud."""
