"""Law: a run is resumed with any option changed that affects no result, and with none that does.

All options of each verb are tried, read from its settings: one that is added is tried by itself, and needs another
value below if none can be derived. Memory and workers may change the plan of blocks, which is tried in tests/blocks.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from doubles import Dies, Killed, Notes

import keramos
from keramos.blocks import Block, FoldCheckpoint, Plan, find_differences, fold
from keramos.core import VOID_SOLID, LabelVolume, Volume, VoxelSize
from keramos.core.errors import ResumeError
from keramos.core.options import Declared, Settings, choices, list_options
from keramos.learning import AnnotatedSlice, AnnotatedSlices, TrainSettings
from keramos.learning.resuming import training_identity
from keramos.project.comparison import run as comparison
from keramos.project.comparison.settings import Protocol
from keramos.project.verbs import quantify as quantifying
from keramos.segmenters import load_segmenter, segment_volume
from keramos.settings.quantify import MeasurementOptions
from keramos.settings.segment import SegmentationOptions
from keramos.simulation.settings import PhantomSettings

OTHER: Mapping[str, Any] = {
    "adapts": True,
    "augmentation": "another",
    "backbone": "alexnet",
    "backend": "torch-bf16",
    "batch": 8,
    "budget": 60.0,
    "conductivity": {"void": 1.0, "solid": 2.0},
    "crop": 64,
    "domain": 8,
    "electrodes": {"solid": "z0"},
    "epochs": 2,
    "fill_holes": 5,
    "hand_labels": (1,),
    "hold_out": 0.25,
    "learning_rate": 1e-3,
    "memory": 2**31 + 1,
    "methods": ("otsu",),
    "model": "compact-5",
    "network": {"width": 4},
    "neck_depth": 30.0,
    "objects": "solid",
    "one_slice_share": 0.5,
    "phase": ("solid",),
    "precision": "fp32",
    "preset": "sofc",
    "remove_specks": 5,
    "rev_precision": 0.1,
    "region": {"a": ((0, 8), (0, 8))},
    "scheduler": "tcp://nowhere:1",
    "shape": (3, 24, 24),
    "size": "M",
    "skeleton_recall": True,
    "solid_fraction": 0.4,
    "structure": "spheres",
    "subvolumes": 2,
    "threshold": 0.7,
    "tolerance": 1e-4,
    "voxel_size": VoxelSize(20, 20, 20),
    "width": 4,
}


def rows(settings: type[Settings]) -> list[Any]:
    return [pytest.param(row, id=row.name) for row in list_options(settings)]


def other_value(row: Declared, now: Any) -> Any:
    """Another value than `now` of an option."""
    if isinstance(now, bool):
        return not now
    others = [choice for choice in choices(row.kind) if choice not in (now, None)]
    if others:
        return others[-1]
    if row.name in OTHER:
        return OTHER[row.name]
    if isinstance(now, int | float):
        return now + (1 if row.about.high is None or now + 1 <= row.about.high else -0.25)
    return pytest.fail(f"give another value of {row.name} in OTHER")


def changed(row: Declared, settings: Any) -> Any:
    value = other_value(row, getattr(settings, row.field))
    assert value != getattr(settings, row.field)
    return settings.replace(**{row.field: value})


@pytest.fixture(scope="module")
def images() -> Volume:
    grey = np.random.default_rng(0).integers(0, 255, (3, 64, 64)).astype(np.uint8)
    return Volume.from_array(grey, VoxelSize(20, 26.4, 20.8))


@pytest.mark.parametrize("row", rows(SegmentationOptions))
def test_segment(row: Declared, images: Volume, tmp_path: Path) -> None:
    network, out = load_segmenter("porous-solid", images), tmp_path / "out.ome.zarr"
    settings = SegmentationOptions(backend="torch")
    with pytest.raises(Killed):
        segment_volume(images, network, out, settings=settings, reporter=Dies(1, "segment with"))
    other = changed(row, settings)
    if row.about.affects_result:
        with pytest.raises(ResumeError, match=row.name):
            segment_volume(images, network, out, settings=other)
    else:
        assert segment_volume(images, network, out, settings=other).made == int(row.name == "fresh")


class Recorded(FoldCheckpoint):
    """Saves each block, and remembers what was loaded."""

    loaded: tuple[int, Any] | None

    def save(self, done: int, value: Any) -> None:
        self.every_s = 0.0
        super().save(done, value)

    def load(self, plan: Plan) -> tuple[int, Any] | None:
        Recorded.loaded = super().load(plan)
        return Recorded.loaded


def here(measure: Callable[[Block], Any], blocks: Iterable[Block], **_: object) -> Iterator[tuple[Block, Any]]:
    return ((block, measure(block)) for block in blocks)


@pytest.mark.parametrize("row", rows(MeasurementOptions))
def test_quantify(row: Declared, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(quantifying, "FoldCheckpoint", Recorded)
    monkeypatch.setattr(fold, "on_cluster", here)  # test_shared_folds has a cluster
    monkeypatch.setattr("keramos.measurements.volume.PROCESS_BYTES", 0)
    codes = (np.random.default_rng(0).random((48, 32, 32)) > 0.4).astype(np.uint8)
    labels = LabelVolume.from_array(codes, VOID_SOLID, VoxelSize(20, 20, 20))
    settings = MeasurementOptions(memory=2**21, transport=False, domain=16)  # three blocks
    given = {row.field: getattr(settings, row.field) for row in list_options(MeasurementOptions)}
    given["objects"] = "void" if row.name == "neck_depth" else ""
    with pytest.raises(Killed):
        keramos.quantify(labels, out=tmp_path / "out", **given, reporter=Dies(2, "measure the volume"))
    other = other_value(row, given[row.field]) if row.name != "memory" else 2**21 + 1
    keramos.quantify(labels, out=tmp_path / "out", **{**given, row.field: other}, reporter=(notes := Notes()))
    starts_over = [note for note in notes.notes if note.startswith("cannot resume")]
    assert (Recorded.loaded is None) == bool(starts_over) == row.about.affects_result
    # What is measured in blocks may change with an option, which is then said beside it.
    said = (f": {row.name} differs from", f": {row.name} and measurements differ from")
    assert not starts_over or any(words in starts_over[0] for words in said)


@pytest.mark.parametrize("row", rows(TrainSettings))
def test_train(row: Declared, tmp_path: Path) -> None:
    pretrained = tmp_path / "vgg16.pth"
    pretrained.write_bytes(b"weights")
    grey, labels = np.zeros((64, 64), np.uint8), np.zeros((64, 64), np.uint8)
    data = AnnotatedSlices((AnnotatedSlice(grey, labels, "a.tif", 0),), VOID_SOLID, VoxelSize(20, 20, 20))
    settings = TrainSettings(**({"model": "compact-7"} if row.name == "one_slice_share" else {}))
    other = settings.replace(pretrained=str(pretrained)) if row.name == "pretrained" else changed(row, settings)
    identities = [training_identity(data, given, "cpu", None) for given in (settings, other)]
    assert find_differences(*identities) == ((row.name,) if row.about.affects_result else ())
    pretrained.write_bytes(b"other weights")
    again = training_identity(data, other, "cpu", None)
    assert (again == identities[1]) == (row.name != "pretrained"), "weights count by their content"


@pytest.mark.parametrize("row", rows(Protocol))
def test_compare(row: Declared, tmp_path: Path) -> None:
    pretrained = tmp_path / "vgg16.pth"
    pretrained.write_bytes(b"weights")
    slices = SimpleNamespace(sha256=lambda: "a", phases=VOID_SOLID)
    slices.with_planes = lambda _: slices
    data: Any = SimpleNamespace(train=slices, test=slices, stack=None, voxel_size=VoxelSize(20, 20, 20))
    settings = Protocol()
    out = tmp_path / "out"
    out.mkdir()
    comparison._open_or_resume(out, data, settings, False)
    other = settings.replace(pretrained=str(pretrained)) if row.name == "pretrained" else changed(row, settings)
    if row.about.affects_result and row.name not in comparison._ADDED_LATER:
        with pytest.raises(ResumeError, match=row.name):
            comparison._open_or_resume(out, data, other, False)
    else:
        comparison._open_or_resume(out, data, other, False)


def test_compare_leaves_out_only_options_that_there_are() -> None:
    assert set(comparison._ADDED_LATER) <= {row.name for row in list_options(Protocol)}


@pytest.mark.parametrize("row", rows(PhantomSettings))
def test_phantom(row: Declared, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if row.name == "defects":
        pytest.skip("Keramos brings none; tests/simulation registers one")
    settings = PhantomSettings(shape=(2, 24, 24))
    given = {name.field: getattr(settings, name.field) for name in list_options(PhantomSettings)}
    keramos.phantom(tmp_path, **given)
    other = {**given, row.field: other_value(row, given[row.field])}
    notes = Notes()

    def again() -> None:
        keramos.phantom(tmp_path, **other, reporter=notes)

    refuses(again, row.name) if row.about.affects_result else again()
    assert row.about.affects_result or "finished already" in notes.notes[0]


def refuses(again: Callable[[], None], name: str) -> None:
    with pytest.raises(ResumeError, match=name):
        again()
