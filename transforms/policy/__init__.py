"""Scoring rules: values that check themselves, their text, and the figures that are quoted from elsewhere."""
