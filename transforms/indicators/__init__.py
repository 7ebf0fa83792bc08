"""Every number that a pack prints: how one is declared, one file per subject, and their summary per scope."""
