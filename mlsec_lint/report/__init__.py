"""Findings to text: one function per format."""
