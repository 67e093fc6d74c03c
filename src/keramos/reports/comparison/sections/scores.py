"""Table 1: scores over random crops, beside those of the whole test slice and of the paper."""

from __future__ import annotations

from markupsafe import Markup

from keramos.reports.comparison.content import ComparisonContent
from keramos.reports.comparison.tables import TABLE_1, paper_rows, scope_rows, table_1
from keramos.reports.section import Section, fill

_TEMPLATE = """
{% from "parts.html.j2" import table %}
<p class="quiet">Scores of {{ c.positive }}, over {{ c.sets }} sets of {{ c.crops_per_set }} random crops of {{
c.crop_edge }} × {{ c.crop_edge }} pixels of the test slice: mean over crops ± standard deviation over sets{% if
many_trainings %}, of the first training of each network{% endif %}. The best IoU is marked.</p>
{{ table(columns, rows) }}
<p class="quiet"><b>Precision</b>: share of the voxels assigned to {{ c.positive }} that truly are {{ c.positive }}.
<b>Recall</b>: share of the true {{ c.positive }} that the method finds. <b>IoU</b> (intersection over union): of all
voxels that the method or the truth assigns to {{ c.positive }}, the share that both do. <b>Pooled</b>: from the
counts of all crops of a set, not the mean of the crops' scores.</p>
<p class="quiet"><b>Which spread to quote.</b> ± is the spread over overlapping crops of the same slice: it says how
exactly the slice's score is known, not how a method would do on another slice{% if c.crops_per_set < 1000 %}; the
paper's sets hold 1000 crops, which would make it about {{ "%.1f" | format((1000 / c.crops_per_set) ** 0.5) }} times
smaller{% endif %}. <b>Whole slice</b> is the score of the whole test slice{% if intervals %} with a 95&nbsp;%
interval: {{ intervals }}{% endif %}. {% if indicative %} † Indicative only: it is based on few blocks.{% endif %}
<b>Over trainings</b> is the spread over repeated trainings of the same network, where there was more than one.</p>
{% if paper %}
<details>
  <summary class="quiet">The paper's own Tables 1 and 2, on its own images</summary>
  {{ table(("Precision", "Recall", "IoU", "Fraction along the stack"), paper) }}
</details>
{% endif %}
{% if scopes %}
<h3>Otsu by the scope of its threshold</h3>
{{ table(("Precision", "Recall", "IoU"), scopes, "Threshold") }}
{% endif %}
"""


def _render(content: ComparisonContent) -> Markup:
    best = next((m for m in content.methods if m.evaluation.positive_scores.interval.get("iou") is not None), None)
    return fill(
        _TEMPLATE,
        c=content,
        columns=TABLE_1,
        rows=table_1(content),
        paper=paper_rows(content),
        scopes=scope_rows(content),
        many_trainings=any(len(m.trainings) > 1 for m in content.methods),
        intervals="" if best is None else best.evaluation.bootstrap.method,
        indicative=any(m.evaluation.bootstrap.indicative for m in content.methods),
    )


SCORES = Section("scores", "Table 1. Scores", 100, _render)
