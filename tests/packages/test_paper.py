"""Numbers of the paper are those of the benchmarks, and what it cites is in its bibliography."""

from __future__ import annotations

import re
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

PAPER = Path(__file__).resolve().parents[2] / "paper"
TEXT = (PAPER / "paper.md").read_text("utf-8")


def test_each_number_is_that_of_the_results() -> None:
    spec = spec_from_file_location("keramos_paper", PAPER / "figures.py")
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    stated = dict(re.findall(r"<!-- ([\w ]+) -->([\d.]+)", TEXT))
    assert stated == module.numbers()
    body = re.sub(
        r"<!-- [\w ]+ -->[\d.]+|^---.*?^---|!\[.*?\]\(.*?\)|@\w+|\[.*?\]|FIB-SEM", "", TEXT, flags=re.S | re.M
    )
    assert not re.findall(r"\d+\.\d+", body)  # none is typed by hand


def test_citations_and_entries_are_the_same() -> None:
    entries = set(re.findall(r"^@\w+\{(\w+),", (PAPER / "paper.bib").read_text("utf-8"), re.MULTILINE))
    assert set(re.findall(r"@(\w+\d{4})", TEXT)) == entries
