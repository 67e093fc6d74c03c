"""What a recipe names and is not there is said before any step is done, in a dry run, too."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import tifffile

from keramos import run
from keramos.core.errors import KeramosError

OTSU = "[segment]\nmodel = 'otsu'\n"


def stack(path: str) -> str:
    return f"[stack]\nimages = '{path}'\n"


@pytest.fixture
def home(tmp_path: Path) -> Path:
    tifffile.imwrite(tmp_path / "stack.tif", np.zeros((3, 32, 32), np.uint8))
    return tmp_path


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (stack("stak.tif") + OTSU, r"\[segment\]: .*images.*stak\.tif; did you mean stack"),
        (stack("x/*.tif") + OTSU, r"expected a file for images, found nothing at .*\*\.tif"),
        (stack("stack.tif") + OTSU.replace("otsu", "otso"), r"for model, .*; did you mean otsu\?"),
        ("[phantom]\n[train]\nmodel = 'kompact'\n", r"\[train\]: expected a model named .*; did you mean compact\?"),
        (
            stack("stack.tif") + OTSU + "[evaluate]\ntruth = 'truth.tif'\n",
            r"\[evaluate\]: expected a file for truth",
        ),
    ],
)
def test_missing_inputs(home: Path, text: str, told: str) -> None:
    (home / "recipe.toml").write_text(text, encoding="utf-8")
    for dry in (True, False):
        with pytest.raises(KeramosError, match=told):
            run(home / "recipe.toml", dry_run=dry)
    assert not (home / "run").exists()


def test_outputs_of_earlier_steps_are_not_missing(home: Path) -> None:
    tables = ("phantom", "train", "evaluate", "quantify", "report", "export")
    text = "".join(f"[{table}]\n" for table in tables) + "to = ['tiff', 'onnx']\n"
    (home / "recipe.toml").write_text(text, encoding="utf-8")
    steps = [step.name for step in run(home / "recipe.toml", dry_run=True)]
    assert steps == ["phantom", "train", "segment", "evaluate", "quantify", "export tiff", "export onnx", "report"]
