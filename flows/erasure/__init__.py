"""Forgetting a person: out of snapshots, warehouse, published packs and frozen messages, and out of what is read later."""
