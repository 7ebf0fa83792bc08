"""What a schedule needs around a flow: forms, states, artifacts, missed months, dead runs, a watchdog."""
