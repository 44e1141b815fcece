"""One module a source: what it is asked, how its answers are read, and what is refused."""
