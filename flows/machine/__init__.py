"""What the machine gives and takes: files, processes, the clock, progress, and the one redactor."""
