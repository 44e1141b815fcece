"""What the coordinator keeps: local signals, decisions on flags, the alarm budget. Never in the warehouse."""
