"""Why a score and a grade are what they are, why they moved, and what would have been."""
