"""Everything that was used, as BibTeX."""

from __future__ import annotations

from markupsafe import Markup

from keramos.reports.bibtex import write_bibtex
from keramos.reports.content import ReportContent
from keramos.reports.embedded import embed_bytes
from keramos.reports.microstructure import methods_prose
from keramos.reports.section import Section, fill

_TEMPLATE = """
<p class="take">
  <a download="references.bib" href="data:text/plain;charset=utf-8;base64,{{ file }}">references.bib</a>
</p>
<pre class="wide" tabindex="0">{{ text }}</pre>
"""


def _render(content: ReportContent) -> Markup | None:
    prose = methods_prose(content.measurements, content.measured, content.shape, content.voxel_size)
    cited = (*content.citations, *prose.sources)
    if not cited:
        return None
    versions: dict[str, str] = {}
    for step in content.steps:
        versions |= step.get("versions") or {}
    text = write_bibtex(cited, versions)
    return fill(_TEMPLATE, text=text, file=embed_bytes(text.encode("utf-8", "replace")))


BIBTEX: Section[ReportContent] = Section("bibtex", "References as BibTeX", 1250, _render, folded=True)
