"""The readers of other directories, over files written here: real shapes, broken ones, and whatever Hypothesis thinks of."""
