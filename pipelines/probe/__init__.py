"""The first day with internet: does every real service still work as the pipelines expect."""
