"""The token service: OAuth 2.0 and OpenID Connect in Entra's URL shape.

Owns: paths, forms, claims of answers, Entra's error codes, the sign-in page. Does not own grants, passwords or keys
(`application.identity`). Hands to: `application.identity`, one use case for each request.
"""
