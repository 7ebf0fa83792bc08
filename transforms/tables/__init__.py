"""The canonical tables: what a source must give, and how raw cells become exact values."""
