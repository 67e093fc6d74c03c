"""Alignment of slices: shifts between them at several distances, joined into one shift a slice."""
