"""The challenge of a second factor: its states, who is locked out, which code is right.

Owns: the state table and the lockout of a method. Does not own: numbers, codes and methods. Hands to: `domain.numbers` for the
number that is contacted, `domain.methods` for who is registered for what. Sources: domain-rules D.4 to D.7, D.10; lessons 1.
"""
