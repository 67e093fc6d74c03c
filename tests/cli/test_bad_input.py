"""A user's mistake is one line that says what was expected, what was found, where and what to do; exit status 2.

One of each kind of file that cannot be read; all of them are in tests/io.
"""

from __future__ import annotations

import errno
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tifffile
import zarr
from PIL import Image

from keramos.networks import save_checkpoint

Command = Callable[..., Any]
VOXEL = ("--voxel-size", 20, 26.4, 20.8)


@pytest.fixture
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder to work in, with a good pair of one slice in it."""
    monkeypatch.chdir(tmp_path)
    rng = np.random.default_rng(0)
    codes = (rng.random((64, 64)) < 0.6).astype(np.uint8)
    grey = (60 + 80 * codes + rng.integers(0, 20, codes.shape)).astype(np.uint8)
    tifffile.imwrite("image.tif", grey)
    tifffile.imwrite("labels.tif", codes)
    return tmp_path


TRAIN = ("train", "--images", "image.tif", "--labels", "labels.tif", *VOXEL, "--out", "m.keramos")


def otsu_of(path: str) -> tuple[object, ...]:
    return ("segment", path, "--model", "otsu", "--out", "out.ome.zarr")


def truncated(files: Path) -> None:
    tifffile.imwrite("whole.tif", np.zeros((4, 64, 64), np.uint8))
    (files / "bad.tif").write_bytes((files / "whole.tif").read_bytes()[:9000])


def with_nan(files: Path) -> None:
    grey = np.ones((2, 20, 20), np.float32)
    grey[1, 3, 4] = np.nan
    tifffile.imwrite(files / "nan.tif", grey)


def empty_folder(files: Path) -> None:
    (files / "empty").mkdir()


def binary_labels(files: Path) -> None:
    codes = np.random.default_rng(0).integers(0, 2, (64, 64)).astype(np.uint8)
    tifffile.imwrite(files / "binary.tif", 255 * codes)


def other_labels(files: Path) -> None:
    tifffile.imwrite(files / "small.tif", np.zeros((32, 64), np.uint8))
    tifffile.imwrite(files / "three.tif", np.repeat(np.array([0, 1, 7], np.uint8), 64 * 64)[: 64 * 64].reshape(64, 64))
    spread = np.tile(np.array([0, 1, 7, 7], np.uint8), 1024).reshape(64, 64)
    tifffile.imwrite(files / "spread.tif", spread)


def not_a_model(files: Path) -> None:
    (files / "notes.keramos").write_text("not a model", encoding="utf-8")


def nothing(files: Path) -> None:
    pass


CASES: list[tuple[str, Callable[[Path], None], tuple[object, ...], list[str]]] = [
    ("truncated TIFF", truncated, otsu_of("bad.tif"), ["expected", "bad.tif", "found"]),
    ("NaN", with_nan, otsu_of("nan.tif"), ["expected", "nan.tif", "found", "nan"]),
    ("missing file", nothing, otsu_of("none.tif"), ["found nothing at none.tif", "check the path"]),
    (
        "shapes differ",
        other_labels,
        ("train", "--images", "image.tif", "--labels", "small.tif", "--phases", "void=0,solid=1", "--out", "m.keramos"),
        ["small.tif has 32 x 64 pixels", "image.tif has 64 x 64 pixels"],
    ),
    (
        "a value no phase claims",
        other_labels,
        (*TRAIN[:3], "--labels", "spread.tif", "--phases", "void=0,solid=1", "--out", "m.keramos"),
        ["7", "spread.tif", "--phases"],
    ),
    (
        "255 that should be a phase",
        binary_labels,
        ("train", "--images", "image.tif", "--labels", "binary.tif", "--phases", "void=0,solid=1", "--out", "m"),
        ["phases void, solid in binary.tif", "voxels of value 255, which no phase claims", "solid=255"],
    ),
    ("output is the input", nothing, (*TRAIN[:-1], "image.tif"), ["another place than what is read", "image.tif"]),
    (
        "output lies in the input",
        nothing,
        ("report", ".", "--truth", "labels.tif", "--out", "labels.tif"),
        ["another place than what is read", "labels.tif"],
    ),
    ("output is another file", not_a_model, (*TRAIN[:-1], "notes.keramos"), ["earlier model", "another file"]),
    (
        "export onto a folder",
        empty_folder,
        ("export", "image.tif", "--to", "tiff", "--out", "."),
        ["name of a file", "folder ."],
    ),
    (
        "export onto a file",
        not_a_model,
        ("export", "image.tif", "--to", "tiff", "--out", "notes.keramos"),
        ["notes.keramos is already there", "--fresh"],
    ),
    (
        "not a model",
        not_a_model,
        ("segment", "image.tif", "--model", "notes.keramos", "--out", "o.ome.zarr"),
        ["expected a Keramos model", "notes.keramos", "keramos train"],
    ),
    (
        "no such model",
        nothing,
        ("segment", "image.tif", "--model", "m.keramos", "--out", "o.ome.zarr"),
        ["expected a model file, otsu, prill, salzer, sauvola or porous-solid", "'m.keramos'"],
    ),
    ("unknown model", nothing, (*TRAIN, "--model", "vgg"), ["compact-3d, fcn32s, fcn16s", "found 'vgg'"]),
    ("no budget", nothing, (*TRAIN, "--budget", 0), ["--budget: expected a positive number", "found 0"]),
    ("budget and epochs", nothing, (*TRAIN, "--budget", 5, "--epochs", 1), ["either a time budget or", "found both"]),
    ("a device that is not there", nothing, (*TRAIN, "--device", "abacus"), ["--device", '"abacus"', "Choose from"]),
    ("unknown positive phase", nothing, (*TRAIN, "--positive", "liquid"), ["void or solid", "found 'liquid'"]),
    ("box outside", nothing, (*TRAIN, "--box", "0:1,0:99,0:64"), ["box", "(1, 64, 64)"]),
    ("box nonsense", nothing, (*TRAIN, "--box", "everything"), ["z0:z1,y0:y1,x0:x1", "everything"]),
    (
        "µm for nm",
        nothing,
        ("segment", "nowhere", "--model", "otsu", "--out", "o.ome.zarr", "--voxel-size", 0.02, 0.005, 0.005),
        ["less than an atom", "in µm, give 20 5 5"],
    ),
    (
        "µm for nm along z alone",
        nothing,
        ("segment", "nowhere", "--model", "otsu", "--out", "o.ome.zarr", "--voxel-size", 0.02, 5, 5),
        ["0.02 nm is less than an atom; give each edge in nm"],
    ),
    (
        "another unit",
        nothing,
        ("quantify", "nowhere", "--out", "o", "--voxel-size", 20, 20, 2e7),
        ["2e+07 nm is more than 1 mm"],
    ),
    ("no voxel", nothing, (*TRAIN[:5], "--voxel-size", 20, 0, 20, "--out", "m.keramos"), ["positive voxel edge", "0"]),
    (
        "one label short",
        nothing,
        (*TRAIN[:3], "image.tif", "--labels", "labels.tif", "--out", "m.keramos"),
        ["one label file for each image", "2 images and 1 label files"],
    ),
    ("slices not annotated", nothing, (*TRAIN, "--slices", 3), ["slices 0 to 0 of image.tif", "found slice 3"]),
    ("slices nonsense", nothing, (*TRAIN, "--slices", "first"), ["slice numbers", "'first'"]),
    ("no such --from", nothing, (*TRAIN, "--from", "old.keramos"), ["found nothing at old.keramos"]),
    ("--from with a threshold", nothing, (*TRAIN, "--model", "otsu", "--from", "m.keramos"), ["m.keramos"]),
    ("folder that cannot be", not_a_model, (*TRAIN[:-1], "notes.keramos/m.keramos", "--budget", 1), ["notes.keramos"]),
    ("memory nonsense", nothing, (*otsu_of("image.tif"), "--memory", "plenty"), ["2GiB", "found 'plenty'"]),
    ("too little memory", nothing, (*otsu_of("image.tif"), "--memory", "1MiB"), ["MiB of --memory", "found 1 MiB"]),
    (
        "uncertainty of a threshold",
        nothing,
        (*otsu_of("image.tif"), "--uncertainty"),
        ["trained network for --uncertainty", "found otsu"],
    ),
    (
        "score threshold of a threshold",
        nothing,
        (*otsu_of("image.tif"), "--threshold", 0.7),
        ["trained network for --threshold", "found otsu", "leave --threshold out"],
    ),
    (
        "score threshold beyond one",
        nothing,
        (*otsu_of("image.tif"), "--threshold", 70),
        ["--threshold: expected at most 1", "found 70"],
    ),
    (
        "size of specks nonsense",
        nothing,
        (*otsu_of("image.tif"), "--remove-specks", "tiny"),
        ["voxels or a volume such as 1e6nm3 for --remove-specks", "'tiny'"],
    ),
    (
        "volume of holes without voxel size",
        nothing,
        (*otsu_of("image.tif"), "--fill-holes", "1e6nm3"),
        ["--voxel-size Z Y X"],
    ),
    ("no worker", nothing, (*otsu_of("image.tif"), "--workers", 0), ["at least", "worker"]),
    ("unknown backend", nothing, (*otsu_of("image.tif"), "--backend", "abacus"), ["--backend auto, torch", "abacus"]),
    ("unknown option", nothing, (*otsu_of("image.tif"), "--colour"), ["--colour", "keramos segment --help"]),
    ("missing option", nothing, ("segment", "image.tif", "--model", "otsu"), ["--out", "keramos segment --help"]),
    (
        "unquoted pattern",
        nothing,
        ("segment", "a.tif", "b.tif", "--model", "otsu", "--out", "o.ome.zarr"),
        ["unexpected extra argument", "in quotes"],
    ),
    ("unknown command", nothing, ("segmentate",), ["segmentate", "keramos --help"]),
    (
        "prediction of another shape",
        other_labels,
        ("evaluate", "small.tif", "labels.tif", "--phases", "void=0,solid=1"),
        ["labels.tif has 64 x 64 pixels", "small.tif has 32 x 64 pixels"],
    ),
    (
        "leave out a slice that is not",
        nothing,
        ("evaluate", "labels.tif", "labels.tif", "--leave-out", 4),
        ["slices 0 to 0", "found 4"],
    ),
    (
        "leave out everything",
        nothing,
        ("evaluate", "labels.tif", "labels.tif", "--leave-out", 0),
        ["expected annotated voxels", "found none"],
    ),
    ("unknown structure", nothing, ("phantom", "--out", "p", "--structure", "marble"), ["polycrystal", "'marble'"]),
    (
        "hand labels outside",
        nothing,
        ("phantom", "--out", "p", "--shape", 4, 9, 9, "--hand-labels", 2, 7),
        ["slices from 0 to 3", "found 7"],
    ),
    (
        "geometry without a voxel size",
        nothing,
        ("phantom", "--out", "p", "--geometry", "labels.tif"),
        ["voxel size of labels.tif", "--voxel-size"],
    ),
    (
        "regions that are none",
        nothing,
        ("evaluate", "labels.tif", "labels.tif", "--regions", "image.tif"),
        ["image.tif"],
    ),
    ("phantom of no size", nothing, ("phantom", "--out", "p", "--shape", 0, 5, 5), ["at least one voxel", "(0, 5, 5)"]),
    (
        "phantom too severe",
        nothing,
        ("phantom", "--out", "p", "--severity", 2),
        ["--severity: expected at most 1", "found 2"],
    ),
    ("unknown preset", nothing, ("phantom", "--out", "p", "--preset", "cheese"), ["ba122", "found 'cheese'"]),
    (
        "report on nothing",
        empty_folder,
        ("report", "empty", "--out", "r.html"),
        ["run.json", "labels of any software, found none of them at empty"],
    ),
    ("report of a missing run", nothing, ("report", "nowhere", "--out", "r.html"), ["found nothing at nowhere"]),
    ("export to a GIF", nothing, ("export", "image.tif", "--to", "gif", "--out", "i.gif"), ["tiff", "gif"]),
    (
        "export onto the input",
        nothing,
        ("export", "image.tif", "--out", "image.tif", "--fresh"),
        ["another place than what is read", "image.tif"],
    ),
    (
        "export of several stacks",
        nothing,
        ("export", "image.tif", "labels.tif", "--to", "tiff", "--out", "a.tif"),
        ["one path for --to tiff", "found 2", "in quotes"],
    ),
    (
        "export of images as a model",
        nothing,
        ("export", "image.tif", "--to", "onnx", "--out", "m.onnx"),
        ["expected a Keramos model", "image.tif"],
    ),
    (
        "export of a folder as a model",
        empty_folder,
        ("export", "empty", "--to", "onnx", "--out", "m.onnx"),
        ["a model file for --to onnx", "folder empty"],
    ),
    (
        "a package that is no zip",
        nothing,
        ("export", "m.keramos", "--to", "bioimageio", "--out", "m.onnx"),
        ["called *.zip", "m.onnx"],
    ),
    (
        "an option of another target",
        nothing,
        ("export", "image.tif", "--number", 5, "--out", "a.tif"),
        ["--number only with --to nnunet", "--to tiff"],
    ),
    (
        "data set without labels",
        nothing,
        ("export", "image.tif", "--to", "nnunet", "--out", "raw", *VOXEL),
        ["labels of the stack", "--labels"],
    ),
    (
        "data set without a voxel size",
        nothing,
        ("export", "image.tif", "--labels", "labels.tif", "--to", "nnunet", "--out", "raw"),
        ["voxel size of image.tif", "--voxel-size"],
    ),
    (
        "data set of slices that are not",
        nothing,
        ("export", "image.tif", "--labels", "labels.tif", "--slices", 4, "--to", "nnunet", "--out", "raw", *VOXEL),
        ["slices 0 to 0 of labels.tif", "found slice 4"],
    ),
    (
        "data set around its input",
        nothing,
        ("export", "image.tif", "--labels", "labels.tif", "--number", 0, "--to", "nnunet", "--out", ".", *VOXEL),
        ["number", "at least 1", "found 0"],
    ),
]


@pytest.mark.parametrize(("prepare", "arguments", "words"), [case[1:] for case in CASES], ids=[c[0] for c in CASES])
def test_one_clear_line_and_status_2(
    prepare: Callable[[Path], None], arguments: tuple[object, ...], words: list[str], files: Path, keramos: Command
) -> None:
    prepare(files)
    complaint = keramos(*arguments).complaint
    for word in words:
        assert word.lower() in complaint.lower(), complaint
    assert not (files / "m.keramos").exists()


def save_model(files: Path, small_model: Command) -> None:
    checkpoint = small_model("compact")
    save_checkpoint(files / "m.keramos", checkpoint.card, checkpoint.weights)


def test_a_model_for_other_voxels_or_a_stack_without_any(files: Path, keramos: Command, small_model: Command) -> None:
    save_model(files, small_model)
    segment = ("segment", "image.tif", "--model", "m.keramos", "--out", "o.ome.zarr")
    complaint = keramos(*segment, "--voxel-size", 20, 26.4, 30).complaint
    assert "within 20 % of the model's 20 x 26.4 x 20.8 nm" in complaint
    assert "found 20 x 26.4 x 30 nm" in complaint
    assert "give --voxel-size Z Y X in nm" in keramos(*segment).complaint
    assert not (files / "o.ome.zarr").exists()


def test_a_model_of_other_phases_is_not_taken_up(files: Path, keramos: Command, small_model: Command) -> None:
    save_model(files, small_model)
    codes = np.random.default_rng(0).integers(0, 3, (64, 64)).astype(np.uint8)
    tifffile.imwrite("three.tif", codes)
    complaint = keramos(
        "train", "--images", "image.tif", "--labels", "three.tif", "--from", "m.keramos", "--out", "n.keramos"
    ).complaint
    assert "(in this order) for --from, found compact with void, solid; name the labels' phases alike" in complaint


def test_what_stands_at_the_output_is_left_alone(files: Path, keramos: Command) -> None:
    (files / "thesis").mkdir()
    (files / "thesis" / "chapter.tex").write_text("years", encoding="utf-8")
    for extra in ((), ("--fresh",)):
        assert (
            "something else" in keramos("segment", "image.tif", "--model", "otsu", "--out", "thesis", *extra).complaint
        )
    assert "other files in thesis" in keramos("demo", "--quick", "--out", "thesis").complaint
    assert (files / "thesis" / "chapter.tex").read_text(encoding="utf-8") == "years"
    assert keramos("phantom", "--out", "p", "--shape", 2, 32, 32).status == 0
    assert "finished already" in keramos("phantom", "--out", "p", "--shape", 2, 32, 32).notes[0]
    other = ("phantom", "--out", "p", "--shape", 2, 32, 32, "--seed", 1)
    assert "seed, body, impurities, imaging and annotator differ" in keramos(*other).complaint
    assert keramos(*other, "--fresh").status == 0


def test_a_full_disk_is_said_and_the_same_command_finishes_later(
    files: Path, keramos: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    from keramos.io import ZarrWriter, open_labels

    grey = np.random.default_rng(0).integers(0, 255, (40, 64, 64)).astype(np.uint8)
    tifffile.imwrite("stack.tif", grey)
    command = ("segment", "stack.tif", "--model", "otsu", "--out", "o.ome.zarr", "--memory", "391MiB")
    written, write = [], ZarrWriter.write

    def fills_up(writer: ZarrWriter, box: Any, pixels: Any) -> None:
        if len(written) == 2:
            raise OSError(errno.ENOSPC, "No space left on device")
        written.append(box)
        write(writer, box, pixels)

    monkeypatch.setattr(ZarrWriter, "write", fills_up)
    assert "No space left on device" in keramos(*command).complaint
    monkeypatch.setattr(ZarrWriter, "write", lambda w, box, pixels: (written.append(box), write(w, box, pixels))[1])
    done = keramos(*command)
    assert done.status == 0
    assert any("resuming" in note and "2 of 3 blocks" in note for note in done.notes)
    assert len(written) == 3
    assert set(np.unique(open_labels("o.ome.zarr").read())) == {0, 1}


def test_a_damaged_record_is_said(files: Path, keramos: Command) -> None:
    (files / "run").mkdir()
    (files / "run" / "run.json").write_text('{"title": 3}', encoding="utf-8")
    assert "expected the record of a Keramos run in" in keramos("report", "run", "--out", "r.html").complaint
    (files / "run" / "run.json").write_bytes(b"\xff\xfe\x00{")
    assert "found a file that is no text" in keramos("report", "run", "--out", "r.html").complaint


def test_facts_of_another_version_are_said(files: Path, keramos: Command) -> None:
    assert keramos("phantom", "--out", "p", "--shape", 2, 32, 32).status == 0
    group = zarr.open_group("p/images.ome.zarr", mode="r+")
    group.attrs["keramos"] = {"provenance": [{"action": "phantom"}]}
    complaint = keramos("info", "p/images.ome.zarr").complaint
    assert "facts that this version of Keramos writes in p/images.ome.zarr" in complaint


def test_marks_of_255_are_counted_in_a_note(files: Path, keramos: Command) -> None:
    codes = np.random.default_rng(0).integers(0, 2, (64, 64)).astype(np.uint8)
    codes[:4] = 255
    tifffile.imwrite("part.tif", codes)
    told = keramos("evaluate", "part.tif", "part.tif", "--phases", "void=0,solid=1")
    assert "note: part.tif: 256 voxels of value 255 read as not annotated; --phases can claim it" in told.notes


def test_slices_that_are_missing_are_noted(files: Path, keramos: Command) -> None:
    (files / "slices").mkdir()
    grey = np.random.default_rng(0).integers(0, 255, (32, 32)).astype(np.uint8)
    for z in (10, 20, 30, 50, 60):
        Image.fromarray(grey).save(files / "slices" / f"s{z:03d}.png")
    told = keramos("segment", "slices", "--model", "otsu", "--out", "o.ome.zarr")
    assert any("leave out 1 number(s) (40)" in note for note in told.notes)


def test_ctrl_c_says_what_is_kept(files: Path, keramos: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    def stopped(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("keramos.project.verbs.segment.segment_volume", stopped)
    told = keramos(*otsu_of("image.tif"))
    assert told.status == 130
    assert told.lines[-1].startswith("keramos: stopped; what was finished so far, if anything, is kept")


def test_what_a_model_says_cannot_steer_the_terminal(files: Path, keramos: Command, small_model: Command) -> None:
    hostile = "\x1b[2J\x1b]0;own\x07\u202egnp"
    checkpoint = small_model("compact", phases=("void", hostile))
    card = checkpoint.card.model_copy(update={"notes": hostile, "licence": hostile, "versions": {hostile: hostile}})
    save_checkpoint(files / "m.keramos", card, checkpoint.weights)
    shown = keramos("info", "m.keramos")
    assert shown.status == 0
    assert r"\x1b[2J\x1b]0;own\x07\u202egnp" in shown.out
    for character in "\x1b\x07\u202e":
        assert character not in shown.out


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("segment", "image.tif", "--model", "otso", "--out", "o.ome.zarr"), "did you mean otsu?"),
        (("export", "labels.tif", "--to", "tif", "--out", "o.tif"), "found 'tif'; did you mean tiff?"),
        ((*TRAIN, "--model", "kompact"), "did you mean compact?"),
        ((*TRAIN, "--seed", 10**22), "--seed: expected at most 9223372036854775807, found 10000000000000000000000"),
        ((*TRAIN, "--budget", "inf"), "--budget: expected at most 31622400 s, found inf"),
        ((*TRAIN, "--epochs", 10**20), "--epochs: expected at most 1000000, found 100000000000000000000"),
        (("quantify", "labels.tif", "--memory", 1), "--memory: expected at least 4 KiB, found 1"),
        (("segment", "x" * 300, "--model", "otsu", "--out", "o.ome.zarr"), "File name too long: xxx"),
    ],
)
def test_extremes_and_misspelt_names(files: Path, keramos: Command, arguments: tuple[object, ...], words: str) -> None:
    assert words in keramos(*arguments).complaint
