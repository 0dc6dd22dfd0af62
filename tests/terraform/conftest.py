"""Configurations written in the tests, evaluated in a folder of their own."""

from __future__ import annotations

import sys
from pathlib import Path
from textwrap import dedent

import pytest

from mlsec_lint.discovery import discover
from mlsec_lint.terraform import evaluate_root, evaluate_roots

sys.path.insert(0, str(Path(__file__).parent))


@pytest.fixture
def write(tmp_path):
    """Write files (name -> text) and give the folder."""

    def write(**files):
        for name, text in files.items():
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(dedent(text), encoding="utf-8")
        return tmp_path

    return write


@pytest.fixture
def root(write):
    """Evaluate files as one root and give it."""

    def root(text="", variables=None, **files):
        folder = write(**{"main.tf": text, **files})
        return evaluate_root(str(folder), variables).root

    return root


@pytest.fixture
def roots(write):
    """Evaluate files as a scan does and give the roots by path."""

    def roots(variants=None, **files):
        folder = write(**files)
        found = evaluate_roots(discover(str(folder), use_git=False), variants)
        return {root.path: root for root in found}

    return roots


@pytest.fixture
def value(root):
    """The value of one output `o`."""

    def value(expression, text="", **more):
        made = root(
            f'{dedent(text)}\noutput "o" {{\n  value = {expression}\n}}\n', **more
        )
        return made.outputs["o"]

    return value
