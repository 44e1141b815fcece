"""Tests of what the coordinator keeps."""
