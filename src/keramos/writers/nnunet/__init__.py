"""Annotated stacks as a data set in the layout of nnU-Net v2."""
