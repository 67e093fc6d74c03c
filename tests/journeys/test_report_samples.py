"""Results on a page: what was measured beside them, samples side by side, a slice against its volume."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tifffile
from scipy.ndimage import gaussian_filter

from keramos.core.progress import Reporter
from keramos.io import open_labels
from keramos.project.phase_matching import LabelsWithNames
from keramos.project.reporting import ReportOptions, gather
from keramos.project.sample_groups import SampleDesign
from keramos.project.sample_report import gather_samples
from keramos.project.sample_sheet import SheetRow
from keramos.reports import ReportContent
from keramos.settings.reading import ReadOptions

Command = Callable[..., Any]

HOW = ("--voxel-size", 20, 20, 20, "--phases", "void=0,solid=1")


@pytest.fixture(scope="module")
def samples(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Smooth noise above two levels: 30 and 50 % void, by far more than chance."""
    folder, found = tmp_path_factory.mktemp("samples"), []
    for seed, (name, share) in enumerate((("fresh", 0.3), ("aged", 0.5))):
        field = gaussian_filter(np.random.default_rng(seed).standard_normal((64, 96, 96)), 2.0, mode="wrap")
        found.append(folder / f"{name}.tif")
        tifffile.imwrite(found[-1], (field > np.quantile(field, share)).astype(np.uint8))
    return found[0], found[1]


def design(folder: Path, *names: str) -> SampleDesign:
    return SampleDesign(tuple(SheetRow(folder / name) for name in names))


def seen(page: Path) -> str:
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]*>", " ", page.read_text(encoding="utf-8"))))


def test_two_samples_stand_side_by_side_with_their_difference(
    samples: tuple[Path, Path], keramos: Command, tmp_path: Path
) -> None:
    run = keramos("report", *samples, *HOW, "--out", tmp_path / "two.html", "--json", tmp_path / "two.json")
    assert run.status == 0
    text = seen(tmp_path / "two.html")
    assert "Quantity fresh aged aged − fresh" in text
    assert "a difference of −20.0 points" in text  # of solid
    assert "more than chance" in text
    assert text.count("One slice against the volume") == 2
    numbers = json.loads((tmp_path / "two.json").read_text(encoding="utf-8"))
    fraction = [q for q in numbers["aged"]["quantities"] if (q["name"], q["phase"]) == ("phase fraction", "void")]
    assert fraction[0]["value"] == pytest.approx(0.5, abs=1e-4)


def test_what_was_quantified_before_is_taken(samples: tuple[Path, Path], keramos: Command, tmp_path: Path) -> None:
    for path in samples:
        keramos("quantify", path, *HOW, "--domain", 16, "--out", tmp_path / path.stem)
    content = gather_samples(design(tmp_path, "fresh", "aged"), ReadOptions(), Reporter())
    assert [sample.name for sample in content.samples] == ["fresh", "aged"]
    assert content.samples[0].measurements.find("tortuosity-factor", "void", "z").value > 1
    assert content.samples[0].labels is None


def test_a_segmentation_is_reported_with_what_lies_beside_it(phantom: Path, keramos: Command, tmp_path: Path) -> None:
    out, images = tmp_path / "found.ome.zarr", phantom / "images.ome.zarr"
    assert keramos("segment", images, "--model", "otsu", "--out", out).status == 0
    truth = LabelsWithNames(open_labels(phantom / "truth.ome.zarr"), True)
    now = gather(out, ReportOptions(truth=truth), Reporter())
    assert [comparison.title for comparison in now.comparisons] == ["Against the truth", "One slice against the volume"]
    assert not has_flow(now)
    keramos("quantify", out, "--domain", 16, "--out", tmp_path / "quantities")
    beside = gather(out, ReportOptions(), Reporter())
    assert has_flow(beside)
    (method,) = beside.methods
    assert "noisy-segmentation" in [one.kind for one in method.findings]
    assert beside.measurements is not None
    assert not {*method.findings} & {*beside.measurements.findings}, "the page has each finding once"
    # Quantities of another segmentation are not taken for this one's, unless they are given.
    keramos("segment", images, "--model", "otsu", "--out", out, "--fresh", "--box", "0:4,0:32,0:32")
    assert not has_flow(gather(out, ReportOptions(), Reporter()))
    assert has_flow(gather(out, ReportOptions(quantities=tmp_path / "quantities"), Reporter()))
    assert gather(out, ReportOptions(measure=False), Reporter()).measurements is None


@pytest.mark.parametrize("best_name", ["a", "c"])
def test_the_best_scored_of_several_segmentations_is_measured(
    best_name: str, phantom: Path, keramos: Command, tmp_path: Path
) -> None:
    """Wherever it stands among them; the other has no solid at all."""
    truth = open_labels(phantom / "truth.ome.zarr")
    segment = ("segment", phantom / "images.ome.zarr", "--model", "otsu", "--out")
    best, worse = tmp_path / f"{best_name}.ome.zarr", tmp_path / "b.ome.zarr"
    assert keramos(*segment, best).status == 0
    assert keramos(*segment, worse, "--remove-specks", truth.read().size).status == 0
    content = gather(tmp_path, ReportOptions(truth=LabelsWithNames(truth, True)), Reporter())
    codes, others = open_labels(best).read(), open_labels(worse).read()
    assert np.mean(codes == truth.read()) > np.mean(others == truth.read()) + 0.2
    assert content.measured == f"otsu ({best.name})"
    assert content.measurements is not None
    assert content.measurements.find("phase-fraction", "solid").value == pytest.approx(np.mean(codes == 1))


def has_flow(content: ReportContent) -> bool:
    found = content.measurements
    return found is not None and any(row.id == "tortuosity-factor" for row in found.quantities)


def test_two_segmentations_of_the_same_images_are_no_independent_samples(
    phantom: Path, keramos: Command, tmp_path: Path
) -> None:
    for name, box in (("a", ()), ("b", ("--box", "0:6,0:64,0:64"))):
        out = tmp_path / f"{name}.ome.zarr"
        keramos("segment", phantom / "images.ome.zarr", "--model", "otsu", "--out", out, *box)
    assert gather_samples(design(tmp_path, "a.ome.zarr", "b.ome.zarr"), ReadOptions(), Reporter()).same_volume


@pytest.mark.parametrize(
    ("runs", "more", "said"),
    [
        (("fresh", "fresh"), (), "at least two different ones"),
        (("fresh", "missing"), (), "found nothing at"),
        (("fresh", "aged"), ("--leave-out", 3), "expected one run with images"),
    ],
)
def test_what_makes_no_sense_is_refused(
    runs: tuple[str, str],
    more: tuple[Any, ...],
    said: str,
    samples: tuple[Path, Path],
    keramos: Command,
    tmp_path: Path,
) -> None:
    files = [samples[0].with_name(f"{name}.tif") for name in runs]
    run = keramos("report", *files, *HOW, *more, "--out", tmp_path / "x.html")
    assert run.status == 2
    assert said in " ".join(run.lines)
    assert not (tmp_path / "x.html").exists()
