"""How it changes: what drives a change, and months, quarters and the wheel of the year."""
