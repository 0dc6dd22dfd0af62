"""mlsec-lint: where are the model weights, who can reach them, where can they go?"""

__version__ = "0.1.0"
