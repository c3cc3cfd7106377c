"""Judges the bounces of the session with the instrument on a MIDI track: what tune.py has written is what is heard."""
from pathlib import Path
from typing import Any

import numpy as np

import saved
import sounds
import tune
from checks import Check, Steps, follows_automation, same_bounces, state_survives
from sounds import Array

AUDIBLE_DB = -60.0          # a note's first moments are louder than this
ONSET_SECONDS = 0.1         # which are so long
IN_TIME_MS = 1.0            # from the first note's beat to its first sample: the envelope begins at 0
# A step may be heard so late: Ardour hands over the end of its ramp of 25 ms, and that counts from the next hop on.
STEP_MS = 40.0

# What the instrument keeps of the other side of A/B, beside what it knows better than the script.
KEPT_OF_OTHER = ('plugin', 'parameters', 'extras')


def notes_are_heard(bounce: Array, rate_hz: int) -> Check:
    onsets = [tune.frame(beat, rate_hz) for beat, *_ in tune.NOTES]
    loud = [sounds.level_db(bounce[:, at:at + int(ONSET_SECONDS * rate_hz)]) > AUDIBLE_DB for at in onsets]
    figure = f'{sum(loud)} of {len(loud)} notes, {sounds.level_db(bounce):.0f} dB'
    return Check('tune is heard', all(loud), figure,
                 'the bounce is silent where notes begin: the MIDI track has no region, the instrument no codes, or '
                 'its outputs go nowhere')


def begins_in_time(bounce: Array, rate_hz: int) -> Check:
    sounding = np.flatnonzero((bounce != 0).any(0))
    begin = tune.frame(min(beat for beat, *_ in tune.NOTES), rate_hz)
    late_ms = 1e3 * (sounding[0] - begin) / rate_hz if len(sounding) else float('inf')
    return Check('tune begins in time', 0 <= late_ms <= IN_TIME_MS, f'first sample {late_ms:+.2f} ms from its beat',
                 'the first note is not heard in its own frame, or something sounds before it')


def settings_are_kept(state: saved.State) -> Check:
    """As the instrument saves them, not as the script has written them."""
    fields = state.fields
    wanted, kept = tune.FIELDS['compare'], fields.get('compare', {})
    other = kept.get('other') or {}
    pairs = {'curve': (fields.get('curve'), tune.FIELDS['curve']), 'side': (kept.get('side'), wanted['side']),
             **{f'other {key}': (other.get(key), wanted['other'][key]) for key in KEPT_OF_OTHER}}
    changed = [f'{name} is {is_kept}' for name, (is_kept, was_written) in pairs.items() if is_kept != was_written]
    return Check('tune keeps settings', not changed,
                 f'side {kept.get("side")}, curve of {len(fields.get("curve", []))} points',
                 f'the drawn curve or the other side of A/B did not come back: {changed[:3]}')


def tune_checks(folder: Path, plan: dict[str, Any]) -> list[Check]:
    rate_hz = plan['rate_hz']
    names = {'tune': 'tune', **{name: f'tune-{name}' for name in ('twice', 'again', 'plain', 'stay')}}
    bounces = {name: sounds.read(folder / f'{file}.wav', rate_hz) for name, file in names.items()}
    first, second = (saved.State.read(folder / 'tune' / f'{names[name]}.ardour', saved.INSTRUMENT)
                     for name in ('tune', 'again'))
    steps = Steps(plan['points'], rate_hz, plan['latency_frames'], STEP_MS, tune.frame(tune.FRESH, rate_hz))
    return [notes_are_heard(bounces['tune'], rate_hz), begins_in_time(bounces['tune'], rate_hz),
            same_bounces('tune bounced twice', bounces['tune'], bounces['twice'],
                         'one session of the instrument gives two sounds; see docs/daw.md for what Ardour does not do '
                         'twice in the same way'),
            same_bounces('tune bounced again', bounces['tune'], bounces['again'],
                         'the session of the instrument, bounced before and after it was saved and loaded again, gives '
                         'two sounds'),
            *follows_automation(*(bounces[name][0] for name in ('tune', 'plain', 'stay')), steps, 'tune '),
            settings_are_kept(second), state_survives('tune saved again', first, second)]
