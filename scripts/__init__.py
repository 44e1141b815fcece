"""Tools for those who build the project."""
