"""Public and authentication numbers: canonical form, pairs, effective number, transition, copy and mirror tables.

Owns: the rules of domain-rules A, B and C as data and pure functions; the tables' rows are the one source of the Python
decider, of the SQL `CASE`, of the documentation and of every "explain".
Does not own: where numbers are kept or how they are sealed, and who may change them.
Hands to: `application`, which applies a verdict; `storage` compiles the same rows to SQL.
"""
