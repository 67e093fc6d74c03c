"""The solver of fields of flow on voxels."""
