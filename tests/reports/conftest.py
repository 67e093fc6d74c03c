"""A toy volume whose every score is known by counting, and ways to look into a page."""

from __future__ import annotations

import base64
import html
import io
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from keramos.core import VOID_SOLID, Box, LabelVolume, PhaseTable, Volume, VoxelSize
from keramos.reports import MethodResult, ReportContent, write_report
from keramos.scoring import Evaluation, ScoreSettings, finish, measure

SHAPE = (4, 32, 64)
VOXEL = VoxelSize(50, 20, 10)  # a slice is as high as it is wide: 640 nm

Codes = NDArray[np.uint8]

HIDDEN = r'<figure class="viewer" id="slice-browser" hidden>.*?</figure>'
"""Only scripts show it."""


def evaluation_of(prediction: Codes, truth: Codes, phases: PhaseTable = VOID_SOLID) -> Evaluation:
    settings, whole = ScoreSettings.of(phases, truth.shape), Box.whole(truth.shape)
    return finish(measure(prediction, truth, read=whole, core=whole, settings=settings), settings, resamples=50)


def method_of(
    name: str, codes: Codes, truth: Codes | None, phases: PhaseTable = VOID_SOLID, **more: Any
) -> MethodResult:
    evaluation = None if truth is None else evaluation_of(codes, truth, phases)
    return MethodResult(name, LabelVolume.from_array(codes, phases), evaluation, **more)


@pytest.fixture
def method() -> Callable[..., MethodResult]:
    return method_of


@pytest.fixture(scope="session")
def truth() -> Codes:
    """Solid (1) in the right half: 32 of 64 columns."""
    codes = np.zeros(SHAPE, np.uint8)
    codes[:, :, 32:] = 1
    return codes


def with_interval(method: MethodResult) -> MethodResult:
    """The IoU plus and minus 0.01 as its interval, from 12 blocks: a volume as small as the toy has none."""
    evaluation = method.evaluation
    assert evaluation is not None
    void, solid = evaluation.phases
    iou = solid.iou or 0.0
    solid = replace(solid, interval={"iou": (iou - 0.01, iou + 0.01)})
    bootstrap = replace(evaluation.bootstrap, blocks=12, indicative=True, method="resampled 12 blocks")
    return replace(method, evaluation=replace(evaluation, phases=(void, solid), bootstrap=bootstrap))


@pytest.fixture(scope="session")
def content(truth: Codes) -> ReportContent:
    """`Wide` finds 40 columns of solid where 32 are true: IoU 32/40; `Close` 33: IoU 32/33. Slice 1 is not scored."""
    wide, close, scored = truth.copy(), truth.copy(), truth.copy()
    wide[:, :, 24:] = 1
    close[:, :, 31:] = 1
    scored[1] = 255
    grey = np.random.default_rng(0).integers(0, 200, SHAPE).astype(np.uint8)
    curve = tuple({"step": 10.0 * i, "seconds": 1.5 * i, "loss": 1 / (i + 1), "iou": i / 60} for i in range(60))
    return ReportContent(
        title="A toy",
        volume=Volume.from_array(grey, VOXEL),
        truth=LabelVolume.from_array(truth, VOID_SOLID),
        annotated_slices=(1,),
        methods=(
            with_interval(method_of("Wide", wide, scored, seconds_train=0.01234567, seconds_segment=3.21987)),
            with_interval(method_of("Close", close, scored, seconds_train=101.98, curve=curve, note="slow to learn")),
        ),
        facts={"Images": "toy.tif"},
        methods_text="What was done.",
        citations=("Somebody (2024)",),
        steps=({"verb": "segment", "parameters": {"level": 1 / 3}, "inputs": {}, "versions": {"keramos": "1"}},),
    )


@pytest.fixture
def page_of(tmp_path: Path) -> Callable[[ReportContent], str]:
    def write(content: ReportContent) -> str:
        write_report(content, tmp_path / "page.html")
        return (tmp_path / "page.html").read_text(encoding="utf-8")

    return write


@pytest.fixture(scope="session")
def page(content: ReportContent, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The page of the toy."""
    file = tmp_path_factory.mktemp("page") / "page.html"
    write_report(content, file)
    return file.read_text(encoding="utf-8")


@pytest.fixture
def text_of() -> Callable[[str], str]:
    """What a reader without scripts sees of a page, with every white space as one space."""

    def read(page: str) -> str:
        seen = re.sub(r"<script.*?</script>", "", page.split("<body>")[1], flags=re.DOTALL)
        return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]*>", " ", re.sub(HIDDEN, "", seen, flags=re.DOTALL))))

    return read


@pytest.fixture
def pixels_of() -> Callable[[str], Codes]:
    """The RGBA pixels of a WebP data URI."""

    def decode(uri: str) -> Codes:
        kind, data = uri.split(",")
        assert kind == "data:image/webp;base64"
        return np.asarray(Image.open(io.BytesIO(base64.b64decode(data, validate=True))).convert("RGBA"))

    return decode
