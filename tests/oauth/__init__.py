"""The token service over the real application, store and crypto."""
