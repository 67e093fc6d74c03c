"""Options of the small verbs: info, models, demo, run, fetch, import-authors."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from keramos.core import Triple
from keramos.core.errors import SettingsError
from keramos.core.options import Settings, option
from keramos.settings.kinds import output_path


@dataclass(frozen=True, kw_only=True)
class InfoSettings(Settings):
    """Show what a file is: shape, voxel size, phases, model card, provenance."""

    path: str | Path | None = option(
        None,
        help="A stack, labels, scores or a model file; may be left out with --support.",
        group="Files",
        given=str,
        metavar="PATH",
        argument=True,
        reads=True,
    )
    detector: str | None = option(
        None, help="Look at the images of this detector only.", group="Reading", metavar="NAME"
    )
    support: bool = option(
        False,
        help="Also what a question or a report of a mistake needs: the machine and the versions of all packages.",
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.path is None and not self.support:
            raise SettingsError(
                "expected a file or folder to describe, found none; name it, or ask for --support alone"
            )


@dataclass(frozen=True, kw_only=True)
class ModelsSettings(Settings):
    """Networks, methods and bundled weights: the slices (planes) they read, their cost, their speed."""

    speed: bool = option(False, help="Measure each network on this machine, some seconds.")


@dataclass(frozen=True, kw_only=True)
class DemoSettings(Settings):
    """The whole job on simulated images: phantom, one annotated slice, train, segment, evaluate, quantify, report."""

    out: Path = output_path("demo", "keramos-demo", help="Folder for all results.", metavar="DIR", leading=True)
    quick: bool = option(False, help="A smaller phantom and a shorter training.")
    shape: Triple | None = option(None, help="Voxels of the phantom along z y x.", internal=True)
    budget: float | None = option(None, help="Training time.", unit="s", internal=True)
    severity: float = option(0.5, help="Artefact strength.", internal=True)
    seed: int = option(0, help="Random seed.", internal=True)
    domain: int | None = option(None, help="Edge of the cube used for transport and thickness.", internal=True)


@dataclass(frozen=True, kw_only=True)
class RunSettings(Settings):
    """Run a whole pipeline. Up-to-date steps are skipped; an interrupted step is resumed."""

    recipe: Path = option(
        help="The pipeline; see examples/.",
        group="Files",
        convert=Path,
        metavar="RECIPE.toml",
        argument=True,
        reads=True,
    )
    dry_run: bool = option(False, help="Only say which steps would be done, and why.")
    fresh: bool = option(False, help="Do every step again.", affects_result=False)


@dataclass(frozen=True, kw_only=True)
class FetchSettings(Settings):
    """Download the files that the paper's authors released. Needs the internet; shows their licence first."""

    what: Literal["authors"] = option(help="What to download.", group="Files", metavar="authors", argument=True)
    out: Path = output_path("downloads", help="Folder to put it in.", metavar="DIR", leading=True)


@dataclass(frozen=True, kw_only=True)
class ImportAuthorsSettings(Settings):
    """Convert the authors' training set to images and labels, or their U-Net to a model. Nothing in the file is run."""

    path: Path = option(
        help="train_dataset.npy.gz or unet.h5, as released.",
        group="Files",
        convert=Path,
        metavar="PATH",
        argument=True,
        reads=True,
    )
    out: Path = output_path(
        "import", help="A model file, or a folder for the images.", metavar="FILE|DIR", leading=True
    )
