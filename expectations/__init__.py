"""What must be true of every table and of the results."""
