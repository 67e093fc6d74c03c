"""Makers of microscopes, one a file."""
