"""The order of documents, and of files, tells nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from mlsec_lint.scan import read, survey

if TYPE_CHECKING:
    from pathlib import Path

CLAIM = """\
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: models, namespace: serving}
spec: {accessModes: [ReadWriteOnce], storageClassName: fast}
"""
SERVICE = """\
apiVersion: serving.kserve.io/v1beta1
kind: InferenceService
metadata: {name: chat, namespace: serving}
spec:
  predictor:
    model:
      modelFormat: {name: vLLM}
      storageUri: pvc://models/chat-70b
"""
ACCOUNT = """\
apiVersion: v1
kind: ServiceAccount
metadata:
  name: chat
  namespace: serving
  annotations: {eks.amazonaws.com/role-arn: "arn:aws:iam::111122223333:role/chat"}
"""


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 2, 0)])
@pytest.mark.parametrize("files", [1, 3])
def test_a_claim_is_found_wherever_it_stands(
    tmp_path: Path, order: tuple[int, ...], files: int
) -> None:
    texts = [(CLAIM, SERVICE, ACCOUNT)[n] for n in order]
    if files == 1:
        (tmp_path / "all.yaml").write_text("---\n".join(texts))
    else:
        for number, text in enumerate(texts):
            (tmp_path / f"{number}.yaml").write_text(text)
    estate = survey(read(str(tmp_path)))
    (workload,) = estate.of("workload")
    read_from = {e.target.address for e in estate.edges_from(workload, "reads")}

    assert read_from == {"PersistentVolumeClaim/serving/models"}
