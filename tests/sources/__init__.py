"""Stand-ins of the sources."""
