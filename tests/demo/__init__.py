"""The example company and its story: it plays, and it meets every row of the tables."""
