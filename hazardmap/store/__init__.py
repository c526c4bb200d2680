"""The programme on disk: one GeoPackage, or a folder of files named after the tables.

A round trip loses nothing, or the save is refused. A save killed at any moment leaves the old programme or the new one.
"""

from hazardmap.store.content import content_hash
from hazardmap.store.doors import read, write
from hazardmap.store.saving import one_writer

__all__ = ["content_hash", "one_writer", "read", "write"]
