"""Packaged sub-charts: read in memory, never further than they should, and pointed at."""

from __future__ import annotations

import gzip
import io
import random
import tarfile
import zlib

import pytest
from rendering import by_address, render_folder, write

from mlsec_lint.commands.scan import plain_scan
from mlsec_lint.kubernetes import archives, chart_files
from mlsec_lint.kubernetes.archives import unpack

POD = """apiVersion: batch/v1
kind: Job
metadata: {name: "{{ .Release.Name }}-{{ .Chart.Name }}"}
spec:
  template:
    spec:
      containers:
        - name: main
          image: {{ .Values.image }}
          securityContext: {privileged: true}
          resources: {limits: {nvidia.com/gpu: 8}}
"""
CHART = "name: inner\nversion: 1.2.0\n"
OUTER = """name: outer
version: 1.0.0
dependencies:
  - name: inner
    version: 1.2.0
    repository: https://charts.example
"""


def packed(files, *, form=tarfile.PAX_FORMAT, mode="w:gz"):
    """A packaged chart as `helm package` writes it."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode=mode, format=form) as tar:
        for name, text in files.items():
            content = text if isinstance(text, bytes) else text.encode()
            info = tarfile.TarInfo(name)
            info.size = len(content)
            tar.addfile(info, io.BytesIO(content))
    return out.getvalue()


def inner(**more):
    files = {
        "inner/Chart.yaml": CHART,
        "inner/values.yaml": "image: x/y:1\n",
        "inner/templates/job.yaml": POD,
    }
    return packed({**files, **more})


def outer(root, archive, name="inner-1.2.0.tgz", chart=OUTER, **more):
    write(root, {"c/Chart.yaml": chart, **more})
    (root / "c/charts").mkdir(exist_ok=True)
    (root / "c/charts" / name).write_bytes(archive)
    return render_folder(root)


def test_a_packaged_sub_chart_is_rendered_where_it_is_taken_in(tmp_path):
    result = outer(tmp_path, inner())
    job = by_address(result)["Job/default/release-name-inner"]
    assert (job.span.path, job.span.line) == ("c/Chart.yaml", 4)
    image = job.value.at("spec", "template", "spec", "containers").elements()[0]
    assert image.get("image").data == "x/y:1"
    assert image.get("image").entry().line == 4
    assert [step.words for step in image.get("image").trail][-1:] == [
        "c/charts/inner-1.2.0.tgz/templates/job.yaml, line 9, in the packaged chart"
    ]
    assert not result.notes


def test_values_of_the_chart_above_are_pointed_at_themselves(tmp_path):
    result = outer(tmp_path, inner(), **{"c/values.yaml": "inner:\n  image: z:2\n"})
    job = by_address(result)["Job/default/release-name-inner"]
    box = job.value.at("spec", "template", "spec", "containers").elements()[0]
    image = box.get("image")
    assert image.data == "z:2"
    assert (image.trail[0].span.path, image.trail[0].span.line) == ("c/values.yaml", 2)


def test_a_finding_in_a_packaged_chart_says_where_it_stands(tmp_path):
    outer(tmp_path, inner())
    result = plain_scan(str(tmp_path), "--baseline", "SL2")
    found = next(f for f in result.findings if f.rule == "access-pod-privilege")
    assert (found.span.path, found.span.line) == ("c/Chart.yaml", 4)
    words = " ".join(step.words for step in found.trail)
    assert "charts/inner-1.2.0.tgz/templates/job.yaml" in words


def test_a_condition_keeps_a_packaged_chart_out(tmp_path):
    chart = OUTER + "    condition: inner.enabled\n"
    values = {"c/values.yaml": "inner: {enabled: false}\n"}
    assert not outer(tmp_path, inner(), chart=chart, **values).manifests


def test_a_packaged_chart_that_nothing_names_points_at_the_chart(tmp_path):
    chart = "name: outer\nversion: 1.0.0\n"
    job = outer(tmp_path, inner(), chart=chart).manifests[0]
    assert (job.span.path, job.span.line) == ("c/Chart.yaml", 1)


def test_charts_inside_each_other(tmp_path):
    below = "dependencies: [{name: inner, version: 1.2.0}]\n"
    middle = packed(
        {
            "middle/Chart.yaml": "name: middle\nversion: 1.0.0\n" + below,
            "middle/charts/inner-1.2.0.tgz": inner(),
        }
    )
    chart = OUTER.replace("name: inner", "name: middle")
    result = outer(tmp_path, middle, "middle-1.0.0.tgz", chart)
    assert [one.name for one in result.manifests] == ["release-name-inner"]
    assert result.manifests[0].span.line == 4
    words = result.manifests[0].value.get("kind").trail[-1].words
    assert "middle-1.0.0.tgz/charts/inner-1.2.0.tgz/templates/job.yaml" in words


def test_charts_inside_each_other_have_an_end(tmp_path):
    archive = inner()
    for number in range(8):
        name = f"m{number}"
        archive = packed(
            {
                f"{name}/Chart.yaml": f"name: {name}\nversion: 1.0.0\n",
                f"{name}/charts/next-1.tgz": archive,
            }
        )
    chart = OUTER.replace("name: inner", "name: m7")
    result = outer(tmp_path, archive, "m7-1.0.0.tgz", chart)
    assert not result.manifests
    assert "too many archives inside each other" in result.notes[0].text


LONG = "a" * 60 + "/" + "b" * 60 + "/" + "c" * 60 + ".yaml"


@pytest.mark.parametrize(
    "form", [tarfile.PAX_FORMAT, tarfile.GNU_FORMAT, tarfile.USTAR_FORMAT]
)
def test_every_form_of_long_names(form):
    found = unpack(packed({f"inner/{LONG}": "x", "inner/Chart.yaml": "y"}, form=form))
    assert found.files == {LONG: b"x", "Chart.yaml": b"y"}


def special(kind, name="inner/templates/x.yaml", link="/etc/passwd"):
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz") as tar:
        info = tarfile.TarInfo(name)
        info.type, info.linkname = kind, link
        tar.addfile(info)
    return out.getvalue()


@pytest.mark.parametrize(
    "kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.CHRTYPE, tarfile.FIFOTYPE, tarfile.DIRTYPE]
)  # fmt: skip
def test_links_and_devices_are_no_files(kind):
    assert unpack(special(kind)) == ({}, "")


def two_streams():
    """The files of an archive in two gzip streams, which Go reads as one."""
    whole = gzip.decompress(inner())
    return gzip.compress(whole[:1024]) + gzip.compress(whole[1024:])


def resized(**headers):
    """An archive with a file whose extended header says something else of its size."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz", format=tarfile.PAX_FORMAT) as tar:
        info = tarfile.TarInfo("inner/templates/x.yaml")
        info.pax_headers = {name.replace("_", "."): v for name, v in headers.items()}
        tar.addfile(info)
    return out.getvalue()


def named(value):
    """A name for a case that is the same in each run: archives hold the time."""
    return value if isinstance(value, str) else "archive"


def bomb():
    return gzip.compress(b"\0" * (archives.MAX_UNPACKED + 10))


@pytest.mark.parametrize(
    ("archive", "why"),
    [
        (packed({"../x/Chart.yaml": "x"}), "leads out"),
        (packed({"inner/../../Chart.yaml": "x"}), "leads out"),
        (packed({"/etc/Chart.yaml": "x"}), "leads out"),
        (packed({"inner\\..\\x": "x"}), "leads out"),
        (packed({"C:/x": "x"}), "leads out"),
        (bomb(), "unpacks to more than"),
        (gzip.compress(bomb()), ""),
        (b"x" * (archives.MAX_PACKED + 1), "the cap is"),
        (b"no gzip at all", "no gzip archive"),
        (b"", "cut off"),
        (inner()[:-40], "cut off"),
        (gzip.compress(gzip.decompress(inner())[:600]), "cut off"),
        (packed({f"inner/{n}": "" for n in range(archives.MAX_MEMBERS + 1)}), "more than"),
        (packed({"inner/x": b"a" * (archives.MAX_MEMBER + 1)}), "a file in it has"),
        (two_streams(), "something follows"),
        (inner() + b"PK", "something follows"),
        (resized(size="1024"), "another size"),
        (resized(GNU_sparse_realsize="9"), "another size"),
        (special(tarfile.GNUTYPE_SPARSE), "another size"),
    ],
    ids=named,
)  # fmt: skip
def test_what_is_not_read_says_why(archive, why):
    found = unpack(archive)
    assert not found.files
    assert why in found.why


@pytest.mark.parametrize(
    "archive",
    [packed({"../x/Chart.yaml": "x"}), bomb(), packed({"inner/a": "b"}), b"?"],
    ids=named,
)
def test_an_archive_that_is_not_read_is_noted(tmp_path, archive):
    result = outer(tmp_path, archive)
    assert not result.manifests
    (note,) = result.notes
    assert note.kind == "module-not-read"
    assert note.text.startswith(
        "the chart inner of https://charts.example is not read: "
    )
    assert (note.span.line, note.incomplete) == (4, True)


def test_archives_share_a_budget(tmp_path, monkeypatch):
    monkeypatch.setattr(chart_files, "MAX_ALL", 1_000)
    (note,) = outer(tmp_path, inner()).notes
    assert "unpacks to more than 1,000 bytes" in note.text


def test_a_packaged_chart_reads_no_file_outside(tmp_path):
    write(tmp_path, {"c/secret.txt": "outside"})
    reads = 'data: {a: {{ .Files.Get "../../secret.txt" | quote }}}\n'
    config = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c}\n" + reads
    chart = CHART + "dependencies: [{name: z, repository: 'file://../../..'}]\n"
    archive = inner(**{"inner/templates/c.yaml": config, "inner/Chart.yaml": chart})
    write(tmp_path, {"Chart.yaml": "name: z\nversion: 1.0.0\n"})
    result = outer(tmp_path, archive)
    found = by_address(result)["ConfigMap/default/c"]
    assert found.value.at("data", "a").data != "outside"
    assert any("the chart z of file://" in note.text for note in result.notes)


def test_broken_archives_never_break_the_reader():
    rng = random.Random(11)
    whole = gzip.decompress(inner())
    for _ in range(400):
        data = bytearray(whole)
        for _ in range(rng.randint(1, 12)):
            data[rng.randrange(len(data))] = rng.randrange(256)
        found = unpack(zlib.compress(bytes(data), wbits=31))
        assert all(".." not in name.split("/") for name in found.files)
        assert sum(map(len, found.files.values())) <= len(whole)
