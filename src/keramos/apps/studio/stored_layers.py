"""Layers whose files are there when a studio is opened: the proposal, and those that were shown when it was closed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING

from keramos.apps.studio.label_layers import open_layers
from keramos.apps.studio.proposal_layers import show_proposals
from keramos.apps.studio.readable import find_kept
from keramos.core import Finding
from keramos.core.errors import KeramosError, SettingsError

if TYPE_CHECKING:
    from keramos.apps.studio.studio import Studio

MOST_LAYERS = 24


def show_stored_layers(studio: Studio) -> None:
    """Show them. A layer that cannot be shown is a finding of the studio; it is forgotten, unless its file is only out
    of reach of this studio."""
    rows = {row["path"]: row for row in studio.workspace.read_layers()[:MOST_LAYERS]}
    shows: list[Callable[[Studio], None]] = [show_proposals, *(partial(_open_again, row) for row in rows.values())]
    for show in shows:
        try:
            show(studio)
        except KeramosError as error:
            studio.doubts.append(Finding("layer-not-shown", str(error), "the layer is not shown"))
            studio.broadcast({"type": "project"})


def _open_again(row: Mapping[str, str], studio: Studio) -> None:
    name = row["name"]
    try:
        path = find_kept(studio, row["path"])
        if name in studio.layers:
            raise SettingsError(f"{path.name} was kept under the name of another layer, {name[:80]}; open it again")
        for layer in open_layers(name, path.name, path, studio.images.shape, studio.cache):
            studio.show_layer(layer)
    except SettingsError:
        raise
    except KeramosError:
        studio.workspace.forget_layer(name)
        raise
