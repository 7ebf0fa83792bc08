"""Share of wallet, where customers rank the suppliers they use."""

from __future__ import annotations

import numpy as np

from transforms.money import FloatArray


def wallet_allocation(ranks: FloatArray) -> FloatArray:
    """Each supplier's share of one customer's spending, from the customer's ranks of all suppliers used (1 is the best).

    (1 - rank / (n + 1)) * 2 / n  (Wallet Allocation Rule; Keiningham et al., Harvard Business Review, October 2011).
    Ties take the mean of their places, so the shares add up to 1; a single supplier has the whole wallet.
    """
    given = np.asarray(ranks, dtype=np.float64)
    if not np.isfinite(given).all():
        raise ValueError("every supplier needs a rank")
    n = len(given)
    place = np.array([float((given < rank).sum()) + ((given == rank).sum() + 1) / 2 for rank in given])
    return (1 - place / (n + 1)) * 2 / n if n else place
