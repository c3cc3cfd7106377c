"""Judges the bounces of the Ardour sessions and draws them: plan.json -> a table and daw.png.

    python judge.py FOLDER        the folder holds plan.json as `cargo xtask daw` writes it

The songs that the plan names are judged: `song` is the effect's, `tune` the instrument's, `beat` the drum machine's, which
is drawn as beat.png. Every bounce of the first has
the dry copy on the left and the track with the plugin on the right.
"""
import json
import sys
from pathlib import Path
from typing import Any

import numpy as np

import judge_beat
import judge_tune
import picture
import saved
import sounds
from checks import Check, Steps, follows_automation, same_bounces, state_survives, table
from sounds import Array

DRY, WET = 0, 1
SAME_DB = -120.0            # a difference below this is rounding of the host's gain and panner
DROPOUT_FRAMES = 64         # that many zeros in a row are no sound of a model
STEP_MS = 20.0              # how exactly a step is placed: a hop of 11.6 ms, and how far the model's filters reach
ALIGNED_MS = 12.0           # a hop: the loudness of a model's output is known no finer
SETTLED_SECONDS = 0.5       # behind the way back, for what the model remembers


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


def song_checks(folder: Path, plan: dict[str, Any]) -> list[Check]:
    """Of the effect; draws it too."""
    rate_hz, points = plan['rate_hz'], plan['points']
    sound = sounds.read(Path(plan['sound']), rate_hz)[0]
    names = {'song': 'song', **{name: f'song-{name}' for name in ('again', 'plain', 'stay', 'null')}}
    bounces = {name: sounds.read(folder / f'{file}.wav', rate_hz) for name, file in names.items()}
    first, second = (saved.State.read(folder / 'song' / f'{names[name]}.ardour') for name in ('song', 'again'))
    settled_frame = int(points[4][0]) + int(SETTLED_SECONDS * rate_hz)
    steps = Steps(points, rate_hz, plan['latency_frames'], STEP_MS, settled_frame)
    picture.draw(folder / 'daw.png', bounces['song'], bounces['plain'], plan)
    return [is_whole(bounces['song']),
            same_bounces('both bounces', bounces['song'], bounces['again'],
                         'the session, bounced before and after it was saved and loaded again, gives two sounds; see '
                         'docs/daw.md for what Ardour does not do twice in the same way'),
            dry_is_the_file(bounces['song'], sound), null_is_dry(bounces['null']),
            wet_is_aligned(bounces['plain'], rate_hz),
            *follows_automation(*(bounces[name][WET] for name in ('song', 'plain', 'stay')), steps),
            state_survives('saved = saved again', first, second)]


def main(folder: Path) -> None:
    plan = json.loads((folder / 'plan.json').read_text())
    songs = plan.pop('songs')
    judges = {'song': song_checks, 'tune': judge_tune.tune_checks, 'beat': judge_beat.beat_checks}
    checks = [check for name, facts in songs.items() for check in judges[name](folder, {**plan, **facts})]
    print(table(checks))
    failed = [check for check in checks if not check.is_met]
    if failed:
        sys.exit('\n' + '\n'.join(f'error: {check.name}: {check.complaint}' for check in failed))


if __name__ == '__main__':
    main(Path(sys.argv[1]))
