"""The MFA API over the real application."""
