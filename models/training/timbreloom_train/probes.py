"""Synthetic sounds whose truth is known - a glissando, vibratos, chords - and how much of it a model's output keeps."""
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt

from . import pitch
from .features import HOP, N_FFT, SR, Array, loudness_of

Doubles = npt.NDArray[np.float64]

LEVEL_DB = -20.0                       # dB(A) of every probe
FORMANTS_HZ = ((600, 120), (1150, 160), (2700, 300), (3600, 500))   # centre and width: an open vowel
TOP_HZ = 12000.0
EDGE_S = 0.2                           # at both ends of a probe, not judged
GLISS_S, VIBRATO_S, REST_S = 2.0, 3.0, 0.4
VIBRATO_HZ, VIBRATO_CENTS = 6.0, 50.0
CHORDS_HZ = ((220.0, 277.18, 329.63), (174.61, 261.63, 440.0), (146.83, 220.0, 349.23))
CHORD_S = 3.0
LADDER_HZ, LADDER_ST, LADDER_S = (51.9, 2000.0), 3, 0.5       # all that trackers hear: ours from 50 Hz on, CREPE up to 2006
PARTIALS = 12
PARTIAL_CENTS = 10.0
PEAK_ABOVE_DB = 12.0                   # over the median of its surroundings: noise rarely stands out so far
ONSET_SIZE, ONSET_STEP = 512, 64
ONSET_FAR_S = 0.05


@dataclass
class Probe:
    """audio [hops * HOP]; true_f0 per sample, Hz, 0 where silent"""
    name: str
    audio: Array
    true_f0: Doubles


def vowel(f0: Doubles, level: Doubles) -> Array:
    """A sawtooth without aliases through a vowel's formants. f0 per sample, Hz; level per sample, 0..1."""
    phase = 2 * np.pi * np.cumsum(f0) / SR
    audio = np.zeros(len(f0))
    for k in range(1, int(TOP_HZ / f0.min()) + 1):
        hz = k * f0
        gain = sum(1 / (1 + ((hz - centre) / width) ** 2) for centre, width in FORMANTS_HZ) + 0.02
        audio += np.where(hz < TOP_HZ, gain / k, 0.0) * np.sin(k * phase)
    audio *= level
    return at_level(audio.astype(np.float32))


def at_level(audio: Array) -> Array:
    loudness = loudness_of(audio)
    return audio * np.float32(10 ** ((LEVEL_DB - np.percentile(loudness[loudness > loudness.max() - 30], 95)) / 20))


def whole_hops(samples: int) -> int:
    return -(-samples // HOP) * HOP


def tone(name: str, f0: Doubles) -> Probe:
    """f0 per sample, sounded with soft ends and silence after it."""
    fade = np.clip(np.minimum(np.arange(len(f0)), np.arange(len(f0))[::-1]) / (0.04 * SR), 0, 1)
    audio = vowel(f0, fade)
    length = whole_hops(len(f0) + int(REST_S * SR))
    return Probe(name, np.pad(audio, (0, length - len(audio))), np.pad(f0, (0, length - len(f0))))


@cache
def all_probes() -> tuple[Probe, ...]:
    ramp = np.clip((np.arange(int((GLISS_S + 0.6) * SR)) / SR - 0.3) / GLISS_S, 0, 1)
    time = np.arange(int(VIBRATO_S * SR)) / SR
    swing = 2 ** (VIBRATO_CENTS / 1200 * np.sin(2 * np.pi * VIBRATO_HZ * time))
    return tone('glissando', 220 * 2 ** ramp), tone('vibrato 220 Hz', 220 * swing), tone('vibrato 440 Hz', 440 * swing)


def chords() -> list[Array]:
    sounds = []
    for notes in CHORDS_HZ:
        n = int(CHORD_S * SR)
        fade = np.clip(np.minimum(np.arange(n) / (0.03 * SR), np.arange(n)[::-1] / (0.2 * SR)), 0, 1)
        fade *= 0.75 + 0.25 * np.cos(2 * np.pi * np.arange(n) / n)
        mixed = sum(vowel(np.full(n, hz), fade) * weight for hz, weight in zip(notes, (1.0, 0.8, 0.7)))
        sounds.append(np.pad(at_level(np.asarray(mixed, np.float32)), (0, whole_hops(n + int(REST_S * SR)) - n)))
    return sounds


def ladder() -> list[Array]:
    """Steady notes all the way up LADDER_HZ: no model may lose its pitch anywhere."""
    lowest, highest = LADDER_HZ
    steps = range(0, int(12 * np.log2(highest / lowest)) + 1, LADDER_ST)
    return [tone('', np.full(int(LADDER_S * SR), lowest * 2 ** (step / 12))).audio for step in steps]


def heard_at(f0: Array) -> npt.NDArray[np.int64]:
    """The sample that a hop's tracked pitch speaks of: the middle of what YIN compares (see pitch.py)."""
    lag = SR / np.maximum(f0, pitch.MIN_HZ)
    width = N_FFT - int(SR / pitch.MIN_HZ)
    return np.maximum(np.round((np.arange(len(f0)) + 1) * HOP - (width + lag) / 2), 0).astype(np.int64)


def pitch_against_truth(probe: Probe, sound: Array) -> dict[str, Any]:
    """Pitch of a sound that is aligned with the probe, against the f0 that the probe was made with."""
    f0, voicing = pitch.track(sound)
    at = np.minimum(heard_at(f0), len(probe.true_f0) - 1)
    true = probe.true_f0[at]
    inner = np.where(probe.true_f0 > 0)[0]
    judged = (at > inner[0] + EDGE_S * SR) & (at < inner[-1] - EDGE_S * SR)
    heard = judged & (voicing > 0)
    if not heard.any():
        return {'median_cents': None, 'within_50_percent': 0.0, 'heard_percent': 0.0}
    error = np.abs(pitch.cents(f0[heard], true[heard]))
    # a hop without pitch is a hop out of tune here: the probe never pauses
    row = {'median_cents': round(float(np.median(error)), 1),
           'within_50_percent': round(100 * float((error < 50).sum()) / int(judged.sum()), 1),
           'heard_percent': round(100 * float(heard.sum()) / int(judged.sum()), 1)}
    if probe.name.startswith('vibrato'):
        kept = heard.copy()
        kept[heard] = error < 600              # an octave error is no vibrato
        if kept.sum() < 24:
            return row | {'depth_ratio': None, 'rate_hz': None, 'lag_ms': None}
        time = at[kept] / SR
        centre = 220.0 if '220' in probe.name else 440.0
        depth, rate, lag_ms = fit_vibrato(time, pitch.cents(f0[kept], centre))
        row |= {'depth_ratio': round(depth / VIBRATO_CENTS, 2), 'rate_hz': round(rate, 2), 'lag_ms': round(lag_ms, 1)}
    return row


def fit_vibrato(time_s: Doubles, deviation_cents: Doubles) -> tuple[float, float, float]:
    """-> depth (cents), rate (Hz), lag (ms) behind sin(2 pi VIBRATO_HZ t); a sine on a straight line, least squares."""
    def fit(rate: float) -> tuple[float, Doubles]:
        basis = np.stack([np.ones_like(time_s), time_s, np.sin(2 * np.pi * rate * time_s), np.cos(2 * np.pi * rate * time_s)], 1)
        solved = np.linalg.lstsq(basis, deviation_cents, rcond=None)[0]
        return float(np.abs(deviation_cents - basis @ solved).sum()), solved
    rates = np.arange(VIBRATO_HZ - 2, VIBRATO_HZ + 2, 0.02)
    rate = float(min(rates, key=lambda hz: fit(hz)[0]))
    best, own = fit(rate)[1], fit(VIBRATO_HZ)[1]
    lag = -np.arctan2(own[3], own[2]) / (2 * np.pi * VIBRATO_HZ)
    return float(np.hypot(best[2], best[3])), rate, float(lag * 1e3)


def peaks(audio: Array) -> tuple[Doubles, Doubles]:
    """-> frequency (Hz) and level (dB) of the spectral peaks of a steady sound, resolved to a fraction of a bin."""
    size = 1 << int(np.ceil(np.log2(len(audio) * 2)))
    level = 20 * np.log10(np.abs(np.fft.rfft(audio * np.blackman(len(audio)), size)) + 1e-9)
    middle = np.where((level[1:-1] > level[:-2]) & (level[1:-1] >= level[2:]))[0] + 1
    middle = middle[(middle * SR / size > 80) & (middle * SR / size < 8000)]
    # 40 bins of a band on either side tell the surroundings, except those of the peak itself
    around = np.stack([level[np.clip(middle + d, 0, len(level) - 1)]
                       for d in range(-80, 81, 2) if abs(d) > 12], 1)
    middle = middle[level[middle] > np.median(around, 1) + PEAK_ABOVE_DB]
    left, here, right = level[middle - 1], level[middle], level[middle + 1]
    offset = 0.5 * (left - right) / np.minimum(left - 2 * here + right, -1e-9)
    return (middle + offset) * SR / size, here


def partials_kept(wanted: Array, made: Array) -> float:
    """Per cent of the PARTIALS strongest spectral peaks of `wanted` that `made` has too, within PARTIAL_CENTS."""
    skip = int(0.3 * SR)
    part = slice(skip, int((CHORD_S - 0.3) * SR))
    hz, level = peaks(wanted[part])
    strongest = hz[np.argsort(level)[::-1][:PARTIALS]]
    found, _ = peaks(made[part])
    if len(found) == 0:
        return 0.0
    return 100 * float(np.mean([np.abs(pitch.cents(found, one)).min() < PARTIAL_CENTS for one in strongest]))


def onsets(audio: Array) -> Doubles:
    """Times (s) of attacks: peaks of the rise of the log spectrum that stand out from their surroundings."""
    frames = np.lib.stride_tricks.sliding_window_view(np.pad(audio, (ONSET_SIZE, 0)), ONSET_SIZE)[::ONSET_STEP]
    level = np.log10(np.abs(np.fft.rfft(frames * np.hanning(ONSET_SIZE).astype(np.float32))) + 0.03)
    flux = np.zeros(len(level))
    flux[4:] = np.maximum(level[4:] - level[:-4], 0).mean(1)
    reach = int(0.03 * SR / ONSET_STEP)
    near, wide = (np.lib.stride_tricks.sliding_window_view(np.pad(flux, size), 2 * size + 1) for size in (reach, 4 * reach))
    is_peak = (flux == near.max(1)) & (flux > 0.2 * np.percentile(flux, 99.5)) & (flux > 2 * np.median(wide, 1))
    return np.where(is_peak)[0] * ONSET_STEP / SR


def onsets_kept(wanted: Array, made: Array) -> dict[str, Any]:
    """Attacks of `wanted` that have one within ONSET_FAR_S in `made`, and how far off those are."""
    before, after = onsets(wanted), onsets(made)
    if len(before) == 0:
        return {'onsets': 0, 'offsets_ms': []}
    if len(after) == 0:
        return {'onsets': len(before), 'offsets_ms': []}
    offset = np.array([after[np.abs(after - t).argmin()] - t for t in before])
    return {'onsets': len(before), 'offsets_ms': [round(1e3 * float(t), 2) for t in offset[np.abs(offset) < ONSET_FAR_S]]}
