"""The measurements, each beside its ceiling in the same run. `python -m bench [NAME …]` prints JSON."""
