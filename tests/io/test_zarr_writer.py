from __future__ import annotations

import errno
import pickle

import numpy as np
import pytest
import zarr

from keramos.blocks import Plan
from keramos.core import NOT_ANNOTATED, VOID_SOLID, Box, PhaseTable, Provenance, Step
from keramos.core.errors import MissingFileError, SettingsError, ShapeError, StorageError
from keramos.io import (
    create_image,
    create_labels,
    create_scores,
    create_uncertainty,
    describe,
    open_labels,
    open_scores,
    open_uncertainty,
    open_volume,
    remove_store,
)


def image_writer(path, shape=(20, 40, 50), **options):
    return create_image(path, shape, np.uint8, voxel_size=None, chunks=(8, 16, 16), **options)


def test_only_whole_chunks_are_written(tmp_path):
    writer = image_writer(tmp_path / "a.zarr")
    writer.write(Box((8, 16, 32), (20, 40, 50)), np.full((12, 24, 18), 5, np.uint8))
    for box in (Box((0, 0, 0), (4, 16, 16)), Box((8, 16, 16), (16, 32, 30)), Box((1, 0, 0), (8, 16, 16))):
        with pytest.raises(SettingsError, match=r"whole chunks of \(8, 16, 16\)"):
            writer.write(box, np.zeros(box.shape, np.uint8))
    with pytest.raises(ShapeError, match="expected pixels of shape"):
        writer.write(Box((0, 0, 0), (8, 16, 16)), np.zeros((8, 16, 15), np.uint8))
    with pytest.raises(ShapeError, match="inside"):
        writer.write(Box((0, 0, 0), (24, 16, 16)), np.zeros((24, 16, 16), np.uint8))
    with pytest.raises(SettingsError, match=r"expected uint8 pixels .* found float64"):
        writer.write(Box((0, 0, 0), (8, 16, 16)), np.zeros((8, 16, 16)))
    assert open_volume(tmp_path / "a.zarr").read().sum() == 5 * 12 * 24 * 18


def test_chunks_shrink_to_a_small_volume(tmp_path):
    writer = create_image(tmp_path / "a.zarr", (1, 30, 300), np.uint16, voxel_size=None)
    assert writer.chunks == (1, 30, 256)


def test_a_pickled_writer_goes_on(tmp_path):
    writer = image_writer(tmp_path / "a.zarr")
    pixels = np.arange(20 * 40 * 50, dtype=np.uint8).reshape(20, 40, 50)
    for block in Plan(writer.shape, writer.chunks):
        pickle.loads(pickle.dumps(writer)).write(block.core, pixels[block.core.slices])
    assert np.array_equal(writer.read(Box.whole(writer.shape)), pixels)


def test_what_is_there_is_not_overwritten(tmp_path):
    image_writer(tmp_path / "a.zarr").write(Box((0, 0, 0), (8, 16, 16)), np.full((8, 16, 16), 9, np.uint8))
    with pytest.raises(StorageError, match=r"a\.zarr is already there; .*--fresh"):
        image_writer(tmp_path / "a.zarr")
    again = image_writer(tmp_path / "a.zarr", reopen=True)
    assert (again.read(Box((0, 0, 0), (8, 16, 16))) == 9).all()
    with pytest.raises(StorageError, match=r"expected shape \(21, 40, 50\) .* found \(20, 40, 50\)"):
        image_writer(tmp_path / "a.zarr", (21, 40, 50), reopen=True)


def test_reopening_with_other_phases_is_refused(tmp_path, edges):
    def labels(phases, size=edges):
        return create_labels(tmp_path / "l.zarr", (4, 5, 6), phases=phases, voxel_size=size, reopen=True)

    labels(VOID_SOLID)
    labels(VOID_SOLID)
    with pytest.raises(StorageError, match="expected phases"):
        labels(PhaseTable.from_names(["void", "solid"], "void"))
    with pytest.raises(StorageError, match="expected voxel_size_nm"):
        labels(VOID_SOLID, None)


def test_labels_never_written_are_not_annotated(tmp_path):
    writer = create_labels(tmp_path / "l.zarr", (4, 300, 10), phases=VOID_SOLID, voxel_size=None)
    writer.write(Box((0, 256, 0), (4, 300, 10)), np.ones((4, 44, 10), np.uint8))
    writer.finish()
    codes = open_labels(tmp_path / "l.zarr").read()
    assert (codes[:, :256] == NOT_ANNOTATED).all()
    assert (codes[:, 256:] == 1).all()


def test_labels_are_stored_once(tmp_path):
    writer = create_labels(tmp_path / "l.zarr", (4, 300, 300), phases=VOID_SOLID, voxel_size=None, name="mine")
    writer.finish()
    found = sorted(p.parent.relative_to(tmp_path / "l.zarr").as_posix() for p in tmp_path.rglob("zarr.json"))
    assert found == [".", "labels", "labels/mine", "labels/mine/0", "labels/mine/1"]


def test_a_full_disk_is_one_sentence(tmp_path, monkeypatch):
    writer = image_writer(tmp_path / "a.zarr")

    def full(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(zarr.Array, "__setitem__", full)
    with pytest.raises(StorageError, match=r"expected to write .*a\.zarr, found: No space left on device; free space"):
        writer.write(Box((0, 0, 0), (8, 16, 16)), np.zeros((8, 16, 16), np.uint8))


def test_only_stores_are_removed(tmp_path):
    image_writer(tmp_path / "a.zarr")
    remove_store(tmp_path / "a.zarr")
    assert not (tmp_path / "a.zarr").exists()
    remove_store(tmp_path / "a.zarr")
    (tmp_path / "thesis").mkdir()
    (tmp_path / "thesis" / "chapter.tex").write_text("x", encoding="utf-8")
    with pytest.raises(StorageError, match="something else than a Zarr store"):
        remove_store(tmp_path / "thesis")
    assert (tmp_path / "thesis" / "chapter.tex").exists()


def test_progress_counts_up_to_its_total(tmp_path):
    writer = create_image(tmp_path / "a.zarr", (4, 700, 600), np.uint8, voxel_size=None)
    seen = []
    writer.finish(lambda done, total: seen.append((done, total)))
    assert seen == [(i + 1, len(seen)) for i in range(len(seen))]
    assert len(seen) > 1


def test_scores_beside_labels(tmp_path, edges):
    store = tmp_path / "l.zarr"
    shape = (3, 300, 290)
    with pytest.raises(StorageError, match="there is no label store"):
        create_scores(store, shape, 2, voxel_size=edges, phases=VOID_SOLID)
    create_labels(store, shape, phases=VOID_SOLID, voxel_size=edges)
    with pytest.raises(MissingFileError, match="--scores"):
        open_scores(store)
    with pytest.raises(SettingsError, match="one score for each of 2 phases, found 3"):
        create_scores(store, shape, 3, voxel_size=edges, phases=VOID_SOLID)
    writer = create_scores(store, shape, 2, voxel_size=edges, phases=VOID_SOLID)
    solid = np.random.default_rng(0).integers(0, 256, shape, dtype=np.uint8)
    scores = np.stack([255 - solid, solid])
    for block in Plan(shape, writer.chunks):
        writer.write(block.core, scores[(slice(None), *block.core.slices)])
    writer.finish()
    reader = open_scores(store)
    assert (reader.shape, reader.classes, reader.voxel_size, reader.phases) == (shape, 2, edges, VOID_SOLID)
    box = Box((1, 250, 3), (3, 280, 290))
    assert np.array_equal(reader.read(box), scores[(slice(None), *box.slices)])
    assert describe(store)["scores"]
    assert describe(store / "scores")["classes"] == 2
    with pytest.raises(StorageError, match="already there"):
        create_scores(store, shape, 2, voxel_size=edges, phases=VOID_SOLID)
    create_scores(store, shape, 2, voxel_size=edges, phases=VOID_SOLID, reopen=True)
    assert np.array_equal(reader.read(box), scores[(slice(None), *box.slices)])


def test_uncertainty_beside_labels(tmp_path, edges):
    store, shape = tmp_path / "l.zarr", (3, 300, 290)
    with pytest.raises(StorageError, match="there is no label store"):
        create_uncertainty(store, shape, voxel_size=edges)
    create_labels(store, shape, phases=VOID_SOLID, voxel_size=edges)
    with pytest.raises(MissingFileError, match="--uncertainty"):
        open_uncertainty(store)
    writer = create_uncertainty(store, shape, voxel_size=edges)
    unsure = np.random.default_rng(0).integers(0, 256, shape, dtype=np.uint8)
    for block in Plan(shape, writer.chunks):
        writer.write(block.core, unsure[block.core.slices])
    writer.finish()
    found = open_uncertainty(store)
    assert found.voxel_size == edges
    assert np.array_equal(found.read(), unsure)
    facts = describe(store)
    assert (facts["kind"], facts["scores"], facts["uncertainty"]) == ("labels", False, True)
    facts = describe(store / "uncertainty")
    assert (facts["kind"], facts["voxel_size_nm"]) == ("uncertainty", [20.0, 26.4, 20.8])
    assert facts["levels"] == [[3, 300, 290], [2, 150, 145]]
    extras = zarr.open_group(store / "uncertainty", mode="r").attrs["keramos"]
    assert "255 where all are equally likely" in extras["meaning"]
    with pytest.raises(StorageError, match="already there"):
        create_uncertainty(store, shape, voxel_size=edges)
    assert np.array_equal(
        create_uncertainty(store, shape, voxel_size=edges, reopen=True).read(Box.whole(shape)), unsure
    )


def test_describe_says_what_is_there(tmp_path, edges):
    provenance = Provenance((Step("segment", {"model": "otsu"}, {"images": "abc"}, {"keramos": "0"}),))
    table = PhaseTable.from_names(["void", "solid"], "void")
    writer = create_labels(tmp_path / "l.zarr", (4, 600, 300), phases=table, voxel_size=edges, provenance=provenance)
    assert describe(tmp_path / "l.zarr")["levels"] == [[4, 600, 300]]
    writer.finish()
    facts = describe(tmp_path / "l.zarr")
    assert facts["kind"] == "labels"
    assert facts["format"] == "OME-Zarr 0.5"
    assert facts["shape"] == [4, 600, 300]
    assert facts["voxel_size_nm"] == [20.0, 26.4, 20.8]
    assert [(p["name"], p["positive"]) for p in facts["phases"]] == [("void", True), ("solid", False)]
    assert facts["provenance"] == provenance.to_json()
    assert facts["levels"] == [[4, 600, 300], [2, 300, 150], [1, 150, 75]]
    assert open_labels(tmp_path / "l.zarr").provenance == provenance


def test_names_with_slashes_are_refused(tmp_path):
    with pytest.raises(SettingsError, match="without slashes"):
        create_labels(tmp_path / "l.zarr", (1, 2, 3), phases=VOID_SOLID, voxel_size=None, name="a/b")
    assert not (tmp_path / "l.zarr").exists()
