"""Vendor words to estate words: the only place that says "aws_" or "kind: Pod"."""
