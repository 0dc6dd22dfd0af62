"""Texts to syntax with spans. Knows no cloud and evaluates nothing."""
