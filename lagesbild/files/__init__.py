"""What every room that keeps a file of its own needs of the disk."""
