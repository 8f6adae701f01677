"""The use cases of the MFA service: challenges and their one verifier, and the enrolment of apps that show codes.

Owns: the flow of a challenge, and the one verifier. Does not own numbers, nor registered methods as the administrators'
interfaces list them. Hands to: `ringfence.domain.signin`, which decides.
"""
