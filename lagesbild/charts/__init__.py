"""One function, one chart: figures from frames and parameters; the theme is in one place."""
