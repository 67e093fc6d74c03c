"""A network that begins with the weights of another: the same one, or one that sees fewer slices."""

from __future__ import annotations

from torch import nn

from keramos.core import PhaseTable, VoxelSize
from keramos.core.errors import SettingsError, VoxelSizeError
from keramos.networks import Checkpoint, Compact, build_network


def begun_from(start: Checkpoint, model: str, phases: PhaseTable, voxel_size: VoxelSize | None) -> nn.Module:
    """The network `model` with the weights of `start`. A network of several planes may begin with one of a single
    plane: it looks at the others only once it has learnt to (Carreira and Zisserman 2017 inflate alike).

    Raises:
        SettingsError: `start` is of another architecture, or knows other phases.
        VoxelSizeError: `start` was made for another voxel size.
    """
    card = start.card
    grows = card.architecture == "compact" and model in ("compact-5", "compact-7")
    if (card.architecture != model and not grows) or card.phase_table.names != phases.names:
        raise SettingsError(
            f"expected a {model} model with the phases {', '.join(phases.names)} (in this order) for --from, found "
            f"{card.architecture} with {', '.join(card.phase_table.names)}; name the labels' phases alike with "
            "--phases, or train without --from"
        )
    if card.voxel_size and voxel_size and not card.voxel_size.agrees_with(voxel_size):
        raise VoxelSizeError(
            f"expected images with voxels within 20 % of the {card.voxel_size} that the model of --from was made for, "
            f"found {voxel_size}; train without --from"
        )
    if not grows:
        return start.network().train()
    network = build_network(model, {name: card.architecture_settings[name] for name in ("classes", "width", "levels")})
    assert isinstance(network, Compact)
    network.take_one_slice(start.weights)
    return network
