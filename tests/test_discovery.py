"""Which files a scan reads, which it leaves out and counts, and what it never opens."""

from __future__ import annotations

import os
import subprocess
import time

import pytest

from mlsec_lint.discovery import discover, excluded_by, is_relevant


def write(root, *names, text="a: 1\n"):
    for name in names:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


def paths(tree):
    return [file.path for file in tree.files]


def git(root, *arguments):
    subprocess.run(
        ["git", "-c", "user.name=t", "-c", "user.email=t@example.org", *arguments],
        cwd=root,
        check=True,
        capture_output=True,
    )


@pytest.fixture
def work_tree(tmp_path):
    git(tmp_path, "init", "-q")
    return tmp_path


@pytest.mark.parametrize(
    "name",
    [
        "main.tf",
        "a/prod.auto.tfvars.json",
        "x.yaml",
        "x.YML",
        "train.sbatch",
        "Dockerfile",
        "Dockerfile.gpu",
        "gpu.dockerfile",
        ".dvc/config",
        "data.dvc",
        "MLproject",
        "requirements-dev.txt",
        ".env",
        ".env.prod",
        ".terraform.lock.hcl",
        "job.yaml.j2",
        "user_data.tftpl",
    ],
)
def test_files_that_some_reader_wants(name):
    assert is_relevant(name)


@pytest.mark.parametrize(
    "name", ["main.py", "README.md", "config", "weights.bin", "notes.txt", "env"]
)
def test_files_that_no_reader_wants(name):
    assert not is_relevant(name)


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        ("vendor/x.yaml", "vendored"),
        ("a/third_party/b/x.yaml", "vendored"),
        ("web/node_modules/p/package.json", "node_modules"),
        ("infra/.terraform/modules/m/main.tf", "terraform-cache"),
        (".venv/lib/site-packages/x.yaml", "virtual-environment"),
        ("vendor", None),
        ("vendors/x.yaml", None),
    ],
)
def test_trees_that_are_not_the_repositorys_own(path, reason):
    assert excluded_by(path) == reason


def test_a_plain_folder_is_walked_in_order_and_everything_else_counted(tmp_path):
    write(
        tmp_path, "b.yaml", "a/x.tf", "vendor/v.yaml", "node_modules/p/i.json", "R.md"
    )
    tree = discover(str(tmp_path))
    assert paths(tree) == ["a/x.tf", "b.yaml"]
    assert tree.excluded == {"vendored": 1, "node_modules": 1, "other": 1}
    assert tree.notes == []


def test_nested_ignore_files_are_honoured_and_the_deepest_decides(tmp_path):
    write(tmp_path, ".gitignore", text="*.json\nout/\n/only-top.yaml\n")
    write(tmp_path, "a/.gitignore", text="!keep.json\n")
    write(tmp_path, "a/keep.json", "a/drop.json", "out/x.yaml", "only-top.yaml")
    write(tmp_path, "a/only-top.yaml", "b.json")
    tree = discover(str(tmp_path))
    assert paths(tree) == ["a/keep.json", "a/only-top.yaml"]
    assert tree.excluded["ignored"] == 4


def test_a_broken_ignore_line_costs_nothing_else(tmp_path):
    write(tmp_path, ".gitignore", text="!\n[z-a]x\n*.json\n")
    write(tmp_path, "a.yaml", "b.json")
    assert paths(discover(str(tmp_path))) == ["a.yaml"]


def test_an_ignore_file_cannot_hang_the_scan(tmp_path):
    write(tmp_path, ".gitignore", text="*a" * 40 + "b\n")
    write(tmp_path, "a" * 240 + ".yaml")
    begin = time.perf_counter()
    assert len(paths(discover(str(tmp_path)))) == 1
    assert time.perf_counter() - begin < 2


def test_git_knows_tracked_and_new_files_but_not_ignored_ones(work_tree):
    write(work_tree, ".gitignore", text="ignored.yaml\nforced.yaml\n")
    write(work_tree, "tracked.tf", "new.tf", "ignored.yaml", "forced.yaml")
    git(work_tree, "add", "-f", "tracked.tf", "forced.yaml")
    tree = discover(str(work_tree))
    assert paths(tree) == ["forced.yaml", "new.tf", "tracked.tf"]


def test_a_folder_inside_a_work_tree_is_its_own_root(work_tree):
    write(work_tree, "top.tf", "sub/in.tf", "sub/deep/x.yaml")
    tree = discover(str(work_tree / "sub"))
    assert paths(tree) == ["deep/x.yaml", "in.tf"]


def test_a_file_that_git_lists_and_nobody_has_is_counted(work_tree):
    write(work_tree, "gone.tf", "here.tf")
    git(work_tree, "add", ".")
    (work_tree / "gone.tf").unlink()
    tree = discover(str(work_tree))
    assert paths(tree) == ["here.tf"]
    assert tree.excluded == {"missing": 1}


def test_a_folder_that_the_outer_repository_ignores_is_walked(work_tree):
    write(work_tree, ".gitignore", text="out/\n")
    write(work_tree, "out/x.tf")
    assert paths(discover(str(work_tree / "out"))) == ["x.tf"]


def test_the_repositorys_own_git_settings_run_nothing(work_tree):
    marker = work_tree / "ran"
    script = work_tree / "evil.sh"
    script.write_text(f"#!/bin/sh\ntouch {marker}\n", encoding="utf-8")
    script.chmod(0o755)
    for key in ("core.fsmonitor", "core.hooksPath", "core.sshCommand"):
        git(work_tree, "config", key, str(script))
    write(work_tree, "x.tf")
    assert "x.tf" in paths(discover(str(work_tree)))
    assert not marker.exists()


def test_a_git_in_the_scanned_folder_is_not_run(work_tree, monkeypatch):
    marker = work_tree / "ran"
    fake = work_tree / "bin" / "git"
    fake.parent.mkdir()
    fake.write_text(f"#!/bin/sh\ntouch {marker}\n", encoding="utf-8")
    fake.chmod(0o755)
    monkeypatch.setenv("PATH", f"{fake.parent}{os.pathsep}bin")
    monkeypatch.chdir(work_tree)
    write(work_tree, "x.tf")
    tree = discover(str(work_tree))
    assert "x.tf" in paths(tree)
    assert [note.kind for note in tree.notes] == ["git-unavailable"]
    assert not marker.exists()


def test_variables_of_the_callers_git_do_not_leak_in(
    work_tree, monkeypatch, tmp_path_factory
):
    other = tmp_path_factory.mktemp("other")
    git(other, "init", "-q")
    write(other, "foreign.tf")
    monkeypatch.setenv("GIT_DIR", str(other / ".git"))
    monkeypatch.setenv("GIT_WORK_TREE", str(other))
    write(work_tree, "own.tf")
    assert paths(discover(str(work_tree))) == ["own.tf"]


def test_a_broken_repository_is_walked_with_a_note(tmp_path):
    (tmp_path / ".git").write_text("gitdir: /nowhere\n", encoding="utf-8")
    write(tmp_path, "x.tf")
    tree = discover(str(tmp_path))
    assert paths(tree) == ["x.tf"]
    assert [note.kind for note in tree.notes] == ["git-unavailable"]


def test_a_nested_repository_is_entered(work_tree):
    write(work_tree, "inner/x.tf")
    git(work_tree / "inner", "init", "-q")
    assert paths(discover(str(work_tree))) == ["inner/x.tf"]


@pytest.mark.parametrize(
    ("content", "text", "bom"),
    [
        (b"a: \xc3\xa9\r\n", "a: é\r\n", False),
        (b"\xef\xbb\xbfa: 1\n", "a: 1\n", True),
        (b"", "", False),
    ],
)
def test_text_is_utf8_with_or_without_a_mark_and_keeps_its_line_ends(
    tmp_path, content, text, bom
):
    (tmp_path / "x.yaml").write_bytes(content)
    source = discover(str(tmp_path)).source("x.yaml")
    assert source is not None
    assert (source.text, source.bom) == (text, bom)


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"\xff\xfea\x00:\x00", "not-utf8"),
        (b"caf\xe9: 1\n", "not-utf8"),
        (b"a\x00b", "binary-file"),
    ],
)
def test_what_is_no_text_is_noted_once_and_makes_the_scan_incomplete(
    tmp_path, content, kind
):
    (tmp_path / "x.tf").write_bytes(content)
    tree = discover(str(tmp_path))
    assert tree.source("x.tf") is None
    assert tree.source("x.tf") is None
    assert [(note.kind, note.incomplete) for note in tree.notes] == [(kind, True)]


def test_a_file_over_the_cap_is_noted_and_its_bytes_still_read(tmp_path):
    (tmp_path / "big.yaml").write_bytes(b"#" * 2001)
    (tmp_path / "big.json").write_bytes(b" " * 2001)
    tree = discover(str(tmp_path), max_text=2000, max_bytes=3000)
    assert tree.source("big.yaml") is None
    assert tree.source("big.json") is None
    assert [(n.kind, n.incomplete, n.strict_only) for n in tree.notes] == [
        ("file-too-large", True, False),
        ("file-too-large", False, True),
    ]
    assert len(tree.bytes("big.yaml") or b"") == 2001


def test_sparse_hundred_megabytes_are_never_read(tmp_path):
    with open(tmp_path / "huge.yaml", "wb") as file:
        file.truncate(200 * 1024 * 1024)
    tree = discover(str(tmp_path))
    begin = time.perf_counter()
    assert tree.source("huge.yaml") is None
    assert tree.bytes("huge.yaml") is None
    assert time.perf_counter() - begin < 0.5


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads everything")
def test_an_unreadable_file_is_noted(tmp_path):
    write(tmp_path, "x.tf")
    (tmp_path / "x.tf").chmod(0)
    tree = discover(str(tmp_path))
    assert tree.source("x.tf") is None
    assert [(n.kind, n.incomplete) for n in tree.notes] == [("unreadable", True)]


def test_fifos_and_devices_are_never_opened(tmp_path):
    os.mkfifo(tmp_path / "pipe.yaml")
    tree = discover(str(tmp_path))
    assert paths(tree) == []
    assert tree.excluded == {"special-file": 1}
    assert tree.source("pipe.yaml") is None


def test_two_names_of_one_file_give_one_source(tmp_path):
    write(tmp_path, "shared/common.tf", "a/main.tf")
    (tmp_path / "a/common.tf").symlink_to("../shared/common.tf")
    tree = discover(str(tmp_path))
    assert paths(tree) == ["a/main.tf", "shared/common.tf"]
    assert tree.links == {"a/common.tf": "shared/common.tf"}
    assert tree.listing("a") == ["common.tf", "main.tf"]
    source = tree.source("a/common.tf")
    assert source is not None
    assert source is tree.source("shared/common.tf")
    assert source.path == "shared/common.tf"


def test_a_link_into_an_excluded_tree_makes_its_target_wanted(tmp_path):
    write(tmp_path, "vendor/m/x.tf", "vendor/m/y.tf", "a/main.tf")
    (tmp_path / "a/x.tf").symlink_to("../vendor/m/x.tf")
    assert paths(discover(str(tmp_path))) == ["a/main.tf", "vendor/m/x.tf"]


def test_a_linked_folder_is_read_through_its_link_and_walked_once(tmp_path):
    write(tmp_path, "shared/x.tf")
    (tmp_path / "root").mkdir()
    (tmp_path / "root/mod").symlink_to("../shared")
    tree = discover(str(tmp_path))
    assert paths(tree) == ["shared/x.tf"]
    assert tree.is_folder("root/mod")
    assert tree.realpath("root/mod/x.tf") == "shared/x.tf"


def test_nothing_outside_the_folder_is_read(tmp_path):
    write(tmp_path, "secret.tf", "repo/ok.tf")
    repo = tmp_path / "repo"
    (repo / "link.tf").symlink_to("../secret.tf")
    (repo / "up").symlink_to("..")
    tree = discover(str(repo))
    assert paths(tree) == ["ok.tf"]
    for path in (
        "link.tf",
        "../secret.tf",
        "up/secret.tf",
        str(tmp_path / "secret.tf"),
    ):
        assert tree.source(path) is None
        assert tree.bytes(path) is None
        assert not tree.exists(path)
    assert tree.listing("..") == []
    assert all(n.incomplete for n in tree.notes if n.kind == "unreadable")


def test_git_folders_with_their_tokens_are_not_readable(work_tree):
    write(work_tree, "x.tf")
    tree = discover(str(work_tree))
    assert tree.bytes(".git/config") is None
    assert ".git" not in tree.listing("")


def test_a_tracked_folder_that_became_a_link_is_followed_only_inside(work_tree):
    write(work_tree, "repo/a/x.tf", "repo/b/y.tf", "outside/z.tf", "repo/in/w.tf")
    repo = work_tree / "repo"
    git(work_tree, "add", ".")
    for name, target in (("a", "../outside"), ("b", "in")):
        for file in (repo / name).iterdir():
            file.unlink()
        (repo / name).rmdir()
        (repo / name).symlink_to(target)
    (work_tree / "outside/x.tf").write_text("secret", encoding="utf-8")
    (repo / "in/y.tf").write_text("inner", encoding="utf-8")
    tree = discover(str(repo))
    assert paths(tree) == ["in/w.tf", "in/y.tf"]
    assert tree.links == {"b/y.tf": "in/y.tf"}
    assert tree.source("a/x.tf") is None
    assert any(n.incomplete and n.path == "a/x.tf" for n in tree.notes)


def test_link_loops_end(tmp_path):
    write(tmp_path, "a/x.tf")
    (tmp_path / "a/self").symlink_to("../a")
    (tmp_path / "loop.tf").symlink_to("loop2.tf")
    (tmp_path / "loop2.tf").symlink_to("loop.tf")
    tree = discover(str(tmp_path))
    assert paths(tree) == ["a/x.tf"]
    assert tree.excluded == {"symlinked-folder": 1, "broken-link": 2}
    assert len([n for n in tree.notes if n.incomplete]) == 2


def test_names_that_are_not_utf8_are_counted(tmp_path):
    with open(os.fsencode(tmp_path) + b"/\xff.tf", "wb"):
        pass
    tree = discover(str(tmp_path))
    assert paths(tree) == []
    assert tree.excluded == {"unreadable-name": 1}
    assert [n.incomplete for n in tree.notes] == [True]


def test_selected_paths_say_what_is_wanted_and_the_root_stays_readable(tmp_path):
    write(tmp_path, "a/x.tf", "a/y.tf", "b/z.tf", "vendor/v/w.tf")
    tree = discover(str(tmp_path), ["a/x.tf", str(tmp_path / "b"), "vendor/v"])
    assert paths(tree) == ["a/x.tf", "a/y.tf", "b/z.tf", "vendor/v/w.tf"]
    wanted = [path for path in paths(tree) if tree.wanted(path)]
    assert wanted == ["a/x.tf", "b/z.tf", "vendor/v/w.tf"]


def test_the_root_itself_as_a_path_selects_all(tmp_path):
    write(tmp_path, "a/x.tf")
    assert discover(str(tmp_path), ["."]).wanted("a/x.tf")


def test_a_selected_path_outside_makes_the_scan_incomplete(tmp_path):
    write(tmp_path, "repo/x.tf", "other.tf")
    tree = discover(str(tmp_path / "repo"), ["../other.tf"])
    assert [(n.kind, n.incomplete) for n in tree.notes] == [("outside-folder", True)]


def test_patterns_of_the_config_exclude_and_count(tmp_path):
    write(tmp_path, "a/x.tf", "testdata/y.tf", "testdata/keep/z.tf")
    tree = discover(str(tmp_path), exclude=["testdata/*", "!testdata/keep"])
    assert paths(tree) == ["a/x.tf", "testdata/keep/z.tf"]
    assert tree.excluded == {"excluded-by-config": 1}


def test_a_virtual_environment_of_any_name_is_left_out(tmp_path):
    write(tmp_path, "py3/pyvenv.cfg", "py3/lib/deep/x.yaml", "x.yaml")
    tree = discover(str(tmp_path))
    assert paths(tree) == ["x.yaml"]
    assert tree.excluded == {"other": 1, "virtual-environment": 1}


def test_the_mark_of_a_virtual_environment_hides_nothing_beside_it(tmp_path):
    write(tmp_path, "infra/pyvenv.cfg", "infra/main.tf", "infra/modules/a/main.tf")
    write(tmp_path, "pyvenv.cfg", "bin/run.sh", "etc/job.yaml")
    found = ["bin/run.sh", "etc/job.yaml", "infra/main.tf", "infra/modules/a/main.tf"]
    assert paths(discover(str(tmp_path))) == found


def test_scripts_without_an_ending_are_found_by_their_first_line(tmp_path):
    write(tmp_path, "submit", text="#!/bin/bash\n#SBATCH -N 1\n")
    write(tmp_path, "LICENSE", text="free\n")
    assert paths(discover(str(tmp_path))) == ["submit"]


def test_a_root_that_is_not_there_gives_an_empty_incomplete_tree(tmp_path):
    tree = discover(str(tmp_path / "nowhere"))
    assert tree.files == []
    assert [n.incomplete for n in tree.notes] == [True]


def test_ten_thousand_tiny_files_take_well_under_a_second_each_thousand(tmp_path):
    for folder in range(100):
        (tmp_path / f"d{folder}").mkdir()
        for number in range(100):
            (tmp_path / f"d{folder}/f{number}.yaml").touch()
    begin = time.perf_counter()
    tree = discover(str(tmp_path))
    assert len(tree.files) == 10_000
    assert time.perf_counter() - begin < 10
