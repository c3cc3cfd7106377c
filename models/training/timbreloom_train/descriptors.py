"""Acoustic descriptors of a sound, one row per hop. `src/dsp/descriptors.rs` is the measure, with the formulas' sources;
this is the same for the trainer, and `tests/test_codes.py` holds both to each other."""
import numpy as np

from .features import HANN, N_FFT, POWER_FLOOR, POWER_SCALE, SR, Array, a_weighting, frames_of
from .pitch import track

NAMES = ('centroid_hz', 'bandwidth_hz', 'fundamental_hz', 'periodicity', 'loudness_db', 'flatness_db', 'rolloff_hz')
BAND_HZ = (20.0, 20_000.0)      # of centroid and bandwidth
FLAT_HZ = (50.0, 16_000.0)      # of flatness
FLAT_FLOOR = 1e-14              # power per bin
ROLLOFF_SHARE = 0.95
SILENT_DB = -75.0               # below it there is no spectrum to speak of


def describe(audio: Array) -> Array:
    """audio [samples] -> [hops, len(NAMES)], hop t over the N_FFT samples that end with it"""
    frames = frames_of(audio)
    freq = np.arange(N_FFT // 2 + 1) * SR / N_FFT
    power = np.abs(np.fft.rfft(frames * HANN, axis=1)) ** 2 * POWER_SCALE
    loudness = 10 * np.log10(power @ a_weighting() + POWER_FLOOR)
    inside = (freq >= BAND_HZ[0]) & (freq <= BAND_HZ[1])
    amplitude, hz = np.sqrt(power[:, inside]), freq[inside]
    total = amplitude.sum(1) + 1e-30
    centroid = amplitude @ hz / total
    bandwidth = np.sqrt(np.maximum((amplitude * (hz - centroid[:, None]) ** 2).sum(1) / total, 0))
    flat = power[:, (freq >= FLAT_HZ[0]) & (freq <= FLAT_HZ[1])] + FLAT_FLOOR
    flatness = 10 * (np.log10(flat).mean(1) - np.log10(flat.mean(1)))
    rising = np.cumsum(power, 1)
    wanted = ROLLOFF_SHARE * rising[:, -1]
    above = np.minimum((rising < wanted[:, None]).sum(1), len(freq) - 1)
    row = np.arange(len(power))
    share = np.clip((wanted - (rising[row, above] - power[row, above])) / (power[row, above] + 1e-30), 0, 1)
    rolloff = np.maximum(above - 1 + share, 0) * SR / N_FFT
    f0, voicing = track(audio, loudness.astype(np.float32), causal=True)
    rows = np.stack([centroid, bandwidth, f0, voicing, loudness, flatness, rolloff], 1)
    rows[loudness < SILENT_DB] *= np.array([0, 0, 1, 0, 1, 0, 0])
    return rows.astype(np.float32)
