"""One suite for the unit of work, run on every database it stands on; and what the other tests of storage share.

Owns: databases to test on (`engines`), made-up accounts (`accounts`), clocks (`clocks`) and joined services (`services`).
Does not own: what the use cases do with a unit of work.
"""
