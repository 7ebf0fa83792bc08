"""One file per step, numbered without gaps."""
