"""The proposal: slices in any order, each with its model, kept over restarts and made anew for other phases."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from keramos.core import NOT_ANNOTATED, PhaseTable, Volume
from keramos.project.assist import Proposals
from keramos.project.assist.proposals import LOG

TABLE = PhaseTable.from_names(["void", "solid"])
VOLUME = Volume.from_array(np.zeros((20, 30, 40), np.uint8), (10, 10, 10))


def test_what_was_proposed_is_there_after_a_restart_and_the_nearest_slices_are_next(tmp_path: Path) -> None:
    path = tmp_path / "proposal.ome.zarr"
    proposals = Proposals(path, VOLUME, TABLE)
    plane = np.ones((30, 40), np.uint8)
    for z in (9, 10, 3):
        proposals.write(z, plane, plane * z, model=2)
    with (path / LOG).open("a") as log:
        log.write('\n{"z": 4, "mo')
    again = Proposals(path, VOLUME, TABLE)
    assert again.count(2) == 3
    assert again.maker_of(4) is None
    assert list(again.missing(2, 9))[:4] == [8, 7, 11, 6]
    labels = again.open()
    assert labels.phases == TABLE
    assert labels.voxel_size == VOLUME.voxel_size
    assert [z for z in range(20) if (labels.read()[z] == 1).all()] == [3, 9, 10]
    assert (labels.read()[4] == NOT_ANNOTATED).all()
    assert (again.unsure(9) == 9).all()


def test_another_table_of_phases_begins_a_new_proposal(tmp_path: Path) -> None:
    path = tmp_path / "proposal.ome.zarr"
    Proposals(path, VOLUME, TABLE).write(0, np.ones((30, 40), np.uint8), np.zeros((30, 40), np.uint8), model=1)
    other = Proposals(path, VOLUME, PhaseTable.from_names(["pore", "metal", "oxide"]))
    assert other.maker_of(0) is None
    assert (other.codes(0) == NOT_ANNOTATED).all()
