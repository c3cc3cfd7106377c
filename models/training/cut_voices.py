"""Cut recordings of speech into short sounds by kind, for the command `grains`: a drum kit of one's own voice.

    python cut_voices.py SPEECH OUT        writes OUT/<kind>/<recording>-<milliseconds>.wav

Kinds are told apart by what is heard alone: vowels by their two lowest formants' regions, hums by how dark, hisses by how bright
they are, ticks and pops as bursts out of silence. Of each kind those that are most clearly of it are taken.
"""
import argparse
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import soundfile
from scipy.signal import resample_poly

SR = 44100
STEP = 220                       # frames between two looks, 5 ms
SIZE = 1024
SOUNDS = ('.wav', '.flac', '.ogg', '.mp3', '.aif', '.aiff')
EACH = 90                        # sounds of each kind
MOST_OF_ONE = 3                  # of one kind out of one recording
SILENT_DB, CLOSED_DB, LOUD_DB = -42.0, -33.0, -24.0    # re the loudest look of a recording
FADE_IN, FADE_OUT = 0.004, 0.03  # s


@dataclass
class Heard:
    """What is heard of a recording, look by look."""
    sound: npt.NDArray
    level_db: npt.NDArray        # re the loudest
    centroid_hz: npt.NDArray
    voicing: npt.NDArray         # highest autocorrelation between 70 and 400 Hz, 0 to 1
    low_hz: npt.NDArray          # centroid between 200 and 1000 Hz: near the first formant
    high_hz: npt.NDArray         # between 1000 and 3200 Hz: near the second


@dataclass
class Cut:
    kind: str
    clarity: float
    name: str
    sound: npt.NDArray


def hear(sound: npt.NDArray) -> Heard:
    looks = np.lib.stride_tricks.sliding_window_view(np.pad(sound, SIZE // 2), SIZE)[::STEP] * np.hanning(SIZE)
    power = np.abs(np.fft.rfft(looks, 2 * SIZE)) ** 2
    hz = np.arange(power.shape[1]) * SR / (2 * SIZE)
    level = 10 * np.log10(power.sum(1) + 1e-12)
    correlation = np.fft.irfft(power)
    lags = slice(SR // 400, SR // 70)
    voicing = (correlation[:, lags] / (correlation[:, :1] + 1e-12)).max(1)

    def centroid(low: float, high: float) -> npt.NDArray:
        part = (hz >= low) & (hz < high)
        return power[:, part] @ hz[part] / (power[:, part].sum(1) + 1e-12)
    return Heard(sound, level - level.max(), centroid(100, 16000), voicing, centroid(200, 1000), centroid(1000, 3200))


def runs(mask: npt.NDArray, least: int) -> list[tuple[int, int]]:
    """Where it is true for at least so many looks: from, to."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], mask, [False]]).astype(int)))
    return [(int(a), int(b)) for a, b in edges.reshape(-1, 2) if b - a >= least]


def piece(heard: Heard, first: int, last: int) -> npt.NDArray:
    sound = heard.sound[first * STEP:last * STEP].copy()
    rise, fall = (min(len(sound) // 2, int(seconds * SR)) for seconds in (FADE_IN, FADE_OUT))
    sound[:rise] *= np.linspace(0, 1, rise)
    sound[len(sound) - fall:] *= np.linspace(1, 0, fall)
    return sound


def cuts(name: str, heard: Heard) -> list[Cut]:
    found = []

    def add(kind: str, clarity: float, first: int, last: int) -> None:
        found.append(Cut(kind, clarity, f'{name}-{first * STEP * 1000 // SR:05d}', piece(heard, first, last)))
    is_voiced = (heard.voicing > 0.45) & (heard.level_db > SILENT_DB + 8)
    for first, last in runs(is_voiced & (heard.level_db > LOUD_DB), 16):
        last = min(last, first + 60)
        middle = slice(first + (last - first) // 4, last - (last - first) // 4)
        low, high, steady = np.median(heard.low_hz[middle]), np.median(heard.high_hz[middle]), np.std(heard.high_hz[middle])
        add('ah', (low - 550) / 100 - steady / 300, first, last)
        add('ee', (high - 2000) / 200 - (low - 400) / 150 - steady / 300, first, last)
        add('oo', (1500 - high) / 200 - (low - 420) / 100 - steady / 300, first, last)
        add('mm', (700 - np.median(heard.centroid_hz[middle])) / 100 - steady / 400, first, last)
    is_breath = (heard.voicing < 0.35) & (heard.level_db > SILENT_DB)
    for first, last in runs(is_breath, 12):
        middle = np.median(heard.centroid_hz[first + 2:last - 2])
        add('ess', (middle - 6500) / 1000, first, min(last, first + 50))
        add('sh', 1.5 - abs(middle - 4200) / 700, first, min(last, first + 50))
    for first, last in runs(heard.level_db < CLOSED_DB, 5):
        rise = heard.level_db[last:last + 5].max(initial=-99) - heard.level_db[last - 2]
        if last + 20 > len(heard.level_db) or heard.voicing[last:last + 4].mean() > 0.5 or rise < 10:
            continue
        middle = np.median(heard.centroid_hz[last:last + 4])
        fall = heard.level_db[last:last + 6].max() - heard.level_db[last + 10:last + 18].max()
        if fall > 8:
            add('tick', (middle - 4500) / 1000 + rise / 20, max(last - 1, 0), last + 14)
        add('pop', (2500 - middle) / 800 + rise / 20, max(last - 1, 0), last + 18)
    return found


def main() -> None:
    cli = argparse.ArgumentParser(description=__doc__.split('\n')[0])
    cli.add_argument('speech', type=Path)
    cli.add_argument('out', type=Path)
    args = cli.parse_args()
    if args.out.exists() and any(args.out.iterdir()):
        cli.error(f'{args.out}: is not empty; give another folder')
    found: list[Cut] = []
    for path in sorted(path for path in args.speech.iterdir() if path.suffix.lower() in SOUNDS):
        sound, rate = soundfile.read(path, dtype='float64', always_2d=True)
        sound = sound.mean(1) if rate == SR else resample_poly(sound.mean(1), SR, rate)
        found += cuts(path.stem, hear(sound))
    for kind in sorted({cut.kind for cut in found}):
        folder, taken, least = args.out / kind, Counter(), 0.0
        folder.mkdir(parents=True)
        for cut in sorted((cut for cut in found if cut.kind == kind), key=lambda cut: -cut.clarity):
            source = cut.name.rsplit('-', 1)[0]
            if taken.total() < EACH and taken[source] < MOST_OF_ONE:
                taken[source] += 1
                soundfile.write(folder / f'{cut.name}.wav', cut.sound / np.abs(cut.sound).max() * 0.8, SR)
                least = cut.clarity
        print(f'{kind}: {taken.total()} sounds, the least clear {least:.2f}')


if __name__ == '__main__':
    main()
