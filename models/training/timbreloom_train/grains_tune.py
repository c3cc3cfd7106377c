"""The last part of training: hits are made and heard as a whole, and what makes them is tuned to what is heard.

Until then grains were compared number by number. What partials with phases of their own, noise, and the first wave add up to
is another matter, above all in the first milliseconds.
"""
import time
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from .grains_corpus import PEAK, Corpus, read_hit
from .grains_features import SR, TOP_HZ, WINDOW_POWER, Slots, bin_places, knots, size_of, slots_at, times, window
from .grains_measure import ATTACK_FRAMES, MEL_FRAMES, WEIGHTS
from .grains_nets import EMBEDDING, GrainModel
from .grains_sound import SILENT_DB, START
from .grains_train import COMMON_CLASSES, SAVE_EVERY_S, Hits, drawn, load_grains, settle

MOST_FRAMES = 40000          # of a hit that are listened to
LEAST_LEVEL_DB = -70.0       # a partial that is never louder is not played here
ATTACK_WEIGHT = 0.15         # of a decibel in the first 10 ms, beside one of the mel spectra
NOISE_DB = 1.2               # between two sounds of the same embedding: a pair of recordings that are nearer to each other is no threshold
SPARE_DB = 0.4               # that draws keep beyond it: they are drawn without end
COPY_WEIGHT = 1.0            # of a decibel that a draw is too near to a recording
TUNED = ('grain_encoder', 'grain_decoder', 'sequence', 'striker')
BATCH, RATE = 6, 4e-4


class Maker:
    """Grains to sound as `grains_sound`, with gradients."""

    def __init__(self) -> None:
        self.rng = torch.Generator().manual_seed(0)

    def noise(self, density_db: Tensor, middles: np.ndarray, frames: int) -> Tensor:
        ends = knots(middles)
        out = torch.zeros(frames + int(ends[-1]) - int(ends[-3]) + 4096)
        before = int(-ends[0])
        sizes = np.array([size_of(ends[n:n + 5]) for n in range(len(middles))])
        for size in np.unique(sizes):
            rows = np.flatnonzero(sizes == size)
            rows = rows[ends[rows] < frames]
            if not len(rows):
                continue
            low, share = bin_places(int(size))
            low, share = torch.from_numpy(low), torch.from_numpy(share).float()
            of = density_db[rows]
            gain = 10 ** ((of[:, low] * (1 - share) + of[:, low + 1] * share) / 20)
            draws = torch.randn(2, len(rows), int(size) // 2 + 1, generator=self.rng)
            draws[1, :, [0, -1]] = 0
            grains = torch.fft.irfft(torch.complex(draws[0], draws[1]) * gain * (size / 2) ** 0.5, int(size))
            shapes, places = np.zeros((len(rows), int(size)), np.float32), np.zeros((len(rows), int(size)), np.int64)
            for n, row in enumerate(rows):
                shape = window(ends[row:row + 5])
                shapes[n, :len(shape)] = shape / WINDOW_POWER ** 0.5
                places[n] = np.clip(before + int(ends[row]) + np.arange(int(size)), 0, len(out) - 1)
            out = out.index_add(0, torch.from_numpy(places).ravel(), (grains * torch.from_numpy(shapes)).ravel())
        return out[before:before + frames]

    def partials(self, level_db: Tensor, place: Tensor, middles: np.ndarray, frames: int, slots: Slots) -> Tensor:
        loud = torch.nonzero(level_db.detach().amax(0) > LEAST_LEVEL_DB)[:, 0]
        if not len(loud):
            return torch.zeros(frames)
        at = np.arange(frames)
        low = np.clip(np.searchsorted(middles, at, 'right') - 1, 0, len(middles) - 2)
        share = torch.from_numpy(np.clip((at - middles[low]) / (middles[low + 1] - middles[low]), 0, 1)).float()[:, None]
        low = torch.from_numpy(low)
        amplitude = torch.clamp(10 ** (level_db[:, loud] / 20) - 10 ** (SILENT_DB / 20), min=0)
        with torch.no_grad():
            hz = torch.from_numpy(slots.hz(place.numpy()))[:, loud] / SR
            is_heard = (hz < TOP_HZ / SR).float()
            steps = hz[low] * (1 - share) + hz[low + 1] * share
            turns = torch.cumsum(steps, 0) - steps[0] + torch.from_numpy(START[loud.numpy()])
            waves = torch.sin(2 * torch.pi * (turns % 1)).float()
        amplitude = amplitude * is_heard
        return ((amplitude[low] * (1 - share) + amplitude[low + 1] * share) * waves).sum(1)

    def __call__(self, made: tuple[Tensor, Tensor, Tensor], onset: Tensor, middles: np.ndarray, frames: int, slots: Slots) -> Tensor:
        density_db, level_db, place = made[0].clamp(-110, 20), made[1].clamp(-110, 6), made[2].detach()
        sound = self.noise(density_db, middles, frames) + self.partials(level_db, place, middles, frames, slots)
        count = min(frames, len(onset))
        return torch.cat([sound[:count] + onset[:count], sound[count:]])


class Ear:
    """What `grains_measure.mel_distance` hears, and the level of the attack."""

    def __init__(self) -> None:
        self.weights = {size: torch.from_numpy(WEIGHTS[size]).float() for size, _ in MEL_FRAMES}

    def hear(self, sound: Tensor) -> list[Tensor]:
        found = []
        for size, _ in MEL_FRAMES:
            shape = torch.from_numpy(np.hanning(size)).float()
            padded = torch.nn.functional.pad(sound, (size // 2, size))
            power = torch.fft.rfft(padded.unfold(0, size, size // 8) * shape).abs() ** 2 / shape.square().sum()
            found.append(10 * torch.log10(power @ self.weights[size].T + 1e-7))
        return found

    def distance(self, sound: Tensor, wanted: Tensor) -> Tensor:
        mels = sum((a - b).abs().mean() for a, b in zip(self.hear(sound), self.hear(wanted))) / len(MEL_FRAMES)

        def level_db(part: Tensor) -> Tensor:
            return 10 * torch.log10(part.square().mean() + 1e-6)
        return mels + ATTACK_WEIGHT * (level_db(sound[:ATTACK_FRAMES]) - level_db(wanted[:ATTACK_FRAMES])).abs()


class Originals:
    """Recordings, by class, that no draw may be a copy of: as near to one as the closest two of them are to each other."""

    def __init__(self, sounds: dict[int, Tensor], corpus: Corpus, ear: Ear) -> None:
        self.ear, self.frames, self.heard, self.least_db = ear, {}, {}, {}
        for kind in range(0 if corpus.is_pitched else len(corpus.classes)):
            own = [row for row in sounds if corpus.kind[row] == kind]
            frames = corpus.length_frames(kind)
            heard = [ear.hear(torch.nn.functional.pad(sounds[row][:frames], (0, max(0, frames - len(sounds[row]))))) for row in own]
            closest_db = min((self.apart(a, b).item() for n, a in enumerate(heard) for b in heard[:n]), default=0.0)
            if closest_db > NOISE_DB:
                self.frames[kind], self.heard[kind], self.least_db[kind] = frames, heard, closest_db + SPARE_DB

    @staticmethod
    def apart(a: list[Tensor], b: list[Tensor]) -> Tensor:
        return torch.stack([(x - y).abs().mean() for x, y in zip(a, b)]).mean()

    def nearness(self, model: GrainModel, kind: int, maker: Maker) -> Tensor:
        """By how much a draw of a class is too near to one of its recordings, dB."""
        frames = self.frames[kind]
        middles = times(frames)
        asked = torch.nn.functional.one_hot(torch.tensor([kind]), model.classes).float()
        frame, told = torch.from_numpy(middles).float(), asked.expand(len(middles), -1)
        raw = model.raw(torch.randn(1, EMBEDDING), asked)
        z = model.play(raw.expand(len(middles), -1), frame, told)
        made = model.decode_grains(z, frame, told)
        sound = maker(made, model.strike(raw, asked)[0], middles, frames, slots_at(0.0))
        # as loud as recordings are: a copy is none the less one for being softer
        heard = self.ear.hear(sound * (PEAK / sound.detach().abs().max().clamp(min=1e-4)))
        nearest_db = torch.stack([self.apart(heard, other) for other in self.heard[kind]]).min()
        return torch.relu(self.least_db[kind] - nearest_db)


def listened(model: GrainModel, hits: Hits, row: int, sound: Tensor, maker: Maker, ear: Ear) -> tuple[Tensor, Tensor]:
    """How far a recording is from what is made of its grains, and from what is made of its embedding, drawn near it."""
    one, middles = hits.batch(np.array([row])), hits.corpus.middles[hits.corpus.grains_of(row)]
    z, _ = model.encode_grains(one.heard, one.frame, one.told)
    with torch.no_grad():
        e, spread = model.encode_hits(model.hear_hits(one.heard, one.frame, one.hit, one.wave), one.asked)
        e = drawn(e, spread)
    onset, slots = model.strike(e, one.asked)[0], slots_at(hits.corpus.f0_hz[row])
    both = (z, model.play(e.expand(len(middles), -1), one.frame, one.told))
    of_grains, of_hit = (ear.distance(maker(model.decode_grains(way, one.frame, one.told), onset, middles, len(sound), slots), sound)
                         for way in both)
    return of_grains, of_hit


def tune_checkpoint(rough: Path, out: Path, cache: Path, folder: Path, minutes: float, seed: int) -> None:
    """Write the tuned checkpoint `out` every minute and at the end; go on from it if it exists."""
    model, saved = load_grains(out if out.exists() else rough)
    began_with = saved.get('tuned_seconds', 0.0)
    hits = Hits(Corpus.load(cache))
    corpus = hits.corpus
    rows = corpus.trained
    sounds = {row: torch.from_numpy(read_hit(folder / corpus.names[row])) for row in rows}
    rng, maker, ear = np.random.default_rng(seed), Maker(), Ear()
    originals = Originals(sounds, corpus, ear)
    tuned = [weight for name in TUNED for weight in getattr(model, name).parameters()]
    best = torch.optim.Adam(tuned, lr=RATE, betas=(0.9, 0.98))
    often = 1 / np.bincount(corpus.kind[rows], minlength=model.classes)[corpus.kind[rows]] ** COMMON_CLASSES
    often /= often.sum()
    said: list[tuple[float, float]] = []
    too_near: list[float] = []

    def save(seconds: float) -> None:
        settle(model, hits, rows)
        fresh = out.with_suffix('.part')
        torch.save(saved | {'model': model.state_dict(), 'tuned_seconds': seconds}, fresh)
        fresh.replace(out)

    model.train()
    began, last_save, step, spent = time.monotonic() - began_with, began_with, 0, began_with
    while spent < minutes * 60:
        for group in best.param_groups:
            group['lr'] = RATE * min(1, (step + 1) / 20) * max(0.05, 1 - spent / minutes / 60)
        best.zero_grad()
        for row in rng.choice(rows, BATCH, p=often):
            of_grains, of_hit = listened(model, hits, int(row), sounds[row][:MOST_FRAMES], maker, ear)
            ((of_grains + of_hit) / BATCH).backward()
            said.append((of_grains.item(), of_hit.item()))
        if originals.frames:
            copied = originals.nearness(model, int(rng.choice(list(originals.frames))), maker)
            if copied > 0:
                (COPY_WEIGHT * copied).backward()
            too_near.append(copied.item())
        torch.nn.utils.clip_grad_norm_(tuned, 1.0)
        best.step()
        step, spent = step + 1, time.monotonic() - began
        if spent - last_save > SAVE_EVERY_S:
            save(spent)
            last_save = spent
            grains, whole = np.mean(said[-100:], 0)
            copies = f'  draws too near to recordings by {np.mean(too_near[-100:]):.3f} dB' if too_near else ''
            print(f'tuning: {spent / 60:5.2f} of {minutes:g} min  step {step}  grains {grains:.3f} dB  hit {whole:.3f} dB{copies}', flush=True)
    save(spent)
