"""A model for other phases than it was trained for: each begins as one of those that it knows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from keramos.core import PhaseTable
from keramos.core.errors import SettingsError
from keramos.networks.architecture import ARCHITECTURES
from keramos.networks.card import phase_rows
from keramos.networks.checkpoint import Checkpoint


def give_phases(start: Checkpoint, phases: PhaseTable, origins: Sequence[int]) -> Checkpoint:
    """The model `start` for `phases`, each of which has the weights of the phase `origins[code]` of `start`.

    Phases of one origin share its score, until a training tells them apart.

    Raises:
        SettingsError: not one origin for each phase, an origin that `start` does not know, or an architecture that does
            not say which of its weights belong to which phase.

    Example:
        >>> from keramos.networks import load_bundled
        >>> table = PhaseTable.from_names(["metal", "ceramic", "pore"])
        >>> give_phases(load_bundled("porous-solid", 1), table, [1, 1, 0]).network().settings["classes"]
        3
    """
    architecture, classes = ARCHITECTURES[start.card.architecture], len(start.card.phases)
    if not architecture.per_phase:
        raise SettingsError(f"a {architecture.name} model cannot be given other phases; train one from fresh weights")
    if len(origins) != len(phases) or not all(0 <= origin < classes for origin in origins):
        raise SettingsError(
            f"expected a phase of 0 to {classes - 1} to begin with for each of {len(phases)}, found {list(origins)}"
        )
    weights = dict(start.weights)
    for name in architecture.per_phase:
        rows = weights[name].reshape(classes, -1, *weights[name].shape[1:])
        weights[name] = rows[list(origins)].flatten(0, 1).contiguous()
    settings = {**start.card.architecture_settings, "classes": len(phases)}
    new = {"phases": phase_rows(phases), "positive": phases.positive, "architecture_settings": settings}
    made_from = f"{start.sha256} as {','.join(map(str, origins))}"
    return replace(start, card=start.card.model_copy(update=new), weights=weights, sha256=made_from)
