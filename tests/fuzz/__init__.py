"""Fuzzers of every codec and parser: the list is TARGETS in targets.py, the ways to drive it are beside it."""
