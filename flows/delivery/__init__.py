"""Each recipient once: who gets what, what must be true first, and how a message leaves."""
