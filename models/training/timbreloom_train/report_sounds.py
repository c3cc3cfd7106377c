"""The recordings that the report measures on: which belong to a package, which are foreign inputs, read once each."""
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from . import probes
from .corpus import is_held_out, sound_files
from .evaluate import SHORTEST_HOPS, Take, prepare
from .features import HOP, SR, Array, loudness_of
from .likeness import Collection, Target, pitch_rows, spectra, spectra_of_file
from .pitch import track

DOMAINS_FILE = Path(__file__).resolve().parent.parent / 'domains.json'
LONGEST_S = 6.0            # of each recording that is used
INPUT_FILES = 100          # per foreign input at most, and about this long together: the covariance of few notes is narrower
INPUT_S = 150.0            # than their instrument's, whatever is made of them (a cello's hops: 56 dB of 24 recordings, 60 of 100)
TRAINED_FILES = 500        # of a domain at most, for its spectrum statistics
HELD_OUT_FILES = 80        # the same, for their floor
RENDER_MINUTES = 40.0      # of a rendered domain: enough for ten held-out files
GAP_HOPS = 16              # silence between joined recordings
# foreign inputs: which folders, or probes, and whether they have one pitch at a time
INPUTS: dict[str, tuple[tuple[str, ...], bool]] = {
    'voice': (('voice',), True), 'flute': (('flute',), True), 'horn': (('french-horn',), True),
    'clarinet': (('clarinet',), True), 'cello': (('cello',), True), 'ladder': ((), True), 'drums': (('drums-live',), False),
    'chord': ((), False)}
PROBES = {'ladder': probes.ladder, 'chord': probes.chords}
INPUT_EXCLUDE = 'pizz|battuto|tratto|mute|trill|flutter'


@dataclass
class Clip:
    """Recordings of one input joined to one sound for one run through a model: takes[i] begins at hop starts[i]."""
    name: str
    pitched: bool
    takes: list[Take]
    audio: Array = field(init=False)
    starts: list[int] = field(init=False)

    def __post_init__(self) -> None:
        gap, parts, self.starts, at = np.zeros(GAP_HOPS * HOP, np.float32), [], [], 0
        for take in self.takes:
            self.starts.append(at + GAP_HOPS)
            parts += [gap, take.audio]
            at += GAP_HOPS + len(take.f0)
        self.audio = np.concatenate([*parts, gap])

    def middle_hz(self) -> float | None:
        """The middle of its pitches; None without any."""
        pitches = np.concatenate([take.f0[take.voicing > 0.5] for take in self.takes])
        return float(np.median(pitches)) if self.pitched and len(pitches) else None

    def split(self, made: Array) -> list[Array]:
        """The output of the joined sound (aligned with it) -> the output of each recording."""
        return [made[start * HOP:(start + len(take.f0)) * HOP] for start, take in zip(self.starts, self.takes)]


def into_register(clip: Clip, reach: dict[str, float] | None) -> int:
    """The octaves, in semitones, that bring an input nearest to the middle of a model's range; as far as Transpose goes."""
    middle_hz = clip.middle_hz()
    if reach is None or middle_hz is None or clip.name in PROBES:
        return 0
    octaves = round(float(np.log2(np.sqrt(reach['min_hz'] * reach['max_hz']) / middle_hz)))
    return 12 * min(max(octaves, -2), 2)


def take_of(name: str, audio: Array) -> Take:
    """A synthetic sound as it stands; audio [hops * HOP]."""
    loudness = loudness_of(audio)
    return Take(name, audio, *track(audio, loudness), loudness, np.zeros((len(loudness), 0), np.float32))


def collected(takes: list[Take]) -> Collection:
    """Their spectra and pitches."""
    return Collection.of([spectra(take.audio, take.loudness) for take in takes], [pitch_rows(take) for take in takes])


def spread(items: list[Any], limit: int) -> list[Any]:
    """At most `limit` of them, evenly over the list."""
    return [items[i] for i in np.unique(np.linspace(0, len(items) - 1, min(limit, len(items))).astype(int))]


class Sounds:
    """Reads and analyses every recording once, whatever number of models it is played through."""

    def __init__(self, folder: Path, cache: Path, limit: int) -> None:
        self.folder, self.cache, self.limit = folder, cache, limit
        self.domains: dict[str, dict[str, Any]] = json.loads(DOMAINS_FILE.read_text())
        self.ready: dict[Path, Take | None] = {}
        self.clips: dict[str, Clip] = {}
        self.targets: dict[str, Target] = {}

    def domain_of(self, package: str) -> dict[str, Any]:
        """The entry of a package; a variant (`cello-low-latency`) has the sounds of the package before a hyphen.
        Raises ValueError when there is none."""
        words = package.split('-')
        for count in range(len(words), 0, -1):
            if (name := '-'.join(words[:count])) in self.domains:
                return self.domains[name]
        raise ValueError(f'{package}: {DOMAINS_FILE.name} does not say which sounds are its own; add it there')

    def folders(self, domain: dict[str, Any]) -> list[Path]:
        """Where a domain's files lie; rendered domains are rendered on first use."""
        if 'rendered' not in domain:
            return [self.folder / name for name in domain['folders']]
        return [self.rendered(domain['rendered'])]

    def rendered(self, name: str) -> Path:
        from .domains import SOURCES, render
        target = self.cache / name
        done = target / 'complete'
        if not done.exists():
            print(f'rendering {name} ...', flush=True)
            render(name, target, RENDER_MINUTES, self.folder / SOURCES[name] if name in SOURCES else None)
            done.write_text('')
        return target

    def files(self, domain: dict[str, Any], limit: int, held_out: bool = True) -> list[Path]:
        """At most `limit` recordings that no training saw (or those that it may have seen), spread evenly over the names.
        Raises ValueError on none."""
        folders = self.folders(domain)
        files = [p for folder in folders if folder.is_dir() for p in sound_files(folder, domain['exclude'])
                 if is_held_out(p) == held_out]
        if not files:
            raise ValueError(f'no {"held-out " if held_out else ""}recordings in {", ".join(p.name for p in folders)}')
        return spread(files, limit)

    def loaded(self, files: list[Path]) -> list[Array]:
        """Their sound, where there is any."""
        return [take.audio for path in files if (take := self.take(path)) is not None]

    def held_out(self, domain: dict[str, Any], limit: int) -> list[Take]:
        """As `files`, read and tracked."""
        takes = [take for path in self.files(domain, limit) if (take := self.take(path)) is not None]
        if not takes:
            raise ValueError(f'the held-out recordings of {", ".join(domain["folders"])} are silent or too short')
        return takes

    def target(self, domain: dict[str, Any], tracked: bool) -> Target:
        """The spectra of its sound; tracked: with pitch. Raises ValueError when there is not enough. A domain may name
        sound for it, of which every other recording is held out: the choir's own notes are too few for each to have both
        vowels, and against one vowel everything else is far."""
        key = ' '.join([*domain['folders'], str(tracked)])
        if key not in self.targets:
            if tracked and 'statistics' in domain:
                takes = self.all_of(self.rendered(domain['statistics']))
                sides = [collected(takes[::2]), collected(takes[1::2])]
            else:
                files = [self.files(domain, TRAINED_FILES, held_out=False), self.files(domain, HELD_OUT_FILES)]
                sides = [self.collection(side, tracked) for side in files]
            self.targets[key] = Target.of(*sides)
        return self.targets[key]

    def collection(self, files: list[Path], tracked: bool) -> Collection:
        if tracked:
            return collected([take for path in files if (take := self.take(path)) is not None])
        return Collection.of([spectra_of_file(path, LONGEST_S) for path in files])

    def all_of(self, folder: Path) -> list[Take]:
        """Shuffled: in the order of the names every other recording may have something in common."""
        files = sound_files(folder)
        return [take for i in np.random.default_rng(0).permutation(len(files)) if (take := self.take(files[i])) is not None]

    def take(self, path: Path) -> Take | None:
        if path not in self.ready:
            prepared = prepare(path, LONGEST_S)
            usable = prepared is not None and len(prepared[1]) >= SHORTEST_HOPS
            self.ready[path] = None
            if prepared is not None and usable:
                audio, f0, voicing, loudness = prepared
                self.ready[path] = Take(path.name, audio, f0, voicing, loudness, np.zeros((len(f0), 0), np.float32))
        return self.ready[path]

    def clip(self, name: str) -> Clip:
        """A foreign input. Raises ValueError when its recordings are missing."""
        if name not in self.clips:
            folders, pitched = INPUTS[name]
            if not folders:
                takes = [take_of(f'{name} {i + 1}', audio) for i, audio in enumerate(PROBES[name]())]
            else:
                domain = self.domains.get(folders[0], {})
                rendered = {'rendered': domain['rendered']} if 'rendered' in domain else {}
                takes = self.held_out({'folders': folders, 'exclude': INPUT_EXCLUDE, **rendered}, INPUT_FILES)
                mean_s = float(np.mean([len(take.f0) for take in takes])) * HOP / SR
                takes = spread(takes, max(1, round(INPUT_S / mean_s)))
            self.clips[name] = Clip(name, pitched, takes)
        return self.clips[name]

    def probe(self) -> Clip:
        if 'probe' not in self.clips:
            self.clips['probe'] = Clip('probe', True, [take_of(p.name, p.audio) for p in probes.all_probes()])
        return self.clips['probe']
