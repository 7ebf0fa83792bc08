"""From finished numbers to paper; knows no database and no schedule."""
