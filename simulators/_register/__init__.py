"""A fiscal register as a machine, whatever language it is spoken to: receipts, totals, fiscal memory, paper, faults.

Command layouts live in the family modules (`datecs_isl`, `datecs_isl_x`). The rule that never breaks: a document is in
fiscal memory, synced to disk, before anybody is told that it is closed.
"""
