"""How well a model follows foreign sounds through the VST3, as a musician would use it: figures per file and in all.

    python tests/pedalboard/figures.py PACKAGE FILE...

Every file is brought to -20 dB(A) and played at 44.1 kHz in blocks of 512 frames. Measures, hop by hop (11.6 ms):
pitch of the output against pitch of the input where the input sounds and is voiced and the output is voiced too;
of those hops the share within 50 cents, and the same with octaves ignored (both trackers may take a bright or a
very high tone an octave off); the share of voiced hops that came back voiced; correlation of the loudness curves;
clicks where blocks join and where hops join (the model runs at 44.1 kHz in hops of 512 frames); speed.
"""
import argparse
import json
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pedalboard
from pedalboard.io import AudioFile

from sound import REPOSITORY, Array, effect, saved, with_model

sys.path.insert(0, str(REPOSITORY / 'models' / 'training'))
from timbreloom_train import features, pitch  # noqa: E402

BLOCK = 512
LEVEL_DB = -20.0       # dB(A), loud part of every file
SOUNDING_DB = -50.0
SETTLE = 4             # hops at the start that are not judged
FLOOR_DB = -70.0


@dataclass
class Score:
    """One file. cents: of the hops voiced in both; levels: [2, hops] dB(A) of input and output."""
    name: str
    voiced: int
    cents: npt.NDArray[np.float64]
    levels: Array
    block_click_db: float
    hop_click_db: float
    seconds: float
    took_s: float

    def line(self) -> str:
        median = float(np.median(self.cents)) if len(self.cents) else float('nan')
        within = 100 * float((self.cents < 50).mean()) if len(self.cents) else float('nan')
        again = 100 * len(self.cents) / max(self.voiced, 1)
        correlation = float(np.corrcoef(self.levels)[0, 1])
        octave_free = np.abs((self.cents + 600) % 1200 - 600)
        folded = 100 * float((octave_free < 50).mean()) if len(self.cents) else float('nan')
        return (f'{self.name[:44]:44} {median:7.1f} {within:7.1f} {folded:7.1f} {again:7.1f} {correlation:8.4f} '
                f'{self.block_click_db:8.2f} {self.hop_click_db:8.2f} {self.seconds / self.took_s:7.1f}')


HEAD = (f"{'file':44} {'cents':>7} {'in 50 %':>7} {'octave%':>7} {'voiced%':>7} {'loud r':>8} "
        f"{'block dB':>8} {'hop dB':>8} {'x real':>7}")


def read(path: Path) -> Array:
    """The file's first channel at 44.1 kHz, trimmed to what sounds, at LEVEL_DB, with silence after it."""
    with AudioFile(str(path)).resampled_to(features.SR) as file:
        audio = file.read(file.frames)[0]
    loudness = features.loudness_of(audio)
    keep = np.flatnonzero(loudness > max(loudness.max() - 45, features.LEVEL_GATE_DB))
    if len(keep) == 0:
        raise ValueError(f'{path}: is silent; give a file with sound')
    audio = audio[max(keep[0] - 4, 0) * features.HOP:(keep[-1] + 1) * features.HOP]
    audio = audio * 10 ** ((LEVEL_DB - np.percentile(loudness[keep], 95)) / 20)
    return np.pad(audio, (0, 4 * features.HOP)).astype(np.float32)


def click_db(made: Array, first_join: int) -> float:
    """Power of the second difference across every join of blocks against everywhere else, dB; 0 is no click."""
    bend = np.square(np.diff(made[first_join % BLOCK + BLOCK - 2:].astype(np.float64), 2))
    bend = bend[:len(bend) // BLOCK * BLOCK].reshape(-1, BLOCK)
    # a loud part must not decide alone: each block counts by its own mean
    bend = bend[bend.mean(1) > 1e-12]
    if len(bend) == 0:
        return float('nan')
    # the first two of each row reach over the join
    per_frame = np.mean(bend / bend.mean(1, keepdims=True), axis=0)
    return float(10 * np.log10(per_frame[:2].mean() / per_frame[2:].mean()))


def score(path: Path, package: str) -> Score:
    audio = read(path)
    plugin = player(package)
    began = time.perf_counter()
    made = plugin.process(np.stack([audio, audio]), features.SR, buffer_size=BLOCK)[0]
    took_s = time.perf_counter() - began
    levels = np.maximum(np.stack([features.loudness_of(audio), features.loudness_of(made)]), FLOOR_DB)
    (want_f0, want_voicing), (got_f0, got_voicing) = (pitch.track(a, l) for a, l in zip((audio, made), levels))
    voiced = (levels[0] > SOUNDING_DB) & (want_voicing > 0.5)
    voiced[:SETTLE] = False
    both = voiced & (got_voicing > 0)
    cents = np.abs(pitch.cents(got_f0[both], want_f0[both]))
    # pedalboard took the latency off; the model's delay is two whole hops, so hops join where the input's would
    blocks_db, hops_db = click_db(made, -plugin.reported_latency_samples), click_db(made, 0)
    return Score(path.name, int(voiced.sum()), cents, levels[:, SETTLE:], blocks_db, hops_db,
                 len(audio) / features.SR, took_s)


def player(package: str) -> pedalboard.VST3Plugin:
    """The effect, playing this model."""
    plugin = effect()
    silence = np.zeros((2, 4 * BLOCK), np.float32)
    plugin.process(silence, features.SR, buffer_size=BLOCK)
    plugin.raw_state = with_model(plugin.raw_state, package)
    plugin.process(silence, features.SR, buffer_size=BLOCK)
    model = json.loads(saved(plugin.raw_state)['fields']['model'])
    if model['name'] != package or not model['hash']:
        raise ValueError(f'the model {package!r} was not found; name its folder in TIMBRELOOM_MODELS')
    return plugin


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('package', help='name of an installed model')
    parser.add_argument('files', nargs='+', type=Path)
    arguments = parser.parse_args()
    print(HEAD)
    scores = []
    for path in arguments.files:
        scores.append(score(path, arguments.package))
        print(scores[-1].line(), flush=True)
    print(Score(f'all {len(scores)}', sum(s.voiced for s in scores), np.concatenate([s.cents for s in scores]),
                np.concatenate([s.levels for s in scores], 1), float(np.mean([s.block_click_db for s in scores])),
                float(np.mean([s.hop_click_db for s in scores])), sum(s.seconds for s in scores),
                sum(s.took_s for s in scores)).line())


if __name__ == '__main__':
    main()
