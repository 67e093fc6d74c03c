"""The protocol of every segmenter, threshold or network, as commands and the block engine use it.

`SEGMENTERS` holds those that can be named, such as `otsu`. A file in `methods/` registers one by a module-level
`Segmenter`; another package does by an entry point of the group `keramos.segmenters`.
"""

from __future__ import annotations

from dataclasses import fields, replace
from typing import TYPE_CHECKING, Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from keramos.core import PhaseTable, Volume
from keramos.core.errors import SettingsError
from keramos.core.options import Settings, list_options, plain
from keramos.core.progress import Progress, Reporter, silent
from keramos.core.registry import Registry
from keramos.networks.signature import Signature
from keramos.segmenters.labelled import LabelledSlices

if TYPE_CHECKING:
    from keramos.blocks import Block
    from keramos.networks.card import ModelCard

NO_BACKEND = "none"


class Segmenter:
    """Base of all segmenters. A subclass is a dataclass whose fields are its parameters, `phases` among them; at least
    it gives `scores` and an `identity`.

    Attributes:
        name: for `--model`.
        phases: the phases that it tells apart.
        signature: what it reads for what it decides; by default the voxel alone, of two phases.
        title: in tables.
        description: one line for `keramos models`.
        reference: where it was published.
        paper: whether it is one of the methods of Hirabayashi et al. 2024, which `keramos compare` compares.
        has_scores: whether scores say how sure it is; thresholds only decide, with scores of 0 and 1.
        adapts: whether `fit_to` looks at the grey values of the volume.
        has_scale: whether it was made for one voxel size.
        max_phases: how many phases it can tell apart; None for any number.
        options: settings that users may choose when they segment; each sets the field of its name in `options`.
        card: of the trained model, where there is one.
        device, backend: what it runs on and by, where there is a choice; a backend of `none` where there is not.
    """

    name: str
    phases: PhaseTable
    title: str = ""
    description: str = ""
    reference: str = ""
    paper: bool = False
    has_scores: bool = True
    adapts: bool = False
    has_scale: bool = False
    max_phases: int | None = None
    options: ClassVar[type[Settings]] = Settings
    card: ModelCard | None = None
    device: str = "cpu"
    backend: str = NO_BACKEND

    if TYPE_CHECKING:  # a field, an attribute or a property, as the subclass likes

        @property
        def signature(self) -> Signature: ...
    else:
        signature = Signature()

    def scores(self, pixels: NDArray[Any], block: Block) -> NDArray[np.float32]:
        """Scores in 0 ... 1, (classes, Z, Y, X) of `block.core`, from the pixels of `block.read`: Z Y X, or Z Y X
        and channels for one whose signature says so."""
        raise NotImplementedError

    def codes(self, pixels: NDArray[Any], block: Block) -> NDArray[np.uint8]:
        """Codes (Z Y X) of `block.core`, of the highest scores: what is asked for where scores are of no use."""
        return decide(self.scores(pixels, block))

    def identity(self) -> str:
        """A text that differs between any two segmenters that may give different scores."""
        raise NotImplementedError

    def codes_and_scores(
        self,
        pixels: NDArray[Any],
        block: Block,
        *,
        grey_scale: float,  # noqa: ARG002
    ) -> tuple[NDArray[np.uint8], NDArray[np.float32] | None]:
        """Codes (Z Y X) of `block.core`, and numbers in 0 ... 1 that rank its voxels by how likely they are of the
        positive phase, for ROC curves; None where a method does not rank them. Thresholds rank by the distance from
        the threshold: those ranks rise by 0.25 over `grey_scale` grey levels at most.
        """
        scores = self.scores(pixels, block)
        return decide(scores), scores[self.phases.positive] if self.has_scores else None

    def for_volume(self, volume: Volume) -> Self:  # noqa: ARG002
        """This segmenter as it is used by name alone, without training, on grey values such as the volume's."""
        return self

    def fit_to(self, volume: Volume, progress: Progress = silent) -> Self:  # noqa: ARG002
        """This segmenter, ready for `volume` after a first pass over it where it needs one."""
        return self

    def choose_parameters(self, data: LabelledSlices, *, half_range: float, progress: Progress = silent) -> Self:  # noqa: ARG002
        """This segmenter with the parameters that suit annotated slices best; `half_range` is half the range of their
        grey values.

        Raises:
            SettingsError: it has none to choose.
        """
        raise SettingsError(f"{self.name} has no parameters to train; segment with --model {self.name}")

    def parameters(self) -> dict[str, Any]:
        """Everything that a model file keeps of it, as JSON values: its fields, phases apart."""
        names = [field.name for field in fields(self) if field.name not in ("name", "phases")]  # type: ignore[arg-type]
        return {name: plain(getattr(self, name)) for name in names}

    def from_parameters(self, phases: PhaseTable, parameters: dict[str, Any]) -> Self:
        """The segmenter whose `parameters` a model file keeps."""
        chosen = {name: tuple(value) if isinstance(value, list) else value for name, value in parameters.items()}
        return replace(self, phases=phases, **chosen)  # type: ignore[type-var]

    def takes(self, option: str) -> bool:
        """Whether users may choose an option of that name."""
        return any(row.name == option for row in list_options(self.options))

    def with_options(self, **given: Any) -> Self:
        """This segmenter with options chosen by name; None leaves one as it is.

        Raises:
            SettingsError: it has no such option, or another value was expected.
        """
        chosen = {name: value for name, value in given.items() if value is not None}
        rows = {row.name: row.field for row in list_options(self.options)}
        for name in chosen:
            if name not in rows:
                raise SettingsError(f"{self.name} has no option {name.replace('_', ' ')}; leave it out")
        settings = self.options(**{rows[name]: value for name, value in chosen.items()})
        return replace(self, **{rows[name]: getattr(settings, rows[name]) for name in chosen})  # type: ignore[type-var]

    def with_backend(self, name: str) -> Self:  # noqa: ARG002
        """This segmenter, run by that backend."""
        return self

    def choose_backend(self, volume: Volume, reporter: Reporter) -> str:  # noqa: ARG002
        """The backend that is fastest for the volume and decides alike."""
        return self.backend

    def limit_threads(self, threads: int) -> None:
        """Called in a worker process, so that the workers do not fight over the cores."""

    def take_device(self, worker: int) -> None:
        """Called in a worker process with its number, before the first block, so that each has a GPU of its own."""

    def summary(self) -> str:
        """Its parameters in a few words, for tables."""
        return ", ".join(f"{name} {value}" for name, value in self.parameters().items())

    def facts(self) -> dict[str, Any]:
        """Facts for the provenance record beside its name, as JSON values."""
        return {}


SEGMENTERS: Registry[Segmenter] = Registry("segmenters", Segmenter, "keramos.segmenters.methods")


def decide(scores: NDArray[np.float32]) -> NDArray[np.uint8]:
    """The code of the highest score of `scores` (classes, ...); on a tie the lower code.

    Example:
        >>> decide(np.array([[0.2, 0.5], [0.8, 0.5]], np.float32)).tolist()
        [1, 0]
    """
    codes, highest = np.zeros(scores.shape[1:], np.uint8), scores[0]
    for code in range(1, len(scores)):  # several times faster than argmax across the classes
        higher = scores[code] > highest
        np.maximum(codes, higher.view(np.uint8) * np.uint8(code), out=codes)
        if code + 1 < len(scores):
            highest = np.maximum(highest, scores[code])
    return codes
