"""Curves of several subvolumes of one size as one: each counts by how much of the phase it holds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

Columns = Mapping[str, Sequence[float]]


def pool_shares(several: Sequence[Columns], weights: Sequence[float]) -> dict[str, list[float]]:
    """Shares (the second column) at values (the first), all together, in ascending order.

    Example:
        >>> pool_shares([{"width": [1.0, 2.0], "share": [0.5, 0.5]}, {"width": [2.0], "share": [1.0]}], [3, 1])
        {'width': [1.0, 2.0], 'share': [0.375, 0.625]}
    """
    value, share = several[0]
    values, number = np.unique(np.concatenate([columns[value] for columns in several]), return_inverse=True)
    parts = [weight * np.asarray(columns[share]) for columns, weight in zip(several, weights, strict=True)]
    sums = np.bincount(number, np.concatenate(parts)) / sum(weights)
    return {value: values.tolist(), share: sums.tolist()}


def pool_reached(several: Sequence[Columns], weights: Sequence[float]) -> dict[str, list[float]]:
    """Means of the shares that are reached at each value of the first column or a larger one, which come first.

    Example:
        >>> pool_reached([{"radius": [3.0, 1.0], "share": [0.5, 1.0]}, {"radius": [2.0], "share": [1.0]}], [3, 1])
        {'radius': [3.0, 2.0, 1.0], 'share': [0.375, 0.625, 1.0]}
    """
    value, *names = several[0]
    values = np.unique(np.concatenate([columns[value] for columns in several]))[::-1]
    pooled = {value: values.tolist()}
    for name in names:
        reached = [
            np.append(0.0, columns[name])[np.searchsorted(-np.asarray(columns[value]), -values, side="right")]
            for columns in several
        ]
        pooled[name] = np.average(reached, axis=0, weights=weights).tolist()
    return pooled


def pool_quantiles(several: Sequence[Columns], _: Sequence[float]) -> dict[str, list[float]]:
    """Means of the values (the first column) at each share (the second), which all have in common: of ways through the
    phase, of which there is one for each subvolume, whatever it holds.

    Example:
        >>> ways = [{"length": [1.0, 2.0], "share": [0.0, 1.0]}, {"length": [1.5, 4.0], "share": [0.0, 1.0]}]
        >>> pool_quantiles(ways, [3, 1])
        {'length': [1.25, 3.0], 'share': [0.0, 1.0]}
    """
    value, share = several[0]
    return {
        value: np.mean([columns[value] for columns in several], axis=0).tolist(),
        share: list(several[0][share]),
    }
