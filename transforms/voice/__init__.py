"""What customers say: satisfaction, loyalty."""
