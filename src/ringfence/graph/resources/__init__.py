"""One module per resource of Graph; each hands over its routes.

Owns: the shape of each resource on the wire. Does not own: permissions (`graph.permissions`), rules (`domain`).
"""

from __future__ import annotations

from ringfence.graph.resources import (
    audit_logs,
    emails,
    methods,
    passwords,
    phones,
    policies,
    preferences,
    registrations,
    reports,
    sign_ins,
    user_changes,
    users,
)
from ringfence.graph.routes import Route


def all_routes() -> list[Route]:
    """Every route of the API."""
    of_methods = (phones, emails, passwords, registrations, methods, preferences)
    rooms = (users, user_changes, *of_methods, audit_logs, sign_ins, reports, policies)
    return [route for room in rooms for route in room.ROUTES]
