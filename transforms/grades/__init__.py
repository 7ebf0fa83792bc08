"""The grade: measures, ranks, scores, holds, manual grades, and who moved."""
