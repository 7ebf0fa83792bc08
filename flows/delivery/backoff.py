"""How often, and after which pauses, one command tries what is not taken for now."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass


@dataclass(frozen=True)
class Backoff:
    """At most `attempts` rounds; the pause doubles from round to round and is never quite the same.

    `chance` gives a number from 0 to 1: two senders that failed together shall not come back together.
    """

    attempts: int = 1
    pause_seconds: float = 0.0
    sleep: Callable[[float], None] = time.sleep
    chance: Callable[[], float] = random.random

    def pauses(self) -> Iterator[float]:
        """Seconds before each round: none before the first, then `pause * 2**n`, give or take a half."""
        yield 0.0
        for number in range(self.attempts - 1):
            yield self.pause_seconds * 2**number * (0.5 + self.chance())


ONCE = Backoff()
"""One attempt."""
