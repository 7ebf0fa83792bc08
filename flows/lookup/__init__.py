"""What people ask of what is kept: why, cards, packs as of a day, policies tried on the past. Nothing is published from here."""
