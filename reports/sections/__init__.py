"""The parts of a pack, one file each: what is chosen, in which order and in which words."""
