from __future__ import annotations

import numpy as np
import pytest
import tifffile
import zarr
from PIL import Image

from keramos.core import NOT_ANNOTATED, Box, Phase, PhaseTable
from keramos.core.errors import FormatError, LabelError
from keramos.io import create_labels, open_labels


def saved(tmp_path, values, dtype=np.uint8):
    """A file whose two slices hold these values, and the pixels."""
    rng = np.random.default_rng(3)
    pixels = np.concatenate([values, rng.choice(values, 60 - len(values))]).astype(dtype).reshape(2, 5, 6)
    np.save(tmp_path / "labels.npy", pixels)
    return tmp_path / "labels.npy", pixels


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.int64, np.float32])
@pytest.mark.parametrize("values", [(0, 255), (0, 252, 253, 254, 255), (0, 1, 2, 3, 252, 255), (252, 255)])
def test_values_near_both_ends_are_binary_and_said(tmp_path, values, dtype):
    path, pixels = saved(tmp_path, values, dtype)
    said = []
    labels = open_labels(path, note=said.append)
    assert np.array_equal(labels.read(), pixels > 128)
    assert labels.phases.names == ("void", "solid")
    assert "read as binary: 0-3 is void, 252-255 is solid" in said[0]


def test_zero_and_one_are_void_and_solid_without_a_word(tmp_path):
    for dtype in (np.uint8, bool, np.int32):
        path, pixels = saved(tmp_path, (0, 1), dtype)
        said = []
        labels = open_labels(path, note=said.append)
        assert labels.phases.names == ("void", "solid")
        assert np.array_equal(labels.read(), pixels)
        assert labels.dtype == np.uint8
        assert said == []


def test_sixteen_bit_masks(tmp_path):
    path, pixels = saved(tmp_path, (0, 700, 64900, 65535), np.uint16)
    assert np.array_equal(open_labels(path).read(), pixels > 1000)


@pytest.mark.parametrize("values", [(0, 1, 255), (1, 255)])
def test_255_beside_small_codes_is_not_annotated(tmp_path, values):
    path, pixels = saved(tmp_path, values)
    said = []
    labels = open_labels(path, note=said.append)
    assert np.array_equal(labels.read(), pixels)
    assert labels.phases.names == ("void", "solid")
    assert "255 is treated as not annotated" in said[0]


def test_three_codes_and_255(tmp_path):
    path, pixels = saved(tmp_path, (0, 1, 2, 255))
    labels = open_labels(path)
    assert labels.phases.names == ("phase-0", "phase-1", "phase-2")
    assert np.array_equal(labels.read(), pixels)


@pytest.mark.parametrize("values", [(0, 85, 170), (0, 128, 255), (5, 9)])
def test_other_values_are_phases_by_value(tmp_path, values):
    path, pixels = saved(tmp_path, values)
    labels = open_labels(path)
    assert labels.phases.names == tuple(f"phase-{v}" for v in values)
    assert np.array_equal(np.array(values)[labels.read()], pixels)


def test_ignore_wins_over_binary(tmp_path):
    path, pixels = saved(tmp_path, (0, 1, 255))
    assert np.array_equal(open_labels(path, ignore=255).read(), pixels)
    path, pixels = saved(tmp_path, (0, 128, 255))
    labels = open_labels(path, ignore=128)
    assert np.array_equal(labels.read(), np.select([pixels == 0, pixels == 255], [0, 1], NOT_ANNOTATED))


def test_a_specification_gives_order_ranges_and_the_positive_phase(tmp_path):
    path, pixels = saved(tmp_path, (0, 7, 128, 200, 255))
    labels = open_labels(path, phases="solid=128-255, void=0,crack=7", positive="crack")
    assert np.array_equal(labels.read(), np.select([pixels >= 128, pixels == 0], [0, 1], 2))
    assert labels.phases.names == ("solid", "void", "crack")
    assert labels.phases.positive == 2


def test_a_hole_in_a_range_is_not_annotated(tmp_path):
    path, pixels = saved(tmp_path, (0, 128, 200, 255))
    read = open_labels(path, phases="void=0,solid=128-255", ignore=200).read()
    assert np.array_equal(read, np.select([pixels == 0, pixels == 200], [0, NOT_ANNOTATED], 1))


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_a_value_no_phase_claims_is_named_with_its_slice(tmp_path, dtype):
    pixels = np.zeros((4, 3, 3), dtype)
    pixels[2, 1, 1] = 77
    np.save(tmp_path / "a.npy", pixels)
    labels = open_labels(tmp_path / "a.npy", phases="void=0,solid=128-255")
    assert labels.read(Box((0, 0, 0), (2, 3, 3))).sum() == 0
    with pytest.raises(LabelError, match=r"found 77, .* in slice 2 of .*a\.npy; claim it.*--ignore 77"):
        labels.read()


def test_255_is_not_hidden_beside_a_range_that_stops_short(tmp_path):
    path, _ = saved(tmp_path, (0, 128, 255))
    with pytest.raises(LabelError, match="found 255"):
        open_labels(path, phases="void=0,solid=128-250").read()
    path, pixels = saved(tmp_path, (0, 1, 255))
    assert np.array_equal(open_labels(path, phases="void=0,solid=1").read(), pixels)


@pytest.mark.parametrize(
    ("text", "match"),
    [
        ("void", "expected phases as void=0"),
        ("void=0,solid=a", "found 'solid=a'"),
        ("void=0,solid=9-3", "from low to high, found 9-3"),
        ("void=0-9,solid=5", "found 5 in two"),
        ("void=0,void=1", "different name"),
    ],
)
def test_specifications_that_say_nothing_clear(tmp_path, text, match):
    path, _ = saved(tmp_path, (0, 1))
    with pytest.raises(LabelError, match=match):
        open_labels(path, phases=text)


def test_grey_values_are_not_labels(tmp_path):
    np.save(tmp_path / "grey.npy", np.arange(256, dtype=np.uint8).reshape(4, 8, 8))
    with pytest.raises(LabelError, match="look like grey values"):
        open_labels(tmp_path / "grey.npy")
    np.save(tmp_path / "float.npy", np.array([[0.0, 1.0], [0.5, 1.0]]))
    with pytest.raises(LabelError, match=r"found 0\.5 in slice 0 .* grey value"):
        open_labels(tmp_path / "float.npy")


def test_one_value_says_too_little(tmp_path):
    path, _ = saved(tmp_path, (5,))
    with pytest.raises(LabelError, match="only the value 5"):
        open_labels(path)
    path, _ = saved(tmp_path, (1,))
    assert (open_labels(path).read() == 1).all()


def test_negative_values_need_ignore(tmp_path):
    path, pixels = saved(tmp_path, (-1, 0, 1), np.int16)
    with pytest.raises(LabelError, match="found -1; --ignore -1"):
        open_labels(path)
    assert np.array_equal(open_labels(path, ignore=-1).read(), np.where(pixels < 0, NOT_ANNOTATED, pixels))


def test_rgb_labels_are_refused_and_palettes_give_indices(tmp_path):
    rgb = np.zeros((4, 4, 3), np.uint8)
    rgb[:2, :, 0] = 255
    Image.fromarray(rgb).save(tmp_path / "rgb.png")
    with pytest.raises(FormatError, match="found 3"):
        open_labels(tmp_path / "rgb.png")
    indices = np.arange(16, dtype=np.uint8).reshape(4, 4) % 3
    image = Image.fromarray(indices, mode="P")
    image.putpalette([0, 0, 0, 255, 0, 0, 0, 255, 0])
    image.save(tmp_path / "p.png")
    assert np.array_equal(open_labels(tmp_path / "p.png").read()[0], indices)


def test_the_box_alone_is_scanned(tmp_path):
    pixels = np.zeros((3, 4, 4), np.uint8)
    pixels[0] = np.arange(16).reshape(4, 4) * 3
    pixels[1, 0] = 1
    tifffile.imwrite(tmp_path / "a.tif", pixels, photometric="minisblack")
    labels = open_labels(tmp_path / "a.tif", box="1:3,0:4,0:4")
    assert labels.phases.names == ("void", "solid")
    assert np.array_equal(labels.read(), pixels[1:])


def test_a_table_takes_the_codes_as_they_are(tmp_path):
    path, pixels = saved(tmp_path, (0, 1, 2, 255))
    table = PhaseTable.from_names(["pore", "nickel", "zirconia"])
    labels = open_labels(path, phases=table, positive="nickel")
    assert np.array_equal(labels.read(), pixels)
    assert labels.phases.positive == 1
    with pytest.raises(LabelError, match="expected a phase named pore or nickel or zirconia, found 'gold'"):
        open_labels(path, phases=table, positive="gold")


def test_a_store_by_keramos_is_not_scanned(tmp_path, edges):
    table = PhaseTable((Phase("a", "#000001"), Phase("b", "#0000ff"), Phase("c", "#123456")), 1)
    writer = create_labels(tmp_path / "l.zarr", (3, 4, 5), phases=table, voxel_size=edges)
    codes = np.full((3, 4, 5), 2, np.uint8)
    writer.write(Box.whole(codes.shape), codes)
    for path in (tmp_path / "l.zarr", tmp_path / "l.zarr" / "labels" / "segmentation"):
        said = []
        labels = open_labels(path, note=said.append)
        assert (labels.phases, labels.voxel_size, said) == (table, edges, [])
        assert np.array_equal(labels.read(), codes)


def test_a_label_image_by_other_software(tmp_path):
    pixels = np.array([0, 3, 7, 3], np.int32).reshape(1, 2, 2)
    axes = [{"name": n, "type": "space"} for n in "zyx"]
    multiscale = {"axes": axes, "datasets": [{"path": "0"}]}
    colours = [{"label-value": 3, "rgba": [255, 0, 0, 255]}, {"label-value": 7, "rgba": [0, 0, 255, 255]}]
    names = [{"label-value": 3, "name": "nickel"}, {"label-value": 7, "class": "pore"}]
    label = {"colors": colours, "properties": names}
    root = zarr.create_group(tmp_path / "a.zarr", attributes={"ome": {"version": "0.5", "multiscales": [multiscale]}})
    root.create_array("0", data=np.zeros((1, 2, 2), np.uint8))
    group = root.create_group("labels", attributes={"ome": {"version": "0.5", "labels": ["m"]}})
    attributes = {"ome": {"version": "0.5", "multiscales": [multiscale], "image-label": label}}
    group.create_group("m", attributes=attributes).create_array("0", data=pixels)
    said = []
    labels = open_labels(tmp_path / "a.zarr", note=said.append)
    assert labels.phases.names == ("background", "nickel", "pore")
    assert labels.phases.phases[1].colour == "#ff0000"
    assert np.array_equal(labels.read().ravel(), [0, 1, 2, 1])
    assert "phases it names" in said[0]
    assert [(finding.kind, finding.severity) for finding in labels.findings] == [("unlabelled-value", "note")]
    assert open_labels(tmp_path / "a.zarr", ignore=0).findings == ()
