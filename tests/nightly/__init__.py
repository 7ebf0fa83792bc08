"""Measures of the tests themselves, run at night: branch coverage and mutation score where a mistake costs most."""
