"""The use cases: one function for each thing somebody can ask for, named in the administrator's words.

Owns: the transaction, the order of load, decide, record and commit, and the ports: what a use case needs, as Protocols.
Does not own: rules, SQL, wire formats, the clock; `now` is a parameter.
Hands to: `domain` for every decision; `storage`, `crypto` and `sources` stand behind the ports.
"""
