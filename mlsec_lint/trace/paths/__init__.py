"""The ways out: from every store that holds weights to where the lab has no say."""

from mlsec_lint.trace.paths.find import trace_paths

__all__ = ("trace_paths",)
