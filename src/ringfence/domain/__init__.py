"""The rules: what counts as a number, what is copied or mirrored, who is matched to whom.

Owns: values, vocabularies, deciders that take facts and return a verdict, and the closed family of errors.
Does not own: a clock (time is a parameter), randomness, I/O, SQL, a framework. It stands on the standard library alone, and on
`phonenumbers` in one file (`numbers/metadata.py`).
Hands to: `application`, which loads the facts and records the verdict.
"""
