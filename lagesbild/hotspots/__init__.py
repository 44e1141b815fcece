"""Hotspots in space and time: clusters of months and places, their categories, and scans for outbreaks."""
