"""Microsoft Azure, one file per service."""
