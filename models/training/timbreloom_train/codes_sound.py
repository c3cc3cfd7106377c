"""Codes to sound as the player does it, to the sample: `src/codes/voice.rs` in numpy, for whole sequences at once.

Hop t's frame covers the hops t - 1 and t of a harmonic comb; it is shaped by hop t's bands and overlap-added, so that the
sound of a hop is complete one hop later.
"""
import math

import numpy as np
import numpy.typing as npt

from . import nets
from .features import HOP, SR, Array, band_interpolation
from .noise import seeded_noise

LEAP = 2 ** (2 / 12)      # farther than a whole tone the pitch steps at the hop; nearer it glides over it
Wide = npt.NDArray[np.float64]


def hiss(seed: int, hops: int) -> npt.NDArray[np.complex128]:
    """Spectra of white noise [hops, BINS]: the real parts of a hop are drawn first, then the imaginary ones."""
    draws = seeded_noise(seed, hops * 2 * nets.BINS).reshape(hops, 2, nets.BINS).astype(np.float64)
    draws[:, 1, [0, -1]] = 0
    return (draws[:, 0] + 1j * draws[:, 1]) * math.sqrt(nets.SYNTH / 2)


def comb(f0: Array) -> Wide:
    """f0 [..., hops] Hz -> [..., hops * HOP]: equal harmonics, the lowest with nets.LOW_PHASES"""
    now = f0.astype(np.float64)[..., None]
    before = np.concatenate([now[..., :1, :], now[..., :-1, :]], -2)
    ratio = now / before
    before = np.where((ratio < LEAP) & (ratio > 1 / LEAP), before, now)
    n = np.arange(1, HOP + 1)
    advance = (before * n + (now - before) * n * (n + 1) / (2 * HOP)) / SR
    ends = np.cumsum(advance[..., -1:], -2)
    phase = (ends - advance[..., -1:] + advance) % 1.0
    count = np.maximum(np.floor(nets.TOP_HARMONIC_HZ / np.maximum(now, before)), 1)
    phase = np.clip(phase, nets.NEAREST_PHASE, 1 - nets.NEAREST_PHASE)
    wave = 0.5 * np.sin((2 * count + 1) * np.pi * phase) / np.sin(np.pi * phase) - 0.5
    for k, angle in enumerate(nets.LOW_PHASES, 1):
        wave += -2 * math.sin(angle / 2) * (count >= k) * np.sin(2 * np.pi * k * phase + angle / 2)
    return (wave * np.sqrt(2 / count)).reshape(*f0.shape[:-1], -1)


def source(f0: Array) -> npt.NDArray[np.complex128]:
    """f0 [..., hops] -> the comb's spectra [..., hops, BINS]"""
    raw = comb(f0)
    length = raw.shape[-1]
    size = length + nets.SCATTER
    taps = nets.scatter_filter()[::-1]
    late = np.fft.irfft(np.fft.rfft(raw, size) * np.fft.rfft(taps, size), size)[..., :length]
    hops = late.reshape(*f0.shape, HOP)
    frames = np.concatenate([np.concatenate([np.zeros_like(hops[..., :1, :]), hops[..., :-1, :]], -2), hops], -1)
    return np.fft.rfft(frames * root_hann())


def root_hann() -> Wide:
    return np.sqrt(np.hanning(nets.SYNTH + 1)[:-1])


def synthesise(bands: Array, level_db: Array | float, spectrum: npt.NDArray, noise: npt.NDArray) -> Array:
    """bands [..., hops, BANDS] (natural logs), level_db [..., hops], source and noise spectra [..., hops, BINS]
    -> [..., hops * HOP]"""
    logs = bands.astype(np.float64) + np.asarray(level_db)[..., None] * (math.log(10) / 20)
    harmonic = np.exp(logs[..., :nets.HARMONIC_BANDS] @ band_interpolation(nets.HARMONIC_BANDS, nets.BINS))
    breath = np.exp(logs[..., nets.HARMONIC_BANDS:] @ band_interpolation(nets.NOISE_BANDS, nets.BINS))
    frames = np.fft.irfft(spectrum * harmonic + noise * breath, nets.SYNTH) * root_hann()
    out = frames[..., :HOP].copy()
    out[..., 1:, :] += frames[..., :-1, HOP:]
    return out.reshape(*out.shape[:-2], -1).astype(np.float32)


def at_pitch(grid_bands: Array, grid_hz: Array, codes: npt.NDArray[np.int64], f0: Array) -> Array:
    """What the player shapes: the bands [codes, grid, BANDS] of the grid pitches, between them linear over log pitch.
    -> [hops, BANDS]"""
    place = np.interp(np.log2(f0), np.log2(grid_hz), np.arange(len(grid_hz)))
    low = np.minimum(place.astype(int), len(grid_hz) - 2)
    share = (place - low)[:, None].astype(np.float32)
    return grid_bands[codes, low] * (1 - share) + grid_bands[codes, low + 1] * share
