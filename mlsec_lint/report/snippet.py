"""Source lines as reports may show them: secrets masked, columns kept.

Knows no format. A secret is what a rule about secrets points at (`Finding.sensitive`),
what the scan lists in `Result.secrets`, and what looks like one by itself: well-known
token shapes, and literals given to a name that says password, token or key. The last
two are a second net for lines that are shown because they stand beside a finding.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from mlsec_lint.patterns import regex
from mlsec_lint.report import safe

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlsec_lint.finding import Result
    from mlsec_lint.source import Source, Span

#: Token shapes that their issuers document (July 2025), and private keys in PEM.
_TOKEN = regex(
    r"(?:AKIA|ASIA)[A-Z0-9]{16}(?![A-Za-z0-9])"
    r"|hf_[A-Za-z0-9]{20,}"
    r"|gh[pousr]_[A-Za-z0-9]{30,}|github_pat_[A-Za-z0-9_]{30,}|glpat-[A-Za-z0-9_-]{20,}"
    r"|sk-[A-Za-z0-9_-]{20,}|xox[abeprs]-[A-Za-z0-9-]{10,}"
    r"|AIza[A-Za-z0-9_-]{35}|npm_[A-Za-z0-9]{30,}|pypi-[A-Za-z0-9_-]{40,}"
    r"|(?<![A-Za-z0-9_-])eyJ[A-Za-z0-9_-]{10,}\.eyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{10,}"
    r"|-----BEGIN [A-Z ]{0,30}PRIVATE KEY-----[A-Za-z0-9+/=\s\\]{0,10000}"
)
_WORD = (
    r"(?:passw(?:or)?d|passphrase|secret|token|api_?key|apikey|access_?key|secret_?key"
    r"|private_?key|auth_?key|credentials?|connection_?string|webhook_?url)"
)
#: A literal given to a name that ends in such a word: `db_password = "x"`,
#: `HF_TOKEN: x`, `"apiKey": "x"`, `--hub_token=x`.
_GIVEN = regex(
    rf"{_WORD}[\"']?[ \t]{{0,40}}[:=][ \t]{{0,40}}"
    r"(?:\"(?P<double>[^\"\n]+)\"|'(?P<single>[^'\n]+)'|(?P<bare>[^\s\"'\[\]{}#,|>&*][^\s,#]*))",
    re.IGNORECASE,
)
#: The same in Kubernetes' words: `name: HF_TOKEN`, then `value: x`.
_ENTRY = regex(
    rf"name[\"']?[ \t]*:[ \t]*[\"']?[A-Za-z0-9_.-]{{0,80}}?{_WORD}[\"']?[ \t]*,?\s{{1,80}}"
    r"[\"']?value[\"']?[ \t]*:[ \t]*(?:\"(?P<double>[^\"\n]+)\"|'(?P<single>[^'\n]+)'"
    r"|(?P<bare>[^\s\"'\[\]{}#,|>&*][^\s,#]*))",
    re.IGNORECASE,
)
#: What is no secret though it stands there: words of YAML, templates, resource names.
_HARMLESS = regex(
    r"(?:true|false|null|none|~|\d{1,4}|[^$]*\$[{(].*|[^{]*\{\{.*|arn:.*|projects/.*|/.*)",
    re.IGNORECASE | re.DOTALL,
)
#: A reference or a call, where it is no quoted literal.
_REFERENCE = regex(r"[a-z_][\w-]*(?:(?:\.[\w*\[\]\"-]+)+|\(.*)", re.IGNORECASE)
#: The name before a secret that a span covers together with it.
_NAMED = regex(
    rf"[\"']?[\w.-]{{0,200}}(?:value|{_WORD}\w{{0,40}})[\"']?\s*[:=]\s*", re.IGNORECASE
)


class Snippets:
    """The masked texts of one result's sources, computed once for each of them."""

    def __init__(self, result: Result) -> None:
        self._texts: dict[int, str] = {}
        self._sources: dict[int, Source] = {}
        self._secrets: dict[int, list[tuple[int, int]]] = {}
        spans = [f.span for f in result.findings if f.sensitive]
        for span in (*spans, *result.secrets):
            outer = span.resolved()
            named = _NAMED.match(outer.source.text, outer.start, outer.end)
            start = named.end() if named is not None else outer.start
            places = self._secrets.setdefault(id(outer.source), [])
            places.append((start, outer.end))

    def text(self, source: Source) -> str:
        """The whole text of a file with each secret replaced by as many asterisks."""
        key = id(source)
        if key not in self._texts:
            self._sources[key] = source  # keeps the id from being given again
            places = [*self._secrets.get(key, ()), *_suspects(source.text)]
            self._texts[key] = _masked(source.text, places)
        return self._texts[key]

    def line(self, source: Source, line: int) -> str:
        """One masked line (from 1) without its line end; not yet safe to print."""
        starts = source.line_starts()
        if not 1 <= line <= len(starts):
            return ""
        end = starts[line] if line < len(starts) else len(source.text)
        return self.text(source)[starts[line - 1] : end].rstrip("\r\n")

    def lines(self, source: Source, first: int, last: int) -> str:
        """Masked lines `first` to `last` as safe code."""
        text = "\n".join(self.line(source, n) for n in range(first, last + 1))
        return safe.clean_code(text)

    def covered(self, span: Span) -> str:
        """What a resolved span covers, masked, as safe code."""
        return safe.clean_code(self.text(span.source)[span.start : span.end])


def _suspects(text: str) -> Iterator[tuple[int, int]]:
    for match in _TOKEN.finditer(text):
        yield match.span()
    for pattern in (_GIVEN, _ENTRY):
        for match in pattern.finditer(text):
            form = match.lastgroup
            assert form is not None
            literal = match[form]
            if _HARMLESS.fullmatch(literal) is None and not (
                form == "bare" and _REFERENCE.fullmatch(literal)
            ):
                yield match.span(form)


def _masked(text: str, places: list[tuple[int, int]]) -> str:
    """The text with places starred out. Line ends stay, so that lines keep numbers."""
    if not places:
        return text
    out: list[str] = []
    at = 0
    for start, end in sorted(places):
        start = max(start, at)
        if end <= start:
            continue
        out.append(text[at:start])
        out.append(re.sub(r"[^\r\n]", "*", text[start:end]))
        at = end
    out.append(text[at:])
    return "".join(out)


def scrub(text: str) -> str:
    """A message without what looks like a secret token in it."""
    return _TOKEN.sub("***", text)
