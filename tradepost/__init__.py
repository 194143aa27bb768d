"""The command line: wires the other packages together. Nothing imports it."""
