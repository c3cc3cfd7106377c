"""How far apart two collections of sounds lie: Frechet distance over the statistics of their spectra."""
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from .corpus import load
from .evaluate import LEVEL_DB, SOUNDING_DB, Take
from .features import HANN, LEVEL_GATE_DB, N_FFT, SR, Array, a_weighting, frames_of, loudness_of, mel_matrix

BANDS = 40
FLOOR_DB = -70.0           # of a band, relative to the hop's loudness
MATCH_OCTAVES = 1.5 / 12   # how near a pitch has to lie to be the same
FEWEST_MATCHED = 200       # hops
NEAR_DOMAIN = 1.25         # an input closer than this many floors is already where it should go
Doubles = npt.NDArray[np.float64]


def spectra(audio: Array, loudness: Array) -> Array:
    """Level-normalised log-mel spectra (dB) of the sounding hops: [hops, BANDS]. loudness: per hop, says which sound."""
    power = np.abs(np.fft.rfft(frames_of(audio) * HANN, axis=1)).astype(np.float32) ** 2
    power = power[loudness[:len(power)] > SOUNDING_DB]
    mel = power @ mel_matrix(BANDS, N_FFT).T / (power @ a_weighting() + 1e-12)[:, None]
    return np.maximum(10 * np.log10(mel + 1e-12), FLOOR_DB)


def spectra_of_file(path: Path, seconds: float) -> Array:
    """At LEVEL_DB, like evaluate.prepare, but without tracking its pitch; no rows for a file without sound."""
    audio = load(path)[:int(seconds * SR)]
    loudness = loudness_of(audio) if len(audio) >= N_FFT else np.full(1, -80.0, np.float32)
    loud = loudness[loudness > max(loudness.max() - 45, LEVEL_GATE_DB)]
    if len(loud) == 0:
        return np.zeros((0, BANDS), np.float32)
    change_db = LEVEL_DB - np.percentile(loud, 95)
    return spectra(audio * np.float32(10 ** (change_db / 20)), loudness + change_db)


def pitch_rows(take: Take) -> Array:
    """The pitch of each row that `spectra` gives of a recording, Hz; 0 without pitch."""
    return np.where(take.voicing > 0.5, take.f0, 0)[take.loudness > SOUNDING_DB].astype(np.float32)


def frechet(first: Array, second: Array) -> float:
    """Frechet distance between two clouds of rows taken as normal distributions, in the rows' unit (dB)."""
    (mean_a, cov_a), (mean_b, cov_b) = ((rows.mean(0, dtype=np.float64), np.cov(rows.T.astype(np.float64)))
                                        for rows in (first, second))
    value, axes = np.linalg.eigh(cov_a)
    root = (axes * np.sqrt(np.maximum(value, 0))) @ axes.T
    cross = np.sqrt(np.maximum(np.linalg.eigvalsh(root @ cov_b @ root), 0)).sum()
    return float(np.sqrt(max(((mean_a - mean_b) ** 2).sum() + np.trace(cov_a) + np.trace(cov_b) - 2 * cross, 0)))


@dataclass
class Collection:
    """Spectra of recordings [hops, BANDS], and the pitch of each (Hz, 0 without; None: not tracked)."""
    rows: Array
    f0: Array | None

    @staticmethod
    def of(files: list[Array], f0: list[Array] | None = None) -> 'Collection':
        """files: the spectra of each recording. Raises ValueError where nothing sounds."""
        if not any(map(len, files)):
            raise ValueError('no recordings with sound: no spectrum distance')
        return Collection(np.concatenate(files), None if f0 is None else np.concatenate(f0))

    def near(self, f0: float) -> npt.NDArray[np.int64]:
        """The rows of this pitch, Hz."""
        assert self.f0 is not None
        return np.where(np.abs(np.log2(np.maximum(self.f0, 1.0) / f0)) < MATCH_OCTAVES)[0]


@dataclass
class Target:
    """A domain: the sound that was trained on, and the sound that was held out, whose distance to it is the floor. The
    domain itself is not the held-out sound: a few dozen recordings have one or two at each note, and the distance to
    them is mostly chance (two halves of the flute's lie 30 dB apart at a cello's notes, two of its trained sound 15)."""
    trained: Collection
    held_out: Collection
    floor_db: float

    @staticmethod
    def of(trained: Collection, held_out: Collection) -> 'Target':
        return Target(trained, held_out, frechet(held_out.rows, trained.rows))

    def at_pitches(self, f0: Array) -> 'Matched | None':
        """Spectra of the domain at the same pitches, one for each hop of an input that the domain can match: what the
        domain's own instrument would give there. None where it has too little in that range."""
        if self.trained.f0 is None or self.held_out.f0 is None:
            return None
        draw = np.random.default_rng(0)
        hops, trained, held_out = [], [], []
        for hop in np.where(f0 > 0)[0]:
            found, other = self.trained.near(f0[hop]), self.held_out.near(f0[hop])
            if len(found) and len(other):
                hops.append(hop)
                trained.append(draw.choice(found))
                held_out.append(draw.choice(other))
        if len(hops) < max(FEWEST_MATCHED, 0.3 * (f0 > 0).sum()):
            return None
        rows = self.trained.rows[trained]
        return Matched(np.array(hops), rows, frechet(self.held_out.rows[held_out], rows))


@dataclass
class Matched:
    """hops of the input, a domain's spectrum for each, and how far its held-out sound at these pitches lies from them."""
    hops: npt.NDArray[np.int64]
    rows: Array
    floor_db: float


def share_moved(d_in: float, d_out: float, floor: float) -> float | None:
    """How much of the way from the input to the domain's floor the output went; None where there is no way to go."""
    return None if d_in < NEAR_DOMAIN * floor else (d_in - d_out) / (d_in - floor)
