"""What Keping computes: frames and values in, new ones out; no clock, disk, network or environment."""
