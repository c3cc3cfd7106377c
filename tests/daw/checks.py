"""A line of the judge's table, and what is asked of every song."""
from dataclasses import dataclass

import numpy as np

import saved
import sounds
from sounds import Array

HEARD_DB = -20.0            # between the steps the sound differs from the plain one by this, relative to it, at least
SETTLED_DB = -40.0          # and behind them by this at most


@dataclass
class Check:
    """One line of the table."""
    name: str
    is_met: bool
    figure: str
    complaint: str


@dataclass
class Steps:
    """The automation: up, and back down."""
    points: list[list[float]]
    rate_hz: int
    latency_frames: int
    room_ms: float              # how exactly a step is placed
    settled_frame: int          # from where on nothing of it is left

    def late_ms(self, song: Array, other: Array, frame: int) -> float:
        """By how much after a frame two bounces part."""
        return 1e3 * (sounds.first_other(song, other) - frame) / self.rate_hz


def table(checks: list[Check]) -> str:
    return '\n'.join(f'{check.name:24}{"yes" if check.is_met else "NO":5}{check.figure}' for check in checks)


def same_bounces(name: str, first: Array, second: Array, complaint: str) -> Check:
    """To the sample, in all channels."""
    frames = min(first.shape[1], second.shape[1])
    apart = np.flatnonzero((first[:, :frames] != second[:, :frames]).any(0))
    is_met = first.shape == second.shape and not len(apart)
    figure = f'{len(apart)} of {frames} frames differ'
    if len(apart):
        difference_db = sounds.level_db(first[:, :frames] - second[:, :frames])
        figure += f', from frame {apart[0]}, {difference_db:.0f} dB'
    return Check(name, is_met, figure, complaint)


def follows_automation(song: Array, plain: Array, stay: Array, steps: Steps, prefix: str = '') -> list[Check]:
    """The bounce parts from the one without automation where the first step is, and from the one that never goes back
    where the second is. Ardour hands automation to a plugin late by the latency of that very plugin."""
    up, top, down = (int(frame) for frame, _ in steps.points[1:4])
    latency_ms = 1e3 * steps.latency_frames / steps.rate_hz
    checks = []
    for name, other, step in (('up', plain, up), ('down', stay, down)):
        late_ms = steps.late_ms(song, other, step)
        checks.append(Check(f'{prefix}step {name} in time', abs(late_ms - latency_ms) <= steps.room_ms,
                            f'{late_ms:+.1f} ms: {latency_ms:.1f} ms by Ardour, {late_ms - latency_ms:+.1f} ms by us',
                            'the sound does not begin to change where the automation does'))
    inside, settled = slice(top, down), slice(steps.settled_frame, None)
    inside_db, settled_db = (sounds.level_db(song[part] - plain[part]) - sounds.level_db(plain[part])
                             for part in (inside, settled))
    back = 'the same samples' if (song[settled] == plain[settled]).all() else f'{settled_db:+.1f} dB'
    checks.append(Check(f'{prefix}step is heard', inside_db > HEARD_DB and settled_db < SETTLED_DB,
                        f'{inside_db:+.1f} dB from plain inside; after the way back {back}',
                        'the parameter at its automated value changes next to nothing, or goes on changing after '
                        'the way back'))
    return checks


def state_survives(name: str, first: saved.State, second: saved.State) -> Check:
    changed = first.differences(second)
    facts = f'{len(first.parameters)} parameters, model {first.model}, {first.points} points'
    return Check(name, not changed, facts, f'after loading and saving, other values: {changed[:3]}')
