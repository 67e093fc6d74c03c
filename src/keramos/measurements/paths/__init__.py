"""Lengths of the shortest paths through a phase."""
