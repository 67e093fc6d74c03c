"""Parts of the command that follows on another."""

from __future__ import annotations

from keramos.core import VoxelSize


def ask_for_voxel_size(size: VoxelSize | None) -> list[str]:
    """Nothing where the voxel size is known; otherwise the option, with names in place of the numbers (nm).

    Example:
        >>> ask_for_voxel_size(VoxelSize(20, 5, 5)), ask_for_voxel_size(None)
        ([], ['--voxel-size', 'Z_NM', 'Y_NM', 'X_NM'])
    """
    return [] if size is not None else ["--voxel-size", "Z_NM", "Y_NM", "X_NM"]
