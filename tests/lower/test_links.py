"""Signed links in texts: which there are, and for how long."""

from __future__ import annotations

import pytest

from mlsec_lint.lower.links import duration, hours_between, lifetime, links_in
from mlsec_lint.source import Source, Span
from mlsec_lint.value import Unknown, Value

HEX = "0123456789abcdef" * 4


def found(text):
    value = Value(text, Span(Source("job.sh", text), 0, len(text)))
    return [
        ("unknown" if isinstance(link.hours, Unknown) else link.hours, link.embedded)
        for link in links_in(value)
    ]


@pytest.mark.parametrize(
    ("text", "links"),
    [
        ("aws s3 presign s3://b/w", [(1, False)]),
        ("aws s3 presign s3://b/w --expires-in 604800", [(168, False)]),
        ("aws s3 presign s3://b/w \\\n  --expires-in=86400", [(24, False)]),
        ("aws s3 presign s3://b/w --expires-in $LONG", [("unknown", False)]),
        ("# aws s3 presign s3://b/w --expires-in 604800", []),
        ("gcloud storage sign-url gs://b/w --duration=7d", [(168, False)]),
        ("gsutil signurl -d 10m key.json gs://b/w", [(1, False)]),
        ("s3.generate_presigned_url('get_object', ExpiresIn=7*24*3600)", [(168, False)]),
        ("s3.generate_presigned_url('get_object')", [(1, False)]),
        ("blob.generate_signed_url(expiration=timedelta(days=30))", [(720, False)]),
        (f"curl 'https://b.s3.amazonaws.com/w?X-Amz-Expires=60&X-Amz-Signature={HEX}'",
         [(1, True)]),
        ("curl 'https://a.blob.core.windows.net/c/w?sv=2024&sig=" + "aB3%2F" * 8 + "'",
         [(None, True)]),
        ("curl 'https://a.blob.core.windows.net/c/w?sv=2024&sig=$SIG'", []),
        ("curl 'https://b.s3.amazonaws.com/w?X-Amz-Signature=<signature>'", []),
    ],
)  # fmt: skip
def test_links(text, links):
    assert found(text) == links


def test_lengths():
    assert duration("168h0m0s") == 168
    assert duration("90m") == 2
    assert duration("soon") is None
    assert hours_between("2026-01-01T00:00:00Z", "2026-01-02") is None
    assert hours_between("2026-01-01T00%3A00%3A00Z", "2026-01-02T00:00:00Z") == 24
    assert lifetime("https://x/?st=2026-01-01T00:00:00Z&se=2026-01-08T00:00:00Z") == 168


def test_long_texts_cost_little():
    assert found("https://x/" + "sig=" * 100_000) == []
    assert len(found("aws s3 presign x\n" * 20_000)) == 20_000
