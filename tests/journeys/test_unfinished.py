"""A store that a killed run has left half-written is refused by all that read it, and `info` says what it is."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import keramos
from keramos.core.errors import FormatError, ResumeError
from keramos.core.progress import Progress, Reporter
from keramos.io import open_labels, open_regions, open_scores, open_volume, save_labels

OLD = Path(__file__).resolve().parents[1] / "fixtures" / "v01"
FOUR_BLOCKS = [[64, 96, 96], [16, 96, 96], [0, 0, 0], [1, 1, 1]]
READS: dict[str, Callable[[Path, Path, Path], Any]] = {
    "evaluate": lambda store, truth, _: keramos.evaluate(store, truth),
    "evaluate, as truth": lambda store, truth, _: keramos.evaluate(truth, store),
    "quantify": lambda store, _, __: keramos.quantify(store, transport=False),
    "report": lambda store, _, out: keramos.report(store, out / "r.html"),
    "report of several": lambda store, truth, out: keramos.report([store, truth], out / "r.html"),
    "export": lambda store, _, out: keramos.export(store, out / "s.tif"),
    "train": lambda store, truth, out: keramos.train(truth.parent / "images.ome.zarr", store, out=out / "m.keramos"),
    "segment": lambda store, _, out: keramos.segment(store, "otsu", out=out / "o.ome.zarr"),
    "the labels in it": lambda store, _, __: open_labels(store / "labels" / "segmentation"),
    "its scores": lambda store, _, __: open_scores(store),
    "as images": lambda store, _, __: open_volume(store),
}


def cut_end(ledger: Path, plan: list[Any] | None = None) -> None:
    """Leave what a run leaves that is killed before its end, and maybe another plan of blocks."""
    head, *rows = ledger.read_text(encoding="utf-8").splitlines()
    header = json.loads(head)
    if plan is not None:
        header["identity"]["blocks (memory, workers)"] = plan
    kept = [row for row in rows if "finished" not in row]
    assert len(kept) < len(rows)
    ledger.write_text("\n".join([json.dumps(header), *kept]), encoding="utf-8")


@pytest.fixture(scope="module")
def segmented(phantom: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("segmented") / "s.ome.zarr"
    keramos.segment(phantom / "images.ome.zarr", "otsu", out=out)
    shutil.copytree(OLD / "network.ome.zarr" / "scores", out / "scores")
    return out


@pytest.fixture(scope="module")
def killed(segmented: Path) -> Path:
    """A segmentation of which one of four blocks is done."""
    out = segmented.with_name("killed.ome.zarr")
    shutil.copytree(segmented, out)
    cut_end(out / "keramos-ledger.jsonl", FOUR_BLOCKS)
    return out


@pytest.mark.parametrize("read", READS)
def test_a_half_written_segmentation_is_refused(read: str, killed: Path, phantom: Path, tmp_path: Path) -> None:
    wanted = r"is unfinished \(1 of 4 blocks\); give the segment command again to finish it$"
    with pytest.raises(FormatError, match=wanted):
        READS[read](killed, phantom / "truth.ome.zarr", tmp_path)
    assert not list(tmp_path.iterdir())


def test_info_says_so(killed: Path, segmented: Path) -> None:
    heard: list[str] = []

    class Hears(Reporter):
        def finding(self, finding: Any) -> None:
            heard.append(finding.kind)

    facts = keramos.info(killed, reporter=Hears())
    assert (facts["unfinished"]["done"], facts["unfinished"]["blocks"], heard[0]) == (1, 4, "unfinished-store")
    assert keramos.info(segmented)["unfinished"] is None


def test_info_shows_it_in_words(killed: Path, keramos: Callable[..., Any]) -> None:
    told = keramos("info", killed)
    assert "unfinished (1 of 4 blocks)" in told.notes[0]
    assert "unfinished" not in told.out
    assert "is_of_version" not in told.out


def test_the_same_command_finishes_it(segmented: Path, phantom: Path, tmp_path: Path) -> None:
    out = tmp_path / "s.ome.zarr"
    shutil.copytree(segmented, out)
    cut_end(out / "keramos-ledger.jsonl")
    with pytest.raises(FormatError, match=r"all blocks are done, but not what follows them"):
        open_labels(out)
    shutil.rmtree(out / "scores")
    keramos.segment(phantom / "images.ome.zarr", "otsu", out=out)
    assert np.array_equal(open_labels(out).read(), open_labels(segmented).read())


def test_a_half_made_phantom_is_refused_and_what_others_put_beside_it_is_not(phantom: Path, tmp_path: Path) -> None:
    folder = tmp_path / "p"
    shutil.copytree(phantom, folder)
    keramos.segment(folder / "images.ome.zarr", "otsu", out=folder / "s.ome.zarr")
    cut_end(folder / "phantom-ledger.jsonl")
    for name, read in (("images", open_volume), ("truth", open_labels), ("regions", open_regions)):
        with pytest.raises(FormatError, match=r"unfinished \(1 blocks\); give the phantom command again"):
            read(folder / f"{name}.ome.zarr")
    assert open_labels(folder / "s.ome.zarr").shape == (8, 96, 96)


def test_version_01_left_them_too(tmp_path: Path) -> None:
    shutil.copytree(OLD / "labels.ome.zarr", tmp_path / "s.ome.zarr")
    cut_end(tmp_path / "s.ome.zarr" / "keramos-ledger.jsonl")
    with pytest.raises(FormatError, match=r"\(1 blocks\); version 0.1 began it, .* segment again with --fresh"):
        open_labels(tmp_path / "s.ome.zarr")


def test_what_version_01_finished_is_not_called_damaged(tmp_path: Path) -> None:
    shutil.copytree(OLD / "labels.ome.zarr", tmp_path / "s.ome.zarr")
    images, model = OLD / "phantom" / "images.ome.zarr", OLD / "otsu.keramos"
    with pytest.raises(ResumeError, match=r"^version 0.1 of Keramos finished .*: it stays as it is; start over"):
        keramos.segment(images, model, out=tmp_path / "s.ome.zarr")
    keramos.segment(images, model, out=tmp_path / "s.ome.zarr", fresh=True)


def test_a_store_that_is_saved_has_its_name_only_when_it_is_complete(phantom: Path, tmp_path: Path) -> None:
    def stop(done: int, _: int) -> None:
        raise KeyboardInterrupt(done)

    progress: Progress = stop
    with pytest.raises(KeyboardInterrupt):
        save_labels(tmp_path / "a.ome.zarr", open_labels(phantom / "truth.ome.zarr"), progress=progress)
    assert not list(tmp_path.iterdir())
