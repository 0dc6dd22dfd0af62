"""Which commands let people log in, and which only look like it."""

from __future__ import annotations

import pytest

from mlsec_lint.lower.jobs.login_servers import is_login_server
from mlsec_lint.source import Source, Span
from mlsec_lint.value import Value


def words(command: str) -> list[Value]:
    source = Source("run.sh", command)
    return [Value(word, Span(source, 0, 1)) for word in command.split()]


@pytest.mark.parametrize(
    "command",
    [
        "/usr/sbin/sshd -D",
        "service ssh start",
        "systemctl restart sshd",
        "systemctl enable --now ssh.service",
        "/etc/init.d/ssh start",
        "jupyter lab --ip 0.0.0.0",
        "jupyter notebook",
        "jupyter-lab --no-browser",
        "code-server --auth none",
        "ttyd bash",
    ],
)
def test_a_server_by_which_people_log_in(command: str) -> None:
    assert is_login_server(words(command))


@pytest.mark.parametrize(
    "command",
    [
        "ssh head hostname",
        "ssh-keygen -A",
        "service ssh stop",
        "systemctl status sshd",
        "service nginx start",
        "jupyter nbconvert --execute eval.ipynb",
        "jupyter --version",
        "python sshd.py",
        "/etc/init.d/cron start",
    ],
)
def test_what_only_looks_like_one(command: str) -> None:
    assert not is_login_server(words(command))
