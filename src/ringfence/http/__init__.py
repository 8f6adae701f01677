"""What every HTTP surface shares and nothing else: the server, who is asking, limits, request ids, health, metrics.

Owns: no path but `/health/…` and `/metrics`. Does not own any wire format of a surface, or rules.
Hands to: `ringfence.graph` and `ringfence.oauth`, which `ringfence.bootstrap` mounts.
"""
