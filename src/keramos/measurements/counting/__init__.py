"""Counting in blocks: configurations of voxels, runs, components, windows, and intervals from their spread."""
