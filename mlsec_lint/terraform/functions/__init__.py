"""Terraform's functions, by family, in one explicit table."""
