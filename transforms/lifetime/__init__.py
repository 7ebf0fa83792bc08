"""What customers are likely to do next: who is still there, how often they will buy, and what that is worth.

Everything here is an estimate and stays one: no grade depends on it.
"""
