"""Bombs, and text that acts: bounded time and exit code, and harmless in every report."""

from __future__ import annotations

import json
import re
import signal
import xml.etree.ElementTree as ET

import pytest

from mlsec_lint.cli import main

#: Ends what hangs. A case takes a second or two of CPU; how busy the machine is must not
#: matter, so the clock on the wall only ends what waits for something.
CPU_SECONDS, SECONDS = 40, 600
ENDS = (signal.SIGALRM, signal.SIGPROF)
OPEN = '  bucket = "llm-weights"\n  tags   = { "mlsec/holds" = "weights" }\n'


def lay(folder, files):
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8", errors="surrogatepass")


class HungError(BaseException):
    """Not to be taken for a bug that the command line reports."""


def _hung(*_):
    raise HungError


def run(capfd, *arguments):
    before = [signal.signal(number, _hung) for number in ENDS]
    signal.alarm(SECONDS)
    signal.setitimer(signal.ITIMER_PROF, CPU_SECONDS)
    try:
        code = main([*arguments])
    finally:
        signal.alarm(0)
        signal.setitimer(signal.ITIMER_PROF, 0)
        for number, handler in zip(ENDS, before, strict=True):
            signal.signal(number, handler)
    streams = capfd.readouterr()
    assert code in {0, 1, 3}, streams.err
    return code, streams.out


# --- bombs ------------------------------------------------------------------------

LAUGHS = "a0: &a0 [x, x]\n" + "".join(
    f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 9)}]\n" for i in range(1, 30)
)
MERGES = "m0: &m0 {k: v}\n" + "".join(
    f"m{i}: &m{i} {{<<: [{', '.join([f'*m{i - 1}'] * 9)}], k{i}: v}}\n"
    for i in range(1, 30)
)
POD = "apiVersion: v1\nkind: Pod\nmetadata: {{name: x}}\nspec:\n  containers:\n    - name: c\n      image: x\n      args: {}\n"


def doubling(count, body):
    """Locals of which each uses the one before twice."""
    lines = ["locals {", "  a0 = [1, 2]"]
    lines += [f"  a{i} = {body.format(p=f'local.a{i - 1}')}" for i in range(1, count)]
    return "\n".join([*lines, "}", f'output "o" {{\n  value = local.a{count - 1}\n}}'])


BOMBS = {
    "aliases": {"a.yaml": LAUGHS + POD.format("*a29").replace("\n", "\n")},
    "merges": {"a.yaml": MERGES + "apiVersion: v1\nkind: Pod\nspec: {<<: *m29}\n"},
    "alias of itself": {"a.yaml": "kind: Pod\napiVersion: v1\nspec: &a {b: *a}\n"},
    "merge of itself": {"a.yaml": "kind: Pod\napiVersion: v1\nspec: &a {<<: *a}\n"},
    "yaml depth": {"a.yaml": "a: " + "[" * 200_000, "b.yaml": "- " * 100_000 + "x"},
    "json depth": {"a.json": '{"a":' * 100_000, "b.tf.json": "[" * 100_000},
    "scalar": {"a.yaml": POD.format("[" + "x" * 5_000_000 + "]")},
    "keys": {"a.yaml": "".join(f"k{i}: {i}\n" for i in range(200_000))},
    "documents of a kind": {"a.yaml": "---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: c}\n" * 8_000 + "# " + "x" * 450_000},
    "documents": {"a.yaml": "---\nkind: X\n" * 10_000},
    "tags": {
        "a.yaml": "a: !!python/object/apply:os.system ['touch ran']\nb: !!python/name:os.system\nc: !!python/module:os\n"
    },
    "numbers": {
        "a.yaml": POD.format("[1e999999999, 0x" + "F" * 100_000 + ", 9" + "9" * 100_000 + "]"),
        "main.tf": "locals {\n  a = 1e999999999\n  b = 9" + "9" * 100_000 + "\n  c = pow(9, 99999999)\n  d = local.a * local.a\n}\n",
    },
    "hcl depth": {
        "main.tf": "locals {\n  a = " + "(" * 100_000 + "1" + ")" * 100_000 + "\n}\n",
        "b.tf": "a {\n" * 50_000,
        "c.tf": "locals {\n  b = " + "!" * 100_000 + "true\n  c = " + "[for x in " * 5_000 + "\n}\n",
        "d.tf": 'locals {\n  d = "' + "${" * 50_000 + '"\n}\n',
        "e.tf": "locals {\n  e = a" + ".b" * 100_000 + "\n  f = a" + "[0]" * 50_000 + "\n}\n",
        "f.tf": "locals {\n  g = 1" + " + 1" * 100_000 + "\n  h = " + "a ? b : " * 20_000 + "c\n}\n",
    },
    "heredoc": {"main.tf": "locals {\n  a = <<-EOT\n" + "    ${var.x} %{ if true }y%{ endif }\n" * 10_000 + "  EOT\n}\n"},
    "heredocs without end": {"main.tf": "locals {\n" + "  a = <<EOT\n" * 20_000},
    "doubled lists": {"main.tf": doubling(60, "concat({p}, {p})")},
    "doubled tuples": {"main.tf": doubling(60, "[{p}, {p}]")},
    "doubled text": {"main.tf": doubling(60, '"${{jsonencode({p})}}${{jsonencode({p})}}"')},
    "squared": {"main.tf": doubling(12, "[for a in {p} : [for b in {p} : [a, b]]]")},
    "products": {"main.tf": "locals {\n  r = range(1000)\n  s = setproduct(local.r, local.r, local.r, local.r)\n}\n"},
    "ranges": {"main.tf": 'locals {\n  a = range(1e12)\n  b = format("%999999999d", 1)\n  c = join(",", [for x in range(1000) : join(",", range(1000))])\n  d = replace("aaaaaaaa", "", local.c)\n}\n'},
    "instances": {"main.tf": 'resource "aws_s3_bucket" "b" {\n  count = 1000000000\n}\nresource "aws_s3_bucket" "c" {\n  for_each = toset([for x in range(1000) : "${x}"])\n  bucket = jsonencode(aws_s3_bucket.b)\n}\n'},
    "cycles": {
        "main.tf": 'locals {\n  a = local.b\n  b = local.a\n}\nmodule "me" {\n  source = "./"\n}\nmodule "m" {\n  source = "./m"\n  x = module.m.y\n}\n',
        "m/main.tf": 'variable "x" {}\noutput "y" {\n  value = var.x\n}\nmodule "up" {\n  source = "../"\n}\n',
    },
    "modules": {
        "main.tf": 'module "a" {\n  source = "./m0"\n}\n',
        **{
            f"m{i}/main.tf": "".join(f'module "{n}" {{\n  source = "../m{i + 1}"\n  count = 10\n}}\n' for n in "abcdefgh")
            for i in range(12)
        },
        "m12/main.tf": 'resource "aws_s3_bucket" "b" {\n  bucket = "x"\n}\n',
    },
    "dynamic": {"main.tf": 'resource "aws_security_group" "x" {\n' + '  dynamic "ingress" {\n    for_each = range(1000)\n    content {\n' * 6 + "    }\n  }\n" * 6 + "}\n"},
    "patterns": {
        "main.tf": 'locals {\n  a = replace(join("", [for x in range(900) : "a"]), "/(a*)*b/", "c")\n  b = regexall("(a|a)*$", "' + "a" * 5_000 + '!")\n  c = regex("((((a{1,100}){1,100}){1,100}){1,100})", "a")\n}\n'
    },
    "templates": {
        "main.tf": 'locals {\n  a = templatefile("t.tftpl", { n = 1 })\n}\n',
        "t.tftpl": '${templatefile("t.tftpl", { n = n })}${templatefile("t.tftpl", { n = n })}',
    },
    "go templates": {
        "Chart.yaml": "apiVersion: v2\nname: x\nversion: 1.0.0\n",
        "values.yaml": "a: &a [1, 2, 3, 4, 5, 6, 7, 8, 9]\n",
        "templates/a.yaml": '{{ define "r" }}{{ template "r" . }}{{ template "r" . }}{{ end }}{{ template "r" . }}\n',
        "templates/b.yaml": "{{ range .Values.a }}" * 12 + "x" + "{{ end }}" * 12,
        "templates/c.yaml": '{{ range until 1000000000 }}x{{ end }}{{ repeat 1000000000 "x" }}{{ tpl "{{ tpl . . }}" . }}',
        "templates/d.yaml": "{{ " + "(" * 50_000 + "1" + ")" * 50_000 + " }}",
        "templates/e.yaml": "{{ if true }}" * 50_000,
        "templates/f.yaml": '{{ regexReplaceAll "(a*)*b" "' + "a" * 5_000 + '" "x" }}',
    },
    "overlays": {
        "a/kustomization.yaml": "resources: [../b]\n",
        "b/kustomization.yaml": "resources: [../a, ../c, ../c]\n",
        "c/kustomization.yaml": "resources: [.]\n",
        **{f"k{i}/kustomization.yaml": f"resources: [{', '.join([f'../k{i + 1}'] * 8)}]\n" for i in range(12)},
        "k12/kustomization.yaml": "resources: [a.yaml]\nnamePrefix: " + "x" * 100_000 + "\n",
        "k12/a.yaml": POD.format("[]"),
    },
    "variables around steps": {
        ".github/workflows/ci.yml": "on: push\nenv:\n" + "".join(f"  v{i}: x${{{{ env.v{i - 1} }}}}\n" for i in range(5_000)) + 'jobs:\n  j:\n    steps:\n    - &a {uses: aws-actions/configure-aws-credentials@v4, with: {role-to-assume: "${{ env.v9 }}"}}\n' + "    - *a\n" * 1_900,
    },
    "calls in loops": {"main.tf": 'locals {\n  a = [for x in range(1000) : length([for y in range(1000) : length(range(1000))])]\n  b = [for x in range(1000) : try(range(2000), x)]\n}\nresource "aws_s3_bucket" "b" {\n  count = length(concat(local.a, local.b))\n}\n'},
    "copies": {"a.sh": "#!/bin/bash\n" + "".join(f"aws s3 cp s3://b/weights/{i}.safetensors s3://c{i}/weights/\n" for i in range(4_500))},
    "shell": {
        "a.sh": "#!/bin/sh\n" + "$(" * 50_000 + "\n" + "`" * 50_001 + "\n" + "if true; then " * 20_000,
        "b.sh": "a=$a$a\n" * 200 + "aws s3 cp x s3://$a\n",
        "c.sh": "x=1\n" + 'x="$x$x"\n' * 200 + 'aws s3 cp "$x" s3://b\n',
        "d.sh": "cat <<A <<B\n" * 20_000,
        "e.sh": "f() { f; f; }; f\n" * 100 + "for i in {1..1000000000}; do aws s3 cp $i s3://b; done\n",
        "f.sh": "\\\n" * 100_000 + "${" * 50_000,
    },
}  # fmt: skip


@pytest.mark.parametrize("name", BOMBS)
def test_bombs_end_soon(tmp_path, capfd, monkeypatch, name):
    monkeypatch.chdir(tmp_path)
    lay(tmp_path / "repo", BOMBS[name])
    run(capfd, "scan", "repo", "--baseline", "SL4")
    assert not (tmp_path / "ran").exists()
    assert sorted(p.name for p in tmp_path.iterdir()) == ["repo"]


# --- text that acts ---------------------------------------------------------------

ACTS = (
    "\x1b[31m",
    "\x1b]8;;http://evil\x07",
    "\x9b2J",
    "\u202e",
    "\u2066",
    "\u200b",
    "\u2028",
    "\r",
    "\n::set-output name=a::b\n",
    "\n::error file=x::y\n",
    "::add-mask::x",
    "##[error]x",
    "##vso[task.setvariable variable=a]b",
    "\x00",
    "\x08\x7f",
)
ACTING = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u206f]"
)
REPORTS = (
    *(
        ("scan", ".", "--baseline", "SL4", "--format", f)
        for f in ("text", "sarif", "json", "markdown", "github", "gitlab", "junit")
    ),
    ("inventory", ".", "--all"),
    ("inventory", ".", "--format", "json"),
    ("posture", "."),
    ("posture", ".", "--format", "json"),
    ("resources", "."),
    ("resources", ".", "--format", "json"),
    ("console", ".", "-e", "local.a", "-e", "local.nothing"),
    ("console", ".", "--format", "json", "-e", "local.a"),
)


def quoted(text):
    """An HCL string, also a YAML one, that holds the text."""
    return json.dumps(text).replace("\\u0000", "\\u0001").replace("${", "$${")


@pytest.fixture
def acting(tmp_path, monkeypatch):
    """A folder in which every name that a stranger may choose holds text that acts."""
    files, pods = {}, []
    for index, act in enumerate(ACTS):
        word = quoted(f"{act}w{index}-llm-weights{act}")
        raw = act.replace("\0", "\x01")
        files[f"t{index}.tf"] = (
            f'resource "aws_s3_bucket" "w{index}" {{\n  for_each = toset([{word}])\n  bucket = {word}\n'
            f'  tags = {{ "mlsec/holds" = "weights", {word} = {word} }}\n  acl = "public-read" # {raw}\n}}\n'
            f'# mlsec: ignore {raw} x\nmodule "m{index}" {{\n  source = {word}\n}}\n'
        )
        pods.append(
            f"apiVersion: v1\nkind: Pod\nmetadata: {{name: {word}, namespace: {word}, labels: {{{word}: {word}}}}}\n"
            f"spec:\n  serviceAccountName: {word}\n  hostNetwork: true\n  containers:\n  - name: {word}\n    image: {word}\n"
            f"    securityContext: {{privileged: true}}\n    args: [--model, {word}, --hub-model-id, {word}]\n"
            f"    env: [{{name: {word}, value: {word}}}, {{name: HF_HUB, value: {word}}}]\n"
            f"  volumes: [{{name: {word}, hostPath: {{path: {word}}}}}]\n"
        )
        name = f"n{index}{act}".replace("/", "_").replace("\0", "\x01")
        files[f"{name}.yaml"] = f"apiVersion: v1\nkind: {word}\nspec: [\n"
        files[f"{name}/-rf;$(touch ran)/{name}.tf"] = f"locals {{\n  {raw} = \n"
        files[f"k{index}/kustomization.yaml"] = (
            f"resources: [{word}]\nbases: [{word}]\n{word}: 1\n"
        )
    files["pods.yaml"] = "---\n".join(pods)
    files["locals.tf"] = f"locals {{\n  a = {quoted(''.join(ACTS))}\n}}\n"
    files["x" * 250 + ".tf"] = "locals {\n"
    lay(tmp_path / "repo", files)
    monkeypatch.chdir(tmp_path / "repo")
    return tmp_path


@pytest.mark.parametrize("arguments", REPORTS, ids=" ".join)
def test_what_acts_is_harmless_in_every_report(acting, capfd, arguments):
    code, text = run(capfd, *arguments)
    assert code in {1, 3} or arguments[0] == "console"
    assert ACTING.search(text) is None
    if arguments[-1] in {"json", "sarif", "gitlab"}:
        json.loads(text)
    elif arguments[-1] == "junit":
        ET.fromstring(text)
    commands = [line for line in text.splitlines() if line.lstrip().startswith("::")]
    if arguments[-1] == "github":
        commands = [
            c for c in commands if not re.match(r"::(error|warning|notice) ", c)
        ]
    assert commands == []
    assert re.search(r"##\[|##vso\[", text) is None
    assert "llm-weights" in text or arguments[0] in {"posture", "console"}
    assert not (acting / "repo/ran").exists()
