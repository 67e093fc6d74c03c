"""Imaging defects, one per file: parameters with units, how they are drawn, and how they change the images."""
