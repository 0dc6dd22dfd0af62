"""Commands that carry others: ssh, xargs, find, parallel, containers that a shell starts."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from manifests import estate_of, only, targets, value

from mlsec_lint.lower.jobs.carriers import carried
from mlsec_lint.lower.jobs.shell import read_script
from mlsec_lint.lower.jobs.shell_values import alternatives
from mlsec_lint.lower.jobs.started_containers import container_run
from mlsec_lint.source import Source
from mlsec_lint.value import Unknown

JOB = "#!/bin/bash\n#SBATCH --gres=gpu:8\n#SBATCH --job-name=j\nCK=/fsx/ckpt/model.pt\n"


def shown(word):
    return "?" if isinstance(word.data, Unknown) else word.data


def job(folder, text):
    return estate_of(folder, j__sbatch=JOB + text + "\n")


def written(estate):
    """Buckets that the job writes to, "?" behind those that are not certain."""
    edges = estate.edges_from(only(estate, "workload"), "writes")
    return sorted(
        e.target.address.removeprefix("s3://") + ("" if e.certain else "?")
        for e in edges
        if "://" in e.target.address
    )


@pytest.mark.parametrize(
    "line",
    [
        "ssh node1 aws s3 cp $CK s3://out/x",
        "ssh -i key -p 22 me@node1 'aws s3 cp /fsx/ckpt/model.pt s3://out/x'",
        'ssh node1 "cd /fsx && aws s3 cp $CK s3://out/x"',
        "sshpass -p x ssh node1 'aws s3 cp m.pt s3://out/x'",
        "pdsh -w n[1-8] aws s3 cp $CK s3://out/x",
        "pdsh -w n1 'aws s3 cp m.pt s3://out/x'",
        "sudo ssh node1 'aws s3 cp m.pt s3://out/x'",
        "gcloud compute tpus tpu-vm ssh t --zone=z --command='aws s3 cp m.pt s3://out/x'",
        "gcloud compute ssh t --command 'aws s3 cp m.pt s3://out/x'",
        "su - lab -c 'aws s3 cp m.pt s3://out/x'",
        "runuser -u lab -- aws s3 cp m.pt s3://out/x",
        "flock /tmp/l -c 'aws s3 cp m.pt s3://out/x'",
        "sbatch --wrap='aws s3 cp m.pt s3://out/x'",
        'sbatch -N1 --wrap "aws s3 cp $CK s3://out/x"',
        "trap 'aws s3 cp m.pt s3://out/x' EXIT",
        "tmux new-session -d 'aws s3 cp m.pt s3://out/x'",
        "ls /fsx | xargs -I{} -P 8 aws s3 cp {} s3://out/x",
        "ls /fsx | xargs -n1 bash -c 'aws s3 cp $0 s3://out/x'",
        "find /fsx -name '*.pt' -exec aws s3 cp {} s3://out/x \\;",
        "find /fsx -exec aws s3 cp {} s3://out/x +",
        "parallel -j 8 aws s3 cp {} s3://out/x ::: a b",
        "parallel 'aws s3 cp {} s3://out/x' :::: list",
        "ls | parallel --bar 'aws s3 cp {} s3://out/x'",
        "srun -n1 aws s3 cp m.pt s3://out/x",
        "mpirun -np 2 --hostfile h aws s3 cp m.pt s3://out/x",
        "srun bash -c 'aws s3 cp m.pt s3://out/x'",
        "timeout -k 5 60 nohup aws s3 cp m.pt s3://out/x &",
        "docker run --rm amazon/aws-cli:2 s3 cp m.pt s3://out/x",
        "docker run --entrypoint aws img:1 s3 cp m.pt s3://out/x",
        "docker exec c aws s3 cp m.pt s3://out/x",
        "docker run -v /fsx:/d img:1 aws s3 cp /d/m.pt s3://out/x",
        "docker run img:1 bash -c 'aws s3 cp m.pt s3://out/x'",
        "apptainer exec --nv -B /fsx:/d x.sif aws s3 cp m.pt s3://out/x",
        "singularity run docker://img:1 aws s3 cp m.pt s3://out/x",
        "kubectl exec p -- aws s3 cp m.pt s3://out/x",
    ],
)
def test_an_upload_is_found_inside(tmp_path, line):
    assert written(job(tmp_path, line)) == ["out"]


@pytest.mark.parametrize(
    "line",
    [
        "ssh node1",
        "ssh",
        "trap - EXIT",
        "xargs",
        "find /fsx -delete",
        "docker run",
        "docker run --rm",
        "docker ps",
        "apptainer exec",
        "srun --job-name aws true",
        "echo aws s3 cp m.pt s3://out/x",
        "parallel",
    ],
)
def test_nothing_is_made_of_others(tmp_path, line):
    assert written(job(tmp_path, line)) == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("for b in one two; do aws s3 cp $CK s3://$b/x; done", ["one", "two"]),
        ("aws s3 cp $CK s3://${B:-three}/x", ["three?"]),
        ("aws s3 cp $CK s3://${1:-three}/x", ["three?"]),
        ("if x; then B=one; else B=two; fi; aws s3 cp $CK s3://$B/x", ["one?", "two?"]),
        ("aws s3 cp $CK s3://${B}/x", ["${B}?"]),
        ("U=s3://one/x/; aws s3 cp $CK ${U%/}/y", ["one"]),
        ("U=s3://one/x; B=${U#s3://}; aws s3 cp $CK s3://${B%%/*}/y", ["one"]),
        ("parallel aws s3 cp $CK s3://{}/x ::: one two", ["one", "two"]),
        ("for b in $LIST; do aws s3 cp $CK s3://$b/x; done", ["${LIST}?"]),
        ("for b in a $(ls); do aws s3 cp $CK s3://$b/x; done", ["${b}?"]),
    ],
)
def test_names_that_the_script_can_tell(tmp_path, text, expected):
    assert written(job(tmp_path, text)) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("X=a/b/c.tar.gz; e ${X##*/} ${X#*/} ${X%/*} ${X%%/*}", ["c.tar.gz", "b/c.tar.gz", "a/b", "a"]),
        ("X=a/; e ${X%/} ${X#a} ${X%nope}", ["a", "/", "a/"]),
        ("X=aB; e ${X,,} ${X^^} ${X^}", ["ab", "AB", "AB"]),
        ("X=ab; e ${X%%[a-z]*} ${X#?} ${X/a/b} ${X:0:1}", ["?", "?", "?", "?"]),
        ("e ${1%/} ${Y##*/} ${2}", ["?", "?", "?"]),
    ],
)  # fmt: skip
def test_cut_variables(text, expected):
    command = read_script(Source("x.sh", text)).commands[-1]
    assert [shown(w) for w in command.words[1:]] == expected


def test_mounts_of_a_container_join_both_sides(tmp_path):
    text = (
        "docker run --gpus all -v /fsx:/data:rw -e A=1 --ipc host lab/img:1 "
        "python train.py --output_dir /data/ckpt\n"
        "aws s3 sync /fsx/ckpt s3://out/x"
    )
    estate = job(tmp_path, text)
    assert value(only(estate, "upload"), "carries") == "weights"
    assert targets(estate, only(estate, "mount"), "is backed by") == ["j.sbatch#/fsx"]
    box = only(estate, "container")
    assert value(box, "image.reference") == "lab/img:1"
    assert value(box, "image.pinned") is False
    assert value(box, "accelerator") is True


def test_weights_of_the_host_are_known_inside(tmp_path):
    text = (
        "torchrun t.py --output_dir /fsx/ckpt\n"
        "podman run -v /fsx:/d img:1 aws s3 sync /d/ckpt s3://out/x"
    )
    assert value(only(job(tmp_path, text), "upload"), "carries") == "weights"


def test_a_socket_in_a_container_is_told(tmp_path):
    text = "docker run -v /var/run/docker.sock:/var/run/docker.sock --privileged img:1 python t.py"
    estate = job(tmp_path, text)
    assert value(only(estate, "mount"), "host.sensitive") is True
    assert value(only(estate, "container"), "privileged") is True


@pytest.mark.parametrize(
    ("text", "image", "words"),
    [
        ("docker run -it --rm img python x", "img", ["python", "x"]),
        ("docker run --gpus=all -v/a:/b -p 1:1 img", "img", []),
        ("docker run $OPTS org/img:1 python", "org/img:1", ["python"]),
        ("docker run -v a:/b $IMAGE python x", "?", ["python", "x"]),
        ("docker container run --name x img", "img", []),
        ("singularity --debug exec --nv i.sif a", "i.sif", ["a"]),
        ("apptainer run --bind /a:/b docker://i a", "docker://i", ["a"]),
    ],
)
def test_which_word_is_the_image(text, image, words):
    found = container_run(read_script(Source("x.sh", text)).commands[0].words)
    assert found is not None
    assert shown(found.image) == image
    assert [shown(w) for w in found.words] == words


def test_what_apptainer_takes_from_a_disk_has_no_image(tmp_path):
    estate = job(
        tmp_path, "apptainer exec x.sif python t.py --output_dir /fsx/c\npython u.py"
    )
    assert list(estate.of("container")) == []
    assert len({p.address for p in estate.of("program")}) == 2


WORDS = st.sampled_from(
    ["ssh", "h", "xargs", "-I{}", "{}", "find", "-exec", ";", "+", "parallel", ":::", "docker",
     "run", "-v", "/a:/b", "--mount", "type=bind,src=/a,dst=/b", "img", "apptainer", "exec",
     "-B", "-e", "A=b", "$X", "${X:-d}", "bash", "-c", "'aws s3 cp a s3://b/c'", "sbatch",
     "--wrap=x y", "trap", "su", "tmux", "for", "in", "do", "done", "|", "\n", "aws s3 cp",
     "s3://{}/x", "${X%%*}", "${X##", "--", "-", ""]
)  # fmt: skip


@given(st.lists(WORDS, max_size=40))
@settings(max_examples=150, deadline=None)
def test_any_words_are_read(words):
    script = read_script(Source("x.sh", " ".join(words)))
    for command in script.commands:
        carried(command.words)
        container_run(command.words)
        for word in command.words:
            assert all(isinstance(v.data, str) for v, _ in alternatives(word))


@pytest.mark.parametrize(
    "text",
    [
        "ssh h " * 2_000,
        "docker run " + "-v /a:/b " * 20_000 + "img python x.py",
        "parallel " + "{}" * 10_000 + " ::: " + "a " * 2_000,
        "find . " + "-exec a {} ';' " * 5_000,
        "for a in 1 2 3 4 5 6; do for b in 1 2 3 4 5 6; do aws s3 cp $a$b$a$b$a$b s3://$a$b$a$b/x; done; done",
        "X=" + "a/" * 15_000 + "\n" + "e ${X##*/} ${X%%/*}\n" * 1_000,
        "bash -c \"bash -c 'ssh h \\\"ssh h2 aws s3 cp a s3://b/c\\\"'\"\n" * 300,
        "apptainer exec " * 3_000 + "x.sif a",
    ],
)  # fmt: skip
def test_long_texts_are_quick(tmp_path, text):
    start = time.process_time()
    job(tmp_path, text)
    assert time.process_time() - start < 10
