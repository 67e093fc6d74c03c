"""Facts about the volume and the run, by name."""

from __future__ import annotations

from keramos.reports.content import ReportContent
from keramos.reports.plain_words import length
from keramos.reports.section import Section, fill


def fact_rows(content: ReportContent) -> tuple[tuple[str, str], ...]:
    """The volume's own facts, then the given ones; a given fact replaces one of the same name."""
    nz, ny, nx = content.volume.shape
    facts = {"Volume": f"{nz} × {ny} × {nx} voxels (z, y, x)"}
    voxel = content.volume.voxel_size
    facts["Voxel size"] = "not known" if voxel is None else " × ".join(f"{nm:g}" for nm in voxel.zyx) + " nm (z, y, x)"
    if voxel is not None:
        edges = [n * nm for n, nm in zip(content.volume.shape, voxel.zyx, strict=True)]
        facts["Size"] = " × ".join(length(nm) for nm in edges) + " (z, y, x)"
    given = {name.lower() for name in content.facts}
    kept = {name: text for name, text in facts.items() if name.lower() not in given}
    return tuple({**kept, **content.facts}.items())


TEMPLATE = """
<dl>
  {% for name, value in facts %}
  <dt>{{ name }}</dt><dd>{{ value }}</dd>
  {% endfor %}
</dl>
"""

FACTS: Section[ReportContent] = Section(
    "facts", "Facts", 1000, lambda content: fill(TEMPLATE, facts=fact_rows(content)), folded=True
)
