"""Areas, edges and distances of overlapping polygons by compiled code, without building any overlay.

`rings` lays polygons out, `gathering` takes what lies in a window, `sweep` measures what covers what, `beside` looks to
both sides of edges, `distances` finds the nearest edge, `sets` numbers sets of shapes, `winding` is the second method.
Nothing here is imported before it is needed: the compiler takes a second to load.
"""
