"""Imaging defects, one a file: its parameters with units, how they are drawn, and how it changes grey values."""
