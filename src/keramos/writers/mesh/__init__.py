"""Surfaces of a phase and meshes of voxels."""
