"""Does a municipality stand out? Values, groups, everybody's answers, other methods, and their exports."""
