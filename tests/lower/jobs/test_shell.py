"""The shell reader: words, variables, branches; it never raises and never hangs."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mlsec_lint.lower.jobs.shell import read_script
from mlsec_lint.lower.jobs.shell_values import embedded_script
from mlsec_lint.source import Source
from mlsec_lint.value import Unknown, Value


def words(text, environment=None):
    script = read_script(Source("x.sh", text), environment)
    return [
        [w.data if isinstance(w.data, str) else "?" for w in c.words]
        for c in script.commands
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a b  c", [["a", "b", "c"]]),
        ("a 'b c' \"d e\" f\\ g", [["a", "b c", "d e", "f g"]]),
        ("a \\\n  b", [["a", "b"]]),
        ("a \\\r\n  b\r\nc", [["a", "b"], ["c"]]),
        ("a # b\nc", [["a"], ["c"]]),
        ("a#b", [["a#b"]]),
        ("a && b || c; d | e & f", [["a"], ["b"], ["c"], ["d"], ["e"], ["f"]]),
        ("X=1; a $X ${X}2 '$X' \"$X\"", [["a", "1", "12", "$X", "1"]]),
        ("X=1 a $X", [["a", "?"]]),
        ("a $Y", [["a", "?"]]),
        ("a ${Y:-d}", [["a", "?"]]),
        ("a ${Y:=d}; b $Y", [["a", "?"], ["b", "?"]]),
        ("X='b c'; a $X \"$X\"", [["a", "b", "c", "b c"]]),
        ("A=(b 'c d'); A+=(e); x \"${A[@]}\"", [["x", "b", "c d", "e"]]),
        ("a $(b c) d", [["b", "c"], ["a", "?", "d"]]),
        ("a `b` d", [["b"], ["a", "?", "d"]]),
        ("a $((1+2)) $1 $@", [["a", "?", "?", "?"]]),
        ("a $'b\\nc'", [["a", "b\nc"]]),
        ("a 2>&1 >f <g", [["a"]]),
        ("cat <<E\nhf upload x\nE\nb", [["cat"], ["b"]]),
        ("bash <<'E'\nhf upload x\nE\nb", [["bash"], ["hf", "upload", "x"], ["b"]]),
        ("for f in a b; do c $f; done", [["c", "?"]]),
        ("for f in a; do c $f; done", [["c", "a"]]),
        ("X=1; (X=2; a $X); b $X", [["a", "2"], ["b", "1"]]),
        ("X=1; if t; then X=2; fi; a $X", [["t"], ["a", "?"]]),
        ("if t; then X=2; else X=2; fi; a $X", [["t"], ["a", "2"]]),
        ("X=1; f() { X=2; }; f; a $X", [["f"], ["a", "2"]]),
        ("case $1 in a|b) c ;; *) d ;; esac; e", [["c"], ["d"], ["e"]]),
        ("[[ a && b ]] && c", [["c"]]),
        ("X=a; X+=b; c $X", [["c", "ab"]]),
        ("read X; a $X", [["read", "X"], ["a", "?"]]),
        ("a ${{ inputs.model }} b", [["a", "?", "b"]]),
        ("a >(b) <(c d)", [["b"], ["c", "d"], ["a", "?", "?"]]),
    ],
)
def test_words(text, expected):
    assert words(text) == expected


def test_branches_are_told_apart_from_what_always_runs():
    script = read_script(
        Source("x.sh", "if t; then a; else b; fi\nfor i in 1 2; do c; done\nd || e")
    )
    found = {c.name(): c.branch for c in script.commands}
    assert found == {
        "t": False, "a": True, "b": True, "c": False, "d": False, "e": False,
    }  # fmt: skip


def test_only_exports_reach_a_command():
    script = read_script(
        Source("x.sh", "A=1\nexport B=2\nC=3 x\nexport A\ny\n"), {"D": Value("4")}
    )
    x, y = script.commands
    assert {n: v.data for n, v in script.environment(x).items()} == {
        "B": "2", "C": "3", "D": "4",
    }  # fmt: skip
    assert {n: v.data for n, v in script.environment(y).items()} == {
        "A": "1", "B": "2", "D": "4",
    }  # fmt: skip


def test_a_given_variable_is_resolved_and_a_change_of_it_reaches_commands():
    script = read_script(Source("x.sh", "a $M\nM=off\nb"), {"M": Value("on")})
    a, b = script.commands
    assert a.words[1].data == "on"
    assert script.environment(b)["M"].data == "off"


def test_words_keep_their_places_and_the_way_through_variables():
    text = "ARGS='--push_to_hub --x'\npython t.py $ARGS --y\n"
    script = read_script(Source("x.sh", text))
    word = script.commands[0].words[2]
    assert word.data == "--push_to_hub"
    assert word.span.text == "--push_to_hub"
    assert word.span.line == 1
    assert script.commands[0].words[4].span.line == 2


def test_a_script_in_a_word_has_the_places_of_the_file():
    text = 'CMD="python t.py"\nsrun bash -c "$CMD --output_dir /x"\n'
    word = read_script(Source("x.sh", text)).commands[0].words[3]
    inner = embedded_script(word)
    commands = read_script(inner).commands
    assert [w.data for w in commands[0].words] == [
        "python",
        "t.py",
        "--output_dir",
        "/x",
    ]
    at = commands[0].words[2].span.resolved()
    assert (at.line, at.source.text[at.start : at.end]) == (2, "--output_dir")
    first = commands[0].words[0].span.resolved()
    assert (first.line, first.column) == (1, 6)


def test_unknown_words_keep_what_is_known():
    script = read_script(Source("x.sh", "a s3://b/$RUN/x"))
    unknown = script.commands[0].words[1].data
    assert isinstance(unknown, Unknown)
    assert unknown.parts[0] == "s3://b/"
    assert unknown.parts[1].name == "RUN"
    assert unknown.parts[2] == "/x"


@pytest.mark.parametrize(
    "text",
    [
        "A=x\n" + "A=$A$A\n" * 60 + "echo $A\n",
        "A=(x y)\n" + 'A=("${A[@]}" "${A[@]}")\n' * 40 + 'echo "${A[@]}"\n',
        "$(" * 5000,
        "${a:-" * 5000,
        '"$(' * 5000,
        "<<A " * 5000 + "\n",
        "( " * 20000,
        "if " * 20000,
        "X=$(x)\n" * 5000,
        "".join(f"export V{i}=$(x)\n" for i in range(5000)),
        "a" * 600_000,
        "case x in " * 3000,
        "A=" + "b" * 30000 + "\n" + "echo $A\n" * 4000,
    ],
)
def test_hostile_scripts_cost_little(text):
    start = time.process_time()
    read_script(Source("x.sh", text))
    assert time.process_time() - start < 4


_PARTS = st.sampled_from(
    [
        "a", "$X", "${X:-b}", "${X[@]}", "'", '"', "`", "$(", ")", "(", "{", "}", "\\", "\n",
        ";", "&&", "|", "<<E\n", "E\n", "if", "then", "else", "fi", "for", "in", "do", "done",
        "case", "esac", ";;", "X=", "X=(", "export ", "[[", "]]", ">", "<", "#", " ", "$((",
        "))", "$'", "bash -c ", "f() {", "\r\n", "\u00e9", "\x00", "${{ a.b }}", "+=",
    ]
)  # fmt: skip


@settings(max_examples=400, deadline=None)
@given(st.lists(_PARTS, max_size=40).map("".join))
def test_any_text_is_read(text):
    script = read_script(Source("x.sh", text))
    for command in script.commands:
        for word in command.words:
            assert isinstance(word.data, str | Unknown)
            assert word.span is not None
            assert 0 <= word.span.start <= word.span.end <= len(text)
            embedded = embedded_script(word)
            if embedded is not None:
                read_script(embedded)


def test_a_variable_with_unknown_parts_still_has_words():
    text = 'L="accelerate launch -n $((A * 2)) -r$R "\nA=" --push_to_hub True"\nsrun $L t.py$A\n'
    (command,) = read_script(Source("x.sh", text)).commands
    words = [w.data if isinstance(w.data, str) else "?" for w in command.words]
    assert words[:4] == ["srun", "accelerate", "launch", "-n"]
    assert words[4:6] == ["?", "?"]
    assert all(w.span is not None for w in command.words)
