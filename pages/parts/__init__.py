"""What pages share: choices, tables, figures, flags, the coordinator, and the parts of long pages."""
