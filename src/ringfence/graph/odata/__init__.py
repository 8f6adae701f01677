"""OData's query language as Graph speaks it: text in, frozen values or `ODataError` out. Pure: no request, no clock.

Owns: the grammar of `$filter`, `$search`, `$orderby`, `$select`, `$expand` and of functions in a path, and the limits on them.
Does not own: which properties a resource has, which operators each allows, or how many items a page may hold.
Hands to: the resources of `graph`, which check the names and pass `domain.directory.query` on to `application`.
"""
