"""Citations as BibTeX, read back by splitting the text."""

from __future__ import annotations

import re

import pytest

from keramos.core.citation import DOI, PAPER
from keramos.measurements import curve_specs, quantity_specs
from keramos.reports.bibtex import write_bibtex


def read(text: str) -> dict[str, dict[str, str]]:
    """Entries by key: their fields, and their kind under `kind`."""
    entries = {}
    for entry in text.strip().split("\n\n"):
        head = re.match(r"@(\w+)\{(.+),\n", entry)
        assert head is not None, entry
        assert entry.endswith("\n}"), entry
        assert entry.count("{") == entry.count("}"), entry
        fields = dict(re.findall(r"^  (\w+) = \{(.*?)\},$", entry, re.MULTILINE | re.DOTALL))
        assert head[2] not in entries, "a key twice"
        entries[head[2]] = {"kind": head[1], **fields}
    return entries


@pytest.mark.parametrize(
    ("citation", "key", "expected"),
    [
        (
            "B. Münch and L. Holzer, J. Am. Ceram. Soc. 91, 4059 (2008)",
            "munch2008",
            {"kind": "article", "author": "B. Münch and L. Holzer", "journal": "J. Am. Ceram. Soc.", "volume": "91",
             "pages": "4059", "year": "2008"},
        ),
        (
            "E. E. Underwood, Quantitative Stereology, Addison-Wesley, 1970",
            "underwood1970",
            {"kind": "book", "author": "E. E. Underwood", "title": "Quantitative Stereology",
             "publisher": "Addison-Wesley", "year": "1970"},
        ),
        (
            "A. Bee, C. Dee, and E. Eff, J. X 1, 2 (2001)",
            "bee2001",
            {"kind": "article", "author": "A. Bee and C. Dee and E. Eff", "journal": "J. X", "volume": "1",
             "pages": "2", "year": "2001"},
        ),
        ("some words", "words", {"kind": "misc", "note": "some words"}),
    ],
)  # fmt: skip
def test_a_citation_becomes_an_entry(citation: str, key: str, expected: dict[str, str]) -> None:
    assert read(write_bibtex([citation]))[key] == expected


def test_every_source_of_a_measurement_is_understood() -> None:
    specs = (*quantity_specs().values(), *curve_specs().values())
    sources = sorted({source for spec in specs for source in spec.sources})
    assert len(sources) > 20
    entries = read(write_bibtex(sources))
    assert {"misc"} & {entry["kind"] for entry in entries.values()} == set()
    assert all(entry.get("year", "").isdigit() for key, entry in entries.items() if key != "keramos")
    assert len(entries) == len(sources) + 1


def test_the_paper_the_software_and_two_of_one_year() -> None:
    text = write_bibtex(
        [f"{PAPER}, doi:{DOI}", "A. Bee, J. X 1, 2 (2001)", "A. Bee, J. Y 1, 2 (2001)"], ["torch", "keramos"]
    )
    entries = read(text)
    assert list(entries) == ["keramos", "hirabayashi2024", "bee2001", "bee2001a", "paszke2019"]
    assert entries["hirabayashi2024"]["doi"] == DOI
    assert "harris2020" in read(write_bibtex([], ["numpy"]))
