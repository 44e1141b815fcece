"""The command line: ``main`` finds the command, and each command is a file with its options and what it does."""
