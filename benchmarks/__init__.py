"""Benchmarks print ratios and times; they never fail on a slow machine."""
