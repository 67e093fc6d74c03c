"""The models of a project as networks that look at single slices of its stack."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from keramos.annotation import SliceViewer
from keramos.core import PhaseTable, Volume
from keramos.core.errors import SettingsError
from keramos.learning import pick_device
from keramos.networks import Checkpoint, Normalisation, give_phases, load_checkpoint
from keramos.project.assist.beginnings import Scores, guess_phases, load_beginning, match_phases
from keramos.project.assist.model_records import ModelRecords
from keramos.project.assist.places import BUNDLED_WEIGHTS
from keramos.project.assist.squares import Codes
from keramos.project.assist.training_slices import choose_grid
from keramos.segmenters import resample_to_model, segmenter_of, stack_constants

_KEPT = 3
_LOOKED_AT = 2
"""Drawn slices that a model looks at before it learns: which phase is which, and whether it agrees already."""


@dataclass(frozen=True, eq=False)
class Start:
    """Weights that a training begins with, those of the model `number`, and their `scores` in a few drawn slices;
    `groups` gives for each phase the first of those that they do not tell apart from it."""

    checkpoint: Checkpoint
    number: int
    scores: Scores
    groups: NDArray[np.uint8]

    @property
    def tells_all_apart(self) -> bool:
        return len(set(self.groups.tolist())) == len(self.groups)


class StackNetworks:
    """Opens models of a project by number, ready for its stack; the last few are kept."""

    def __init__(self, volume: Volume, phases: PhaseTable, records: ModelRecords, device: str = "auto") -> None:
        self.volume, self.phases, self.records = volume, phases, records
        self.device = pick_device(device)  # type: ignore[arg-type]
        self._constants: tuple[float, float] | None = None
        self._viewers: dict[int, SliceViewer] = {}

    def view_with(self, number: int) -> SliceViewer:
        """A viewer that looks at slices with a model.

        Raises:
            SettingsError: the bundled weights, which tell two phases apart, for more; or no model of that number.
        """
        if number not in self._viewers:
            self._viewers = dict(list(self._viewers.items())[1 - _KEPT :])
            self._viewers[number] = self._open(self.load(number))
        return self._viewers[number]

    def forget(self, number: int) -> None:
        """Read a model again when it is next needed: its file has changed."""
        self._viewers.pop(number, None)

    def load(self, number: int) -> Checkpoint:
        """The model of that number, for the phases of the project. SettingsError as in `view_with`."""
        if number != BUNDLED_WEIGHTS:
            self.records.get(number)
            return self._rename(load_checkpoint(self.records.file(number)))
        guessed = guess_phases(load_beginning(self.volume), self.phases)
        if guessed is None:
            raise SettingsError(
                f"the bundled weights tell void and solid apart, not {len(self.phases)} phases: nothing is proposed "
                "until something is learnt"
            )
        return guessed

    def load_start(self, number: int, drawn: Codes) -> Start:
        """The weights that a training of these labels begins with: those of the model `number`; the bundled ones where
        that has other phases."""
        labelled = sorted(drawn, key=lambda z: (-int(np.sum(drawn[z] < len(self.phases))), z))[:_LOOKED_AT]
        if number != BUNDLED_WEIGHTS:
            checkpoint = load_checkpoint(self.records.file(number))
            if len(checkpoint.card.phases) == len(self.phases):
                own = {z: self.scores(number, z) for z in labelled}
                return Start(self._rename(checkpoint), number, own, np.arange(len(self.phases), dtype=np.uint8))
        start = load_beginning(self.volume)
        viewer = self._open(start)
        scores = {z: viewer.scores(z) for z in labelled}
        origins = match_phases(self.phases, drawn, scores)
        groups = np.array([origins.index(origin) for origin in origins], np.uint8)
        own = {z: each[origins] for z, each in scores.items()}
        return Start(give_phases(start, self.phases, origins), BUNDLED_WEIGHTS, own, groups)

    def scores(self, number: int, z: int) -> NDArray[np.float32]:
        """Scores (phases, Y X) of slice z by a model."""
        return self.view_with(number).scores(z)

    def _rename(self, checkpoint: Checkpoint) -> Checkpoint:
        """The model with the project's names and colours of its phases, which may have changed since."""
        known = len(checkpoint.card.phases)
        if known != len(self.phases):
            raise SettingsError(
                f"the model knows {known} phases, the project has {len(self.phases)} now: learn again, or use an "
                "earlier model of as many phases"
            )
        same = checkpoint.card.phase_table == self.phases
        return checkpoint if same else give_phases(checkpoint, self.phases, range(known))

    def _open(self, checkpoint: Checkpoint) -> SliceViewer:
        segmenter = segmenter_of(self._adapt(checkpoint), device=self.device)
        size = segmenter.signature.voxel_size
        if choose_grid(self.volume.voxel_size, size) is not None:
            segmenter = resample_to_model(segmenter, self.volume)
        return SliceViewer(self.volume, segmenter.fit_to(self.volume))

    def _adapt(self, checkpoint: Checkpoint) -> Checkpoint:
        """The model with the grey level and contrast of the stack, which is looked through for them once."""
        scope = checkpoint.card.normalisation
        if scope is None or scope.scope == "fixed":
            return checkpoint
        if self._constants is None:
            self._constants = stack_constants(self.volume)
        mean, std = self._constants
        own = Normalisation(mean=mean, std=std, scope="fixed")
        return replace(checkpoint, card=checkpoint.card.model_copy(update={"normalisation": own}))
