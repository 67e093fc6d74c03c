"""The forms of verbs in a real window: made from the settings, run in a thread, with results as layers and tables."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from napari_window import pump, wait_for

import keramos
from keramos.core import VOID_SOLID, LabelVolume
from keramos.core.options import choices, list_options
from keramos.io import open_labels, save_labels

pytestmark = pytest.mark.napari
VERBS = ("check", "prepare", "segment", "quantify")


def open_form(viewer: Any, name: str) -> Any:
    _, form = viewer.window.add_plugin_dock_widget("keramos", name)
    return form


def open_path(viewer: Any, path: Path) -> Any:
    return viewer.open(str(path), plugin="keramos")[0]


def table(viewer: Any, title: str) -> Any:
    """A dock's table as columns and rows."""
    (found,) = [dock for name, dock in viewer.window.dock_widgets.items() if name == f"Keramos: {title}"]
    return found


def rows(viewer: Any, title: str) -> list[dict[str, Any]]:
    shown = table(viewer, title)
    return [dict(zip(shown.column_headers, row, strict=True)) for row in shown.data.to_list()]


@pytest.mark.parametrize("name", VERBS)
def test_a_form_has_each_option_as_it_is_declared(viewer: Any, name: str) -> None:
    form = open_form(viewer, name.capitalize())
    declared = {row.field: row for row in list_options(getattr(keramos, name).settings) if not row.about.internal}
    assert set(declared) <= set(form.fields)
    for field, row in declared.items():
        widget = form.fields[field].widget
        assert row.about.help in widget.tooltip
        assert widget.label.startswith(row.name.replace("_", " ").capitalize())
        if choices(row.kind):
            offered = {value for value in widget.choices if value is not None}
            assert offered == set(choices(row.kind))
            assert widget.value == row.default
        if hasattr(widget, "max") and row.about.high is not None:
            assert (widget.min, widget.max) == (row.about.low, row.about.high)
            assert widget.value == row.default
        assert not form.fields[field].is_set or row.required, field


def test_an_untouched_form_gives_only_inputs_and_a_place(viewer: Any, phantom: Path) -> None:
    open_path(viewer, phantom / "images.ome.zarr")
    form = open_form(viewer, "Segment")
    form.fields["model"].widget.line_edit.value = "otsu"
    given = form.read()
    assert given.pop("out").name == "segmentation.ome.zarr"
    assert given == {"images": str(phantom / "images.ome.zarr"), "model": "otsu"}


def test_what_is_typed_reaches_the_verb(viewer: Any, phantom: Path) -> None:
    open_path(viewer, phantom / "images.ome.zarr")
    form = open_form(viewer, "Segment")
    typed = {"voxel_size": "20, 10 10.5", "remove_specks": "7", "memory": "3GiB", "threshold": "0.25", "model": "otsu"}
    for name, text in typed.items():
        widget = form.fields[name].widget
        (widget.line_edit if name == "model" else widget).value = text
    form.fields["workers"].widget.value, form.fields["flicker"].widget.value = 3, "keep"
    settings = keramos.segment.make_settings(**form.read())
    assert settings.voxel_size.zyx == (20, 10, 10.5)
    assert (settings.remove_specks, settings.memory, settings.threshold) == (7, 3 * 2**30, 0.25)
    assert (settings.workers, settings.flicker) == (3, "keep")


def test_segment_adds_the_labels_that_the_verb_gives(
    viewer: Any, phantom: Path, tmp_path: Path, finish: Callable[[Any], Any], said: Callable[[], list[str]]
) -> None:
    open_path(viewer, phantom / "images.ome.zarr")
    form = open_form(viewer, "Segment")
    form.fields["model"].widget.line_edit.value = "otsu"
    form.fields["out"].widget.line_edit.value = str(tmp_path / "form.ome.zarr")
    finish(form)
    expected = keramos.segment(phantom / "images.ome.zarr", "otsu", out=tmp_path / "verb.ome.zarr")
    layer = viewer.layers[-1]
    np.testing.assert_array_equal(np.asarray(layer.data), expected.read())
    np.testing.assert_allclose(layer.scale, expected.voxel_size.zyx)
    assert open_labels(tmp_path / "form.ome.zarr").provenance.steps[-1].verb == "segment"
    fraction = 100 * expected.phase_fractions["solid"]
    assert {"phase": "solid", "fraction": f"{fraction:.2f} %"} in rows(viewer, "phase fractions")
    assert not [text for text in said() if "expected" in text]


def ball(edge: int = 24, radius: float = 8.0) -> LabelVolume:
    z, y, x = np.ogrid[:edge, :edge, :edge]
    inside = (z - 12) ** 2 + (y - 12) ** 2 + (x - 12) ** 2 <= radius**2
    return LabelVolume.from_array(inside.astype(np.uint8), VOID_SOLID, (10, 10, 10))


def test_quantify_measures_what_the_layer_shows_also_after_painting(
    viewer: Any, tmp_path: Path, finish: Callable[[Any], Any]
) -> None:
    from keramos.apps.napari.layers import labels_layer

    labels = ball()
    data, attributes, _ = labels_layer(labels, in_memory=True)
    layer = viewer.add_labels(data, **attributes)
    z, y, x = np.indices((4, 24, 24)).reshape(3, -1)
    layer.data_setitem((z, y, x), 1)
    form = open_form(viewer, "Quantify")
    form.fields["transport"].widget.value = False
    finish(form)
    (fraction,) = [
        row for row in rows(viewer, "quantities") if (row["quantity"], row["phase"]) == ("phase fraction", "solid")
    ]
    solid = np.count_nonzero(labels.read()[4:]) + 4 * 24 * 24
    assert float(fraction["value"]) == pytest.approx(solid / 24**3, rel=1e-4)


def test_quantify_separates_objects_into_a_layer(viewer: Any, tmp_path: Path, finish: Callable[[Any], Any]) -> None:
    save_labels(tmp_path / "ball.ome.zarr", ball())
    open_path(viewer, tmp_path / "ball.ome.zarr")
    form = open_form(viewer, "Quantify")
    form.fields["transport"].widget.value = False
    form.fields["objects"].widget.value = "solid"
    form.fields["object_ids"].widget.line_edit.value = str(tmp_path / "ids.ome.zarr")
    finish(form)
    np.testing.assert_array_equal(np.asarray(viewer.layers["objects"].data), ball().read())


def test_a_scale_that_was_changed_is_the_voxel_size(viewer: Any, tmp_path: Path) -> None:
    save_labels(tmp_path / "ball.ome.zarr", ball())
    layer = open_path(viewer, tmp_path / "ball.ome.zarr")
    form = open_form(viewer, "Quantify")
    assert form.read()["labels"] == str(tmp_path / "ball.ome.zarr")
    layer.scale = (30, 10, 10)
    given = form.read()["labels"]
    assert given.voxel_size.zyx == (30, 10, 10)
    np.testing.assert_array_equal(given.read(), ball().read())


def test_units_that_were_changed_are_those_of_the_voxel_size(viewer: Any, tmp_path: Path) -> None:
    save_labels(tmp_path / "ball.ome.zarr", ball())
    layer = open_path(viewer, tmp_path / "ball.ome.zarr")
    form = open_form(viewer, "Quantify")
    for unit, size in (("um", pytest.approx((10_000, 10_000, 10_000))), ("pixel", None)):
        layer.units = (unit,) * 3
        shown = form.read()["labels"].voxel_size
        assert (shown and shown.zyx) == size
    layer.scale, layer.units = (0.01, 0.01, 0.01), ("um",) * 3
    assert form.read()["labels"] == str(tmp_path / "ball.ome.zarr")


def test_a_voxel_size_that_the_file_lacks_is_given_by_the_window(viewer: Any, tmp_path: Path) -> None:
    pixels = np.arange(60, dtype=np.uint8).reshape(3, 4, 5)
    np.save(tmp_path / "a.npy", pixels)
    layer = open_path(viewer, tmp_path / "a.npy")
    form = open_form(viewer, "Check")
    assert form.read()["images"] == str(tmp_path / "a.npy")
    layer.units = ("nm",) * 3
    given = form.read()["images"]
    assert given.voxel_size.zyx == (1, 1, 1)
    np.testing.assert_array_equal(given.read(), pixels)


@pytest.mark.parametrize(("form_name", "option"), [("Quantify", "labels"), ("Check", "images")])
def test_what_is_painted_during_a_run_does_not_reach_it(viewer: Any, form_name: str, option: str) -> None:
    codes = ball().read().copy()
    layer = (viewer.add_labels if option == "labels" else viewer.add_image)(codes, name="mine")
    given = open_form(viewer, form_name).read()[option]
    layer.data[:] = 7
    np.testing.assert_array_equal(given.read(), ball().read())


def test_check_and_prepare_show_findings_and_a_volume(viewer: Any, phantom: Path, finish: Callable[[Any], Any]) -> None:
    path = phantom / "images.ome.zarr"
    open_path(viewer, path)
    finish(open_form(viewer, "Check"))
    assert [row["kind"] for row in rows(viewer, "findings")] == [one.kind for one in keramos.check(path).findings]
    viewer.window.remove_dock_widget("all")
    finish(open_form(viewer, "Prepare"))
    made = keramos.open_volume(viewer.layers["prepared"].metadata["keramos"].path)
    assert made.provenance.steps[-1].verb == "prepare"
    np.testing.assert_array_equal(np.asarray(viewer.layers["prepared"].data), made.read())


@pytest.mark.parametrize(
    ("name", "texts", "sentence"),
    [
        ("Quantify", {}, "expected the voxel size of"),
        ("Quantify", {"voxel_size": "20 20"}, "voxel size: expected three voxel edge lengths"),
        ("Quantify", {"voxel_size": "20 x 20"}, "voxel size: expected Z Y X, found"),
        ("Quantify", {"voxel_size": "9 9 9", "phase": "glass"}, "expected a phase named"),
        ("Quantify", {"voxel_size": "9 9 9", "phase": "pore's"}, "expected a phase named"),
        ("Segment", {"model": "otsu"}, "images: needed, and not given"),
    ],
)
def test_a_refusal_is_one_sentence(
    viewer: Any,
    finish: Callable[[Any], Any],
    said: Callable[[], list[str]],
    name: str,
    texts: dict[str, str],
    sentence: str,
) -> None:
    viewer.add_labels(ball().read().astype(int), name="mine")
    form = open_form(viewer, name)
    for field, text in texts.items():
        widget = form.fields[field].widget
        (widget.line_edit if field == "model" else widget).value = text
    finish(form)
    refused = [text for text in said() if sentence in text]
    assert len(refused) == 1
    assert "--" not in refused[0]
    assert "\n" not in refused[0]
    assert sentence in form.log.value
    assert [layer.name for layer in viewer.layers] == ["mine"]


def test_two_signs_before_a_number_are_refused_in_one_sentence(
    viewer: Any, phantom: Path, finish: Callable[[Any], Any], said: Callable[[], list[str]]
) -> None:
    open_path(viewer, phantom / "images.ome.zarr")
    form = open_form(viewer, "Segment")
    form.fields["model"].widget.line_edit.value, form.fields["remove_specks"].widget.value = "otsu", "+-5"
    finish(form)
    assert len([text for text in said() if "'Remove specks', found '+-5'" in text]) == 1
    assert len(viewer.layers) == 1


def test_labels_are_read_in_the_thread_of_the_verb_and_notes_of_it_are_shown(
    viewer: Any, monkeypatch: pytest.MonkeyPatch, finish: Callable[[Any], Any]
) -> None:
    from keramos.apps.napari import contents

    threads, code = [], contents.code_labels

    def watch(*pixels: Any, **about: Any) -> LabelVolume:
        threads.append(threading.current_thread())
        return code(*pixels, **about)

    monkeypatch.setattr(contents, "code_labels", watch)
    viewer.add_labels(7 * ball().read().astype(int), name="mine")
    form = open_form(viewer, "Quantify")
    form.fields["transport"].widget.value, form.fields["voxel_size"].widget.value = False, "9 9 9"
    finish(form)
    assert len(threads) == 1
    assert threads[0] is not threading.main_thread()
    assert "mine" in form.log.value
    assert rows(viewer, "quantities")


def test_a_cancelled_run_ends_and_can_be_given_again(
    viewer: Any, phantom: Path, tmp_path: Path, finish: Callable[[Any], Any]
) -> None:
    open_path(viewer, phantom / "images.ome.zarr")
    form = open_form(viewer, "Segment")
    form.fields["model"].widget.line_edit.value = "otsu"
    form.fields["out"].widget.line_edit.value = str(tmp_path / "s.ome.zarr")
    form.start()
    assert not form.run_button.enabled
    form.cancel_button.changed.emit(True)
    wait_for(lambda: not form.is_running)
    pump()
    assert "cancelled" in form.log.value
    assert len(viewer.layers) == 1
    finish(form)
    assert len(viewer.layers) == 2


def test_options_of_reading_reach_the_layers(viewer: Any, tmp_path: Path, finish: Callable[[Any], Any]) -> None:
    np.save(tmp_path / "mask.npy", np.array([[[0, 9], [3, 3]]] * 4, np.uint8))
    form = open_form(viewer, "Open with options")
    form.fields["path"].widget.line_edit.value = str(tmp_path / "mask.npy")
    form.fields["what"].widget.value, form.fields["in_memory"].widget.value = "labels", True
    form.fields["phases"].widget.value, form.fields["ignore"].widget.value = "pore=0,grain=3", "9"
    form.fields["voxel_size"].widget.value, form.fields["box"].widget.value = "20 10 10", "1:3,:,:"
    finish(form)
    (layer,) = viewer.layers
    assert layer.data.tolist() == [[[0, 255], [1, 1]]] * 2
    assert list(layer.features["phase"]) == ["pore", "grain", "not annotated"]
    assert tuple(layer.scale) == (20, 10, 10)
    assert layer.translate[0] == 20


def test_a_mistake_of_the_program_is_no_refusal(viewer: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from keramos.apps.napari.messages import explain

    with pytest.raises(ZeroDivisionError):
        explain(ZeroDivisionError("a mistake"))
