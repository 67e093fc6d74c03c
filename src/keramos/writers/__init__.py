"""Output formats: stacks, labels, models and annotated stacks for other software, one member each."""

from keramos.writers.writer import WRITERS, Model, Pairs, Takes, Writer, writer_options

__all__ = ["WRITERS", "Model", "Pairs", "Takes", "Writer", "writer_options"]
