"""Groups of samples and series compared: the page, the numbers, the tables for a paper, and what is refused."""

from __future__ import annotations

import csv
import html
import json
import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from keramos.core import Quantity, VoxelSize
from keramos.core.provenance import Provenance
from keramos.measurements import Measured, Measurements, quantity_specs
from keramos.project.quantities import MeasuredLabels, read_measured_labels, write_quantities

Command = Callable[..., Any]
FRESH, AGED = (0.30, 0.32, 0.31), (0.40, 0.43, 0.42)
ALIKE = VoxelSize(20, 10, 10)


def sample(
    folder: Path, fraction: float, voxel_size: VoxelSize | None = ALIKE, images: str | None = None, **more: float
) -> Path:
    """Quantities of pores and solid as keramos quantify writes them; `more` are of the pores."""
    rows = [("phase-fraction", "pore", fraction, 0.02), ("phase-fraction", "solid", 1 - fraction, 0.02)]
    rows += [("specific-surface-area", phase, 10 * fraction + 1, 0.3) for phase in ("pore", "solid")]
    rows += [(id.replace("_", "-"), "pore", value, None) for id, value in more.items()]
    measured = [
        Measured(
            id,
            (spec := quantity_specs()[id]).name,
            Quantity(value, spec.unit, spec.method, None if half is None else (value - half, value + half)),
            phase,
        )
        for id, phase, value, half in rows
    ]
    write_quantities(folder, Measurements(tuple(measured)), Provenance(), MeasuredLabels(voxel_size, images))
    return folder


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Three samples of each of two materials."""
    monkeypatch.chdir(tmp_path)
    for name, values in (("fresh", FRESH), ("aged", AGED)):
        for n, value in enumerate(values):
            sample(tmp_path / f"{name}{n}", value, neck_diameter=50 + n)
    return tmp_path


def seen(page: Path) -> str:
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]*>", " ", page.read_text(encoding="utf-8"))))


def numbers(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))


def test_two_groups_of_three(here: Path, keramos: Command) -> None:
    """Welch by hand: means 0.31 and 0.41667, variances 1e-4 and 2.3333e-4, t 10.12 of 3.44 degrees of freedom."""
    run = keramos(
        "report",
        "--groups",
        "fresh=fresh*",
        "aged=aged0,aged1,aged2/quantities.json",
        "--out",
        "page.html",
        "--json",
        "numbers.json",
        "--tables",
        "tables",
    )
    assert run.status == 0, run.lines
    found = numbers(here / "numbers.json")
    assert found["comparison"]["groups"] == {
        "fresh": ["fresh0", "fresh1", "fresh2"],
        "aged": ["aged0", "aged1", "aged2"],
    }
    row = found["comparison"]["quantities"][0]
    assert (row["id"], row["phase"]) == ("phase-fraction", "solid")
    difference = row["differences"][0]
    assert difference["value"] == pytest.approx(-0.106667, abs=1e-6)
    assert difference["degrees_of_freedom"] == pytest.approx(3.45, abs=0.01)
    half = 2.96 * (1e-4 / 3 + 2.3333e-4 / 3) ** 0.5
    assert difference["interval"] == pytest.approx([-0.10667 - half, -0.10667 + half], abs=2e-4)
    assert difference["p"] < 0.002
    assert difference["p_holm"] == pytest.approx(
        2 * min(one["differences"][0]["p"] for one in found["comparison"]["quantities"])
    )
    # Of pores the fraction is one less, and the surface the same: two comparisons, not four.
    assert found["comparison"]["differences_tested"] == 2
    assert [row["id"] for row in found["comparison"]["mirrored"]] == ["phase-fraction", "specific-surface-area"]
    assert found["fresh0"]["quantities"][0]["value"] == 0.30
    text = seen(here / "page.html").replace("\u00a0", " ")
    assert "−10.7 points" in text
    assert "Left out because another row says the same" in text
    assert "is itself known only within a factor of 0.6 to 2.9" in text
    assert "one sample of each" not in text
    assert run.out.count("aged against fresh") == 1


def test_tables_for_a_paper(here: Path, keramos: Command) -> None:
    command = ("report", "--groups", "fresh=fresh*", "aged_%=aged*", "--out", "page.html", "--tables", "tables")
    assert keramos(*command).status == 0
    with (here / "tables" / "groups.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    # A t interval of three: 4.303 standard errors.
    assert rows[0]["fresh"] == f"69.0 ± {100 * 4.303 * (1e-4 / 3) ** 0.5:.1f} (n = 3)"
    assert rows[0]["aged_% − fresh"].startswith("−10.7 ± ")
    assert {"g", "p", "p (Holm)"} <= set(rows[0])
    tex = (here / "tables" / "groups.tex").read_text(encoding="utf-8")
    assert r"\toprule" in tex
    assert r"aged\_\%" in tex
    assert r"69.0 $\pm$ 2.5" in tex
    assert "$\\mu$m$^{-1}$" in tex
    assert tex.isascii()
    assert "| phase fraction | solid |  | % | 70.0 ± 2.0 |" in (here / "tables" / "samples.md").read_text(
        encoding="utf-8"
    )
    with (here / "tables" / "numbers.csv").open(encoding="utf-8", newline="") as file:
        full = list(csv.DictReader(file))
    assert (full[0]["sample"], full[0]["group"], full[0]["value"]) == ("fresh0", "fresh", "0.3")
    assert keramos(*command).complaint.endswith("or replace it with --fresh")
    assert keramos(*command, "--fresh").status == 0


def test_a_series_from_a_sheet(here: Path, keramos: Command) -> None:
    """Semicolons and decimal commas, as a spreadsheet in much of Europe writes them."""
    values = [0.30, 0.31, 0.345, 0.36]
    for n, value in enumerate(values):
        sample(here / "series" / f"h{n}", value)
    rows = "\n".join(f"h{n};{n},5;any" for n in range(4))
    (here / "series" / "sheet.csv").write_text(f"\ufeffFile;Hours;note\n{rows}\n\n", encoding="utf-8")
    run = keramos("report", "--sheet", "series/sheet.csv", "--against", "hours", "--out", "p.html", "--json", "n.json")
    assert run.status == 0, run.lines
    row = numbers(here / "n.json")["comparison"]["quantities"][0]
    assert row["trend"]["slope"] == pytest.approx(-0.0215)  # of solid; by hand
    assert row["differences"] == []
    text = seen(here / "p.html")
    assert "Trend with hours" in text
    assert "slope per unit of hours" in text


def test_groups_whose_names_are_numbers_are_a_series_too(here: Path, keramos: Command) -> None:
    run = keramos(
        "report", "--groups", "0=fresh*", "100=aged*", "--against", "hours", "--out", "p.html", "--json", "n.json"
    )
    assert run.status == 0, run.lines
    row = numbers(here / "n.json")["comparison"]["quantities"][0]
    assert row["trend"]["slope"] == pytest.approx(-0.00106667, abs=1e-8)
    assert row["differences"][0]["value"] == pytest.approx(-0.106667, abs=1e-6)


def test_one_sample_each_is_no_claim_on_the_material(here: Path, keramos: Command) -> None:
    for given in (("fresh0", "aged0"), ("--groups", "fresh=fresh0", "aged=aged0")):
        run = keramos("report", *given, "--out", "p.html", "--json", "n.json", "--fresh")
        assert run.status == 0
        difference = numbers(here / "n.json")["comparison"]["quantities"][0]["differences"][0]
        assert difference["basis"] == "within-sample"
        half = 0.02 * 2**0.5
        assert difference["interval"] == pytest.approx([-0.1 - half, -0.1 + half])
        assert difference["detectable"] is None
        assert "they are too narrow for a claim on the material" in seen(here / "p.html")
        assert any("few-samples" == one["kind"] for one in numbers(here / "n.json")["findings"])


def test_what_was_chosen_beforehand_is_compared_alone(here: Path, keramos: Command) -> None:
    run = keramos(
        "report",
        "--groups",
        "fresh=fresh*",
        "aged=aged*",
        "--compare",
        "phase-fraction:pore",
        "neck-diameter",
        "--out",
        "p.html",
        "--json",
        "n.json",
    )
    assert run.status == 0, run.lines
    rows = numbers(here / "n.json")["comparison"]["quantities"]
    assert [(row["id"], row["phase"]) for row in rows] == [("phase-fraction", "pore"), ("neck-diameter", "pore")]


def test_findings_on_what_else_may_differ(here: Path, keramos: Command) -> None:
    """Voxels of another size in one group, a sample without a quantity, a group of one."""
    sample(here / "late0", 0.5, VoxelSize(20, 20, 20))
    run = keramos(
        "report",
        "--groups",
        "fresh=fresh*",
        "late=late0",
        "--compare",
        "phase-fraction:pore",
        "neck-diameter",
        "--out",
        "p.html",
        "--json",
        "n.json",
    )
    assert run.status == 0, run.lines
    kinds = {one["kind"]: one for one in numbers(here / "n.json")["findings"]}
    assert {"voxel-size", "missing-quantity", "few-samples"} <= set(kinds)
    assert "20 x 10 x 10 nm in fresh0, fresh1 and fresh2; 20 x 20 x 20 nm in late0" in kinds["voxel-size"]["message"]
    assert "and so do the groups" in kinds["voxel-size"]["effect"]
    row = numbers(here / "n.json")["comparison"]["quantities"][0]
    assert row["differences"][0]["basis"] == "shared-scatter"


def test_a_quantity_file_says_of_what_it_is(here: Path) -> None:
    found = read_measured_labels(sample(here / "x", 0.5, images="abc") / "quantities.json")
    assert (found.voxel_size, found.images) == (ALIKE, "abc")
    assert read_measured_labels(here / "nothing").voxel_size is None


def sheet(here: Path, text: str) -> Sequence[str]:
    (here / "sheet.csv").write_text(text, encoding="utf-8")
    return ("--sheet", "sheet.csv")


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (("--groups", "fresh=fresh*"), "at least two groups, found only fresh"),
        (("--groups", "fresh=fresh0", "aged=nothing*"), "found nothing that matches nothing*"),
        (("--groups", "fresh=fresh0", "aged=fresh0"), "found fresh0 twice"),
        (("--groups", "fresh=fresh0", "copy=copy"), "same values in fresh0 and copy"),
        (("--groups", "a=part0,part1", "b=fresh0"), "part0 and part1 to be of the same images"),
        (("--groups", "fresh=fresh0", "fresh=aged0"), "found fresh twice"),
        (("--groups", "fresh0", "aged0"), "expected NAME=SAMPLE,SAMPLE"),
        (("fresh0", "--groups", "a=fresh1", "b=aged0"), "found two of these"),
        (("--groups", "fresh=fresh*", "aged=aged*", "--against", "hours"), "whose names are numbers"),
        (("fresh0", "aged0", "--against", "hours"), "expected only with --sheet"),
        (("--groups", "fresh=fresh*", "aged=aged*", "--compare", "porosity"), "expected a quantity of the samples"),
        (("--groups", "fresh=fresh*", "aged=other"), "name phases alike"),
        (("fresh0", "--tables", "tables"), "--tables: expected only with several samples"),
        ((), "found none"),
    ],
    ids=range(14),
)
def test_what_cannot_be_compared_is_refused(given: tuple[str, ...], said: str, here: Path, keramos: Command) -> None:
    sample(here / "copy", FRESH[0], neck_diameter=50)
    for n in range(2):
        sample(here / f"part{n}", 0.3 + n / 10, images="one stack")
    text = (sample(here / "other", 0.4) / "quantities.json").read_text(encoding="utf-8")
    (here / "other" / "quantities.json").write_text(
        text.replace('"pore"', '"void"').replace('"solid"', '"YSZ"'), "utf-8"
    )
    assert said in keramos("report", *given, "--out", "p.html").complaint
    assert not (here / "p.html").exists()


@pytest.mark.parametrize(
    ("text", "more", "said"),
    [
        ("sample,group\nfresh0,a\n", (), "columns 'file' and 'group'"),
        ("file,hours\nfresh0,1\n", (), "columns 'file' and 'group'"),
        ("file,group,hours\nfresh0,a,1\n", ("--against", "hous"), "did you mean hours"),
        ("file,hours\nfresh0,1\nfresh1,late\n", ("--against", "hours"), "'hours' of row 3 of sheet.csv, found 'late'"),
        ("file,group\nfresh0,\n", (), "'group' of row 2 of sheet.csv, found an empty cell"),
        ("file,group\n", (), "found no row"),
        (
            "file,hours\nfresh0,1\nfresh1,2\n",
            ("--against", "hours"),
            "or more of hours, found 2 at 2",
        ),
    ],
    ids=range(7),
)
def test_a_sheet_that_does_not_say_enough_is_refused(
    text: str, more: tuple[str, ...], said: str, here: Path, keramos: Command
) -> None:
    assert said in keramos("report", *sheet(here, text), *more, "--out", "p.html").complaint
