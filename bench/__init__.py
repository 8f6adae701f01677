"""How fast, and in how much memory: the main job measured against the bare minimum, in one run.

Owns: an invented directory of any size, the hand-written counterpart of each piece of work, and the table of figures.
Does not own: tests. Nothing here fails a build, for a time says something about a machine on a day; the ratio to the bare
minimum, both taken in turn on the same machine, says something about the code. Run it as `./dev bench`.
"""
