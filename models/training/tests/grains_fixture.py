"""What `tests/fixtures/grains.json` holds: a hit as the trainer hears it, and grains as it makes sound of them.

    python models/training/tests/grains_fixture.py        writes it anew, with timbreloom_train in the path; needs numpy, scipy

Recordings and grains are drawn from seeds, here and in `src/grains/parity_tests.rs`.
"""
import json
from pathlib import Path

import numpy as np
import numpy.typing as npt

from timbreloom_train import grains_features as g
from timbreloom_train.noise import seeded_noise
from timbreloom_train.grains_analysis import first_frames
from timbreloom_train.grains_sound import synthesise

FIXTURE = Path(__file__).resolve().parents[3] / 'tests' / 'fixtures' / 'grains.json'


def hit(frames: int) -> npt.NDArray:
    """Two sines that die away, one of them from 420 Hz down to 180 Hz, and a burst of noise."""
    t = np.arange(frames) / g.SR
    turns = 180 * t + 12 * (1 - np.exp(-t / 0.05))
    sines = 0.5 * np.sin(2 * np.pi * turns) * np.exp(-t / 0.12) + 0.2 * np.sin(2 * np.pi * 1271 * t + 1) * np.exp(-t / 0.08)
    return (sines + 0.2 * seeded_noise(1, frames) * np.exp(-t / 0.004)).astype(np.float32).astype(float)


def drawn(seed: int, frames: int, slots: g.Slots) -> npt.NDArray:
    """A hit of grains that have nothing to do with each other, some of them beyond what is played, and a first wave."""
    middles = g.times(frames)
    draws = seeded_noise(seed, len(middles) * g.FEATURES + g.ONSET).astype(float)
    rows, onset = draws[:-g.ONSET].reshape(len(middles), -1), 0.1 * draws[-g.ONSET:]
    density, level, place = np.split(rows, [g.BANDS, g.BANDS + g.SLOTS], 1)
    return synthesise(-45 + 20 * density, -60 + 20 * level, place, middles, frames, seed, slots, onset)


def made() -> dict:
    """f0_hz is null where slots are laid out by ear; of rows, first waves and sounds every so-and-so-many-th is kept."""
    heard, sounds = [], []
    for f0_hz in (None, 180.0):
        slots, sound, every = g.slots_at(f0_hz or 0.0), hit(11025), 9
        rows, wave = g.heard(sound, g.times(len(sound)), slots)[::every], first_frames(sound)[::every]
        heard.append({'f0_hz': f0_hz, 'frames': len(sound), 'every': every, 'rows': np.round(rows.astype(float), 4),
                      'wave': np.round(wave.astype(float), 6)})
    # harmonics of 700 Hz go to and fro over the highest that is played
    for f0_hz, seed, frames, every in ((None, 11, 2205, 2), (None, 2 ** 64 - 5, 132300, 119), (700.0, 3, 22050, 23)):
        sound = drawn(seed, frames, g.slots_at(f0_hz or 0.0))[::every]
        sounds.append({'f0_hz': f0_hz, 'seed': seed, 'frames': frames, 'every': every, 'sound': np.round(sound.astype(float), 6)})
    return {'heard': heard, 'sounds': sounds}


if __name__ == '__main__':
    FIXTURE.write_text(json.dumps(made(), separators=(',', ':'), default=np.ndarray.tolist) + '\n')
    print(f'{FIXTURE.name}: {FIXTURE.stat().st_size} bytes')
