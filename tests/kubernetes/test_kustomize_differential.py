"""Our rendering of each overlay is what `kubectl kustomize` prints."""

from __future__ import annotations

import pytest
from overlays import OVERLAYS
from rendering import KUBECTL, kubectls, ours, rendered


@pytest.mark.skipif(KUBECTL is None, reason="kubectl is not installed")
@pytest.mark.parametrize("name", OVERLAYS)
def test_rendering_equals_kubectls(tmp_path, name):
    result = rendered(tmp_path, OVERLAYS[name])
    assert [note.text for note in result.notes] == []
    assert result.roots == {"kustomize": ["top"]}
    mine, theirs = ours(result, "top"), kubectls(tmp_path / "top")
    assert sorted(mine, key=str) == sorted(theirs, key=str)
    for key, data in theirs.items():
        assert mine[key] == data
