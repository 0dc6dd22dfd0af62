"""Options of the whole suite."""

from __future__ import annotations


def pytest_addoption(parser):
    parser.addoption(
        "--accept",
        action="store_true",
        help="write golden files instead of comparing with them",
    )
