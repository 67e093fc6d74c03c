"""The uncertainty of a segmentation: its errors on annotated slices, and realizations sampled from its scores."""
