"""The HTTP API compatible with Microsoft Graph.

Owns: wire names, routes, query options, the shapes of answers, and the code and words of each error on the wire. It reads the
clock. Does not own: rules or use cases, SQL, who is asking (`http`). Hands to: `application`, one use case for each request.
"""
