"""What is new since last time, and who is told: entries that are written once and never changed."""
