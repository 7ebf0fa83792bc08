"""Packs to PDF in processes of their own: each with a deadline and a limit of memory, none taking others with it."""

from __future__ import annotations

import gc
import multiprocessing
import os
import signal
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from pathlib import Path

from reports.document import LayoutError, prepare, render_pack, test_page
from reports.pack import ReviewPack
from reports.workbook.write import BookFacts, prepare_writer, workbook_bytes

__all__ = ["LayoutError", "RenderFailure", "Rendered", "render_each", "render_pack", "render_packs", "test_page"]

GIB = 1024**3
WORKERS = min(len(os.sched_getaffinity(0)) + 1, 8)
"""One more than there are cores, so that none stands idle while the last packs are laid out; each needs some 100 MB."""


@dataclass(frozen=True)
class Rendered:
    """The files of one pack: its pages, and its workbook where it has sheets (else empty)."""

    pdf: bytes
    workbook: bytes = b""


@dataclass(frozen=True)
class RenderFailure:
    """A pack that was not made, and why, in one line; the other packs are not touched by it."""

    pack: str
    locale: str
    cause: str
    customers: int

    def __str__(self) -> str:
        return f"{self.pack} ({self.locale}, {self.customers:,} customers): {self.cause}"


@dataclass(frozen=True)
class _Child:
    pack: ReviewPack
    process: BaseProcess
    answer: Connection
    deadline: float


def render_packs(
    packs: Iterable[ReviewPack], workers: int = WORKERS, deadline_seconds: float = 180.0, memory_bytes: int = 2 * GIB
) -> dict[tuple[str, str], Rendered | RenderFailure]:
    """All of `render_each` by (pack, locale), in the order in which they were given."""
    order: list[tuple[str, str]] = []

    def noted() -> Iterator[ReviewPack]:
        for pack in packs:
            order.append(pack.key)
            yield pack

    found = {pack.key: result for pack, result in render_each(noted(), workers, deadline_seconds, memory_bytes)}
    return {key: found[key] for key in order}


def render_each(
    packs: Iterable[ReviewPack], workers: int = WORKERS, deadline_seconds: float = 180.0, memory_bytes: int = 2 * GIB
) -> Iterator[tuple[ReviewPack, Rendered | RenderFailure]]:
    """Render every pack in a forked child; as soon as one is done, it with its files, or why there are none.

    At most `workers` at a time. A child that runs out of memory (`memory_bytes` beyond what this
    process holds already), out of time or into a bug gives a RenderFailure; all others still come.
    Same packs, same bytes, whatever the number of workers. Packs that are built as they are asked for are built
    while those before them are rendered, and what is done with a finished one is done meanwhile, too.
    """
    prepare()
    prepare_writer()
    fork = multiprocessing.get_context("fork")
    coming, running, done = iter(packs), list[_Child](), list[tuple[ReviewPack, Rendered | RenderFailure]]()
    pack = next(coming, None)
    try:
        while pack is not None or running:
            while pack is not None and len(running) < max(1, workers):
                ours, theirs = fork.Pipe(duplex=False)
                heard = [ours, *(child.answer for child in running)]
                process = fork.Process(target=_child, args=(pack, theirs, heard, memory_bytes), name=f"render {pack.name}", daemon=True)
                process.start()
                theirs.close()
                running.append(_Child(pack, process, ours, time.monotonic() + deadline_seconds))
                pack = next(coming, None)  # built now, so that no child's place stands empty meanwhile
            yield from done
            done.clear()
            patience = max(0.0, min(child.deadline for child in running) - time.monotonic())
            ready = set(wait([child.answer for child in running], timeout=patience))
            for child in [one for one in running if one.answer in ready or time.monotonic() >= one.deadline]:
                running.remove(child)
                done.append((child.pack, _outcome(child, child.answer in ready, deadline_seconds, memory_bytes)))
        yield from done
    finally:
        for child in running:
            child.process.kill()


def _child(pack: ReviewPack, answer: Connection, heard: Sequence[Connection], memory_bytes: int) -> None:
    """Render in the child and send the bytes, or one line on why there are none.

    `heard` are the parent's ends of the pipes; a child that kept them would wait for ever for a parent that was killed.
    """
    for parents_end in heard:
        parents_end.close()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    _limit_memory(memory_bytes)
    # What the parent holds is not ours to sweep, and a layout makes little rubbish: a quarter of the time went into looking for it.
    gc.freeze()
    gc.set_threshold(2_000_000, 50, 1_000)
    try:
        pdf = render_pack(pack)
        said = b"P" + len(pdf).to_bytes(8, "big") + pdf + _workbook(pack)
    except MemoryError:
        said = b"M"
    except LayoutError as error:
        said = b"F" + str(error).encode()
    except Exception as error:  # a bug in one pack must be told, and must not stop the others
        said = b"F" + f"{type(error).__name__}: {error}"[:300].encode()
    with suppress(BrokenPipeError):  # nobody is left to hear it
        answer.send_bytes(said)
    answer.close()


def _workbook(pack: ReviewPack) -> bytes:
    facts = BookFacts(pack.title, pack.known_at, pack.lang)
    return workbook_bytes(pack.sheets, facts) if pack.sheets else b""


def _outcome(child: _Child, answered: bool, deadline_seconds: float, memory_bytes: int) -> Rendered | RenderFailure:
    said = b""
    if answered:
        try:
            said = child.answer.recv_bytes()
        except (EOFError, OSError):
            said = b""
        child.process.join(timeout=5)
    if child.process.is_alive():
        child.process.kill()
        child.process.join()
    child.answer.close()
    if said[:1] == b"P":
        size = int.from_bytes(said[1:9], "big")
        return Rendered(said[9 : 9 + size], said[9 + size :])
    if not answered:
        cause = f"stopped after {deadline_seconds:g} s, the deadline"
    elif said[:1] == b"M":
        cause = _out_of_memory(memory_bytes)
    elif said[:1] == b"F":
        cause = said[1:].decode(errors="replace")
    else:
        cause = f"the renderer died ({_ending(child.process.exitcode)}); {_out_of_memory(memory_bytes)} or was killed"
    return RenderFailure(child.pack.name, child.pack.locale, cause, child.pack.customers)


def _out_of_memory(memory_bytes: int) -> str:
    limit = f"{memory_bytes / GIB:.1f} GiB" if memory_bytes >= GIB / 10 else f"{memory_bytes / 2**20:.0f} MiB"
    return f"the renderer ran out of memory (limit {limit})"


def _ending(code: int | None) -> str:
    if code is None:
        return "without a word"
    return signal.Signals(-code).name if code < 0 else f"exit {code}"


def _limit_memory(memory_bytes: int) -> None:
    """Let this process grow by `memory_bytes` and no more; where the system cannot say, there is no limit."""
    try:
        import resource

        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
    except (ImportError, OSError, ValueError):
        return
    limit = pages * os.sysconf("SC_PAGE_SIZE") + memory_bytes
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    if hard == resource.RLIM_INFINITY or limit < hard:
        resource.setrlimit(resource.RLIMIT_AS, (limit, hard))
