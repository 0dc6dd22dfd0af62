"""Rules, baselines and ignores: read strictly, judged in three values."""
