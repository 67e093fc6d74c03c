"""A toy world for the whole suite: a small phantom on disk, and the command line in this process."""

from __future__ import annotations

import gc
import os
import re
import sys

# Two tests run at a time: their threads would only wait for each other. Before any library reads it.
os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OMP_WAIT_POLICY", "passive")

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from filelock import FileLock
from pictures import leave_pictures_out

if TYPE_CHECKING:
    from keramos.networks import Checkpoint

# Collecting the tests leaves nothing behind to free: to search for it took a third of the time.
gc.disable()

# What is compiled is kept, though the environment forbid it: else each worker, and each process that tests start,
# compiles all of Keramos again.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False

SHAPE = (8, 96, 96)


def pytest_collection_finish() -> None:
    """From here on garbage is collected again, now and then, but not looked for among what was loaded."""
    gc.freeze()
    gc.set_threshold(20_000)
    gc.enable()


@pytest.fixture(scope="session", autouse=True)
def no_waiting_for_the_disk() -> Iterator[None]:
    """Nobody cuts the power here; that files are on the disk before they count has tests of its own."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "fsync", lambda _: None)
        yield


@dataclass(frozen=True)
class Ran:
    """What a command left behind: exit status, standard output, and the lines of standard error."""

    status: int
    out: str
    lines: list[str]

    @property
    def notes(self) -> list[str]:
        """Notes and findings."""
        return [line for line in self.lines if line.startswith(("note: ", "warning: "))]

    @property
    def complaint(self) -> str:
        """The one line that a user's mistake gets, beside those on progress that a slow machine writes."""
        slow = re.compile(r".+: (done in \d+ s|\d+ %(, about \d+ s left)?)")
        others = [line for line in self.lines if line.strip() and line not in self.notes and not slow.fullmatch(line)]
        assert self.status == 2
        assert len(others) == 1, others
        assert others[0].startswith("keramos: ")
        return others[0]


@pytest.fixture
def keramos(capsys: pytest.CaptureFixture[str]) -> Callable[..., Ran]:
    """Run a command as the console script does: keramos("info", path) -> Ran."""
    from keramos.apps.cli.main import run

    def call(*arguments: object) -> Ran:
        capsys.readouterr()
        status = run([str(argument) for argument in arguments])
        captured = capsys.readouterr()
        return Ran(status, captured.out, captured.err.splitlines())

    return call


@pytest.fixture
def install(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Path]]:
    """Install a package that brings members of an open set: install(FORMATS, "toy_format", source) -> its folder."""
    from keramos.core.registry import Registry

    installed: list[tuple[Registry, str]] = []

    def write(registry: Registry, module: str, source: str) -> Path:
        folder = tmp_path_factory.mktemp("site")
        (folder / f"{module}.py").write_text(source, encoding="utf-8")
        facts = folder / f"{module}-1.0.dist-info"
        facts.mkdir()
        (facts / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {module}\nVersion: 1.0\n", encoding="utf-8")
        (facts / "entry_points.txt").write_text(f"[{registry.group}]\n{module} = {module}\n", encoding="utf-8")
        monkeypatch.syspath_prepend(folder)
        installed.append((registry, module))
        registry.refresh()
        return folder

    yield write
    monkeypatch.undo()
    for registry, module in installed:
        sys.modules.pop(module, None)
        registry.refresh()


@pytest.fixture(scope="session")
def phantom(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with images.ome.zarr, truth.ome.zarr and phantom.json of 8 x 96 x 96 voxels. Do not write in it."""
    from keramos import phantom

    folder = tmp_path_factory.mktemp("phantom")
    phantom(folder, shape=SHAPE)
    return folder


@pytest.fixture(scope="session")
def as_arrays(phantom: Path) -> Callable[[], Sequence[object]]:
    """The grey values and the true codes of the phantom, as arrays (Z Y X)."""
    from keramos.io import open_labels, open_volume

    return lambda: (open_volume(phantom / "images.ome.zarr").read(), open_labels(phantom / "truth.ome.zarr").read())


@pytest.fixture(scope="session")
def small_model() -> Callable[..., Checkpoint]:
    """A small network that has learnt nothing, but whose every number counts: small_model("unet") -> Checkpoint."""
    import torch
    from torch import nn

    from keramos.core import PhaseTable
    from keramos.networks import Checkpoint, ModelCard, Normalisation, Training, build_network, phase_rows

    def build(name: str, phases: Sequence[str] = ("void", "solid"), **card: object) -> Checkpoint:
        torch.manual_seed(0)
        more = {"fcn": {"head": 8}, "com": {"levels": 3}}.get(name[:3], {}) if name != "compact-3d" else {}
        network = build_network(name, {"classes": len(phases), "width": 4, **more})
        for module in network.modules():
            if isinstance(module, nn.BatchNorm2d | nn.BatchNorm3d):
                nn.init.uniform_(module.weight, 0.5, 1.5)
                nn.init.uniform_(module.bias, -0.5, 0.5)
                nn.init.uniform_(module.running_mean, -0.3, 0.3)
                nn.init.uniform_(module.running_var, 0.5, 2)
        training = Training(
            images=("a.tif",),
            annotated_slices=((48,),),
            annotated_voxels=100,
            data_sha256="00",
            seed=7,
            steps=3,
            seconds=1.5,
            device="cpu",
            settings={},
            grey_dtype="uint8",
            grey_range=(40, 180),
        )
        facts = {"voxel_size_nm": (20, 26.4, 20.8), "temperature": 1.7, "training": training, **card}
        made = ModelCard(
            architecture=name,
            architecture_settings=network.settings,
            phases=phase_rows(PhaseTable.from_names(phases)),
            positive=1,
            normalisation=Normalisation(mean=110, std=40),
            scores={},
            versions={"keramos": "0"},
            **facts,
        )
        return Checkpoint(made, network.state_dict(), "5a" * 32)

    return build


@pytest.fixture(scope="session")
def once(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str, Callable[[], bytes]], bytes]:
    """Bytes that are made once in a run of several processes, by the first that asks: once("name", make)."""
    own = tmp_path_factory.getbasetemp()
    folder = (own.parent if "PYTEST_XDIST_WORKER" in os.environ else own) / "made-once"
    folder.mkdir(exist_ok=True)

    def read(name: str, make: Callable[[], bytes]) -> bytes:
        file = folder / name
        with FileLock(folder / f"{name}.lock"):
            if not file.exists():
                content = make()
                file.write_bytes(content)
            return file.read_bytes()

    return read


@pytest.fixture(scope="session")
def onnx_file(
    small_model: Callable[..., Checkpoint], once: Callable[[str, Callable[[], bytes]], bytes]
) -> Callable[[str], bytes]:
    """The ONNX file of a small network by its name, made once: onnx_file("unet")."""
    from keramos.networks import onnx_bytes

    return cache(lambda name: once(f"{name}.onnx", lambda: onnx_bytes(small_model(name))))


@pytest.fixture
def pictures_not_rendered(monkeypatch: pytest.MonkeyPatch) -> None:
    """Figures are made but saved as one grey dot."""
    leave_pictures_out(monkeypatch)
