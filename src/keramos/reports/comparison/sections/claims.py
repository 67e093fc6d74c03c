"""The paper's claims about the methods, whether these results agree, and where methods fail."""

from __future__ import annotations

from markupsafe import Markup

from keramos.reports.comparison.content import ComparisonContent
from keramos.reports.comparison.reasons import claims
from keramos.reports.comparison.tables import case_rows
from keramos.reports.section import Section, fill

_TEMPLATE = """
{% from "parts.html.j2" import table %}
{% if claims %}
<ul class="claims">
  {% for claim in claims %}
  <li{% if not claim.seen %} class="unseen"{% endif %}><b>{{ claim.verdict | capitalize }}.</b>{{ claim.says }}.
    <br><span class="quiet">{{ claim.numbers[0] | upper }}{{ claim.numbers[1:] }}.
    {% if not claim.seen and claim.otherwise %} {{ claim.otherwise }}{% endif %}</span></li>
  {% endfor %}
</ul>
{% endif %}
<h3>Where methods fail</h3>
{{ table(columns, cases) }}
<p class="quiet">In the first test slice. <b>False negatives</b>: share of the true {{ phase }} assigned to something
else; <b>false positives</b>: share of the true {{ others }} assigned to {{ phase }}; each in the third of the slice
whose surroundings are darkest or brightest. <b>Small patches</b>: the {{ small }} separate patches of {{ others }} up
to {{ size }} across (of 4 pixels or more, not cut by the slice's border); a patch counts as found if at least half of
it is right. <b>Bright ones</b>: voxels of {{ others }} that are brighter, compared with their surroundings, than the
dimmest fifth of {{ phase }}: valleys, and floors that shine through.</p>
"""


def _render(content: ComparisonContent) -> Markup:
    columns = (
        "False negatives, dark third",
        "False negatives, bright third",
        "False positives, dark third",
        "False positives, bright third",
        "Small patches found",
        f"Bright ones predicted {content.positive}",
    )
    return fill(
        _TEMPLATE,
        claims=claims(content),
        columns=columns,
        cases=case_rows(content),
        phase=content.positive,
        others=content.others,
        small=content.methods[0].cases.small_patches,
        size="12 pixels" if content.voxel_size is None else "250 nm",
    )


CLAIMS = Section("claims", "What the paper says, and what these images show", 110, _render)
