"""From the outside world into the warehouse: one module a source, one contract for all."""
