"""Confusion matrices: which true phase was predicted to be which."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from keramos.reports.content import ReportContent
from keramos.reports.plain_words import MISSING
from keramos.reports.section import Section, fill
from keramos.scoring import Evaluation


@dataclass(frozen=True, slots=True)
class ConfusionTable:
    """Per cent of all voxels: rows truth, columns prediction; each cell is (text, share of its true phase)."""

    name: str
    phases: tuple[str, ...]
    rows: tuple[tuple[str, tuple[tuple[str, float], ...]], ...]


def confusion_tables(content: ReportContent) -> tuple[ConfusionTable, ...]:
    """One for each scored method."""
    return tuple(_confusion(m.name, m.evaluation) for m in content.methods if m.evaluation and m.evaluation.voxels)


def _confusion(name: str, evaluation: Evaluation) -> ConfusionTable:
    names = tuple(s.name for s in evaluation.phases)
    rows = []
    for phase, row in zip(names, evaluation.confusion, strict=True):
        true = sum(row)
        cells = tuple((f"{100 * n / evaluation.voxels:.1f}", n / true if true else 0.0) for n in row)
        rows.append((phase, cells if true else tuple((MISSING, 0.0) for _ in row)))
    return ConfusionTable(name, names, tuple(rows))


_TEMPLATE = """
<p class="quiet">In per cent of {{ what }}; the darker, the larger the share of that true phase.</p>
<div class="confusions">
  {% for table in tables %}
  <div class="wide" tabindex="0"><table>
    <caption>{{ table.name }}</caption>
    <thead><tr>
      <td class="corner"></td>{% for name in table.phases %}<th scope="col">predicted {{ name }}</th>{% endfor %}
    </tr></thead>
    <tbody>
      {% for name, cells in table.rows %}
      <tr><th scope="row">true {{ name }}</th>
      {% for text, share in cells %}<td style="--share: {{ "%.3f" | format(share) }}">{{ text }}</td>{% endfor %}</tr>
      {% endfor %}
    </tbody>
  </table></div>
  {% endfor %}
</div>
"""


def show_confusions(tables: Sequence[ConfusionTable], what: str) -> Markup | None:
    """The tables side by side; `what` says which voxels they are per cent of. None without a table."""
    return fill(_TEMPLATE, tables=tables, what=what) if tables else None


CONFUSION: Section[ReportContent] = Section(
    "confusion",
    "Confusion matrix",
    600,
    lambda content: show_confusions(confusion_tables(content), "the scored voxels"),
    folded=True,
)
