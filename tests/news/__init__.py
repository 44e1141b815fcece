"""Tests of the room of news."""
