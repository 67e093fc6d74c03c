"""The pages of measurements list what the specifications say. `python tests/measurements/test_reference.py` writes them
anew."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from keramos.estimators import ESTIMATORS
from keramos.estimators.programs import list_printed, printed_reference, program_matrix, unmatched_reference
from keramos.estimators.reference import estimator_reference, program_reference
from keramos.measurements import quantity_specs
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
    "programs.md": {
        "by program": program_matrix,
        "only here": unmatched_reference,
        "names": printed_reference,
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


def test_what_was_run_has_a_row_in_the_results_of_its_benchmark() -> None:
    results = DOCS.parent / "benchmarks" / "results"
    ran = [(row, one) for row in list_printed() for one in row.printed if one.benchmark]
    assert ran
    for row, one in ran:
        written = (results / f"{one.benchmark}.json").read_text(encoding="utf-8")
        if one.benchmark == "printed":
            pairs = {(each["id"], each["program"]) for rows in json.loads(written)["rows"].values() for each in rows}
            assert (row.own.split("`")[-2], one.program.split()[0]) in pairs, row.title
        else:
            script = DOCS.parent / "benchmarks" / f"{one.benchmark}.py"
            assert one.program.split()[0].lower().replace("scikit-image", "skimage") in script.read_text().lower()


def test_a_programs_number_is_told_over_the_quantity_and_not_over_its_estimator() -> None:
    (row,) = (row for row in list_printed() if "`size-r50`" in row.own)
    assert {one.program: one.times for one in row.printed}["GeoDict 2025"] == 2  # a diameter, of our radius
    (row,) = (row for row in list_printed() if "`intrusion-r50-all-faces`" in row.own)
    assert {one.program: one.times for one in row.printed}["PoreSpy 3.2"] == 1


def test_estimators_name_quantities_that_there_are() -> None:
    assert {one.quantity for one in ESTIMATORS.values()} - {""} <= set(quantity_specs())


if __name__ == "__main__":
    for name in PARTS:
        (DOCS / name).write_text(with_tables(name), encoding="utf-8")
