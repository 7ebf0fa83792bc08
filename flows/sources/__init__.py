"""One way in per kind of source; vendor words, encodings and time zones end here."""
