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
    run = keramos("report", tmp_path / "fresh", tmp_path / "aged", "--out", tmp_path / "two.html")
    assert run.status == 0
    assert "measure the volume" not in run.out
    text = seen(tmp_path / "two.html")
    assert "tortuosity factor void, along z" in text
    assert "Numbers only" in text


def test_a_segmentation_is_reported_with_what_lies_beside_it(phantom: Path, keramos: Command, tmp_path: Path) -> None:
    out = tmp_path / "found.ome.zarr"
    assert keramos("segment", phantom / "images.ome.zarr", "--model", "otsu", "--out", out).status == 0
    keramos("report", out, "--truth", phantom / "truth.ome.zarr", "--out", tmp_path / "now.html")
    assert "Against the truth" in seen(tmp_path / "now.html")
    assert "tortuosity, thickness and necks were not measured" in seen(tmp_path / "now.html")
    keramos("quantify", out, "--domain", 16, "--out", tmp_path / "quantities")
    keramos("report", out, "--out", tmp_path / "kept.html")
    assert "tortuosity factor How much crooked" in seen(tmp_path / "kept.html")
    # Quantities of another segmentation are not taken for this one's.
    keramos(
        "segment", phantom / "images.ome.zarr", "--model", "otsu", "--out", out, "--fresh", "--box", "0:4,0:32,0:32"
    )
    keramos("report", out, "--out", tmp_path / "other.html")
    assert "tortuosity, thickness and necks were not measured" in seen(tmp_path / "other.html")
    keramos("report", out, "--no-quantify", "--out", tmp_path / "none.html")
    assert "Microstructure" not in seen(tmp_path / "none.html")


@pytest.mark.parametrize(
    ("runs", "more", "said"),
    [
        (("fresh", "fresh"), (), "at least two different ones"),
        (("fresh", "missing"), (), "found nothing at"),
        (("fresh", "aged"), ("--leave-out", 3), "expected one run with images"),
    ],
)
def test_what_makes_no_sense_is_refused(
    runs: tuple[str, str], more: tuple[Any, ...], said: str, samples: tuple[Path, Path], keramos: Command,
    tmp_path: Path,
) -> None:  # fmt: skip
    files = [samples[0].with_name(f"{name}.tif") for name in runs]
    run = keramos("report", *files, *HOW, *more, "--out", tmp_path / "x.html")
    assert run.status == 2
    assert said in " ".join(run.lines)
    assert not (tmp_path / "x.html").exists()
