"""Statistics as pure functions: no files, no network, no global state."""
