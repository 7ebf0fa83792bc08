"""Numbers with their uncertainty: estimates, ranks, survival, signals, splits. They know nothing of customers."""
