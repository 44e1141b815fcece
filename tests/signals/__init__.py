"""Tests of local signals: what a file may hold, what is done with it, and what is kept."""
