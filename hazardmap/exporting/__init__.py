"""Files of one day for other programs: GIS, Google Earth, receivers, drawings, spreadsheets.

`writing` is the door, `product` says what is in a file, `imprint` what every file says of itself; the others write one
kind of file each. Everything written was decided elsewhere. Exports hold exact boundaries: they are internal.
"""

from hazardmap.exporting.product import LAYERS, USUAL
from hazardmap.exporting.writing import Exported, export, export_format, layers_asked

__all__ = ["LAYERS", "USUAL", "Exported", "export", "export_format", "layers_asked"]
