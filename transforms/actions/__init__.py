"""Customers to act on: why, with which play, who and by when, and what became of those of last month."""
