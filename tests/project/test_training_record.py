"""What a card says of its training, and the command of the page that does the training again."""

from __future__ import annotations

import shlex
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from keramos.core import VOID_SOLID, LabelVolume
from keramos.core.provenance import Provenance, Step
from keramos.networks import Checkpoint, ModelCard, WeightsRow, load_bundled
from keramos.project.reporting.steps import list_steps
from keramos.project.training_record import list_given
from keramos.reports.provenance_chain import Link, chain_links
from keramos.settings.train import TrainSettings

SEGMENTED = replace(
    LabelVolume.from_array(np.zeros((2, 4, 4), np.uint8), VOID_SOLID),
    provenance=Provenance((Step("segment", {"images": "raw", "model": "m.keramos"}, {}, {}),)),
)
LOOP = {"model": "compact-7", "budget": 20.0, "crop": 128, "batch": 16, "learning_rate": 5e-4, "hold_out": 0.0}
"""What the loop made of the options: for nobody to give again."""


def link(card: ModelCard, **facts: Any) -> Link:
    training = card.training.model_copy(update={"settings": LOOP, **facts})
    return chain_links(list_steps(SEGMENTED, card.model_copy(update={"training": training})))[0]


@pytest.fixture
def card(small_model: Callable[..., Checkpoint]) -> ModelCard:
    return small_model("compact").card


@pytest.mark.parametrize(
    "given",
    [
        "--images raw --labels drawn.tif --slices 20 --voxel-size 20.0 10.0 10.0 --budget 20.0",
        "--images a b --labels c d --from none --outlines drawn --seed 3 --phases void=0,solid=255",
        "--images raw --labels drawn.tif --from m.keramos --hold-out 0.2",
    ],
)
def test_the_command_is_the_one_that_was_given(given: str, card: ModelCard) -> None:
    options: dict[str, Any] = {}
    for word in shlex.split(given):
        if word.startswith("--"):
            options[values := {"--from": "from_"}.get(word, word[2:].replace("-", "_"))] = []
        else:
            options[values].append(word)
    numbers = {name: float(options[name][0]) for name in ("budget", "seed", "hold_out") if name in options}
    texts = {name: options[name][0] for name in ("from_", "outlines", "phases") if name in options}
    if "seed" in numbers:
        numbers["seed"] = int(numbers["seed"])
    settings = TrainSettings(**{**options, **numbers, **texts}, out=Path("elsewhere.keramos"))
    words = shlex.split(link(card, options=list_given(settings), seed=settings.seed).command)
    assert words[:2] == ["keramos", "train"]
    assert sorted(words[2:]) == sorted([*shlex.split(given), "--out", "model.keramos"])


def test_a_card_without_options_has_no_command_that_would_train_another_network(card: ModelCard) -> None:
    older = link(card)
    assert older.command == ""
    assert ("annotated", "100 voxels on 1 slice (z = 48)") in older.facts


def test_the_page_says_where_the_weights_began_and_what_was_drawn(card: ModelCard) -> None:
    start = WeightsRow(source="bundled", name="porous-solid", sha256="0123456789abcdef")
    facts = dict(link(card, start=start, drawn_voxels=(30, 90), drawn_slices=((3, 4),)).facts)
    assert facts["began with"] == "the bundled weights porous-solid (SHA-256 0123456789ab…)"
    assert facts["annotated"] == "120 voxels on 2 slices (z = 3–4)"


def test_bundled_weights_have_no_such_fields_and_read() -> None:
    bundled = load_bundled("porous-solid", 9)
    assert bundled is not None
    training = bundled.card.training
    assert (training.options, training.start, training.kept_share, training.drawn_voxels) == (None, None, None, ())
