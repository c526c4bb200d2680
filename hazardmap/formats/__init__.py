"""What a file is, by its content, and whether it may be opened.

The one place that decides it, before any reader sees the file. Knows nothing of tables, columns or coordinates.
"""

from hazardmap.formats.parts import companion
from hazardmap.formats.paths import local_path
from hazardmap.formats.sniffing import NAMES, SUFFIXES, sniff

__all__ = ["NAMES", "SUFFIXES", "companion", "local_path", "sniff"]
