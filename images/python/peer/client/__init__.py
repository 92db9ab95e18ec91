"""The client role: runs scripts and reports what it saw."""
