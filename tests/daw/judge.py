"""Judges the bounces of the Ardour session and draws them: plan.json -> a table and daw.png.

    python judge.py FOLDER        the folder holds plan.json as `cargo xtask daw` writes it

Every bounce has the dry copy on the left and the track with the plugin on the right.
"""
import json
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

import picture
import saved
import sounds
from sounds import Array

DRY, WET = 0, 1
SAME_DB = -120.0            # a difference below this is rounding of the host's gain and panner
DROPOUT_FRAMES = 64         # that many zeros in a row are no sound of a model
STEP_MS = 20.0              # how exactly a step is placed: a hop of 11.6 ms, and how far the model's filters reach
HEARD_DB = -20.0            # between the steps the sound differs from the plain one by this, relative to it, at least
SETTLED_DB = -40.0          # and behind them by this at most
ALIGNED_MS = 12.0           # a hop: the loudness of a model's output is known no finer
SETTLED_SECONDS = 0.5       # behind the way back, for what the model remembers


@dataclass
class Check:
    """One line of the table."""
    name: str
    is_met: bool
    figure: str
    complaint: str


def same_bounces(first: Array, second: Array) -> Check:
    frames = min(first.shape[1], second.shape[1])
    apart = np.flatnonzero((first[:, :frames] != second[:, :frames]).any(0))
    is_met = first.shape == second.shape and not len(apart)
    return Check('both bounces', is_met, f'{len(apart)} of {frames} frames differ',
                 'the session, bounced before and after it was saved and loaded again, gives two sounds; see '
                 'docs/daw.md for what Ardour does not do twice in the same way')


def is_whole(song: Array) -> Check:
    """A worker that was not waited for leaves zeros where its sound is missing."""
    holes = sounds.runs_of_zeros(song[WET], song[DRY], DROPOUT_FRAMES)
    missing = sum(holes)
    return Check('no gaps', missing == 0, f'{missing} frames missing in {len(holes)} gaps',
                 'the plugin did not wait for its model although nobody was listening: Ardour announces a bounce only in '
                 'each process call; see docs/architecture.md, section "A bounce"')


def dry_is_the_file(song: Array, sound: Array) -> Check:
    apart_db = sounds.level_db(song[DRY, :len(sound)] - sound)
    return Check('dry copy = file', apart_db < SAME_DB, f'{apart_db:.0f} dB apart',
                 'the track without the plugin does not play the file from frame 0: the session is not what was meant')


def null_is_dry(null: Array) -> Check:
    lag = sounds.lag_frames(null[WET], null[DRY])
    apart = np.flatnonzero(null[WET] != null[DRY])
    return Check('Mix 0 % = dry copy', lag == 0 and not len(apart), f'lag {lag} frames, {len(apart)} frames differ',
                 'the dry sound through the plugin is not in line with the track beside it: the latency that it '
                 'reports is not the one it has, or the host has not compensated it')


def wet_is_aligned(plain: Array, rate_hz: int) -> Check:
    lag_ms = sounds.loudness_lag_ms(plain[WET], plain[DRY], rate_hz)
    return Check('model in line', abs(lag_ms) <= ALIGNED_MS, f'loudness lag {lag_ms:+.1f} ms',
                 "the loudness of the model's sound does not move with the dry copy's")


def follows_automation(bounces: dict[str, Array], plan: dict[str, Any]) -> list[Check]:
    """The bounce parts from the one without automation where the first step is, and from the one that never goes back
    where the second is. Ardour hands automation to a plugin late by the latency of that very plugin."""
    song, plain, stay = (bounces[name][WET] for name in ('song', 'plain', 'stay'))
    up, top, down, bottom = (int(frame) for frame, _ in plan['points'][1:5])
    rate_hz, latency_ms = plan['rate_hz'], 1e3 * plan['latency_frames'] / plan['rate_hz']
    steps = []
    for name, other, step in (('up', plain, up), ('down', stay, down)):
        late_ms = 1e3 * (sounds.first_other(song, other) - step) / rate_hz
        steps.append(Check(f'step {name} in time', abs(late_ms - latency_ms) <= STEP_MS,
                           f'{late_ms:+.1f} ms: {latency_ms:.1f} ms by Ardour, {late_ms - latency_ms:+.1f} ms by us',
                           'the sound does not begin to change where the automation does'))
    inside, settled = slice(top, down), slice(bottom + int(SETTLED_SECONDS * rate_hz), None)
    inside_db, settled_db = (sounds.level_db(song[part] - plain[part]) - sounds.level_db(plain[part])
                             for part in (inside, settled))
    back = 'the same samples' if (song[settled] == plain[settled]).all() else f'{settled_db:+.1f} dB'
    heard = Check('step is heard', inside_db > HEARD_DB and settled_db < SETTLED_DB,
                  f'{inside_db:+.1f} dB from plain inside; after the way back {back}',
                  'Bias 1 at its automated value changes next to nothing, or goes on changing after the way back')
    return [*steps, heard]


def state_survives(first: saved.State, second: saved.State) -> Check:
    changed = first.differences(second)
    facts = f'{len(first.parameters)} parameters, model {first.model}, {first.points} points'
    return Check('saved = saved again', not changed, facts, f'after loading and saving, other values: {changed[:3]}')


def table(checks: list[Check]) -> str:
    return '\n'.join(f'{check.name:22}{"yes" if check.is_met else "NO":5}{check.figure}' for check in checks)


def main(folder: Path) -> None:
    plan = json.loads((folder / 'plan.json').read_text())
    rate_hz = plan['rate_hz']
    sound = sounds.read(Path(plan['sound']), rate_hz)[0]
    names = {'song': 'song', **{name: f'song-{name}' for name in ('again', 'plain', 'stay', 'null')}}
    bounces = {name: sounds.read(folder / f'{file}.wav', rate_hz) for name, file in names.items()}
    first, second = (saved.State.read(folder / 'song' / f'{names[name]}.ardour') for name in ('song', 'again'))
    checks = [is_whole(bounces['song']), same_bounces(bounces['song'], bounces['again']),
              dry_is_the_file(bounces['song'], sound), null_is_dry(bounces['null']),
              wet_is_aligned(bounces['plain'], rate_hz), *follows_automation(bounces, plan),
              state_survives(first, second)]
    picture.draw(folder / 'daw.png', bounces['song'], bounces['plain'], plan)
    print(table(checks))
    failed = [check for check in checks if not check.is_met]
    if failed:
        sys.exit('\n' + '\n'.join(f'error: {check.name}: {check.complaint}' for check in failed))


if __name__ == '__main__':
    main(Path(sys.argv[1]))
