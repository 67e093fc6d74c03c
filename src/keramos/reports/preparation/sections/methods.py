"""A paragraph on the methods, to paste into a manuscript."""

from __future__ import annotations

from markupsafe import Markup

from keramos.reports.preparation.content import PreparationContent
from keramos.reports.section import Section, fill

_TEMPLATE = """
<p class="quiet">For a manuscript; what stands in square brackets only you know.</p>
<blockquote>{{ text }}</blockquote>
"""


def _render(content: PreparationContent) -> Markup | None:
    return fill(_TEMPLATE, text=content.methods_text) if content.methods_text else None


METHODS = Section("methods", "Methods to paste", 900, _render)
