"""Judges the bounces of the session with the drum machine: the pattern that beat.py has written is what is heard."""
from pathlib import Path
from typing import Any

import numpy as np

import beat
import picture
import saved
import sounds
from checks import Check, Steps, follows_automation, same_bounces, state_survives
from sounds import Array

QUIET_FRAMES = 256          # of exact silence before a strike
IN_TIME_FRAMES = 1          # how exactly a strike is placed
# Two hits of one class may begin alike for so long.
STEP_MS = 2.0


def onsets(sound: Array) -> list[int]:
    """The frames in which sound begins after silence."""
    sounding = np.flatnonzero(sound)
    before = np.diff(sounding, prepend=-QUIET_FRAMES - 1)
    return [int(frame) for frame in sounding[before > QUIET_FRAMES]]


def strikes_are_in_time(name: str, sound: Array, wanted: list[int]) -> Check:
    found = onsets(sound)
    late = [is_at - should_be for is_at, should_be in zip(found, wanted)]
    figure = f'{len(found)} of {len(wanted)} strikes'
    if late:
        figure += f', {min(late):+d} to {max(late):+d} frames late'
    is_met = len(found) == len(wanted) and all(abs(frames) <= IN_TIME_FRAMES for frames in late)
    return Check(name, is_met, figure, 'a strike does not begin on the frame that the pattern says, is missing, or is one '
                                       'too many')


def settings_are_kept(state: saved.State) -> Check:
    """As the drum machine saves them, not as the script has written them."""
    fields = state.fields
    changed = [f'{name} is {fields.get(name)}' for name, wanted in beat.FIELDS.items() if fields.get(name) != wanted]
    lines, kit = fields.get('patterns', {}).get('1', []), fields.get('kit', [])
    return Check('beat keeps settings', not changed, f'{len(lines)} lines, kit of {len(kit)}',
                 f'the patterns or the kit did not come back: {changed[:3]}')


def kick_steps(plan: dict[str, Any]) -> Steps:
    """The automation as it is heard: a strike plays the hit that is set when it comes."""
    rate_hz, points = plan['rate_hz'], plan['points']
    kicks = beat.strikes(beat.LEFT, plan['tempi'], rate_hz)
    heard = [[next(kick for kick in kicks if kick >= frame), value] for frame, value in points]
    return Steps(heard, rate_hz, plan['latency_frames'], STEP_MS, heard[4][0])


def beat_checks(folder: Path, plan: dict[str, Any]) -> list[Check]:
    """Of the drum machine; draws it too."""
    rate_hz, tempi = plan['rate_hz'], plan['tempi']
    names = {'beat': 'beat', **{name: f'beat-{name}' for name in ('twice', 'again', 'plain', 'stay', 'host')}}
    bounces = {name: sounds.read(folder / f'{file}.wav', rate_hz) for name, file in names.items()}
    first, second = (saved.State.read(folder / 'beat' / f'{names[name]}.ardour', saved.DRUMS)
                     for name in ('beat', 'again'))
    kicks, others = (beat.strikes(lines, tempi, rate_hz) for lines in (beat.LEFT, beat.RIGHT))
    left, right = bounces['beat']
    picture.draw_beat(folder / 'beat.png', bounces['beat'], [kicks, others], plan)
    return [strikes_are_in_time('beat kicks in time', left, kicks),
            strikes_are_in_time('beat hats in time', right, others),
            same_bounces('beat = test host', bounces['beat'], bounces['host'],
                         'Ardour bounces other samples than the test host renders of the same state'),
            same_bounces('beat bounced twice', bounces['beat'], bounces['twice'],
                         'one session of the drum machine gives two sounds; see docs/daw.md for what Ardour does not do '
                         'twice in the same way'),
            same_bounces('beat bounced again', bounces['beat'], bounces['again'],
                         'the session of the drum machine, bounced before and after it was saved and loaded again, gives '
                         'two sounds'),
            *follows_automation(*(bounces[name][0] for name in ('beat', 'plain', 'stay')), kick_steps(plan), 'beat '),
            settings_are_kept(second), state_survives('beat saved again', first, second)]
