"""One way in per kind of source: vendors' words, encodings and time zones end here."""
