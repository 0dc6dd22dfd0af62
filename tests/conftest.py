"""Options of the whole suite."""

from __future__ import annotations

import os

from hypothesis import settings

# The same examples in every run of the suite, so that a change is judged by what it
# changes; HYPOTHESIS_PROFILE=explore looks for new ones.
settings.register_profile("suite", derandomize=True)
settings.register_profile("explore", derandomize=False)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "suite"))


def pytest_addoption(parser):
    parser.addoption(
        "--accept",
        action="store_true",
        help="write golden files instead of comparing with them",
    )
