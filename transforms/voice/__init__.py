"""What customers say: satisfaction, the scales of answers, loyalty."""
