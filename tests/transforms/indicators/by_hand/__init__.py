"""Every formula worked out by hand: small companies that fit in the eye, and one row per indicator and scope.

Who adds an indicator adds its rows to the `rows_<subject>.py` of its subject: that is all the proof that is asked for.
A company that lacks what the rows need is given it in its own file (`shop.py`, `trade.py`, ...), or the subject makes one of its own.
"""
