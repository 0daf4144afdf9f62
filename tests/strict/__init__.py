"""A double of CuPy, on NumPy's arrays, that refuses what CuPy lacks, forbids or leaves undefined.

`signatures` reads what CuPy 14.2 has from a snapshot of the real one, `crossing` guards the door
between the double's arrays and the host's, `rules` knows where the same name does other things,
`array` and `module` are what the library sees.
"""
