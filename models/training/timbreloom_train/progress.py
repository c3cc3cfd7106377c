"""What a beginner sees while the one command runs: phase, per cent, minutes left. Details go to a log file."""
import contextlib
import csv
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TextIO

EVERY_S = {True: 1.0, False: 30.0}     # between two lines: on a terminal (one line, rewritten), elsewhere


def duration(seconds: float) -> str:
    """'45 seconds', '6.5 minutes', '3.2 hours'"""
    if seconds < 90:
        return f'{seconds:.0f} seconds'
    return f'{seconds / 60:.1f} minutes' if seconds < 5400 else f'{seconds / 3600:.1f} hours'


def read_losses(log: Path) -> list[dict[str, float]]:
    """The rows of a training log; none where it is missing, without those that a stopped run left half written."""
    if not log.exists():
        return []
    rows = []
    with log.open(newline='') as file:
        for row in csv.DictReader(file):
            with contextlib.suppress(TypeError, ValueError):
                rows.append({key: float(value) for key, value in row.items()})
    return rows


class Progress:
    """Phases of a run, numbered, each with a line that moves."""

    def __init__(self, phases: int, log: Path, screen: TextIO | None = None) -> None:
        self.phases, self.log, self.screen = phases, log, screen or sys.stdout
        self.number = 0
        self.live = self.screen.isatty()
        self.width = 0

    def say(self, text: str) -> None:
        """A line that stays."""
        self.show(f'      {text}', stays=True)

    def show(self, text: str, stays: bool) -> None:
        if self.live:
            self.screen.write('\r' + text.ljust(self.width) + ('\n' if stays else ''))
            self.width = 0 if stays else len(text)
        else:
            self.screen.write(text + '\n')
        self.screen.flush()

    @contextlib.contextmanager
    def phase(self, title: str, state: Callable[[], str] | None = None) -> Iterator[None]:
        """Run a phase; what it prints goes to the log. state: how far it is, asked from another thread."""
        self.number += 1
        head = f'[{self.number}/{self.phases}] {title}'
        began, over = time.monotonic(), threading.Event()

        def tell() -> None:
            while not over.wait(EVERY_S[self.live]):
                text = state() if state else duration(time.monotonic() - began)
                if not over.is_set():
                    self.show(f'{head}: {text}', stays=False)
        self.show(f'{head} ...', stays=not self.live)
        teller = threading.Thread(target=tell, daemon=True)
        teller.start()
        ended = 'stopped after'
        try:
            with self.log.open('a') as file, contextlib.redirect_stdout(file):
                yield
            ended = 'done in'
        finally:
            over.set()
            teller.join()
            self.show(f'{head}: {ended} {duration(time.monotonic() - began)}', stays=True)


class TrainingState:
    """How far training is, read from the rows that it appends to its log. before: minutes that earlier runs spent."""

    def __init__(self, log: Path, minutes: float, before: float) -> None:
        self.log, self.minutes, self.before = log, minutes, before
        self.began = time.time()

    def __call__(self) -> str:
        rows = read_losses(self.log)
        fresh = bool(rows) and self.log.stat().st_mtime > self.began
        spent = (rows[-1]['minutes'] + (time.time() - self.log.stat().st_mtime) / 60 if fresh
                 else self.before + (time.time() - self.began) / 60)
        part = min(spent / self.minutes, 0.999)
        text = f'{100 * part:3.0f} %, {duration(max(self.minutes - spent, 0) * 60)} left'
        if rows:
            text += f", error {rows[-1]['stft']:.3f}"
            if len(rows) > 1:
                text += f" (at first {rows[0]['stft']:.3f})"
        return text
