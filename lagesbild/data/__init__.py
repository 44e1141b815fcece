"""What is stored and what is known beside it: the warehouse and its questions, reference tables, crime types, freshness."""
