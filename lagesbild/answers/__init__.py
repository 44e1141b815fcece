"""Answers to the council built from frozen figures: documents, checked numbers, and checked statements."""
