"""A folder of hits, in a folder for each class -> their grains (one .npz file), varied in speed, some set aside."""
import hashlib
import json
from dataclasses import dataclass, fields
from multiprocessing import Pool
from pathlib import Path

import numpy as np
import numpy.typing as npt
from scipy.signal import resample_poly

from . import recordings
from .grains_analysis import Hit, analyse_hit
from .grains_features import SR, Array, ErbSlots

MOST_S = 3.0                   # what is longer is faded out
PEAK = 0.8                     # of every hit, linear
ONSET = 0.02                   # of the peak: a hit begins where it is first as loud
LEAD = 16                      # frames that are kept before it
SPEEDS = (90, 92, 94, 96, 98, 102, 104, 106, 108, 110, 112)    # per cent
VARIANTS, MOST_VARIANTS = 3, 9    # of each hit that is trained on, more where a class has few
ENOUGH = 240                   # hits of a class that with their variants are wanted
HELD_OUT = 10                  # per cent of the hits of each class, at least one of ten
FIRST = ('kick', 'snare', 'clap', 'hihat-closed', 'hihat-open', 'tom', 'rim', 'cowbell', 'ride', 'crash')   # in a drummer's order
TWIN = 0.95                    # two recordings that are so alike, up to gain and place, are of one stroke
TWIN_FRAMES = 8192             # that are looked at
MOST_TWINS = 0.5               # of a class's hits that are left out for it: pure tones are alike without being one stroke


@dataclass
class Corpus:
    """Grains of hits one after another, and what each hit is."""
    classes: list[str]
    first: npt.NDArray[np.int64]        # [hits + 1], of its grains
    kind: npt.NDArray[np.int64]         # [hits], index of its class
    speed: npt.NDArray[np.int64]        # [hits], per cent; 100 is the recording itself
    is_held_out: npt.NDArray[np.bool_]  # [hits]
    names: list[str]                    # [hits]
    frames: npt.NDArray[np.int64]       # [hits]
    middles: npt.NDArray[np.int64]      # [grains]
    heard: Array
    noise: Array
    amplitude: Array
    place: Array
    wave: Array                         # [hits, ONSET]
    struck: Array                       # [hits, ONSET]

    def save(self, path: Path) -> None:
        lists = {field.name: np.asarray(getattr(self, field.name)) for field in fields(self)}
        fresh = path.with_name(path.name + '.part.npz')
        np.savez(fresh, **lists)
        fresh.replace(path)

    @classmethod
    def load(cls, path: Path) -> 'Corpus':
        with np.load(path) as saved:
            lists = {field.name: saved[field.name] for field in fields(cls)}
        return cls(**lists | {'classes': lists['classes'].tolist(), 'names': lists['names'].tolist()})

    def grains_of(self, hit: int) -> slice:
        return slice(int(self.first[hit]), int(self.first[hit + 1]))


def read_hit(path: Path, speed: int = 100) -> Array:
    """Mono at SR, from its onset on, at PEAK, its end faded out; empty where it is silent."""
    sound, rate, _ = recordings.read(path)
    if rate != SR:
        sound = resample_poly(sound, SR, rate)
    if speed != 100:
        sound = resample_poly(sound, 100, speed)
    level = np.abs(sound)
    peak = float(level.max(initial=0.0))
    if peak < recordings.SILENT:
        return np.zeros(0, np.float32)
    sound = sound[max(0, int(np.argmax(level > ONSET * peak)) - LEAD):] * (PEAK / peak)
    is_cut = len(sound) > MOST_S * SR
    sound = sound[:int(MOST_S * SR)].copy()
    fade = min(len(sound), 4410 if is_cut else 200)
    sound[len(sound) - fade:] *= np.linspace(1, 0, fade)
    return sound.astype(np.float32)


def analyse_file(job: tuple[Path, int]) -> tuple[Hit, Array] | None:
    """-> its grains, and its beginning [TWIN_FRAMES]"""
    sound = read_hit(*job)
    if not len(sound):
        return None
    beginning = np.zeros(TWIN_FRAMES, np.float32)
    beginning[:min(len(sound), TWIN_FRAMES)] = sound[:TWIN_FRAMES]
    return analyse_hit(sound.astype(float), ErbSlots()), beginning


def held_out(paths: list[Path]) -> set[Path]:
    """One in ten of a class, decided by the files' names alone."""
    order = sorted(paths, key=lambda path: hashlib.sha256(path.name.encode()).hexdigest())
    return set(order[:len(paths) * HELD_OUT // 100])


def likeness(a: Array, b: Array) -> float:
    """Of two waves, wherever they begin: 1 for the same one, louder or softer."""
    size = 2 * len(a)
    product = np.fft.irfft(np.fft.rfft(a, size) * np.conj(np.fft.rfft(b, size)), size)
    return float(np.abs(product).max() / np.sqrt(np.square(a).sum() * np.square(b).sum() + 1e-12))


def rank(name: str) -> tuple[int, str]:
    """Drums as a drummer names them, others after them by their names."""
    return (FIRST.index(name) if name in FIRST else len(FIRST), name)


def twins_of(known: list[tuple[tuple[int, Path, int, bool], Array]]) -> set[Path]:
    """Recordings that are there twice, once set aside and once not: they would be known by heart."""
    found: set[Path] = set()
    for kind in {job[0] for job, _ in known}:
        apart = [wave for job, wave in known if job[0] == kind and job[3]]
        rest = [(job[1], wave) for job, wave in known if job[0] == kind and not job[3] and job[2] == 100]
        alike = [(max((likeness(wave, other) for other in apart), default=0.0), path) for path, wave in rest]
        alike = sorted((pair for pair in alike if pair[0] > TWIN), reverse=True)
        found |= {path for _, path in alike[:int(MOST_TWINS * len(rest))]}
    return found


def prepare_hits(folder: Path, cache: Path, threads: int, seed: int) -> dict:
    """Write the cache; -> what was decided. Raises ValueError for a folder that has no classes."""
    by_class = {sub.name: recordings.files_of(sub) for sub in sorted(folder.iterdir()) if sub.is_dir()}
    by_class = {name: by_class[name] for name in sorted(by_class, key=rank) if by_class[name]}
    if not by_class:
        raise ValueError(f'{folder}: has no sounds in folders; put the hits of each class into a folder of its own, '
                         'such as kick/ and snare/')
    rng, jobs = np.random.default_rng(seed), []
    for kind, files in enumerate(by_class.values()):
        apart = held_out(files)
        variants = min(max(ENOUGH // len(files), VARIANTS), MOST_VARIANTS)
        for path in files:
            speeds = [100] if path in apart else [100, *rng.choice(SPEEDS, variants, replace=False)]
            jobs += [(kind, path, int(speed), path in apart) for speed in speeds]
    with Pool(threads) as pool:
        hits = pool.map(analyse_file, [(path, speed) for _, path, speed, _ in jobs], chunksize=8)
    silent = sorted({path.name for (_, path, _, _), hit in zip(jobs, hits) if hit is None})
    known = [(job, hit) for job, hit in zip(jobs, hits) if hit is not None]
    twins = twins_of([(job, beginning) for job, (_, beginning) in known])
    known = [(job, hit) for job, (hit, _) in known if job[1] not in twins]
    found = [hit for _, hit in known]
    corpus = Corpus(
        list(by_class), np.cumsum([0] + [len(hit.middles) for hit in found]), np.array([job[0] for job, _ in known]),
        np.array([job[2] for job, _ in known]), np.array([job[3] for job, _ in known]),
        [str(job[1].relative_to(folder)) for job, _ in known], np.array([hit.frames for hit in found]),
        *(np.concatenate([getattr(hit, name) for hit in found]) for name in ('middles', 'heard', 'noise', 'amplitude', 'place')),
        *(np.stack([getattr(hit, name) for hit in found]) for name in ('wave', 'struck')))
    corpus.save(cache)
    report = {'classes': {name: len(files) for name, files in by_class.items()}, 'held_out': int(corpus.is_held_out.sum()),
              'twins': sorted(path.name for path in twins), 'silent': silent, 'grains': int(corpus.first[-1])}
    cache.with_suffix('.json').write_text(json.dumps(report, indent=1) + '\n')
    return report
