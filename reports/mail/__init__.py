"""The letters around a pack: addresses, headers, message, and notices to the owner."""
