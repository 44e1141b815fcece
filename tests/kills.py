"""A writer that is killed again and again in the middle of its work; what it had confirmed is to be there."""

from __future__ import annotations

import multiprocessing
import os
import random
import signal
import time
from collections.abc import Callable
from multiprocessing.connection import Connection
from typing import TypeVar

T = TypeVar("T")
#: Writes, and says of each what is to be found when it is confirmed; is told which turn it is.
Work = Callable[[Callable[[T], None], int], None]


def killed_often(work: Work[T], times: int = 50, longest: float = 0.05) -> set[T]:
    """Let processes write, each killed (SIGKILL) after at most ``longest`` seconds; returns what was confirmed."""
    fork, rng, confirmed = multiprocessing.get_context("fork"), random.Random(1), set[T]()
    for turn in range(times):
        here, there = fork.Pipe(duplex=False)
        process = fork.Process(target=_carry_out, args=(work, there, turn))
        process.start()
        there.close()
        assert here.poll(60), "it never began"
        confirmed.add(here.recv())
        time.sleep(rng.uniform(0, longest))
        assert process.pid
        os.kill(process.pid, signal.SIGKILL)
        process.join()
        try:
            while here.poll():
                confirmed.add(here.recv())
        except (EOFError, OSError):
            pass
    assert len(confirmed) >= times
    return confirmed


def _carry_out(work: Work[T], told: Connection, turn: int) -> None:
    work(told.send, turn)
