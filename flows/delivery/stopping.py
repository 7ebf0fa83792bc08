"""Ctrl-C and SIGTERM while mail goes out: the message under way is finished, the next one is not begun."""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

SIGNALS = (signal.SIGINT, signal.SIGTERM)


class Asked:
    """Whether somebody has asked us to stop; a pause ends early when they do."""

    def __init__(self) -> None:
        self.to_stop = False

    def __call__(self) -> bool:
        return self.to_stop

    def sleep(self, seconds: float) -> None:
        """Wait, but not longer than until we are asked to stop."""
        until = time.monotonic() + seconds
        while not self.to_stop and (left := until - time.monotonic()) > 0:
            time.sleep(min(left, 0.2))


@contextmanager
def stopping_gently() -> Iterator[Asked]:
    """While the block runs, the first signal asks; a second one ends the process as it always would."""
    asked = Asked()
    if threading.current_thread() is not threading.main_thread():
        yield asked  # only the main thread hears signals; whoever runs us there decides for itself
        return
    before = {number: signal.getsignal(number) or signal.SIG_DFL for number in SIGNALS}

    def heard(number: int, frame: FrameType | None) -> None:
        asked.to_stop = True
        signal.signal(number, before[signal.Signals(number)])

    for number in SIGNALS:
        signal.signal(number, heard)
    try:
        yield asked
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
