"""A toy world for the whole suite: a small phantom on disk, and the command line in this process."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

SHAPE = (8, 96, 96)


@dataclass(frozen=True)
class Ran:
    """What a command left behind: exit status, standard output, and the lines of standard error."""

    status: int
    out: str
    lines: list[str]

    @property
    def notes(self) -> list[str]:
        return [line for line in self.lines if line.startswith("note: ")]

    @property
    def complaint(self) -> str:
        """The one line that a user's mistake gets."""
        others = [line for line in self.lines if line.strip() and not line.startswith("note: ")]
        assert self.status == 2
        assert len(others) == 1, others
        assert others[0].startswith("keramos: ")
        return others[0]


@pytest.fixture
def keramos(capsys: pytest.CaptureFixture[str]) -> Callable[..., Ran]:
    """Run a command as the console script does: keramos("info", path) -> Ran."""
    from keramos.cli.main import run

    def call(*arguments: object) -> Ran:
        capsys.readouterr()
        status = run([str(argument) for argument in arguments])
        captured = capsys.readouterr()
        return Ran(status, captured.out, captured.err.splitlines())

    return call


@pytest.fixture(scope="session")
def phantom(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with images.ome.zarr, truth.ome.zarr and phantom.json of 8 x 96 x 96 voxels. Do not write in it."""
    from keramos.workflow import phantom

    folder = tmp_path_factory.mktemp("phantom")
    phantom(folder, shape=SHAPE)
    return folder


@pytest.fixture(scope="session")
def as_arrays(phantom: Path) -> Callable[[], Sequence[object]]:
    """The grey values and the true codes of the phantom, as arrays (Z Y X)."""
    from keramos.store import open_labels, open_volume

    return lambda: (open_volume(phantom / "images.ome.zarr").read(), open_labels(phantom / "truth.ome.zarr").read())
