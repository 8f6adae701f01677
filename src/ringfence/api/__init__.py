"""Our own HTTP API, `/mfa/v1`: an application asks one of its users for a second proof and hears whether it was given.

Owns: its paths, documents and error codes, and the OpenAPI file that says them (`api/openapi.json`). Does not own what a right
answer is. Hands to: `ringfence.application.mfa`. It never answers with a code, but for the seed of an app that is enrolled, once.
"""
