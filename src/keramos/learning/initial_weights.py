"""Initial weights of a training: those of the same architecture, or of one that it can start from."""

from __future__ import annotations

from keramos.core import PhaseTable, VoxelSize
from keramos.core.errors import SettingsError, VoxelSizeError
from keramos.networks import ARCHITECTURES, Checkpoint, Network, build_network


def initialise_from(
    start: Checkpoint, model: str, phases: PhaseTable, voxel_size: VoxelSize | None, channels: int = 1
) -> Network:
    """The network `model`, for so many images of each slice, with the weights of `start`. An architecture says which
    others it can start from: a network of several planes or channels may start from one of a single one.

    Raises:
        SettingsError: `start` is of another architecture, knows other phases, or reads more channels.
        VoxelSizeError: `start` was made for another voxel size.
    """
    card, architecture = start.card, ARCHITECTURES[model]
    convert = architecture.starts_from.get(card.architecture)
    if (card.architecture != model and convert is None) or card.phase_table.names != phases.names:
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
    known = 1 + len(card.further_channels)
    if known > channels or (convert is None and known != channels):
        raise SettingsError(
            f"expected a model for --from that reads images of {channels} detector(s) or fewer, found one that reads "
            f"{known}; give the images of as many, or train without --from"
        )
    if card.architecture == model and known == channels:
        network = start.network()
        network.train()
        return network
    names = [name for name in ("classes", *architecture.options) if name in card.architecture_settings]
    several = {"channels": channels} if channels > 1 else {}
    network = build_network(model, {**{name: card.architecture_settings[name] for name in names}, **several})
    if convert is not None:
        convert(network, start.weights)
    return network
