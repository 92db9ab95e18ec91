"""The server role: the standard test service."""
