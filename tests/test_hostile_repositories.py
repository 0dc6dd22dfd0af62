"""Whole repositories of a stranger, through the command: nothing outside is read, nothing
runs, hangs or acts in a report, and no case ends as a bug.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parent.parent
SECRET = "hunter2-do-not-read"
SECONDS = 20

#: Runs one command and tells on the last line of standard error what it opened, listed,
#: started or connected to that lies neither in the folder nor in Python nor in the package.
WATCH = """
import json, os, sys
repo, allowed = sys.argv[1], json.loads(sys.argv[2])
seen = set()
def hook(event, arguments):
    if event in ("open", "os.listdir", "os.scandir", "os.truncate", "os.rename"):
        path = arguments[0]
        if isinstance(path, int) or path is None:
            return
        path = os.path.realpath(os.fsdecode(path))
        if not any(path == a or path.startswith(a + os.sep) for a in allowed):
            seen.add(event + " " + path)
    elif event == "subprocess.Popen":
        seen.add(event + " " + os.path.basename(os.fsdecode(arguments[0])))
    elif event.startswith(("socket.", "os.exec", "os.system", "os.spawn", "ctypes.", "urllib.")):
        seen.add(event)
from mlsec_lint.cli import main
sys.addaudithook(hook)
code = main(sys.argv[3:])
sys.stdout.flush()
print("\\nWATCHED " + json.dumps([code, sorted(seen)]), file=sys.stderr)
"""


class Watched:
    """What a command did: exit code, its words, and what it touched outside."""

    def __init__(self, repo: Path, *arguments: str) -> None:
        allowed = [repo, PACKAGE, sys.prefix, sys.base_prefix, os.devnull]
        allowed += [p for p in sys.path if p]
        real = sorted({os.path.realpath(p) for p in allowed})
        line = [sys.executable, "-c", WATCH, str(repo), json.dumps(real), *arguments]
        done = subprocess.run(
            line,
            cwd=repo,
            env={**os.environ, "PYTHONPATH": str(PACKAGE)},
            capture_output=True,
            timeout=SECONDS,
        )
        self.out = done.stdout.decode("utf-8")
        errors, _, told = done.stderr.decode("utf-8").rpartition("\nWATCHED ")
        self.errors = errors
        self.code, self.outside = json.loads(told)


@pytest.fixture
def repo(tmp_path):
    """An empty folder beside a file and a folder that must never be read."""
    (tmp_path / "secret.tf").write_text(f'locals {{ s = "{SECRET}" }}\n', "utf-8")
    (tmp_path / "outside").mkdir()
    lay(
        tmp_path / "outside",
        {
            "secret.txt": SECRET,
            "secret.yaml": f"kind: Pod\nmetadata: {{name: {SECRET}}}\n",
            "kustomization.yaml": "resources: [secret.yaml]\n",
            "main.tf": f'output "s" {{\n  value = "{SECRET}"\n}}\n',
        },
    )
    repo = tmp_path / "repo"
    repo.mkdir()
    return repo


def lay(folder: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


def git(folder: Path, *arguments: str) -> None:
    subprocess.run(
        ["git", "-c", "user.name=x", "-c", "user.email=x@y", *arguments],
        cwd=folder,
        check=True,
        capture_output=True,
    )


def scanned(repo: Path, *options: str, git_runs: bool = False) -> Watched:
    """A scan that read nothing outside and printed no secret; never a bug."""
    done = Watched(repo, "scan", ".", *options)
    assert done.code in {0, 1, 3}, done.errors
    assert SECRET not in done.out + done.errors
    assert done.outside == (["subprocess.Popen git"] if git_runs else [])
    return done


# --- nothing outside the folder ---------------------------------------------------


def test_links_that_lead_out(repo):
    lay(repo, {"main.tf": 'locals {\n  a = file("up/secret.txt")\n}\n'})
    links = {
        "a.tf": "../secret.tf",
        "b.yaml": "/etc/passwd",
        "c.json": "/proc/self/environ",
        "up": "../outside",
        "chain1.tf": "chain2.tf",
        "chain2.tf": "chain3.tf",
        "chain3.tf": "../secret.tf",
        "loop.tf": "loop2.tf",
        "loop2.tf": "loop.tf",
        "self": ".",
        "parent": "..",
        "root": "/",
        "dev.yaml": "/dev/zero",
        "tty.yaml": "/dev/tty",
        "run.sh": "/proc/self/fd/0",
        ".gitignore": "/etc/hosts",
        "terraform.tfvars": "../secret.tf",
    }
    for name, target in links.items():
        (repo / name).symlink_to(target)
    done = scanned(repo)
    assert done.code == 3
    assert "outside the scanned folder" in done.out


ESCAPES = ("../outside/secret.txt", "{base}/outside/secret.txt", "up/secret.txt", "/etc/passwd", "~/.ssh/id_rsa", "/proc/self/environ")  # fmt: skip


def test_terraform_reads_no_file_outside(repo):
    (repo / "up").symlink_to("../outside")
    calls = []
    for index, path in enumerate(ESCAPES):
        where = path.format(base=repo.parent)
        inner = "${path.module}/" + where
        for name in ("file", "filebase64", "filesha256", "fileexists", "filemd5"):
            calls.append(f'  {name}{index} = {name}("{where}")')
            calls.append(f'  {name}{index}m = {name}("{inner}")')
        calls.append(f'  template{index} = templatefile("{where}", {{}})')
        folder = where.rpartition("/")[0]
        calls.append(f'  set{index} = fileset("{folder}", "**")')
        calls.append(f'  sets{index} = fileset(".", "{where}")')
    calls.append('  nested = templatefile("t.tftpl", {})')
    text = "locals {\n" + "\n".join(calls) + "\n}\n"
    text += 'output "all" {\n  value = local.file0\n}\n'
    text += 'resource "aws_s3_object" "o" {\n  bucket  = "b"\n  key     = local.template0\n  content = local.nested\n}\n'
    lay(repo, {"main.tf": text, "t.tftpl": '${file("../outside/secret.txt")}'})
    scanned(repo)
    done = Watched(repo, "resources", ".", "--format", "json")
    assert SECRET not in done.out
    assert "root:x:0" not in done.out
    assert done.outside == []


def test_modules_outside_are_not_followed(repo):
    modules = {
        "a": "../outside",
        "b": str(repo.parent / "outside"),
        "c": "./../repo/../outside",
        "d": "./up",
        "e": "file:///etc",
        "f": "git::file:///tmp/x",
        "g": "./.terraform/modules/../../../outside",
        "h": "${var.x}",
    }
    (repo / "up").symlink_to("../outside")
    text = "".join(
        f'module "{n}" {{\n  source = "{s}"\n}}\n' for n, s in modules.items()
    )
    listed = {
        "Modules": [
            {"Key": "a", "Source": "../outside", "Dir": "../outside"},
            {"Key": "f", "Source": "git::file:///tmp/x", "Dir": "/etc"},
            {"Key": "e", "Source": "file:///etc", "Dir": "up"},
        ]
    }
    lay(
        repo,
        {"main.tf": text, ".terraform/modules/modules.json": json.dumps(listed)},
    )
    assert scanned(repo, "--strict").code == 3


def test_variable_files_outside_are_not_read(repo):
    lay(
        repo,
        {
            "main.tf": 'variable "s" {}\noutput "s" {\n  value = var.s\n}\n',
            ".mlsec-lint.yaml": "tfvars:\n  .: [../secret.tf, /etc/passwd]\n  ../outside: [a.tfvars]\n",
        },
    )
    assert "leads outside the scanned folder" in " ".join(scanned(repo).out.split())


def test_overlays_outside_are_not_read(repo):
    out = "../outside"
    lay(
        repo,
        {
            "kustomization.yaml": f"""
resources: [{out}, {out}/secret.yaml, /etc/passwd, ../../../../../../etc/passwd, up, "https://169.254.169.254/x", "git::file:///etc"]
bases: [{out}]
components: [{out}]
crds: [{out}/secret.yaml]
configurations: [{out}/secret.yaml]
generators: [{out}/secret.yaml]
transformers: [{out}/secret.yaml]
openapi: {{path: {out}/secret.yaml}}
patches: [{{path: {out}/secret.yaml}}]
patchesStrategicMerge: [{out}/secret.yaml]
patchesJson6902: [{{target: {{kind: Pod, name: x, version: v1}}, path: {out}/secret.yaml}}]
replacements: [{{path: {out}/secret.yaml}}]
configMapGenerator: [{{name: c, files: [{out}/secret.txt, k=/etc/passwd], envs: [{out}/secret.txt], env: /proc/self/environ}}]
secretGenerator: [{{name: s, files: [up/secret.txt]}}]
helmCharts: [{{name: x, valuesFile: {out}/secret.yaml, repo: "https://evil"}}]
helmGlobals: {{chartHome: {out}}}
""",
        },
    )
    (repo / "up").symlink_to("../outside")
    assert scanned(repo, "--strict").code == 3


def test_charts_read_and_run_nothing(repo):
    lay(
        repo,
        {
            "Chart.yaml": "apiVersion: v2\nname: x\nversion: 1.0.0\ndependencies: [{name: d, repository: 'file://../outside', version: '*'}]\n",
            "values.yaml": "a: 1\n",
            "templates/a.yaml": """
apiVersion: v1
kind: ConfigMap
metadata: {name: x}
data:
  a: {{ .Files.Get "../outside/secret.txt" | quote }}
  b: {{ .Files.Get "/etc/passwd" | quote }}
  c: {{ (.Files.Glob "../**").AsConfig | quote }}
  d: {{ env "HOME" | quote }}
  e: {{ lookup "v1" "Secret" "" "" | toJson | quote }}
  f: {{ getHostByName "evil.example" }}
  g: {{ tpl (.Files.Get "templates/a.yaml") . }}
  h: {{ include "loop" . }}
{{- define "loop" }}{{ include "loop" . }}{{ include "loop" . }}{{ end }}
""",
        },
    )
    done = scanned(repo)
    assert os.path.expanduser("~") not in done.out


def test_git_of_a_stranger_runs_nothing(repo):
    git(repo, "init", "-q")
    marker = repo.parent / "ran"
    script = repo / "evil.sh"
    script.write_text(f"#!/bin/sh\ntouch {marker}\ncat\n", encoding="utf-8")
    script.chmod(0o755)
    evil = str(script)
    keys = (
        "core.fsmonitor", "core.hooksPath", "core.sshCommand", "core.pager", "core.editor",
        "core.gitProxy", "core.askPass", "pager.ls-files", "alias.ls-files", "credential.helper",
        "filter.x.clean", "filter.x.smudge", "filter.x.process", "diff.x.textconv", "diff.x.command",
        "merge.x.driver", "diff.external", "interactive.diffFilter", "gpg.program", "uploadpack.packObjectsHook",
        "core.alternateRefsCommand", "trace2.eventTarget", "submodule.x.update",
    )  # fmt: skip
    for key in keys:
        git(repo, "config", key, f"!{evil}" if key.startswith("alias") else evil)
    lay(
        repo,
        {
            ".gitattributes": "* filter=x diff=x merge=x\n",
            ".gitmodules": f'[submodule "x"]\n\tpath = sub\n\turl = ext::{evil}\n\tupdate = !{evil}\n',
            "main.tf": 'locals {\n  a = "1"\n}\n',
            ".git/hooks/post-index-change": script.read_text(),
            ".git/hooks/pre-commit": script.read_text(),
        },
    )
    for hook in (repo / ".git/hooks").iterdir():
        hook.chmod(0o755)
    scanned(repo, git_runs=True)
    assert not marker.exists()


@pytest.mark.parametrize(
    "config",
    [
        "[include]\n\tpath = /etc/passwd\n",
        "[include]\n\tpath = ../../outside/secret.txt\n",
        "[core]\n\tworktree = ../../outside\n",
        "[core]\n\tworktree = /\n",
        "[core]\n\tbare = true\n",
        "[core]\n\trepositoryformatversion = 99\n",
        '[extensions]\n\tpartialClone = evil\n[remote "evil"]\n\turl = ext::touch ran\n\tpromisor = true\n',
        "[core]\n\texcludesFile = /etc/passwd\n\tattributesFile = /etc/passwd\n",
        "[\n\x00\xff",
    ],
)  # fmt: skip
def test_git_settings_of_a_stranger_hide_and_show_nothing(repo, config):
    git(repo, "init", "-q")
    lay(repo, {"main.tf": "locals {\n  a = \n}\n"})
    with (repo / ".git/config").open("a", encoding="utf-8") as file:
        file.write(config)
    done = scanned(repo, "--format", "json", git_runs=True)
    assert done.code == 3
    assert any(n["path"] == "main.tf" for n in json.loads(done.out)["notes"]), (
        "the file that does not parse was not even seen"
    )
    assert "root:x:0" not in done.out + done.errors


def test_a_git_file_that_points_elsewhere_hides_nothing(repo):
    other = repo.parent / "other"
    other.mkdir()
    git(other, "init", "-q")
    lay(other, {f"{SECRET}.tf": ""})
    git(other, "add", ".")
    lay(repo, {"main.tf": "locals {\n  a = \n}\n", ".git": f"gitdir: {other}/.git\n"})
    (other / ".git/info/exclude").write_text("*\n", encoding="utf-8")
    assert scanned(repo, git_runs=True).code == 3
