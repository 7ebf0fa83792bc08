"""One month: pulled, checked, scored, printed, and how it ended."""
