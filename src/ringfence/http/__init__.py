"""What every HTTP surface shares and nothing else: server, gate, who is asking, limits, request ids, health, metrics.

Owns: no path but `/health/…` and `/metrics`. Does not own any wire format of a surface, or rules.
Hands to: `ringfence.graph`, `ringfence.api` and `ringfence.oauth`, which `ringfence.serving` mounts.
"""
