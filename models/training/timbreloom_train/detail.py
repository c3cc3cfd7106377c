"""What a mean distance of spectra hides: the noise under a note and between its partials, how much a spectrum moves from hop to hop, and
the first moments of a note. Pure functions; each judges an output against the sound that it should be like, aligned with it.
"""
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.signal.windows import blackmanharris

from .features import HOP, SR, Array, frames_of, mel_matrix

WIDE = 4096                          # samples: tells partials of notes from LOWEST_HZ on apart
LOWEST_HZ = 130.0
STEADY_CENTS = 30.0                  # that a pitch may move within the wide window: what glides fills the gaps itself
UNDER = (50.0, 0.6)                  # the noise below a note: from here, Hz, to this share of its pitch
GAP_HZ, GAP_SHARE = (300.0, 12000.0), 0.3    # the noise between partials; the middle part of each gap
NOISE_FLOOR = 1e-9                   # of the hop's power: -90 dB
MOVED_BANDS, MOVED_FLOOR_DB = 40, -60.0
LOUD_DB = -45.0                      # dB(A), of a hop that counts
ONSET_S, ONSET_STEP = 0.020, 64      # how long an attack is judged; samples of its envelope
ONSET_DB = -25.0                     # below the loudest of the next quarter of a second: where a note begins
SOONEST_ONSET = 8                    # steps after the file's start, 12 ms: recordings that were cut sooner have lost their attack
Doubles = npt.NDArray[np.float64]
Pair = tuple[Array, Array, Array, Array, Array]    # wanted, made [hops * HOP]; f0, voicing, loudness [hops] of what was wanted


def wide_power(audio: Array) -> Doubles:
    """Power spectra [hops, WIDE / 2 + 1] of windows with the centre of `features.frames_of`'s."""
    late = np.concatenate([audio, np.zeros(WIDE // 2, np.float32)])
    frames = frames_of(late, WIDE)[(WIDE - 2048) // 2 // HOP:][:len(audio) // HOP]
    return np.abs(np.fft.rfft(frames * blackmanharris(WIDE))) ** 2


def steady_hops(f0: Array, voicing: Array, loudness: Array) -> npt.NDArray[np.int64]:
    """Loud hops with a pitch that neither changes nor ends within the wide window."""
    reach = WIDE // 2 // HOP
    fine = (voicing > 0.8) & (loudness > LOUD_DB) & (f0 >= LOWEST_HZ)
    if len(f0) <= 2 * reach:
        return np.zeros(0, np.int64)
    near = np.lib.stride_tricks.sliding_window_view
    pitches = near(1200 * np.log2(np.maximum(f0, 1.0)), 2 * reach + 1)
    return np.where(near(fine, 2 * reach + 1).all(1) & (np.ptp(pitches, axis=1) < STEADY_CENTS))[0] + reach


def noise_levels(audio: Array, f0: Array, hops: npt.NDArray[np.int64]) -> Doubles:
    """Level below the note and between its partials, dB relative to the hop's power [hops, 2]"""
    power = wide_power(audio)[hops]
    hz = np.arange(power.shape[1]) * SR / WIDE
    rows = np.zeros((len(hops), 2))
    for row, spectrum, pitch in zip(rows, power, f0[hops]):
        total = spectrum.sum() + 1e-20
        under = (hz >= UNDER[0]) & (hz <= UNDER[1] * pitch)
        place = hz / pitch % 1.0
        gaps = (hz >= GAP_HZ[0]) & (hz <= GAP_HZ[1]) & (np.abs(place - 0.5) < GAP_SHARE / 2) & (hz > pitch)
        row[:] = [10 * np.log10(spectrum[part].sum() / total + NOISE_FLOOR) for part in (under, gaps)]
    return rows


def movement(audio: Array, hops: npt.NDArray[np.bool_]) -> float:
    """Mean change of a mel band's level from one hop to the next, dB, of hops that both count."""
    power = np.abs(np.fft.rfft(frames_of(audio) * np.hanning(2048))) ** 2
    level = 10 * np.log10(power[:len(hops)] @ mel_matrix(MOVED_BANDS).T + 1e-12)
    relative = np.maximum(level - level.max(1, keepdims=True), MOVED_FLOOR_DB)
    change = np.abs(np.diff(relative, axis=0)).mean(1)[hops[1:len(relative)] & hops[:len(relative) - 1]]
    return float(change.mean()) if len(change) else np.nan


def envelope(audio: Array) -> Doubles:
    """Mean square every ONSET_STEP samples, of 2 of them."""
    steps = audio[:len(audio) // ONSET_STEP * ONSET_STEP].astype(np.float64).reshape(-1, ONSET_STEP)
    power = (steps ** 2).mean(1)
    return np.convolve(power, [0.5, 0.5])[:len(power)]


def attack_error_db(wanted: Array, made: Array) -> float | None:
    """Level of the first 20 ms of the first note against the recording's, dB; None where it begins with the file, as no player does."""
    power = envelope(wanted)
    ahead = SR // 4 // ONSET_STEP
    loud = np.where(power > 10 ** (ONSET_DB / 10) * power[:ahead * 2].max())[0]
    if len(loud) == 0 or loud[0] < SOONEST_ONSET:
        return None
    start = int(loud[0]) * ONSET_STEP
    sides = [float((side[start:start + int(ONSET_S * SR)].astype(np.float64) ** 2).mean()) for side in (wanted, made)]
    return 10 * float(np.log10((sides[1] + 1e-10) / (sides[0] + 1e-10)))


@dataclass
class Detail:
    """Means over recordings; made against what was wanted."""
    under_db: float          # noise below the note, dB above the recording's
    gaps_db: float           # noise between the partials, the same
    movement: float          # of the recording's
    attack_db: float         # mean error of the first 20 ms, without sign
    attack_bias_db: float    # the same, with its sign


def detail(pairs: list[Pair]) -> Detail:
    noise, moved, attacks = [], [], []
    for wanted, made, f0, voicing, loudness in pairs:
        hops = steady_hops(f0, voicing, loudness)
        if len(hops):
            noise.append(noise_levels(made, f0, hops) - noise_levels(wanted, f0, hops))
        loud = loudness > LOUD_DB
        moved.append([movement(made, loud), movement(wanted, loud), loud.sum()])
        if (error := attack_error_db(wanted, made)) is not None:
            attacks.append(error)
    under, gaps = np.concatenate(noise).mean(0) if noise else (np.nan, np.nan)
    columns = np.array([row for row in moved if np.isfinite(row).all()])
    mean = (columns[:, :2] * columns[:, 2:]).sum(0) if len(columns) else (np.nan, np.nan)
    return Detail(float(under), float(gaps), float(mean[0] / mean[1]), float(np.mean(np.abs(attacks))) if attacks else np.nan,
                  float(np.mean(attacks)) if attacks else np.nan)
