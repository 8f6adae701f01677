"""Storage at work: what SQL decides equals what the rules say, writers share the database, and a killed process loses nothing.

Owns: the second processes that tests start (`worker`, `processes`) and what they compare (`pictures`).
Does not own: the contract of the unit of work (`tests.contract`).
"""
