"""A folder of hits or notes, in a folder for each class -> their grains (one .npz file), varied in speed, some set aside."""
import hashlib
import json
from dataclasses import dataclass, fields
from multiprocessing import Pool
from pathlib import Path

import numpy as np
import numpy.typing as npt
from scipy.signal import resample_poly

from . import recordings
from .corpus import sound_files
from .grains_analysis import Hit, analyse_hit
from .grains_features import SR, Array, slots_at
from .grains_pitch import NAMED_CENTS, pitch_of
from .pitch import cents
from .tracker import note_hz

MOST_S = 3.0                   # what is longer is faded out
PEAK = 0.8                     # of every hit, linear
ONSET = 0.02                   # of the peak: a hit begins where it is first as loud
LEAD = 16                      # frames that are kept before it
SPEEDS = (90, 92, 94, 96, 98, 102, 104, 106, 108, 110, 112)    # per cent
VARIANTS, MOST_VARIANTS = 3, 9    # of each hit that is trained on, more where a class has few
NOTE_VARIANTS = 1               # of each note: notes of other pitches do much the same
ENOUGH = 240                   # hits of a class that with their variants are wanted
LONG_HITS = 95                 # per cent of a class that are no longer than what is drawn of it
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
    f0_hz: npt.NDArray[np.float64]      # [hits]; 0 where hits have no pitch
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
            lists = {field.name: saved[field.name] for field in fields(cls) if field.name in saved}
        # caches without pitches are older than these
        lists.setdefault('f0_hz', np.zeros(len(lists['kind'])))
        return cls(**lists | {'classes': lists['classes'].tolist(), 'names': lists['names'].tolist()})

    @property
    def is_pitched(self) -> bool:
        return bool(self.f0_hz.any())

    @property
    def trained(self) -> npt.NDArray[np.int64]:
        """The recordings themselves that are trained on"""
        return np.flatnonzero(~self.is_held_out & (self.speed == 100))

    def grains_of(self, hit: int) -> slice:
        return slice(int(self.first[hit]), int(self.first[hit + 1]))

    def length_frames(self, kind: int) -> int:
        """How long hits of a class are: all but the longest of them."""
        return int(np.percentile(self.frames[self.trained][self.kind[self.trained] == kind], LONG_HITS))


def has_pitch(cache: Path) -> bool:
    with np.load(cache) as saved:
        return 'f0_hz' in saved and bool(saved['f0_hz'].any())


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


def pitch_of_file(path: Path) -> float:
    """Hz; 0 where there is none, and below 0 where it is not the one that the file's name says."""
    f0_hz, named_hz = pitch_of(read_hit(path)), note_hz(path.name)
    return -f0_hz if named_hz and abs(cents(f0_hz, named_hz)) > NAMED_CENTS else f0_hz


def analyse_file(job: tuple[Path, int, float]) -> tuple[Hit, Array] | None:
    """A file, its speed, and the pitch that it has then -> its grains, and its beginning [TWIN_FRAMES]"""
    path, speed, f0_hz = job
    sound = read_hit(path, speed)
    if not len(sound):
        return None
    beginning = np.zeros(TWIN_FRAMES, np.float32)
    beginning[:min(len(sound), TWIN_FRAMES)] = sound[:TWIN_FRAMES]
    return analyse_hit(sound.astype(float), slots_at(f0_hz)), beginning


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


def found_pitches(by_class: dict[str, list[Path]], pool: Pool) -> tuple[dict[str, list[Path]], dict[Path, float], dict[str, list[str]]]:
    """-> the notes of one pitch, their pitches, and what is left out, by the reason why. Raises ValueError for a class without one."""
    files = [path for own in by_class.values() for path in own]
    f0_hz = dict(zip(files, pool.map(pitch_of_file, files, chunksize=8)))
    for name, own in by_class.items():
        if not any(f0_hz[path] > 0 for path in own):
            raise ValueError(f'{own[0]}: no pitch is found in it, nor in any other sound of {name}; give single notes of one pitch each, '
                             'or leave out --pitched')
    left_out = {'unpitched': sorted(path.name for path in files if f0_hz[path] == 0),
                'misnamed': sorted(path.name for path in files if f0_hz[path] < 0)}
    return {name: [path for path in own if f0_hz[path] > 0] for name, own in by_class.items()}, f0_hz, left_out


def prepare_hits(folder: Path, cache: Path, threads: int, seed: int, is_pitched: bool = False, exclude: str = '') -> dict:
    """Write the cache; -> what was decided. Raises ValueError for a folder that has no classes, or no pitches where there should be."""
    by_class = {sub.name: sound_files(sub, exclude) for sub in sorted(folder.iterdir()) if sub.is_dir()}
    by_class = {name: by_class[name] for name in sorted(by_class, key=rank) if by_class[name]}
    if not by_class:
        raise ValueError(f'{folder}: has no sounds in folders; put the hits of each class into a folder of its own, '
                         'such as kick/ and snare/')
    rng, jobs = np.random.default_rng(seed), []
    with Pool(threads) as pool:
        f0_hz, left_out = dict.fromkeys((path for files in by_class.values() for path in files), 0.0), {}
        if is_pitched:
            by_class, f0_hz, left_out = found_pitches(by_class, pool)
        for kind, files in enumerate(by_class.values()):
            apart = held_out(files)
            variants = min(max(ENOUGH // len(files), NOTE_VARIANTS if is_pitched else VARIANTS), MOST_VARIANTS)
            for path in files:
                speeds = [100] if path in apart else [100, *rng.choice(SPEEDS, variants, replace=False)]
                jobs += [(kind, path, int(speed), path in apart) for speed in speeds]
        hits = pool.map(analyse_file, [(path, speed, f0_hz[path] * speed / 100) for _, path, speed, _ in jobs], chunksize=8)
    silent = sorted({path.name for (_, path, _, _), hit in zip(jobs, hits) if hit is None})
    known = [(job, hit) for job, hit in zip(jobs, hits) if hit is not None]
    twins = twins_of([(job, beginning) for job, (_, beginning) in known])
    known = [(job, hit) for job, (hit, _) in known if job[1] not in twins]
    found = [hit for _, hit in known]
    corpus = Corpus(
        list(by_class), np.cumsum([0] + [len(hit.middles) for hit in found]), np.array([job[0] for job, _ in known]),
        np.array([job[2] for job, _ in known]), np.array([job[3] for job, _ in known]),
        [str(job[1].relative_to(folder)) for job, _ in known], np.array([f0_hz[job[1]] * job[2] / 100 for job, _ in known]),
        np.array([hit.frames for hit in found]),
        *(np.concatenate([getattr(hit, name) for hit in found]) for name in ('middles', 'heard', 'noise', 'amplitude', 'place')),
        *(np.stack([getattr(hit, name) for hit in found]) for name in ('wave', 'struck')))
    corpus.save(cache)
    report = {'exclude': exclude, 'classes': {name: len(files) for name, files in by_class.items()},
              'held_out': int(corpus.is_held_out.sum()),
              'twins': sorted(path.name for path in twins), 'silent': silent, **left_out, 'grains': int(corpus.first[-1])}
    cache.with_suffix('.json').write_text(json.dumps(report, indent=1) + '\n')
    return report
