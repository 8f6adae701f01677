"""Ringfence: two sets of phone numbers for each user, public and authentication, and one transition between them.

Owns: nothing but the name; every rule, statement and page lives in a room.
Does not own: a public Python interface. The contracts are the command line and its JSON.
Hands to: `domain` decides, `application` remembers, and the other rooms talk to the world; `bootstrap` joins them.
"""
