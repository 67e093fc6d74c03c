"""Suffixes of mesh files."""

SURFACES = (".stl", ".ply", ".obj", ".vtp")
VOXELS = (".vtu", ".inp")
