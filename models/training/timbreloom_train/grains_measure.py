"""How good a grain model is: hits that were set aside, rebuilt; and hits that are drawn."""
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch.nn.functional import one_hot

from .grains_analysis import first_frames
from .grains_corpus import PEAK
from .grains_features import SR, Array, heard, slots_at, times
from .grains_nets import EMBEDDING, GrainModel, told_of
from .grains_pitch import Tracked
from .grains_sound import synthesise
from .pitch import cents

MEL_FRAMES = ((2048, 64), (512, 32))     # window, bands: one sees partials, the other attacks
LEAST_DB = -70.0
ATTACK_FRAMES = SR // 100
NEIGHBOUR_CENTS = 150.0                  # a note that is nearest to another is at most that far from it


def mel_weights(size: int, bands: int) -> npt.NDArray[np.float64]:
    hz = np.arange(size // 2 + 1) * SR / size
    ends = np.linspace(2595 * np.log10(1 + 40 / 700), 2595 * np.log10(1 + 18000 / 700), bands + 2)
    ends = 700 * (10 ** (ends / 2595) - 1)
    rise = (hz - ends[:-2, None]) / (ends[1:-1] - ends[:-2])[:, None]
    fall = (ends[2:, None] - hz) / (ends[2:] - ends[1:-1])[:, None]
    hats = np.maximum(0, np.minimum(rise, fall))
    return hats / (hats.sum(1, keepdims=True) + 1e-9)


WEIGHTS = {size: mel_weights(size, bands) for size, bands in MEL_FRAMES}


def log_mels(sound: npt.NDArray, frames: int) -> list[Array]:
    """Mel spectra of the first frames of a hit, dB, with both windows [windows, bands]"""
    found = []
    for size, bands in MEL_FRAMES:
        padded = np.zeros(frames + 2 * size)
        padded[size // 2:size // 2 + min(len(sound), frames)] = sound[:frames]
        shape = np.hanning(size)
        pieces = np.lib.stride_tricks.sliding_window_view(padded, size)[:frames + size // 2:size // 8] * shape
        power = np.abs(np.fft.rfft(pieces)) ** 2 / np.square(shape).sum()
        found.append((10 * np.log10(power @ WEIGHTS[size].T + 10 ** (LEAST_DB / 10))).astype(np.float32))
    return found


def mel_distance(a: npt.NDArray, b: npt.NDArray) -> float:
    """Mean difference of the mel spectra, dB, over the longer of the two."""
    frames = max(len(a), len(b))
    return float(np.mean([np.abs(x - y).mean() for x, y in zip(log_mels(a, frames), log_mels(b, frames))]))


def attack_db(sound: npt.NDArray) -> float:
    """Level of the first 10 ms, dB."""
    return float(10 * np.log10(np.square(sound[:ATTACK_FRAMES]).mean() + 1e-9))


def flatness_db(sound: npt.NDArray) -> float:
    """Geometric over arithmetic mean of the mel spectrum's power over the hit, dB: 0 is white."""
    power = 10 ** (log_mels(sound, len(sound))[0] / 10)
    mean = power.mean(0)
    return float(10 * np.log10(np.exp(np.log(mean).mean()) / mean.mean()))


def decay_s(sound: npt.NDArray) -> float:
    """Until the level has fallen by 30 dB from its loudest, seconds; the hit's length where it never does."""
    level = np.sqrt(np.convolve(np.square(sound), np.ones(441) / 441, 'same') + 1e-12)
    top = int(level.argmax())
    below = np.flatnonzero(level[top:] < level[top] * 10 ** (-30 / 20))
    return float((below[0] if len(below) else len(sound) - top) / SR)


@dataclass
class Recording:
    """What a model was trained on, or measured with."""
    sound: Array
    kind: int
    is_apart: bool
    f0_hz: float = 0.0     # 0 without a pitch


@dataclass
class Player:
    """A grain model in numpy: what the program does with its graphs. f0_hz is 0 for models without pitch."""
    model: GrainModel

    def told(self, kind: int, f0_hz: float) -> torch.Tensor:
        return told_of(one_hot(torch.tensor([kind]), self.model.classes).float(), torch.tensor([f0_hz]))

    @torch.no_grad()
    def of_grains(self, z: torch.Tensor, middles: npt.NDArray[np.int64], kind: int, frames: int, seed: int,
                  onset: npt.NDArray | None = None, f0_hz: float = 0.0) -> Array:
        frame, told = torch.from_numpy(middles).float(), self.told(kind, f0_hz).expand(len(middles), -1)
        density, level, place = (part.numpy() for part in self.model.decode_grains(z, frame, told))
        return synthesise(density, level, place, middles, frames, seed, slots_at(f0_hz), onset)

    @torch.no_grad()
    def of_hit(self, e: torch.Tensor, kind: int, frames: int, seed: int, f0_hz: float = 0.0) -> Array:
        """e [EMBEDDING], normal"""
        middles, told = times(frames), self.told(kind, f0_hz)
        frame = torch.from_numpy(middles).float()
        raw = self.model.raw(e[None], told)
        z = self.model.play(raw.expand(len(middles), -1), frame, told.expand(len(middles), -1))
        return self.of_grains(z, middles, kind, frames, seed, self.model.strike(raw, told)[0].numpy(), f0_hz)

    @torch.no_grad()
    def hear(self, sound: npt.NDArray, kind: int, f0_hz: float = 0.0) -> tuple[torch.Tensor, torch.Tensor]:
        """A hit -> z [grains, LATENT] and its normal embedding [EMBEDDING]"""
        middles, told = times(len(sound)), self.told(kind, f0_hz)
        frame, features = torch.from_numpy(middles).float(), torch.from_numpy(heard(sound, middles, slots_at(f0_hz)))
        z, _ = self.model.encode_grains(features, frame, told.expand(len(middles), -1))
        pooled = self.model.hear_hits(features, frame, torch.zeros(len(middles), dtype=torch.long),
                                      torch.from_numpy(first_frames(sound))[None])
        raw, _ = self.model.encode_hits(pooled, told)
        return z, self.model.normal(raw, told, kind)[0]

    def rebuild(self, sound: npt.NDArray, kind: int, seed: int = 1, f0_hz: float = 0.0) -> tuple[Array, Array]:
        """-> of its grains' latents, of its embedding alone"""
        z, e = self.hear(sound, kind, f0_hz)
        told = self.told(kind, f0_hz)
        onset = self.model.strike(self.model.raw(e[None], told), told)[0].detach().numpy()
        return (self.of_grains(z, times(len(sound)), kind, len(sound), seed, onset, f0_hz),
                self.of_hit(e, kind, len(sound), seed, f0_hz))


def likely(known: list[Recording], wanted: Recording) -> list[Recording]:
    """Those among which the nearest is: of notes, those of much the same pitch."""
    away = np.abs([cents(other.f0_hz, wanted.f0_hz) for other in known])
    return [other for other, apart in zip(known, away) if apart <= max(NEIGHBOUR_CENTS, away.min())] if wanted.f0_hz else known


def rebuilt(player: Player, classes: list[str], hits: list[Recording]) -> dict[str, dict[str, float]]:
    """-> by class, means over the hits that were set aside"""
    table = {}
    for kind, name in enumerate(classes):
        known = [hit for hit in hits if hit.kind == kind and not hit.is_apart]
        rows = []
        for hit in (hit for hit in hits if hit.kind == kind and hit.is_apart):
            sound = hit.sound
            grains, whole = player.rebuild(sound, kind, f0_hz=hit.f0_hz)
            row = {'silence': mel_distance(sound, np.zeros(1)),
                   'nearest': min(mel_distance(sound, other.sound) for other in likely(known, hit))}
            for way, made in (('grains', grains), ('hit', whole)):
                row |= {way: mel_distance(sound, made), f'{way}_attack_db': attack_db(made) - attack_db(sound),
                        f'{way}_flatness_db': flatness_db(made) - flatness_db(sound),
                        f'{way}_decay': decay_s(made) / max(decay_s(sound), 1e-3)}
            rows.append(row)
        if rows:
            table[name] = {key: float(np.mean([row[key] for row in rows])) for key in rows[0]}
            table[name] |= {f'worst_{way}_attack_db': max((row[f'{way}_attack_db'] for row in rows), key=abs) for way in ('grains', 'hit')}
            table[name]['hits'] = len(rows)
    return table


def lifted(sound: Array) -> Array:
    """As loud as recordings are, and as the program plays hits."""
    peak = float(np.abs(sound).max(initial=0.0))
    return (sound * (PEAK / peak)).astype(np.float32) if peak > 1e-4 else sound


def drawn_hits(player: Player, hits: list[Recording], lengths_s: list[float], each: int, seed: int) -> list[Recording]:
    """As many of each class; notes are spread over the pitches of their class."""
    rng, drawn = torch.Generator().manual_seed(seed), []
    for kind, length in enumerate(lengths_s):
        f0_hz = [hit.f0_hz for hit in hits if hit.kind == kind and not hit.is_apart]
        pitches = np.geomspace(*np.percentile(f0_hz, [2, 98]), each) if player.model.pitched else np.zeros(each)
        for n, pitch in enumerate(pitches.tolist()):
            sound = player.of_hit(torch.randn(EMBEDDING, generator=rng), kind, int(length * SR), seed + n, pitch)
            drawn.append(Recording(lifted(sound), kind, False, pitch))
    return drawn


SEGMENTS = (0, 2, 4, 8, 14, 24, 44, 80, 140)    # of hops of 256 frames: what the classifier takes means over


def summary(sound: npt.NDArray) -> Array:
    """What the classifier is told of a hit: its mel spectrum over time, and how it falls."""
    mels = log_mels(sound, SEGMENTS[-1] * 256)[0]
    return np.concatenate([mels[low:high].mean(0) for low, high in zip(SEGMENTS, SEGMENTS[1:])]) / 20


class Referee(torch.nn.Module):
    """Names the class of a hit; trained on recordings alone."""

    def __init__(self, classes: int) -> None:
        super().__init__()
        width = (len(SEGMENTS) - 1) * MEL_FRAMES[0][1]
        self.net = torch.nn.Sequential(torch.nn.Linear(width, 96), torch.nn.ReLU(), torch.nn.Dropout(0.3), torch.nn.Linear(96, classes))

    @classmethod
    def of(cls, sounds: list[Array], kinds: list[int], classes: int) -> 'Referee':
        torch.manual_seed(0)
        known, wanted = torch.from_numpy(np.stack([summary(sound) for sound in sounds])), torch.tensor(kinds)
        referee = cls(classes)
        often = 1 / torch.bincount(wanted, minlength=classes).float().clamp(min=1)
        best = torch.optim.AdamW(referee.parameters(), lr=2e-3, weight_decay=1e-2)
        for _ in range(400):
            best.zero_grad()
            # louder, softer, and as noisy as two takes differ
            heard = known + 0.15 * torch.randn_like(known) + 0.1 * torch.randn(len(known), 1)
            torch.nn.functional.cross_entropy(referee.net(heard), wanted, weight=often).backward()
            best.step()
        return referee.eval()

    @torch.no_grad()
    def names(self, sounds: list[Array]) -> npt.NDArray[np.int64]:
        return self.net(torch.from_numpy(np.stack([summary(sound) for sound in sounds]))).argmax(1).numpy()


def spectra(sounds: list[Array], frames: int) -> npt.NDArray:
    return np.stack([np.concatenate([part.ravel() / part.size / 2 for part in log_mels(sound[:frames], frames)]) for sound in sounds])


def distances(a: npt.NDArray, b: npt.NDArray) -> npt.NDArray:
    """Mean differences of spectra, dB [a, b]"""
    return np.stack([np.abs(row - b).sum(1) for row in a])


def mean_of(values: list[float]) -> float | None:
    return float(np.mean(values)) if values else None


def judged(player: Player, classes: list[str], hits: list[Recording], lengths_s: list[float], each: int, seed: int) -> dict[str, Any]:
    """800 draws of eight classes, 100 of each: are they what they are called, do they differ, is none a copy? And have notes the
    pitch that was asked for?"""
    known, strange = [hit for hit in hits if not hit.is_apart], [hit for hit in hits if hit.is_apart]
    drawn = drawn_hits(player, hits, lengths_s, each, seed)
    table: dict[str, Any] = {'draws': len(drawn), 'classes': {name: {} for name in classes}}
    if len(classes) > 1:
        referee = Referee.of([hit.sound for hit in known], [hit.kind for hit in known], len(classes))
        right = referee.names([hit.sound for hit in strange]) == [hit.kind for hit in strange] if strange else []
        named = referee.names([hit.sound for hit in drawn])
        table |= {'named_right': float(np.mean(named == [hit.kind for hit in drawn])),
                  'referee_on_recordings_set_aside': float(np.mean(right)) if strange else None}
        for kind, name in enumerate(classes):
            own = [int(other) for other, hit in zip(named, drawn) if hit.kind == kind]
            table['classes'][name] = {'named_right': own.count(kind) / len(own),
                                      'taken_for': {classes[n]: own.count(n) for n in range(len(classes)) if n != kind and n in own}}
    for key, notes in (('in_tune', drawn), ('recordings_in_tune', strange)) if player.model.pitched else ():
        shares = [Tracked.of(note.sound).share_near(note.f0_hz) for note in notes]
        table[key] = mean_of(shares)
        for kind, name in enumerate(classes):
            table['classes'][name][key] = mean_of([share for share, note in zip(shares, notes) if note.kind == kind])
    for kind, name in enumerate(classes):
        frames = int(lengths_s[kind] * SR)
        real = spectra([hit.sound for hit in known if hit.kind == kind], frames)
        made = spectra([hit.sound for hit in drawn if hit.kind == kind], frames)
        between_real, between_made = distances(real, real), distances(made, made)
        # of one recording alone there is no pair
        pairs = between_real[np.triu_indices(len(real), 1)] if len(real) > 1 else np.zeros(1)
        table['classes'][name] |= {
            'apart': float(between_made[np.triu_indices(len(made), 1)].mean()), 'real_apart': float(pairs.mean()),
            'nearest_recording': float(distances(made, real).min()), 'closest_recordings': float(pairs.min())}
    return table
