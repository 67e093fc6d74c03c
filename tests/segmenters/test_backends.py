"""Backends decide alike; the fastest is chosen where it matters, and a run goes on with the one it was begun with."""

from __future__ import annotations

import json
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from doubles import Notes
from marks import needs_openvino
from numpy.typing import NDArray

from keramos.blocks import Block
from keramos.core import Box
from keramos.core.errors import MissingPackageError, ResumeError, SettingsError
from keramos.networks import load_bundled
from keramos.segmenters import NetworkSegmenter, Otsu, backend_choice, decide, segment_volume
from keramos.segmenters.backend_choice import choose_backend
from keramos.segmenters.backends import BACKENDS, available
from keramos.settings.segment import SegmentationOptions
from keramos.simulation import Phantom, make_phantom


@pytest.fixture(scope="module")
def phantom() -> Phantom:
    return make_phantom((6, 128, 160), seed=12)


@pytest.fixture(scope="module")
def segmenter(phantom: Phantom) -> NetworkSegmenter:
    found = load_bundled("porous-solid", 6)
    assert found is not None
    return NetworkSegmenter(found).fit_to(phantom.images, lambda *_: None)


def scores(segmenter: NetworkSegmenter, phantom: Phantom, backend: str) -> NDArray[np.float32]:
    whole = Box.whole(phantom.images.shape)
    return replace(segmenter, backend=backend).scores(phantom.images.read(), Block(0, whole, whole))


@needs_openvino
def test_openvino_gives_the_same_scores(segmenter: NetworkSegmenter, phantom: Phantom) -> None:
    exact, found = (scores(segmenter, phantom, name) for name in ("torch", "openvino"))
    assert np.abs(exact - found).max() < 2e-3
    assert np.mean(decide(exact) != decide(found)) < 1e-4


@pytest.mark.parametrize("backend", ["torch-bf16", pytest.param("openvino-bf16", marks=needs_openvino)])
def test_bfloat16_decides_nearly_alike(segmenter: NetworkSegmenter, phantom: Phantom, backend: str) -> None:
    exact, found = (decide(scores(segmenter, phantom, name)) for name in ("torch", backend))
    for code in (0, 1):
        assert np.sum((exact == code) & (found == code)) / np.sum((exact == code) | (found == code)) > 0.99


def test_small_stacks_are_not_measured(segmenter: NetworkSegmenter, phantom: Phantom) -> None:
    notes = Notes()
    assert choose_backend(segmenter, phantom.images, notes) == "torch"
    assert not notes.notes


@needs_openvino
def test_the_fastest_that_agrees_is_chosen(
    segmenter: NetworkSegmenter, phantom: Phantom, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = ["torch", "openvino", "torch-bf16", "openvino-bf16"]
    speeds = {"torch": 5.0, "openvino": 5.2, "torch-bf16": 9.0, "openvino-bf16": 8.0}
    monkeypatch.setattr("keramos.segmenters.backend_choice._WORTH_IT", 0)
    monkeypatch.setattr("keramos.segmenters.backend_choice.available", lambda _: names)
    try_backend = backend_choice._try
    at_that_speed = lambda candidate, crops: replace(try_backend(candidate, crops), speed=speeds[candidate.backend])  # noqa: E731
    monkeypatch.setattr(backend_choice, "_try", at_that_speed)
    monkeypatch.setattr("keramos.segmenters.backend_choice._AGREEMENT", 0.98)
    notes = Notes()
    assert choose_backend(segmenter, phantom.images, notes) == "torch-bf16"
    assert "torch-bf16 9.0" in notes.notes[0]
    monkeypatch.setattr("keramos.segmenters.backend_choice._agreement", lambda *_: 0.5)
    assert choose_backend(segmenter, phantom.images, notes) == "torch"
    monkeypatch.setattr("keramos.segmenters.backend_choice._agreement", lambda *_: 1.0)
    names[2:] = []
    assert choose_backend(segmenter, phantom.images, notes) == "torch", "4 % faster is not worth another backend"


def test_a_run_goes_on_with_the_backend_that_it_was_begun_with(
    segmenter: NetworkSegmenter, phantom: Phantom, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "s.ome.zarr"
    segment_volume(phantom.images, segmenter, out, settings=SegmentationOptions(backend="torch-bf16"))
    first = json.loads((out / "keramos-ledger.jsonl").read_text().splitlines()[0])
    assert first["identity"]["backend"] == "torch-bf16"
    notes = Notes()
    monkeypatch.setattr("keramos.segmenters.network.choose_backend", lambda *_: pytest.fail("it is known"))
    segment_volume(phantom.images, segmenter, out, reporter=notes)
    assert "nothing to do" in notes.notes[0]
    with pytest.raises(ResumeError, match="backend and model differ"):
        segment_volume(phantom.images, segmenter, out, settings=SegmentationOptions(backend="torch"))


def test_what_cannot_run_is_refused(
    segmenter: NetworkSegmenter, phantom: Phantom, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def run(backend: str, device: str = "cpu") -> None:
        settings = SegmentationOptions(backend=backend)
        segment_volume(phantom.images, replace(segmenter, device=device), tmp_path / "s.ome.zarr", settings=settings)

    with pytest.raises(SettingsError, match="found 'tensorrt'"):
        run("tensorrt")
    with pytest.raises(SettingsError, match="on the device cuda, found openvino"):
        run("openvino", "cuda")
    monkeypatch.setitem(__import__("sys").modules, "openvino", None)
    with pytest.raises(MissingPackageError, match="openvino"):
        run("openvino")
    assert not (tmp_path / "s.ome.zarr").exists()


def test_what_is_available_begins_with_the_exact_one() -> None:
    assert available("cpu")[0] == "torch"
    assert set(available("cpu")) <= set(BACKENDS)
    assert available("mps") == ["torch"]


@needs_openvino
def test_openvino_reports_to_nobody() -> None:
    code = (
        "import sys; from keramos.segmenters.backends import check_backend; check_backend('openvino', 'cpu');"
        "assert sys.modules['openvino_telemetry'] is None;"
        "from openvino.tools.ovc import telemetry; assert 'stub' in type(telemetry).__module__"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


@needs_openvino
def test_several_threads_share_a_network_by_openvino(segmenter: NetworkSegmenter, phantom: Phantom) -> None:
    one = replace(segmenter, backend="openvino")
    whole = Box.whole(phantom.images.shape)
    grey, block = phantom.images.read(), Block(0, whole, whole)
    expected = one.scores(grey, block)
    with ThreadPoolExecutor(4) as pool:
        for found in pool.map(lambda _: one.scores(grey, block), range(12)):
            np.testing.assert_array_equal(found, expected)


def test_a_network_where_a_threshold_has_begun_is_another_model(
    segmenter: NetworkSegmenter, phantom: Phantom, tmp_path: Path
) -> None:
    segment_volume(phantom.images, Otsu(), tmp_path / "s.ome.zarr")
    with pytest.raises(ResumeError, match=r"backend, model and blocks .* differ"):
        segment_volume(phantom.images, segmenter, tmp_path / "s.ome.zarr")
