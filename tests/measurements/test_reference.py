"""The pages of measurements list what the specifications say. `python tests/measurements/test_reference.py` writes them
anew."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from keramos.estimators.reference import estimator_reference, program_reference
from keramos.measurements.reference import curve_reference, object_reference, quantity_reference, source_reference

DOCS = Path(__file__).resolve().parents[2] / "docs"
PARTS = {
    "quantify.md": {
        "quantities in blocks": lambda: quantity_reference("in_blocks"),
        "quantities of a subvolume": lambda: quantity_reference("on_subvolume"),
        "curves": curve_reference,
        "sources": source_reference,
    },
    "objects.md": {
        "columns of objects": object_reference,
        "quantities of objects": lambda: quantity_reference("on_volume"),
    },
    "reconcile.md": {"estimators": estimator_reference, "programs": program_reference},
}


def with_tables(name: str) -> str:
    """A page with its generated parts as they should be."""
    page = (DOCS / name).read_text(encoding="utf-8")
    tables = {part: make() for part, make in PARTS[name].items()}
    for part, table in tables.items():
        marked = re.compile(rf"(<!-- {part} -->\n).*?(<!-- end -->)", re.DOTALL)
        assert len(marked.findall(page)) == 1, part
        page = marked.sub(lambda match, table=table: f"{match[1]}\n{table}\n\n{match[2]}", page)
    return page


@pytest.mark.parametrize("name", PARTS)
def test_the_page_lists_every_quantity_curve_column_and_source(name: str) -> None:
    page = (DOCS / name).read_text(encoding="utf-8")
    assert page == with_tables(name), "run python tests/measurements/test_reference.py"


@pytest.mark.parametrize("name", ["compare-samples.md", "objects.md", "reconcile.md", "sizes.md"])
def test_the_example_does_what_it_says(name: str) -> None:
    (code,) = re.findall(r"```python\n(.*?)```", (DOCS / name).read_text(encoding="utf-8"), re.DOTALL)
    exec(compile(code, f"docs/{name}", "exec"), {})


if __name__ == "__main__":
    for name in PARTS:
        (DOCS / name).write_text(with_tables(name), encoding="utf-8")
