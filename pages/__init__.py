"""The pages: read (warehouse), compute (benchmark), draw (charts); no SQL and no formulas here."""
