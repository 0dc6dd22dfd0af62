"""What a replacement without a source would have written is unknown."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsec_lint.scan import read
from mlsec_lint.value import Unknown

if TYPE_CHECKING:
    from pathlib import Path

JOB = """\
apiVersion: batch/v1
kind: Job
metadata: {name: train}
spec:
  template:
    spec:
      containers:
        - {name: main, image: replaced-by-kustomize}
"""
KUSTOMIZATION = """\
resources: [job.yaml]
configMapGenerator:
  - name: settings
    literals: [OTHER=1]
replacements:
  - source: {kind: ConfigMap, name: settings, fieldPath: data.IMAGE}
    targets:
      - select: {kind: Job}
        fieldPaths: ["spec.template.spec.containers.[name=main].image"]
"""


def test_the_text_in_its_place_is_not_taken_for_a_value(tmp_path: Path) -> None:
    (tmp_path / "job.yaml").write_text(JOB)
    (tmp_path / "kustomization.yaml").write_text(KUSTOMIZATION)
    reading = read(str(tmp_path))
    (job,) = [m for m in reading.inputs.manifests if m.kind == "Job"]
    image = job.value.at("spec", "template", "spec", "containers", 0, "image")

    assert image is not None
    assert isinstance(image.data, Unknown)
    assert image.data.name == "data.IMAGE"
    assert "kustomize-error" in {note.kind for note in reading.notes}
