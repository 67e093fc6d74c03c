"""The axes of a model's tensors as bioimage.io describes them: (batch, channel, y, x)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

INPUT, OUTPUT = "grey", "scores"


def input_axes(spec: Any, facts: Mapping[str, Any]) -> list[Any]:
    """One channel for each neighbouring slice; y and x in steps of the stride from the least that the halo leaves
    something of. `facts` are those of `model_facts`."""
    reach = facts["planes"] // 2
    names = [f"slice {offset:+d}" if offset else "slice" for offset in range(-reach, reach + 1)]
    space = [
        spec.SpaceInputAxis(
            id=axis,
            size=spec.ParameterizedSize(min=least_size(stride, halo), step=stride),
            concatenable=True,
            **scale,
        )
        for axis, stride, halo, scale in _in_the_slice(facts)
    ]
    return [spec.BatchAxis(), spec.ChannelAxis(channel_names=names), *space]


def output_axes(spec: Any, facts: Mapping[str, Any]) -> list[Any]:
    """One channel for each phase; y and x as the input's, with the halo that is to be cut off where tiles meet."""
    space = [
        spec.SpaceOutputAxisWithHalo(
            id=axis, size=spec.SizeReference(tensor_id=INPUT, axis_id=axis), halo=halo, **scale
        )
        for axis, _, halo, scale in _in_the_slice(facts)
    ]
    return [spec.BatchAxis(), spec.ChannelAxis(channel_names=list(facts["phases"])), *space]


def least_size(stride: int, halo: int) -> int:
    """The smallest multiple of the stride of which a halo on both sides leaves something."""
    return (2 * halo // stride + 1) * stride


def _in_the_slice(facts: Mapping[str, Any]) -> list[tuple[str, int, int, dict[str, Any]]]:
    """Name, stride, halo and scale of y and x.

    Scales are whole picometres: sizes are reckoned as size * scale / scale by those who read them, and 48 * 26.4 / 26.4
    is not 48 in floating point.
    """
    size = facts["voxel_size_nm"]
    edges = [] if size is None else [max(1.0, float(round(1000 * edge))) for edge in size[1:]]
    scales = [{"scale": edge, "unit": "picometer"} for edge in edges] or [{}, {}]
    return list(zip("yx", facts["stride"][1:], facts["halo"][1:], scales, strict=True))
