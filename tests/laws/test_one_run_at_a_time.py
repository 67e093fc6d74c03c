"""Law: while a run writes to an output, a second one to the same output is refused in one sentence, for every verb that
resumes; and a run that was killed locks nothing."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from doubles import Killed, Notes

import keramos
from keramos.core.errors import StorageError
from keramos.core.progress import Progress, Reporter

RECIPE = "out = 'made'\n[phantom]\nshape = [2, 64, 64]\n[segment]\nmodel = 'otsu'\n"


class RunsAgain(Notes):
    """Starts the same run again while it is at work, remembers why that was refused, and ends the first by a kill."""

    def __init__(self, again: Callable[[], object]) -> None:
        super().__init__()
        self.again, self.refusals = again, list[str]()

    def note(self, text: str) -> None:
        super().note(text)
        self.try_again()

    def progress(self, task: str, unit: str = "block") -> Progress:  # noqa: ARG002
        self.try_again()
        return lambda *_: None

    def try_again(self) -> None:
        try:
            self.again()
        except StorageError as error:
            self.refusals.append(str(error))
            raise Killed from error


def run_segment(phantom: Path, folder: Path, reporter: Reporter) -> Path:
    keramos.segment(phantom / "images.ome.zarr", "otsu", out=folder / "out.ome.zarr", reporter=reporter)
    return folder / "out.ome.zarr"


def run_train(phantom: Path, folder: Path, reporter: Reporter) -> Path:
    images, labels = phantom / "images.ome.zarr", phantom / "truth.ome.zarr"
    keramos.train(images, labels, out=folder / "m.keramos", model="sauvola", slices=[1], fresh=True, reporter=reporter)
    return folder / "m.keramos"


def run_quantify(phantom: Path, folder: Path, reporter: Reporter) -> Path:
    keramos.quantify(phantom / "truth.ome.zarr", out=folder / "out", transport=False, reporter=reporter)
    return folder / "out"


def run_phantom(_: Path, folder: Path, reporter: Reporter) -> Path:
    keramos.phantom(folder / "out", shape=(2, 24, 24), reporter=reporter)
    return folder / "out"


def run_compare(phantom: Path, folder: Path, reporter: Reporter) -> Path:
    images, labels = phantom / "images.ome.zarr", phantom / "truth.ome.zarr"
    chosen = {"slices": [1], "test_slices": [5], "methods": ("otsu",), "crop": 64}
    keramos.compare(images, labels, images, labels, out=folder / "out", **chosen, reporter=reporter)
    return folder / "out"


def run_recipe(_: Path, folder: Path, reporter: Reporter) -> Path:
    (folder / "recipe.toml").write_text(RECIPE, encoding="utf-8")
    keramos.run(folder / "recipe.toml", reporter=reporter)
    return folder / "made"


@pytest.mark.usefixtures("pictures_not_rendered")
@pytest.mark.parametrize("run", [run_segment, run_train, run_quantify, run_phantom, run_compare, run_recipe])
def test_the_second_run_is_refused(run: Callable[[Path, Path, Reporter], Path], phantom: Path, tmp_path: Path) -> None:
    reporter = RunsAgain(lambda: run(phantom, tmp_path, Reporter()))
    with pytest.raises(Killed):
        run(phantom, tmp_path, reporter)
    assert len(reporter.refusals) == 1
    assert reporter.refusals[0].startswith(f"another run is writing to {tmp_path}")
    if run is not run_compare:  # which would draw all figures
        out = run(phantom, tmp_path, Reporter())
        assert out.exists()
        assert not list(tmp_path.rglob("*.lock"))
