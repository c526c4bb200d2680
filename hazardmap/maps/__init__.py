"""Interactive maps: the columns that the core computed, drawn in one file that works with the network off.

The only room that imports folium. Computes nothing itself beyond counting rows and adding up columns.
"""

from hazardmap.maps.hazard_map import HazardMap, draw
from hazardmap.maps.packed_layer import PackedLayer
from hazardmap.maps.symbols import Symbol

__all__ = ["HazardMap", "PackedLayer", "Symbol", "draw"]
