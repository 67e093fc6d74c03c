"""How large the blocks of a run may be, so that it keeps to its memory.

a block takes: its pixels, scores and their copies; and what the predictor holds while it works on a batch of slices
"""

from __future__ import annotations

from keramos.errors import SettingsError
from keramos.models import Signature
from keramos.tiling import Plan, plan_blocks
from keramos.volume import Triple

CHUNK: Triple = (16, 256, 256)
BATCH_BYTES = 2**28
"""Slices are run together until their activations take this much: enough to be fast."""

_BASE_BYTES = 3 * 2**27
"""The interpreter, the libraries and the reader's cache, in each process; measured on one core, rounded up."""
_BYTES_PER_VOXEL_AND_CLASS = 16
"""Scores, in float32, their copies where they are put together, and those that are written."""
_BYTES_PER_VOXEL = 16
"""Grey values, as they are and as float32, and the decision."""


def plan_for(shape: Triple, signature: Signature, *, memory_bytes: int, workers: int = 1) -> Plan:
    """The plan with the largest blocks for which each of the workers keeps to its share of the memory.

    Raises:
        SettingsError: even the smallest block needs more.
    """
    room = memory_bytes // max(1, workers) - _BASE_BYTES
    voxels = 2**28
    while True:
        plan = plan_blocks(shape, halo=signature.halo, stride=signature.stride, chunk=CHUNK, max_voxels=voxels)
        need = _need(plan, signature)
        if need <= room:
            return plan
        if voxels < 2**10:
            break
        voxels //= 2
    least = -(-(need + _BASE_BYTES) * max(1, workers) // 2**20)
    raise SettingsError(
        f"expected at least {least} MiB of --memory for this model and {workers} worker(s), found "
        f"{memory_bytes // 2**20} MiB"
    )


def batch_of(slice_pixels: int, bytes_per_pixel: int) -> int:
    """How many slices of that size are run together."""
    return max(1, BATCH_BYTES // max(1, slice_pixels * bytes_per_pixel))


def _need(plan: Plan, signature: Signature) -> int:
    """Bytes that the largest block takes."""
    z, y, x = (
        min(core + 2 * halo + 2 * (stride - 1), n)
        for core, halo, stride, n in zip(plan.core_shape, signature.halo, signature.stride, plan.shape, strict=True)
    )
    batch = min(z, batch_of(y * x, signature.bytes_per_pixel))
    each = _BYTES_PER_VOXEL + _BYTES_PER_VOXEL_AND_CLASS * signature.classes + signature.bytes_per_voxel
    held = z * y * x * each
    return held + batch * y * x * signature.bytes_per_pixel
