"""Proofreading in a folder goes from places to corrected labels, and goes on after a restart."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from keramos.annotation.proofreading import load_places
from keramos.annotation.proofreading.corrections import CorrectedSource
from keramos.core import LabelVolume, PhaseTable
from keramos.core.errors import FormatError, MissingFileError, StorageError
from keramos.io import create_uncertainty, open_labels, save_labels
from keramos.project.proofreading import Proofreading

PHASES = PhaseTable.from_names(["void", "solid"])


def refuse(*_: Any) -> None:
    raise StorageError("no space left")


def test_from_places_to_corrected_labels(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    codes = np.zeros((16, 24, 24), np.uint8)
    codes[:, 2:10] = 1
    codes[:, 14:22] = 1
    codes[6:8, 10:14, 5:7] = 1
    unsure = np.zeros(codes.shape, np.uint8)
    unsure[6:8, 10:14, 5:7] = 250
    store = tmp_path / "segmentation.ome.zarr"
    save_labels(store, LabelVolume.from_array(codes, PHASES, (10, 10, 10)))
    writer = create_uncertainty(store, codes.shape, voxel_size=None)
    writer.write(open_labels(store).box, unsure)
    writer.finish()
    proofreading = Proofreading(store, tmp_path / "proofreading")
    with pytest.raises(MissingFileError):
        proofreading.load_places()
    neck = proofreading.find_places()[0]
    assert (neck.kind, neck.doubt) == ("necks", pytest.approx(250 / 255))
    proofreading.open_decisions().decide(neck, "flip")
    again = Proofreading(store, tmp_path / "proofreading")
    assert [place.id for place in again.open_decisions().select_open(again.load_places())] == []
    assert again.remeasure().find("largest-component", "solid").after == pytest.approx(0.5)
    # Another queue is made of the corrected labels; files of an earlier export are replaced.
    assert "necks" not in {place.kind for place in again.find_places()}
    for _ in range(2):
        again.save()
    assert int((open_labels(again.corrected).read() != codes).sum()) == 16
    assert np.unique(open_labels(again.training).read(), return_counts=True)[1].tolist() == [16, codes.size - 16]
    with monkeypatch.context() as patch:
        patch.setattr(LabelVolume, "read", refuse)
        patch.setattr(CorrectedSource, "read", refuse)
        with pytest.raises(StorageError):
            again.save()
    assert int((open_labels(again.corrected).read() != codes).sum()) == 16
    again.places_file.write_text('{"keramos-places": 1, "places": [3]}', "utf-8")
    with pytest.raises(FormatError):
        load_places(again.places_file)
