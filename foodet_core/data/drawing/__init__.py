"""How the sample food set is drawn: a small height-field painter and the things it can paint.

`patch` holds coordinates, noise and shapes; `light` shades and composes; `produce`, `dough` and `cooked` are the foods;
`table` and `clutter` what lies around them; `scene` puts a picture together. Numpy and OpenCV only.
"""
