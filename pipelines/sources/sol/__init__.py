"""BRÅ's interactive database SOL: its pages, its limits and its files, without any knowledge of ours."""
