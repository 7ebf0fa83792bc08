"""Facts of each month and customer, kept under the digests they come from."""
