"""Kinds of places to look at, one a file."""
