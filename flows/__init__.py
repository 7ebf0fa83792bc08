"""Where Keping meets the world: sources, warehouse, archive, mail, schedules and the command line."""
