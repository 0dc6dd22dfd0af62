"""What becomes of each YAML and JSON document of a repository: a table for people.

    python bench/fates.py FOLDER...

Fates: `object` (a Kubernetes object, or what renders some: analysed), `job` (a format
of lower/jobs: analysed), `skipped` (recognised, cannot matter, or its format is not
analysed: with its name), `unknown` (nothing recognises it), `unparsed` (files with a
syntax error or a template that was not rendered, with the kind of note).
"""

from __future__ import annotations

import sys
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

from mlsec_lint.lower import lower
from mlsec_lint.lower.jobs.unread import recognised_as
from mlsec_lint.parse.yaml import documents
from mlsec_lint.scan import DOCUMENTS, TERRAFORM_JSON, read

if TYPE_CHECKING:
    from mlsec_lint.scan import Reading

_BROKEN = frozenset({"syntax-error", "template-not-read", "unreadable", "too-large"})


def fates(reading: Reading) -> tuple[Counter[str], Counter[str]]:
    """How many documents met which fate, and what was skipped, by name."""
    total = 0
    skipped: Counter[str] = Counter()
    tree = reading.tree
    for file in tree.files:
        is_document = file.path.lower().endswith(DOCUMENTS)
        if not is_document or file.path.endswith(TERRAFORM_JSON):
            continue
        source = tree.source(file.path)
        found = documents(source)[0] if source is not None else []
        total += len(found)
    left = reading.inputs.documents
    lower(reading.inputs)
    claimed = reading.inputs.claimed
    told: Counter[str] = Counter({"object": total - len(left)})
    for _, document in left:
        name = document.skipped or recognised_as(document.value)
        if id(document) in claimed:
            told["job"] += 1
        elif name:
            told["skipped"] += 1
            skipped[name] += 1
        else:
            told["unknown"] += 1
    broken = {
        n.path: n.kind for n in (*tree.notes, *reading.notes) if n.kind in _BROKEN
    }
    documents_only = [k for p, k in broken.items() if p.lower().endswith(DOCUMENTS)]
    told["unparsed"] = len(documents_only)
    skipped.update(f"unparsed: {kind}" for kind in documents_only)
    return told, skipped


def main(folders: list[str]) -> None:
    """Print one row per folder, and the formats that were recognised in it."""
    for folder in folders:
        reading = read(folder)
        told, skipped = fates(reading)
        whole = sum(told.values()) or 1
        shares = ", ".join(
            f"{k} {n} ({100 * n / whole:.1f} %)" for k, n in told.items()
        )
        print(f"{Path(folder).name}: {whole} documents: {shares}")
        for title, table in (
            ("recognised", reading.inputs.recognised),
            ("skipped", dict(skipped)),
            ("not analysed", reading.inputs.not_analysed),
        ):
            rows = sorted(table.items(), key=lambda item: -item[1])
            print(f"    {title}: " + ", ".join(f"{name} {n}" for name, n in rows))


if __name__ == "__main__":
    main(sys.argv[1:])
