"""Past months anew: staged, compared, and published only when asked."""
