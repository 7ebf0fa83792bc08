"""One month's rows become one row per customer, additive over months."""
