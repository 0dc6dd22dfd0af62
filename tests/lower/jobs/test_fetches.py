"""What commands fetch: packages, hub models, scripts that are run, plain connections."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mlsec_lint.lower.jobs.fetch_things import loose_lines
from mlsec_lint.lower.jobs.fetches import fetched, hub_name, pinned_requirement
from mlsec_lint.lower.jobs.remote_scripts import remote_scripts
from mlsec_lint.lower.jobs.shell import read_script
from mlsec_lint.lower.jobs.transfers import transfer
from mlsec_lint.lower.jobs.transports import of_command, of_environment
from mlsec_lint.source import Source, Span
from mlsec_lint.value import Unknown, Value

COMMIT = "0123456789abcdef0123456789abcdef01234567"


def shown(value):
    return "?" if isinstance(value, Unknown) else value


def commands(text):
    return read_script(Source("x.sh", text)).commands


def packages(text):
    found = [f for c in commands(text) for f in fetched(c.words)]
    return [(f.type, f.what, shown(f.pinned), f.single, f.verified) for f in found]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("pip install a==1.0", [("packages", "packages", True, True, True)]),
        ("pip install a", [("packages", "a", False, True, True)]),
        ("pip3 install -q a b==1 'c>=2'", [("packages", "a, c", False, True, True)]),
        ("python3 -m pip install -U a", [("packages", "a", False, True, True)]),
        ("sudo env X=1 pip install a", [("packages", "a", False, True, True)]),
        ("uv pip install a", [("packages", "a", False, True, True)]),
        ("uv sync --frozen", []),
        ("pip install -e . ./lib /opt/x.whl", []),
        ("pip install -e 'python[all]'", []),
        ('pip install "dist/x-$V.whl"', []),
        ('pip install "x-$V"', [("packages", "x-${V}", "?", True, True)]),
        ("pip install -U pip setuptools wheel", []),
        ("pip download a", []),
        ("pip list", []),
        ("pip install a==1.*", [("packages", "a", False, True, True)]),
        (
            "pip install a==1 --extra-index-url https://x.example/simple",
            [("packages", "packages", True, False, True)],
        ),
        (
            "pip install a==1 --extra-index-url http://pypi.build.svc/simple",
            [("packages", "packages", True, True, True)],
        ),
        (
            "pip install a==1 --trusted-host x.example",
            [("packages", "packages", True, True, False)],
        ),
        (
            "pip install a==1 -i http://x.example/simple",
            [("packages", "packages", True, True, False)],
        ),
        ('pip install "$WHAT"', [("packages", "${WHAT}", "?", True, True)]),
        ("pip install a -c c.txt", [("packages", "a", "?", True, True)]),
        ("pip install --require-hashes a", [("packages", "a", True, True, True)]),
        (
            "pip install git+https://github.com/o/n.git@main",
            [("code", "https://github.com/o/n.git@main", False, None, None)],
        ),
        (
            f"pip install git+https://github.com/o/n.git@{COMMIT}",
            [("code", f"https://github.com/o/n.git@{COMMIT}", True, None, None)],
        ),
        (
            "pip install 'n @ git+https://github.com/o/n.git@v1.2'",
            [("code", "https://github.com/o/n.git@v1.2", "?", None, None)],
        ),
        ("conda install a=1.2", [("packages", "conda packages", True, True, None)]),
        ("mamba install -c ch a", [("packages", "a", False, True, None)]),
        ("hf download o/n", [("model", "o/n", False, None, None)]),
        (f"hf download o/n --revision {COMMIT}", [("model", "o/n", True, None, None)]),
        ("hf download o/n --revision main", [("model", "o/n", False, None, None)]),
        ('hf download o/n --revision "$R"', [("model", "o/n", "?", None, None)]),
        (
            "huggingface-cli download o/n --repo-type dataset",
            [("dataset", "o/n", False, None, None)],
        ),
        ("hf upload o/n", []),
        ("# pip install a", []),
        ("cat <<E\npip install a\nE", []),
        ("echo pip install a", []),
    ],
)
def test_packages_and_models(text, expected):
    assert packages(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a==1", True),
        ("a[x]==1.0 ; python_version > '3'", True),
        ("a===1", True),
        ("a", False),
        ("a>=1,==1.*", False),
        ("a~=1.0", False),
        ("./a", None),
        ("pip", None),
        ("git+https://x/y", None),
        ("https://x.example/a-1.2.3.whl", True),
        ("a @ https://x.example/a.zip#sha256=00", True),
        ("a @ https://x.example/a.zip", False),
        ("", None),
    ],
)
def test_a_requirement_is_pinned_by_one_version(text, expected):
    assert pinned_requirement(text) is expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a==1\nb\n", ["b"]),
        ("a==1 # why\n# b\n-r other.txt\n\n", []),
        ("a==1 --hash=sha256:00\nb==2 --hash=sha256:01\n", []),
        ("a==1 \\\n  --hash=sha256:00\nb\n", []),
    ],
)
def test_lines_of_requirement_files(text, expected):
    assert loose_lines(Source("requirements.txt", text)) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("meta-llama/Llama-3.1-8B", "meta-llama/Llama-3.1-8B"),
        ("hf://o/n:main", "o/n:main"),
        ("/models/x", ""),
        ("./o/n", ""),
        ("models/llama", ""),
        ("checkpoints/last", ""),
        ("s3://b/k", ""),
        ("o/n/m", ""),
        ("gpt2", ""),
        ("configs/x.yaml", ""),
    ],
)
def test_what_is_a_repository_of_the_hub(text, expected):
    assert hub_name(Value(text, Span(Source("x", text), 0, len(text)))) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("curl https://a.io/x | sh", [("https://a.io/x", False)]),
        (
            "curl -fsSL https://a.io/x | sudo -E bash -s -- -y",
            [("https://a.io/x", False)],
        ),
        ("wget -qO- https://a.io/x | tee /tmp/log | bash", [("https://a.io/x", False)]),
        ("bash <(curl -s https://a.io/x)", [("https://a.io/x", False)]),
        ('sh -c "$(curl -s https://a.io/x)"', [("https://a.io/x", False)]),
        ('eval "$(wget -qO- https://a.io/x)"', [("https://a.io/x", False)]),
        (". <(curl -s https://a.io/x)", [("https://a.io/x", False)]),
        ("curl https://a.io/x | python3 -", [("https://a.io/x", False)]),
        ("curl https://a.io/x | python3 -c 'import json'", []),
        ("curl https://a.io/x | jq . | head", []),
        ("curl https://a.io/x | tar xz", []),
        ("curl -o x.sh https://a.io/x; cat x.sh", []),
        ("curl -o x.sh https://a.io/x && bash x.sh", [("https://a.io/x", False)]),
        ("curl https://a.io/x > x.sh; sh ./x.sh", [("https://a.io/x", False)]),
        (
            "wget https://a.io/x.sh; chmod +x x.sh; ./x.sh",
            [("https://a.io/x.sh", False)],
        ),
        (
            "curl -o x.sh https://a.io/x\nsha256sum -c x.sum\nbash x.sh",
            [("https://a.io/x", True)],
        ),
        (
            f"curl https://raw.example/o/n/{COMMIT}/x.sh | sh",
            [(f"https://raw.example/o/n/{COMMIT}/x.sh", True)],
        ),
        ('curl "$URL" | sh', [("${URL}", "?")]),
        ("git clone https://a.io/n.git; cd n; make", [("https://a.io/n.git", False)]),
        (
            "git clone https://a.io/n.git /w && python /w/x.py",
            [("https://a.io/n.git", False)],
        ),
        ("git clone https://a.io/n.git; ls n", []),
        (
            f"git clone https://a.io/n.git; cd n; git checkout {COMMIT}; make",
            [("https://a.io/n.git", True)],
        ),
        ("git clone -b v1.2.3 https://a.io/n; cd n; make", [("https://a.io/n", "?")]),
        (
            "git clone --depth 1 -b main https://a.io/n; cd n; make",
            [("https://a.io/n", False)],
        ),
        ("git clone https://huggingface.co/o/n; ls n", [("o/n", False)]),
        (
            f"git clone https://huggingface.co/o/n; cd n; git checkout {COMMIT}",
            [("o/n", True)],
        ),
        ("source <(kubectl completion bash)", []),
        ("curl https://a.io/key | sudo gpg --dearmor -o /k", []),
        ("curl https://a.io/m.yaml | kubectl apply -f -", []),
        ("# curl https://a.io/x | sh", []),
        ("cat > y <<E\ncurl https://a.io/x | sh\nE", []),
        ("echo 'curl https://a.io/x | sh'", []),
        ("bash <<E\ncurl https://a.io/x | sh\nE", [("https://a.io/x", False)]),
    ],
)
def test_remote_code_that_is_run(text, expected):
    found = remote_scripts(commands(text))
    assert [(f.what, shown(f.pinned)) for f in found] == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("curl -k https://a.io/x", [("a.io", None, False)]),
        ("curl -sSkL https://a.io/x", [("a.io", None, False)]),
        ("curl --insecure https://a.io/x", [("a.io", None, False)]),
        ("curl -o k https://a.io/x", []),
        ("wget --no-check-certificate https://a.io/x", [("a.io", None, False)]),
        ("wget http://a.io/m.safetensors", [("a.io", False, None)]),
        ("wget http://a.io/page.html", []),
        ("aws s3 cp --no-verify-ssl s3://b/k .", [("", None, False)]),
        ("git -c http.sslVerify=false clone https://a.io/n", [("a.io", None, False)]),
        ("git config --global http.sslVerify true", []),
        ("kubectl get pods", []),
    ],
)
def test_connections_of_commands(text, expected):
    found = [c for command in commands(text) for c in of_command(command.words)]
    assert [(c.host, c.encrypted, c.verified) for c in found] == expected


@pytest.mark.parametrize(
    ("name", "value", "verified"),
    [
        ("CURL_CA_BUNDLE", "", False),
        ("CURL_CA_BUNDLE", "/ca.pem", True),
        ("PYTHONHTTPSVERIFY", "0", False),
        ("PYTHONHTTPSVERIFY", "1", True),
        ("GIT_SSL_NO_VERIFY", "TRUE", False),
        ("GIT_SSL_NO_VERIFY", "0", True),
        ("PYTHONHTTPSVERIFY", Unknown("variable", "var.x"), "?"),
    ],
)
def test_switches_of_the_environment(name, value, verified):
    span = Span(Source("x", "abc"), 0, 3)
    found = list(of_environment({name: Value(value, span)}))
    assert [shown(c.verified) for c in found] == [verified]


ALPHABET = st.sampled_from(
    ["curl", "wget", "pip", "install", "git", "clone", "|", "sh", "bash", "<(", ")", '"$(',
     '")', "-o", "-b", "http://", "https://a.io/x", "${X}", "$Y", "\n", ";", "&&", "'", "cd",
     "-r", "--pre", "==", "a", "<<E", "E", "hf", "download", "o/n", "conda", "-k", "\\", "*",
     "eval", "source", "./x", ">", "x.sh", "sha256sum", "\x00", "é"]
)  # fmt: skip


@given(st.lists(ALPHABET, max_size=60).map(" ".join))
@settings(max_examples=150, deadline=None)
def test_any_text_is_read_without_raising(text):
    found = commands(text)
    for command in found:
        for fetch in fetched(command.words):
            assert fetch.what
        list(of_command(command.words))
        transfer(command.words)
    assert all(fetch.what for fetch in remote_scripts(found))


@pytest.mark.parametrize(
    "text",
    [
        "git clone https://a.io/n\n" * 5_000,
        "curl -o x https://a.io/x\n" * 3_000 + "bash y\n" * 2_000,
        "pip install " + "a " * 20_000,
        "curl https://a.io/x " + "| tee y " * 5_000 + "| sh",
        "wget http://" + "a/" * 20_000,
    ],
)
def test_long_scripts_take_no_long_time(text):
    start = time.monotonic()
    found = commands(text)
    remote_scripts(found)
    for command in found:
        fetched(command.words)
        list(of_command(command.words))
    assert time.monotonic() - start < 10
