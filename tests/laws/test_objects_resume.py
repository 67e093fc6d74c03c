"""Objects of a run that was killed at any stage and started again are those of one that was not, and no stage that was
done is done again."""

from __future__ import annotations

import shutil
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from doubles import Dies, Killed, Notes

import keramos
from keramos.blocks import FoldCheckpoint, Plan, lock_output
from keramos.core import LabelVolume, PhaseTable, Volume, VoxelSize
from keramos.core.errors import OutputInUseError, StorageError
from keramos.core.options import Declared, list_options
from keramos.core.progress import Progress, Reporter
from keramos.measurements import Stages
from keramos.measurements.separation import passes
from keramos.measurements.separation import separate as separating
from keramos.project.verbs import quantify as quantifying
from keramos.settings.quantify import MeasurementOptions

SIZE = VoxelSize(20, 26.4, 20.8)
OPTIONS: dict[str, Any] = {"objects": "solid", "transport": False, "memory": 2**21, "neck_depth": 30.0}
STAGES = ["climb", "join", "measure", "ids"]
BLOCKS = 6


class Counts(Notes):
    """Remembers how many blocks each task was told to have done."""

    def __init__(self) -> None:
        super().__init__()
        self.done: dict[str, int] = {}

    def progress(self, task: str, unit: str = "block") -> Progress:  # noqa: ARG002
        def count(*_: int) -> None:
            stage = task.split()[0] if not task.endswith(("volume", "voxels")) else task
            self.done[stage] = self.done.get(stage, 0) + 1

        return count


@pytest.fixture(scope="module")
def labels() -> LabelVolume:
    z, y, x = np.indices((96, 30, 32))
    waves = np.sin(z / 2.7) + np.sin(y / 3.1) + np.sin(x / 2.9 + 0.2 * np.sin(z))
    codes = (waves > 0.6).astype(np.uint8)
    codes[80:, 25:, :4] = 255
    return LabelVolume.from_array(codes, PhaseTable.from_names(["void", "solid"]), SIZE)


@pytest.fixture(autouse=True)
def each_block_is_saved(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(quantifying, "Stages", lambda *given: Stages(*given, every_s=0.0))


def measure(labels: LabelVolume, folder: Path, reporter: Reporter, **options: Any) -> dict[str, bytes]:
    """The bytes of all that a run writes, by the files' names."""
    paths = {"table": folder / "grains.csv", "object_ids": folder / "grains.ome.zarr", "network": folder / "net.csv"}
    paths = {name: path for name, path in paths.items() if name != "object_ids" or "instances" not in options}
    keramos.quantify(labels, out=folder / "q", **paths, **{**OPTIONS, **options}, reporter=reporter)
    assert not list(folder.glob("**/*unfinished*"))
    files = [file for file in sorted(folder.rglob("*")) if file.is_file() and file.suffix != ".lock"]
    return {str(file.relative_to(folder)): file.read_bytes() for file in files}


def die(*_: object, **__: object) -> None:
    raise Killed


@pytest.fixture(scope="module")
def whole(labels: LabelVolume, tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    counts = Counts()
    found = measure(labels, tmp_path_factory.mktemp("whole"), counts)
    assert [counts.done[stage] for stage in STAGES[:3]] == [BLOCKS] * 3, counts.done
    assert len(found["grains.csv"].splitlines()) > 20
    return found


@pytest.mark.parametrize("stage", STAGES)
def test_a_run_that_was_killed_goes_on_with_the_stage_it_was_in(
    stage: str, labels: LabelVolume, whole: dict[str, bytes], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    objects = len(whole["grains.csv"].splitlines()) - 1
    with monkeypatch.context() as patched:
        if stage == "ids":
            patched.setattr(passes, "create_object_ids", die)
        with pytest.raises(Killed):
            measure(labels, tmp_path, Dies(4, f"measure {objects} objects" if stage == "measure" else stage))
    counts = Counts()
    assert measure(labels, tmp_path, counts) == whole
    # Of the stage the fourth block was done, but not yet saved.
    expected = {"climb": (3, 6, 6), "join": (0, 3, 6), "ids": (0, 0, 6), "measure": (0, 0, 3)}[stage]
    assert tuple(counts.done.get(name, 0) for name in STAGES[:3]) == expected


def test_a_run_that_was_killed_before_its_table_was_written_only_writes_it(
    labels: LabelVolume, whole: dict[str, bytes], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whether or not it was time to save the stages: their ends always are."""
    monkeypatch.setattr(quantifying, "Stages", Stages)
    with monkeypatch.context() as patched:
        patched.setattr(quantifying, "_write_tables", die)
        with pytest.raises(Killed):
            measure(labels, tmp_path, Reporter())
    assert (tmp_path / "grains.ome.zarr").is_dir()
    counts = Counts()
    assert measure(labels, tmp_path, counts) == whole
    assert not set(counts.done) & set(STAGES)


@pytest.mark.parametrize("last", ["write_table", "write_network"])
def test_a_run_that_was_killed_while_it_wrote_its_tables_is_not_refused(
    last: str, labels: LabelVolume, whole: dict[str, bytes], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(quantifying, last, die)
        with pytest.raises(Killed):
            measure(labels, tmp_path, Reporter())
    counts = Counts()
    assert measure(labels, tmp_path, counts) == whole
    assert not set(counts.done) & set(STAGES)


def test_a_run_that_completes_removes_what_killed_ones_with_other_options_left(
    labels: LabelVolume, tmp_path: Path
) -> None:
    """Stages of objects without objects, and those beside a table with a folder of quantities."""
    out, table = tmp_path / "q", tmp_path / "o.csv"
    with pytest.raises(Killed):
        keramos.quantify(labels, out=out, **OPTIONS, reporter=Dies(4, "join"))
    with pytest.raises(Killed):
        keramos.quantify(labels, table=table, **OPTIONS, reporter=Dies(4, "join"))
    (other := tmp_path / "n.csv.unfinished").mkdir()
    (other / "thesis.txt").write_text("mine")
    assert (out / "objects.unfinished").is_dir()
    assert (tmp_path / "o.csv.unfinished").is_dir()
    keramos.quantify(labels, out=out, transport=False)
    assert not list(out.glob("*.unfinished"))
    with pytest.raises(StorageError, match="already there"):
        keramos.quantify(labels, out=out, transport=False)
    keramos.quantify(labels, out=tmp_path / "r", table=table, network=tmp_path / "n.csv", **OPTIONS)
    assert list(tmp_path.glob("*.unfinished")) == [other], "a folder of anyone's stays"


@pytest.mark.parametrize("name", ["object_ids", "table", "network", "out"])
def test_each_output_is_of_one_run_at_a_time(name: str, labels: LabelVolume, tmp_path: Path) -> None:
    """It is refused before any work, and nothing that is there is removed."""
    ids = tmp_path / "ids.ome.zarr"
    keramos.quantify(labels, object_ids=ids, **OPTIONS)
    before = contents(ids)
    given: dict[str, Any] = {"object_ids": ids, "table": tmp_path / "o.csv", "network": tmp_path / "n.csv"}
    given["out"] = tmp_path / "q"
    held = given["out"] / "quantify.unfinished" if name == "out" else given[name]
    counts = Counts()
    with lock_output(held), pytest.raises(OutputInUseError, match=f"another run is writing to {given[name]};"):
        keramos.quantify(labels, **given, **OPTIONS, fresh=True, reporter=counts)
    assert not counts.done
    assert contents(ids) == before


def test_another_input_starts_over_and_an_earlier_volume_of_objects_stays(
    labels: LabelVolume, whole: dict[str, bytes], tmp_path: Path
) -> None:
    codes = labels.read().copy()
    codes[20, 20, 20] = 1 - codes[20, 20, 20]
    other = LabelVolume.from_array(codes, labels.phases, SIZE)
    with pytest.raises(Killed):
        measure(other, tmp_path, Dies(5, "join"))
    reporter = Counts()
    assert measure(labels, tmp_path, reporter) == whole
    assert reporter.done["climb"] == reporter.done["join"] == BLOCKS
    assert any("labels differs from the earlier run; starting over" in note for note in reporter.notes)


def test_a_volume_of_objects_of_a_killed_run_with_another_option_is_not_taken_for_that_of_this_one(
    labels: LabelVolume, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(quantifying, "_write_tables", die)
        with pytest.raises(Killed):
            measure(labels, tmp_path, Reporter())
    (tmp_path / "q" / "quantities.json").unlink()
    with pytest.raises(StorageError, match=r"grains\.ome\.zarr is already there"):
        measure(labels, tmp_path, Reporter(), neck_depth=200.0)


@pytest.fixture
def others(labels: LabelVolume, tmp_path: Path) -> tuple[Path, dict[str, bytes]]:
    """The objects of other labels, and the bytes of their volume."""
    other = LabelVolume.from_array(labels.read()[::-1].copy(), labels.phases, SIZE)
    path = tmp_path / "others.ome.zarr"
    keramos.quantify(other, out=tmp_path / "others", object_ids=path, **OPTIONS)
    return path, contents(path)


def contents(folder: Path) -> dict[str, bytes]:
    return {str(file.relative_to(folder)): file.read_bytes() for file in folder.rglob("*") if file.is_file()}


@pytest.mark.parametrize("first", ["no volume", "another path"])
def test_a_volume_of_other_objects_is_neither_replaced_nor_taken_for_that_of_a_killed_run(
    first: str,
    labels: LabelVolume,
    others: tuple[Path, dict[str, bytes]],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    path, before = others
    given: dict[str, Any] = {"out": tmp_path / "q", **OPTIONS}
    own = {"object_ids": tmp_path / "own.ome.zarr"} if first == "another path" else {}
    with monkeypatch.context() as patched:
        patched.setattr(quantifying, "_write_tables", die)
        with pytest.raises(Killed):
            keramos.quantify(labels, **given, **own)
    with pytest.raises(StorageError, match=r"others\.ome\.zarr is already there"):
        keramos.quantify(labels, **given, object_ids=path)
    assert contents(path) == before
    keramos.quantify(labels, **given, object_ids=path, fresh=True)
    written = contents(path)
    keramos.quantify(labels, out=tmp_path / "whole", object_ids=tmp_path / "w" / path.name, **OPTIONS)
    assert written == contents(tmp_path / "w" / path.name)


def test_a_volume_of_objects_that_another_run_has_replaced_since_is_refused(
    labels: LabelVolume, others: tuple[Path, dict[str, bytes]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = tmp_path / "own.ome.zarr"
    with monkeypatch.context() as patched:
        patched.setattr(quantifying, "_write_tables", die)
        with pytest.raises(Killed):
            keramos.quantify(labels, out=tmp_path / "q", object_ids=own, **OPTIONS)
    shutil.rmtree(own)
    others[0].rename(own)
    with pytest.raises(StorageError, match=r"own\.ome\.zarr is already there"):
        keramos.quantify(labels, out=tmp_path / "q", object_ids=own, **OPTIONS)
    assert contents(own) == others[1]


@pytest.mark.parametrize("same", [True, False], ids=["same labels", "other labels"])
def test_a_killed_run_goes_on_in_its_blocks_on_the_same_labels_only(
    same: bool, labels: LabelVolume, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    given: dict[str, Any] = {"out": tmp_path / "q", "transport": False}
    first = labels if same else LabelVolume.from_array(labels.read()[::-1].copy(), labels.phases, SIZE)
    with monkeypatch.context() as patched:
        patched.setattr(quantifying, "FoldCheckpoint", partial(FoldCheckpoint, every_s=0.0))
        with pytest.raises(Killed):
            keramos.quantify(first, **given, memory=2**21, reporter=Dies(2, "measure the volume"))
    assert (tmp_path / "q" / "quantify.unfinished").is_file()
    counts = Counts()
    keramos.quantify(labels, **given, memory=2**26, reporter=counts)
    assert counts.done["measure the volume"] == (5 if same else 1)
    assert bool([note for note in counts.notes if "cannot resume" in note and "labels" in note]) != same


def test_given_objects_resume_too(labels: LabelVolume, tmp_path: Path) -> None:
    numbers = Volume.from_array((np.indices(labels.shape).sum(axis=0) // 9 + 1).astype(np.uint16), SIZE)
    given: dict[str, Any] = {"instances": numbers, "neck_depth": None}
    whole = measure(labels, tmp_path / "whole", Reporter(), **given)
    objects = len(whole["grains.csv"].splitlines()) - 1
    for number, (task, expected) in enumerate({"find the given": (3, 6), f"measure {objects} objects": (0, 3)}.items()):
        with pytest.raises(Killed):
            measure(labels, tmp_path / str(number), Dies(4, task), **given)
        counts = Counts()
        assert measure(labels, tmp_path / str(number), counts, **given) == whole
        assert tuple(counts.done.get(name, 0) for name in ("find", "measure")) == expected


def killed_at_the_end(labels: LabelVolume, folder: Path, monkeypatch: pytest.MonkeyPatch, **options: Any) -> None:
    """A run whose stages are all done, and whose tables are not written."""
    with monkeypatch.context() as patched:
        patched.setattr(quantifying, "_write_tables", die)
        with pytest.raises(Killed):
            keramos.quantify(labels, out=folder / "q", **{**OPTIONS, **options})


def test_other_given_objects_start_over(labels: LabelVolume, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sums = np.indices(labels.shape).sum(axis=0)
    first, second = (Volume.from_array((sums // n + 1).astype(np.uint16), SIZE) for n in (9, 15))
    given: dict[str, Any] = {"instances": second, "neck_depth": None}
    network = tmp_path / "again" / "net.csv"
    killed_at_the_end(labels, tmp_path / "again", monkeypatch, instances=first, neck_depth=None, network=network)
    counts = Counts()
    assert measure(labels, tmp_path / "again", counts, **given) == measure(labels, tmp_path / "w", Reporter(), **given)
    assert any("instances differs from the earlier run" in note for note in counts.notes)


def test_a_network_that_the_killed_run_did_not_measure_starts_over(
    labels: LabelVolume, whole: dict[str, bytes], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    killed_at_the_end(labels, tmp_path, monkeypatch, table=tmp_path / "grains.csv")
    assert measure(labels, tmp_path, Reporter()) == whole


def test_other_blocks_start_over(
    labels: LabelVolume, whole: dict[str, bytes], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    killed_at_the_end(labels, tmp_path, monkeypatch, network=tmp_path / "net.csv")
    counts = Counts()
    found = measure(labels, tmp_path, counts, memory=2**26)
    assert {name: found[name] for name in ("grains.csv", "net.csv")} == {
        name: whole[name] for name in ("grains.csv", "net.csv")
    }
    assert counts.done["climb"] == 1
    assert any("blocks (memory, workers) differs" in note for note in counts.notes)


def test_stages_in_other_blocks_are_removed_with_all_that_goes_with_each_voxel(tmp_path: Path) -> None:
    few, many = Plan((8, 4, 4), (4, 4, 4)), Plan((8, 4, 4), (2, 4, 4))
    for plan, is_kept in ((few, True), (many, False)):
        stages = Stages(tmp_path / "kept", {"labels": "a"})
        stages.begin("climb", few)
        stages.fold("climb", few, lambda: 0, lambda block: block.index, lambda value, _, part: value + part)
        assert stages.once("objects", lambda: 1, few) == 1
        (beside := stages.folder / "basins").touch()
        assert stages.once("objects", lambda: 2, plan) == (1 if is_kept else 2), "made of stages in other blocks"
        Stages(stages.folder, {"labels": "a"}).begin("climb", plan)
        assert beside.exists() == is_kept


@pytest.mark.parametrize("task", ["climb", "measure"])
def test_a_pass_that_fails_keeps_what_it_has_added(
    task: str, labels: LabelVolume, whole: dict[str, bytes], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Unless it fails while it adds a block: half of that may be added."""
    module, name = (separating, "_find_basins") if task == "climb" else (passes, "_add_throats")
    calls, real = iter(range(99)), getattr(module, name)

    def fail(*given: Any) -> Any:
        if next(calls) == 4:
            raise StorageError("the store is gone")
        return real(*given)

    monkeypatch.setattr(quantifying, "Stages", Stages)
    with monkeypatch.context() as patched:
        patched.setattr(module, name, fail)
        with pytest.raises(StorageError, match="the store is gone"):
            measure(labels, tmp_path, Reporter(), threads=1)
    counts = Counts()
    assert measure(labels, tmp_path, counts, threads=1) == whole
    assert counts.done.get("climb", 0) == (2 if task == "climb" else 0)
    assert counts.done["measure"] == BLOCKS


def other_value(row: Declared, value: Any) -> Any:
    known: dict[str, Any] = {"objects": "void", "neck_depth": 90.0, "phase": ("solid",), "connectivity": 26}
    known |= {"conductivity": {"solid": 1.0}, "electrodes": {"solid": "z0"}, "subvolumes": 3}
    known |= {"scheduler": "tcp://host:1"}
    if row.name in known:
        return known[row.name]
    return not value if isinstance(value, bool) else value * 2


@pytest.mark.parametrize("row", list_options(MeasurementOptions), ids=lambda row: row.name)
def test_stages_of_another_option_that_decides_the_result_are_not_used(row: Declared, tmp_path: Path) -> None:
    """Without running: what a folder holds is of this run, or is not."""
    settings = replace(MeasurementOptions(objects="solid"), seed=3)
    other = replace(settings, **{row.field: other_value(row, getattr(settings, row.field))})
    kept = Stages(tmp_path / "kept", settings.identity())
    kept.once("climb", lambda: 1)
    assert Stages(tmp_path / "kept", settings.identity()).find("climb") == 1
    assert Stages(tmp_path / "kept", other.identity()).find("climb") == (None if row.about.affects_result else 1)
    assert Stages(tmp_path / "kept", settings.identity()).find("climb") == 1, "to look for it removes nothing"
