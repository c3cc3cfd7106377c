"""Measures of likeness between sounds, and of what a latent knows. Pure functions; no model, no files."""
import numpy as np
import numpy.typing as npt
from scipy.signal import butter, sosfilt

from .features import HOP, SR, Array, loudness_of, mel_matrix

MEL_SCALES = tuple((size, mel_matrix(bands, size)) for size, bands in ((512, 40), (1024, 80), (2048, 128)))
CREST_BANDS_HZ = ((60, 800), (800, 3000), (3000, 9000))
CREST_BLOCK = 2048         # samples, 46 ms
CREST_GATE_DB = -60.0


def mel_spectrogram_db(audio: Array, size: int, mel: Array) -> Array:
    """Log-mel spectrogram in dB, floor -80: [frames, bands], a quarter of the window apart."""
    window = (np.hanning(size + 1)[:-1] * 4 / size).astype(np.float32)
    frames = np.lib.stride_tricks.sliding_window_view(audio, size)[::size // 4]
    return 20 * np.log10(np.sqrt(np.abs(np.fft.rfft(frames * window)) ** 2 @ mel.T) + 1e-4)


def msmel(a: Array, b: Array) -> float:
    """Mean |dB| between the log-mel spectrograms at three window sizes."""
    return float(np.mean([np.abs(mel_spectrogram_db(a, size, mel) - mel_spectrogram_db(b, size, mel)).mean()
                          for size, mel in MEL_SCALES]))


def texture_distance(first: list[Array], second: list[Array]) -> float:
    """Frechet distance between the statistics of short-time spectra and their changes (40 log-mel bands at 12 ms
    every 3 ms, and their differences over 3 ms and 12 ms): sensitive to smeared attacks and to missing or too steady
    noise, blind to alignment. 0 for identical statistics."""
    def embed(clips: list[Array]) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
        rows = []
        for clip in clips:
            level = np.maximum(mel_spectrogram_db(clip, *MEL_SCALES[0]), -75)
            rows.append(np.concatenate([level[4:], level[4:] - level[3:-1], level[4:] - level[:-4]], 1))
        stacked = np.concatenate(rows)
        return stacked.mean(0), np.cov(stacked.T)
    (mean_a, cov_a), (mean_b, cov_b) = embed(first), embed(second)
    value, axes = np.linalg.eigh(cov_a)
    root = (axes * np.sqrt(np.maximum(value, 0))) @ axes.T
    cross = np.sqrt(np.maximum(np.linalg.eigvalsh(root @ cov_b @ root), 0)).sum()
    return float(np.sqrt(max(((mean_a - mean_b) ** 2).sum() + np.trace(cov_a) + np.trace(cov_b) - 2 * cross, 0)))


def crest_db(audio: Array, low_hz: float, high_hz: float) -> Array:
    """Peak over rms of each sounding block of a band, dB: high where all harmonics peak together (buzz)."""
    part = sosfilt(butter(4, (low_hz, high_hz), 'bandpass', fs=SR, output='sos'), audio)
    blocks = part[:len(part) // CREST_BLOCK * CREST_BLOCK].reshape(-1, CREST_BLOCK)
    rms = np.sqrt((blocks ** 2).mean(1))
    loud = rms > 10 ** (CREST_GATE_DB / 20)
    return 20 * np.log10(np.abs(blocks).max(1)[loud] / rms[loud])


def sawtooth(f0: Array, loudness: Array, voicing: Array) -> Array:
    """Naive reference instrument: sawtooth at f0, noise where unvoiced, scaled to the loudness of each hop."""
    phase = np.cumsum(np.repeat(f0.astype(np.float64), HOP) / SR)
    saw = (2 * (phase % 1.0) - 1).astype(np.float32)
    hiss = np.random.default_rng(0).standard_normal(len(saw)).astype(np.float32) * 0.3
    raw = np.where(np.repeat(voicing > 0.3, HOP), saw, hiss)
    gain = 10 ** (np.clip(loudness - loudness_of(raw), -90, 20) / 20)
    return raw * np.interp(np.arange(len(raw)) / HOP, np.arange(len(gain)), gain).astype(np.float32)


def quadratic(x: Array) -> Array:
    """The columns of x and all their products."""
    upper = np.triu_indices(x.shape[1])
    return np.concatenate([x, x[:, upper[0]] * x[:, upper[1]]], 1)


def cross_validated_r2(x: Array, y: Array, parts: int = 5, ridge: float = 10.0) -> float:
    """Share of y's variance that ridge regression reads out of x; contiguous folds, so that neighbouring hops are
    never on both sides. At most 1; 0 or less means nothing."""
    x = (x - x.mean(0)) / (x.std(0) + 1e-6)
    fold = np.arange(len(y)) * parts // len(y)
    guess = np.zeros(len(y))
    for part in range(parts):
        fit = fold != part
        middle = y[fit].mean()
        solved = np.linalg.solve(x[fit].T @ x[fit] + ridge * np.eye(x.shape[1]), x[fit].T @ (y[fit] - middle))
        guess[~fit] = x[~fit] @ solved + middle
    return float(1 - ((y - guess) ** 2).sum() / ((y - y.mean()) ** 2).sum())
