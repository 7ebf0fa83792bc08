"""The sources as they were seen: one canonical table of one month per file, named by its digest, and the chain of them behind a month."""
