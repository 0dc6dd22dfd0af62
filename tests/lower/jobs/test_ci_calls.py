"""CI files that call, include or hand on to each other."""

from __future__ import annotations

import textwrap
import time

import pytest
from manifests import targets, value

from mlsec_lint.lower import lower
from mlsec_lint.scan import read


def estate_of(folder, files):
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(textwrap.dedent(text), encoding="utf-8")
    return lower(read(str(folder)).inputs)


def written(folder, files) -> list[str]:
    """Stores that workloads write to, "?" behind those that are not certain."""
    estate = estate_of(folder, files)
    return sorted(
        edge.target.address + ("" if edge.certain else "?")
        for edge in estate.edges()
        if edge.verb == "writes" and edge.source.kind == "workload"
    )


STEP = "aws s3 cp model.safetensors s3://%s/run/"


def workflow(*steps: str, top: str = "", job: str = "") -> str:
    body = "".join(textwrap.indent(step, "      ") for step in steps)
    return f"on: push\n{top}jobs:\n  train:\n    runs-on: gpu\n{job}    steps:\n{body}"


RUN = "- run: aws s3 cp model.safetensors s3://{}/run/\n"
CASES = [
    (workflow(RUN.format("${{ env.B }}"), top="env: {B: lab-a}\n"), ["s3://lab-a"]),
    (workflow(RUN.format("$B"), top="env: {A: lab-a, B: other}\n", job="    env: {B: '${{ env.A }}'}\n"), ["s3://lab-a"]),
    (workflow("- run: echo B=lab-b >> $GITHUB_ENV\n", RUN.format("$B")), ["s3://lab-b"]),
    (workflow('- run: echo "B=lab-b" >> "$GITHUB_ENV"\n', RUN.format("${{ env.B }}")), ["s3://lab-b"]),
    (workflow("- run: echo B=lab-b >> ${GITHUB_ENV}\n", RUN.format("$B"), top="env: {B: lab-a}\n"), ["s3://lab-b"]),
    (workflow("- id: x\n  run: echo b=lab-c >> $GITHUB_OUTPUT\n", RUN.format("${{ steps.x.outputs.b }}")), ["s3://lab-c"]),
    (workflow("- id: x\n  run: echo b=lab-c >> $GITHUB_OUTPUT\n", "- run: aws s3 cp m.safetensors s3://$B/\n  env: {B: '${{ steps.x.outputs.b }}'}\n"), ["s3://lab-c"]),
    (workflow(RUN.format("${{ matrix.b }}"), job="    strategy: {matrix: {b: [lab-m]}}\n"), ["s3://lab-m"]),
]  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), CASES)
def test_contexts(tmp_path, text, expected):
    assert written(tmp_path, {".github/workflows/w.yml": text}) == expected


@pytest.mark.parametrize(
    "text",
    [
        workflow(
            "- if: inputs.x\n  run: echo B=lab-b >> $GITHUB_ENV\n", RUN.format("$B")
        ),
        workflow("- run: echo B=lab-b >> $OTHER\n", RUN.format("$B")),
        workflow(RUN.format("$B"), "- run: echo B=lab-b >> $GITHUB_ENV\n"),
        workflow("- run: |\n    echo 'B<<E' >> $GITHUB_ENV\n", RUN.format("$B")),
        workflow(RUN.format("${{ steps.x.outputs.b }}")),
    ],
)
def test_what_is_not_handed_on_for_sure_stays_unknown(tmp_path, text):
    found = written(tmp_path, {".github/workflows/w.yml": text})
    assert found
    assert all(address.endswith("?") for address in found)


CALLED = """
on:
  workflow_call:
    inputs:
      bucket: {type: string, default: lab-default}
jobs:
  push:
    runs-on: gpu
    steps:
      - run: aws s3 cp model.safetensors s3://${{ inputs.bucket }}/run/
"""
CALLER = """
on: push
jobs:
  call:
    uses: ./.github/workflows/called.yml
    with: {bucket: %s}
"""


def test_reusable_workflow_is_read_where_it_is_called(tmp_path):
    files = {
        ".github/workflows/called.yml": CALLED,
        ".github/workflows/a.yml": CALLER % "lab-a",
        ".github/workflows/b.yml": CALLER.replace("    with: {bucket: %s}\n", ""),
    }
    assert written(tmp_path, files) == ["s3://lab-a", "s3://lab-default"]
    by_itself = CALLED.replace("on:\n", "on:\n  workflow_dispatch: {}\n")
    files[".github/workflows/called.yml"] = by_itself
    assert len(written(tmp_path, files)) == 3


def test_composite_action_is_read_where_it_is_called(tmp_path):
    action = """
    inputs: {bucket: {default: lab-default}}
    runs:
      using: composite
      steps:
        - id: name
          shell: bash
          run: echo "to=${{ inputs.bucket }}" >> $GITHUB_OUTPUT
        - shell: bash
          run: aws s3 cp model.safetensors s3://${{ steps.name.outputs.to }}/run/
    """
    files = {
        ".github/actions/push/action.yml": action,
        ".github/workflows/w.yml": workflow(
            "- uses: ./.github/actions/push\n  with: {bucket: '${{ env.B }}'}\n",
            top="env: {B: lab-b}\n",
        ),
    }
    assert written(tmp_path, files) == ["s3://lab-b"]
    estate = estate_of(tmp_path, files)
    assert [w.span.path for w in estate.of("workload")] == [".github/workflows/w.yml"]


def test_outputs_of_a_job_that_another_needs(tmp_path):
    text = """
    on: push
    jobs:
      name:
        outputs: {b: '${{ steps.x.outputs.b }}'}
        steps:
          - id: x
            run: echo b=lab-n >> $GITHUB_OUTPUT
      push:
        needs: name
        steps:
          - run: aws s3 cp m.safetensors s3://${{ needs.name.outputs.b }}/
    """
    assert written(tmp_path, {".github/workflows/w.yml": text}) == ["s3://lab-n"]


def test_calls_in_circles_cost_little(tmp_path):
    steps = "- uses: ./.github/actions/a\n" * 200
    action = "runs:\n  using: composite\n  steps:\n" + textwrap.indent(steps, "    ")
    jobs = "".join(f"  j{n}: {{uses: ./.github/workflows/w.yml}}\n" for n in range(200))
    started = time.monotonic()
    files = {
        ".github/actions/a/action.yml": action,
        ".github/workflows/w.yml": f"on: workflow_call\njobs:\n{jobs}",
        ".github/workflows/x.yml": workflow(steps, RUN.format("lab-a")),
    }
    written(tmp_path, files)
    assert time.monotonic() - started < 20


INCLUDED = """
.push:
  variables: {BUCKET: lab-included}
  script:
    - aws s3 cp model.safetensors s3://$BUCKET/run/
"""


@pytest.mark.parametrize(
    "include",
    [
        "ci/push.yml",
        "[ci/push.yml]",
        "{local: /ci/push.yml}",
        "[{local: ci/*.yml}]",
        "[{local: 'ci/**.yml'}]",
    ],
)
def test_gitlab_includes(tmp_path, include):
    main = """
    include: %s
    stages: [train]
    train: {stage: train, extends: .push}
    """
    files = {".gitlab-ci.yml": main % include, "ci/push.yml": INCLUDED}
    assert written(tmp_path, files) == ["s3://lab-included"]


def test_gitlab_own_words_win_over_included_ones(tmp_path):
    main = """
    include: ci/push.yml
    train:
      stage: train
      variables: {BUCKET: lab-own}
    """
    included = INCLUDED.replace(".push:", "train:\n  stage: train")
    files = {".gitlab-ci.yml": main, "ci/push.yml": included}
    assert written(tmp_path, files) == ["s3://lab-own"]


def test_gitlab_references_to_variables(tmp_path):
    main = """
    stages: [train]
    .vars: {variables: {BUCKET: lab-ref}}
    .lines:
      script: [aws s3 cp model.safetensors s3://$BUCKET/run/]
    train:
      stage: train
      variables: !reference [.vars, variables]
      script: [!reference [.lines, script]]
    more:
      stage: train
      variables: {BUCKET: !reference [.vars, variables, BUCKET]}
      script: [!reference [.lines, script]]
    """
    found = written(tmp_path, {".gitlab-ci.yml": main})
    assert found == ["s3://lab-ref", "s3://lab-ref"]


def test_gitlab_includes_of_other_places_are_noted(tmp_path):
    main = """
    include: [{project: lab/ci, file: push.yml}, {local: circle.yml}, {local: .gitlab-ci.yml}]
    train: {stage: train, script: [aws s3 cp model.safetensors s3://lab-a/]}
    """
    circle = "include: .gitlab-ci.yml\n"
    estate = estate_of(tmp_path, {".gitlab-ci.yml": main, "circle.yml": circle})
    assert [n.kind for n in estate.notes if n.kind == "include-not-read"]
    (workload,) = estate.of("workload")
    assert targets(estate, workload, "writes") == ["s3://lab-a"]
    assert value(workload, "type") == "pipeline"
