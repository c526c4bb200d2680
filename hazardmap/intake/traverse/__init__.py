"""Minefield records as they are written: from a landmark by bearing and distance, point to point."""

from hazardmap.intake.traverse.reading import Traverses, read_traverses

__all__ = ["Traverses", "read_traverses"]
