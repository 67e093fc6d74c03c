"""The recipe of a studio's project makes what the studio showed: with the model in use there."""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np
import pytest

import keramos
from keramos.core import NOT_ANNOTATED, VOID_SOLID, LabelVolume, PhaseTable, Volume, VoxelSize
from keramos.core.errors import SettingsError
from keramos.io import save_volume
from keramos.learning import clock
from keramos.project.assist import Assistant, lessons
from keramos.project.workspace import Workspace, find_model_in_use, open_project, write_phases
from keramos.settings.studio import StudioSettings

SHAPE = (4, 96, 96)


@pytest.fixture
def project(tmp_path: Path) -> tuple[Workspace, Volume]:
    _, y, x = np.indices(SHAPE)
    grey = np.where((y // 24 + x // 24) % 2, 190, 60) + np.random.default_rng(0).normal(0, 8, SHAPE)
    images = Volume.from_array(grey.clip(0, 255).astype(np.uint8), VoxelSize(10, 13.2, 10.4))
    save_volume(tmp_path / "stack.ome.zarr", images)
    return open_project(StudioSettings(stack=str(tmp_path / "stack.ome.zarr"), project=tmp_path / "project"))


def test_the_recipe_segments_with_the_model_in_use(
    project: tuple[Workspace, Volume], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in {"_LEAST_TRAINING_S": 0.3, "CROP": 48, "BATCH": 2}.items():
        monkeypatch.setattr(lessons, name, value)
    monkeypatch.setattr(clock, "now", time.process_time)
    workspace, images = project
    beside = Assistant(images, VOID_SOLID, workspace.models, workspace.proposal, device="cpu")
    drawn = np.full(SHAPE, NOT_ANNOTATED, np.uint8)
    drawn[1] = images.read()[1] < 125  # the other way round than the bundled weights have it
    for _ in range(2):
        assert beside.learn(LabelVolume.from_array(drawn, VOID_SOLID, images.voxel_size), seconds=0.3) is not None
    beside.use(1)
    beside.propose_all(0)
    steps = keramos.run(workspace.recipe)
    assert [step.name for step in steps] == ["segment", "quantify", "report"]
    segmentation = keramos.open_labels(workspace.runs / "recipe" / "segmentation.ome.zarr")
    shown = beside.proposals.open().read()
    assert 0.05 < shown.mean() < 0.95
    assert (segmentation.read() == shown).mean() > 0.999
    assert "0001.keramos" in str([step for step in segmentation.provenance.steps if step.verb == "segment"])
    assert (workspace.runs / "recipe" / "report.html").is_file()
    assert {step.state for step in keramos.run(workspace.recipe)} == {"up to date"}
    beside.use(2)
    assert keramos.run(workspace.recipe, dry_run=True)[0].state == "changed"


def test_before_anything_is_learnt_the_bundled_weights_are_used_if_they_know_the_phases(
    project: tuple[Workspace, Volume],
) -> None:
    workspace = project[0]
    assert find_model_in_use(workspace) == "porous-solid"
    write_phases(workspace.phases, PhaseTable.from_names(["pore", "nickel", "ysz"]))
    with pytest.raises(SettingsError, match="for the phases pore, nickel, ysz, found none in use"):
        keramos.run(workspace.recipe)
