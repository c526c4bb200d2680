"""Typed positions: degrees, UTM, MGRS, Gauss-Krüger, any CRS; read into WGS 84 with their accuracy, and written back.

Nothing is guessed: datum, order and decimal sign are stated, or are the only ones possible.
"""

from hazardmap.intake.coordinates.columns import parse, parse_columns
from hazardmap.intake.coordinates.position import Position, Positions
from hazardmap.intake.coordinates.writing import FORMS, to_mgrs, written, written_in

__all__ = ["FORMS", "Position", "Positions", "parse", "parse_columns", "to_mgrs", "written", "written_in"]
