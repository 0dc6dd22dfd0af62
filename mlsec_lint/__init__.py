"""mlsec-lint: where model weights lie, who can reach them and where they can go."""

__version__ = "0.1.0"
