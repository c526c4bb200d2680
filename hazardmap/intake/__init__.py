"""The door for messy files: any vector file becomes a canonical table and a report, row by row."""

from hazardmap.intake import coordinates
from hazardmap.intake.adding import add
from hazardmap.intake.imported import Imported
from hazardmap.intake.importing import import_table
from hazardmap.intake.updating import Updated, update

__all__ = ["Imported", "Updated", "add", "coordinates", "import_table", "update"]
