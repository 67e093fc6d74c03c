"""Structures that can be asked for by name, one body per file (see `keramos.simulation.body`)."""
