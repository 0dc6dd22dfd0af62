"""Batch scripts: accelerators, directives, scripts in here-documents, settings beside."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from manifests import estate_of, only, targets, value

from mlsec_lint.lower.jobs.shell_values import body_script
from mlsec_lint.source import Source, Span
from mlsec_lint.value import Unknown

HEAD = "#!/bin/bash\n#SBATCH --job-name=j\n#SBATCH --exclusive\n#SBATCH -p gpu\n"


@pytest.mark.parametrize(
    ("body", "asks"),
    [
        ("#SBATCH --gres=gpu:8\n", True),
        ("#SBATCH --gpus-per-node=8\n", True),
        ("#SBATCH -G 8\n", True),
        ("#SBATCH --tres-per-task=gres/gpu:1\n", True),
        ("GPUS_PER_NODE=8\n", True),
        ("export NCCL_DEBUG=INFO\n", True),
        ("srun --gpus 4 x\n", True),
        ("srun -l --gres=gpu:2 x\n", True),
        ("torchrun --nproc_per_node=8 t.py\n", True),
        ("srun torchrun --nproc-per-node 8 t.py\n", True),
        ("docker run --gpus all img x\n", True),
        ("apptainer exec --nv x.sif y\n", True),
        ("", False),
        ("GPUS_PER_NODE=0\nsrun hostname\n", False),
        ("python t.py --output_dir /o\n", False),
        ("echo srun --nope\n", False),
    ],
)
def test_whether_accelerators_are_asked_for(tmp_path, body, asks):
    estate = estate_of(tmp_path, j__sbatch=HEAD + body)
    assert value(only(estate, "workload"), "accelerator") is asks


OUTER = """\
#!/bin/bash
for RUN in a b; do
BUCKET=lab-ckpt
cat > job.sbatch <<{mark}
#!/bin/bash
#SBATCH --job-name=inner
#SBATCH --gres=gpu:8
OUT=/fsx/run
torchrun t.py --output_dir {dollar}OUT
aws s3 sync {dollar}OUT s3://$BUCKET/x
EOF
sbatch job.sbatch
done
"""


@pytest.mark.parametrize(
    ("mark", "dollar", "bucket"),
    [("EOF", "\\$", "s3://lab-ckpt"), ("'EOF'", "$", "s3://lab-ckpt")],
)
def test_a_batch_script_that_another_writes(tmp_path, mark, dollar, bucket):
    text = OUTER.format(mark=mark, dollar=dollar)
    estate = estate_of(tmp_path, submit__sh=text)
    job = next(w for w in estate.of("workload") if w.provider == "sbatch")
    assert job.address == "submit.sh#inner"
    assert value(job, "accelerator") is True
    assert bucket in targets(estate, job, "writes")
    upload = only(estate, "upload")
    assert value(upload, "carries") == "weights"
    assert upload.span.resolved().line == 10


def test_the_directives_are_those_of_the_head(tmp_path):
    text = (
        HEAD + "srun x\ncat > o.sbatch <<E\n#SBATCH --job-name=other\n#SBATCH -G 1\nE\n"
    )
    estate = estate_of(tmp_path, j__sbatch=text)
    assert [w.address for w in estate.of("workload")] == [
        "j.sbatch#j",
        "j.sbatch#other",
    ]


SEND = HEAD + "#SBATCH --gres=gpu:8\naws s3 cp /fsx/model.pt s3://$BUCKET/x\n"


@pytest.mark.parametrize(
    "name", ["env_vars", ".env", "set-env.sh", "lab.env", "env.sh"]
)
def test_settings_beside_are_likely(tmp_path, name):
    (tmp_path / name).write_text("export BUCKET=lab-ckpt\n")
    estate = estate_of(tmp_path, j__sbatch=SEND)
    job = next(w for w in estate.of("workload") if w.provider == "sbatch")
    edge = next(iter(estate.edges_from(job, "writes")))
    assert (edge.target.address, edge.certain) == ("s3://lab-ckpt", False)
    assert name in edge.why


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("README", "BUCKET=other"),
        ("env_vars.example", "BUCKET=other"),
        ("sub/.env", "BUCKET=other"),
        (".env", "BUCKET=<your-bucket>"),
        (".env", "BUCKET="),
        (".env", "OTHER=x"),
        (".env", "BUCKET=$(aws x)"),
    ],
)
def test_a_bucket_that_nobody_names_keeps_its_variable(tmp_path, name, text):
    (tmp_path / name).parent.mkdir(exist_ok=True)
    (tmp_path / name).write_text(text)
    estate = estate_of(tmp_path, j__sbatch=SEND)
    stores = [s for s in estate.of("store") if "s3://" in s.address]
    assert [s.name for s in stores] == ["s3://${BUCKET}"]
    job = next(w for w in estate.of("workload") if w.provider == "sbatch")
    assert [e.certain for e in estate.edges_from(job, "writes")] == [False]


def test_what_is_sourced_is_certain(tmp_path):
    (tmp_path / "env_vars").write_text("export BUCKET=lab-ckpt\n")
    text = SEND.replace("aws s3", "source env_vars\naws s3")
    estate = estate_of(tmp_path, j__sbatch=text)
    job = next(w for w in estate.of("workload") if w.provider == "sbatch")
    assert [e.certain for e in estate.edges_from(job, "writes")] == [True]


def test_two_settings_are_both_possible(tmp_path):
    (tmp_path / "a.env").write_text("BUCKET=one\n")
    (tmp_path / "b.env").write_text("BUCKET=two\n")
    estate = estate_of(tmp_path, j__sbatch=SEND)
    job = next(w for w in estate.of("workload") if w.provider == "sbatch")
    assert targets(estate, job, "writes") == ["s3://one", "s3://two"]


def test_buckets_of_two_folders_are_not_one(tmp_path):
    estate = estate_of(tmp_path, a___j__sbatch=SEND, b___j__sbatch=SEND)
    assert len([s for s in estate.of("store") if "${BUCKET}" in s.address]) == 2


@given(st.text("\\$`a\n\"'{}", max_size=60), st.booleans())
@settings(max_examples=100, deadline=None)
def test_a_body_keeps_its_positions(text, quoted):
    host = Source("x.sh", "<<E\n" + text + "\nE\n")
    found = body_script(Span(host, 4, 4 + len(text)), quoted=quoted)
    assert isinstance(found, Source)
    for at in range(len(found.text)):
        where = Span(found, at, at + 1).resolved()
        assert where.source is host
        assert 4 <= where.start <= 4 + len(text)


HOSTILE = st.lists(
    st.sampled_from(
        ["#SBATCH --gres=gpu:1\n", "cat <<E\n", "E\n", "bash <<'E'\n", "\\$X ", "${X", "\n", "<<",
         "#SBATCH", "x <<-E\n\t", "export A=1\n", "srun ", "--gpus ", "$(", "'", '"']
    ),
    max_size=40,
)  # fmt: skip


@given(HOSTILE)
@settings(max_examples=60, deadline=None)
def test_any_script_is_read(tmp_path_factory, pieces):
    folder = tmp_path_factory.mktemp("j")
    estate = estate_of(folder, j__sbatch="#!/bin/bash\n" + "".join(pieces))
    for workload in estate.of("workload"):
        assert not isinstance(value(workload, "accelerator"), Unknown)


def test_a_script_that_is_too_long_is_said(tmp_path):
    text = "#!/bin/bash\n#" + "x" * 600_000 + "\ntorchrun train.py --output_dir /ckpt\n"
    estate = estate_of(tmp_path, a__sh=text, b__txt="#" + text)
    (note,) = [n for n in estate.notes if n.kind == "script-bound"]
    assert (note.path, note.incomplete) == ("a.sh", True)


def test_neither_long_lines_nor_many_hide_what_a_script_copies(tmp_path):
    copy = "aws s3 cp /x/model.safetensors s3://weights/m\n"
    long = "true " + "x" * 9_000 + "; " + copy
    estate = estate_of(tmp_path, a__sh=long, b__sh="true\n" * 30_000 + copy)
    paths = {w.span.path for w in estate.of("workload")}
    assert paths == {"a.sh", "b.sh"}
