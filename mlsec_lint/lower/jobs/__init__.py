"""Training, serving and pipeline files, one file per format."""
