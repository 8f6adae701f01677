"""The server itself: as a process, over TLS."""
