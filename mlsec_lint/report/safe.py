r"""Text of strangers made safe to print. Knows no finding and no report.

Whatever comes from a scanned file (names, values, source lines) may hold characters
that a terminal obeys, that an editor hides or that a code host acts on. `clean` is for
every format; the others add what one format needs on top of it. Nothing is dropped:
a harmful character becomes a visible escape (`\x1b`, `\u202e`), so that the reader
sees that it was there.
"""

from __future__ import annotations

import re
from urllib.parse import quote

from mlsec_lint.patterns import regex

#: Characters that act instead of show, as ranges of code points: C0, DEL and C1
#: controls; format characters (bidirectional overrides, zero width, tags); separators
#: of lines and paragraphs; fillers and variation selectors, which show as nothing;
#: surrogates and noncharacters, which no encoder takes. Category Cf of Unicode 16 and
#: the invisible ones of other categories; a test compares it with `unicodedata`.
UNSAFE = (
    (0x00, 0x1F),
    (0x7F, 0x9F),
    (0xAD, 0xAD),
    (0x34F, 0x34F),
    (0x600, 0x605),
    (0x61C, 0x61C),
    (0x6DD, 0x6DD),
    (0x70F, 0x70F),
    (0x890, 0x891),
    (0x8E2, 0x8E2),
    (0x115F, 0x1160),
    (0x17B4, 0x17B5),
    (0x180B, 0x180F),
    (0x200B, 0x200F),
    (0x2028, 0x202E),
    (0x2060, 0x206F),
    (0x2800, 0x2800),
    (0x3164, 0x3164),
    (0xD800, 0xDFFF),
    (0xFDD0, 0xFDEF),
    (0xFE00, 0xFE0F),
    (0xFEFF, 0xFEFF),
    (0xFFA0, 0xFFA0),
    (0xFFF0, 0xFFFB),
    (0xFFFE, 0xFFFF),
    (0x110BD, 0x110BD),
    (0x110CD, 0x110CD),
    (0x13430, 0x1343F),
    (0x1BCA0, 0x1BCA3),
    (0x1D173, 0x1D17A),
    (0xE0000, 0xE0FFF),
    *((plane << 16 | 0xFFFE, plane << 16 | 0xFFFF) for plane in range(1, 17)),
)


def _pattern(kept: str) -> re.Pattern[str]:
    body = "".join(f"\\U{low:08x}-\\U{high:08x}" for low, high in UNSAFE)
    return re.compile(f"(?![{kept}])[{body}]" if kept else f"[{body}]")


_EVERY = _pattern("")
_BUT_LINES = _pattern("\\n")
_BUT_CODE = _pattern("\\n\\t")
#: Logging commands that a CI system obeys anywhere in a line of its log (`##[error]`,
#: `##vso[task.setvariable]`, `##teamcity[...]`).
_LOG_COMMAND = regex(r"##(?=\[|vso\[|teamcity\[)")
#: A workflow command at the start of a line (`::set-output`), after any white space.
_LINE_COMMAND = regex(r"^([^\S\n]*):(?=:)", re.MULTILINE)


def escape(character: str) -> str:
    """One harmful character as a visible escape."""
    code = ord(character)
    if code < 0x100:
        return {0x09: "\\t", 0x0A: "\\n", 0x0D: "\\r"}.get(code, f"\\x{code:02x}")
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def _escaped(match: re.Match[str]) -> str:
    return escape(match.group())


def clean(text: str) -> str:
    """Any text as one safe line."""
    return _quiet(text) if _plain(text) else _quiet(_EVERY.sub(_escaped, text))


def clean_lines(text: str) -> str:
    """Any text as safe lines: line feeds are meant and stay."""
    return _quiet(text) if _plain(text) else _quiet(_BUT_LINES.sub(_escaped, text))


def clean_code(text: str) -> str:
    """Source text for formats that quote it: tabs and line ends stay.

    Only line feeds are left at line ends, whatever the file has.
    """
    if _plain(text):
        return _quiet(text)
    return _quiet(_BUT_CODE.sub(_escaped, text.replace("\r\n", "\n")))


def _quiet(text: str) -> str:
    """The text without logging commands, which CI systems obey in any format's line."""
    return _LOG_COMMAND.sub(r"\\x23#", text) if "##" in text else text


def clean_log(text: str) -> str:
    """Finished lines for a terminal or a CI log: no logging command is left in them."""
    text = _quiet(text)
    return _LINE_COMMAND.sub(r"\1\\x3a", text)


def json_log(text: str) -> str:
    """Finished JSON without logging commands; what it says stays the same.

    Two number signs stand in strings only, where an escape is the same character.
    """
    return _LOG_COMMAND.sub(r"\\u0023#", text) if "##" in text else text


def _plain(text: str) -> bool:
    return text.isascii() and text.isprintable()


def uri(path: str) -> str:
    """A relative path as a URI reference: percent-encoded, never read as a scheme.

    Control characters and undecodable bytes are percent-encoded too; empty and dot
    segments, which no scan gives, are left out.
    """
    try:
        octets = path.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        octets = path.encode("utf-8", "replace")
    parts = quote(octets, safe="/-._~").split("/")
    return "/".join(part for part in parts if part not in {"", ".", ".."}) or "-"


_MARKDOWN = regex(r"[\\`*_\[\]<>|~&$]")
#: What a code host acts on though it is plain text: mentions, references to issues,
#: merge requests, labels and milestones, and addresses. A zero-width space, written as
#: an entity, breaks them.
_ACTIVE = regex(
    r"@|[#!%&$](?=[\d\"])|~(?=[\w\"])|\bGH-(?=\d)|:(?=//)|\bwww(?=\.)", re.IGNORECASE
)


def markdown(text: str) -> str:
    """Any text as markdown that shows it and does nothing, on one line."""
    out: list[str] = []
    at = 0
    line = clean(text)
    for match in _ACTIVE.finditer(line):
        out.append(_MARKDOWN.sub(_entity, line[at : match.start()]))
        out.append(_MARKDOWN.sub(_entity, match.group()) + "&#8203;")
        at = match.end()
    out.append(_MARKDOWN.sub(_entity, line[at:]))
    return "".join(out)


def _entity(match: re.Match[str]) -> str:
    return f"&#{ord(match.group())};"


def markdown_code(text: str) -> str:
    """Any text as an inline code span, on one line, fit for a table cell."""
    body = clean(text).replace("|", "\\|")
    longest = max((len(run) for run in re.findall(r"`+", body)), default=0)
    fence = "`" * (longest + 1)
    pad = " " if body[:1] in {"`", " "} or body[-1:] in {"`", " "} else ""
    return f"{fence}{pad}{body}{pad}{fence}" if body else "&#8203;"


def github_data(text: str) -> str:
    """Text as the message of a workflow command: one line whatever it holds."""
    safe = clean_lines(text).replace("%", "%25").replace("\n", "%0A")
    return _quiet(safe)


def github_property(text: str) -> str:
    """Text as a property of a workflow command (`file=`, `title=`)."""
    return github_data(clean(text)).replace(":", "%3A").replace(",", "%2C")


def sarif_text(text: str) -> str:
    """One line of plain SARIF message text in which nothing becomes a link."""
    return clean(text).replace("](", "] (")


def sarif_link(text: str) -> str:
    """Text as the words of an embedded link in a SARIF message (section 3.11.6)."""
    return re.sub(r"([\\\[\]])", r"\\\1", sarif_text(text))
