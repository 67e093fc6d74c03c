"""docs/quantify.md lists what the specifications say. `python tests/measurements/test_reference.py` writes it anew."""

from __future__ import annotations

import re
from pathlib import Path

from keramos.measurements.reference import curve_reference, quantity_reference, source_reference

PAGE = Path(__file__).resolve().parents[2] / "docs" / "quantify.md"


def with_tables(page: str) -> str:
    """The page with its generated parts as they should be."""
    parts = {
        "quantities in blocks": quantity_reference(on_subvolume=False),
        "quantities of a subvolume": quantity_reference(on_subvolume=True),
        "curves": curve_reference(),
        "sources": source_reference(),
    }
    for name, table in parts.items():
        marked = re.compile(rf"(<!-- {name} -->\n).*?(<!-- end -->)", re.DOTALL)
        assert len(marked.findall(page)) == 1, name
        page = marked.sub(lambda match, table=table: f"{match[1]}\n{table}\n\n{match[2]}", page)
    return page


def test_the_page_lists_every_quantity_curve_and_source() -> None:
    page = PAGE.read_text(encoding="utf-8")
    assert page == with_tables(page), "run python tests/measurements/test_reference.py"


if __name__ == "__main__":
    PAGE.write_text(with_tables(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
