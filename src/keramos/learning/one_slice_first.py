"""The first stage of a network of several slices: the same network learns to read the slice that is decided alone.

Single slices may be turned by any angle, and there is less in them to mistake for the material; the neighbours of an
annotated slice count once the network has learnt to use them. It is done where it is asked for: of two phantoms it made
all phases worse in the same time.
"""

from __future__ import annotations

from keramos.networks import ARCHITECTURES, Network, build_network
from keramos.segmenters import planes_of

RATE = 0.5
"""The factor on the learning rate in the rest of the training."""


def name_of_one_slice(model: str) -> str | None:
    """The network of one slice that a network can start from; None where there is none.

    Example:
        >>> name_of_one_slice("compact-7"), name_of_one_slice("compact"), name_of_one_slice("otsu")
        ('compact', None, None)
    """
    if model not in ARCHITECTURES or planes_of(model) == 1:
        return None
    return next((name for name in ARCHITECTURES[model].starts_from if planes_of(name) == 1), None)


def build_of_one_slice(network: Network, name: str) -> Network:
    """The network of that name, as large as `network`, with fresh weights."""
    known = ("classes", "channels", *ARCHITECTURES[name].options)
    return build_network(name, {option: network.settings[option] for option in known if option in network.settings})


def grow(network: Network, model: str, name: str, learnt: Network) -> None:
    """Put what the network of one slice has learnt into `network`, which decides as it does to begin with."""
    weights = {key: tensor.detach().cpu() for key, tensor in learnt.state_dict().items()}
    ARCHITECTURES[model].starts_from[name](network, weights)
