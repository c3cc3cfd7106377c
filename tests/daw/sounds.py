"""Measures on sounds, [channel, frame] or [frame]."""
from pathlib import Path

import numpy as np
import numpy.typing as npt
import soundfile
from scipy.signal import correlate

Array = npt.NDArray[np.float32]

STEP_FRAMES = 441           # of the curve of how far two sounds are apart
STEP_MS = 1.0               # of loudness curves
SILENCE_DB = -60.0          # quieter than this there is nothing to compare


def read(path: Path, rate_hz: int) -> Array:
    """-> [channel, frame]."""
    sound, found_hz = soundfile.read(path, dtype='float32', always_2d=True)
    if found_hz != rate_hz:
        raise ValueError(f'{path.name}: has {found_hz} Hz, not {rate_hz} Hz')
    return np.ascontiguousarray(sound.T)


def level_db(sound: Array) -> float:
    """RMS, dB of full scale."""
    return float(10 * np.log10(np.mean(np.square(sound, dtype=np.float64)) + 1e-30))


def lag_frames(sound: Array, reference: Array) -> int:
    """By how much the sound is later, at the highest cross-correlation."""
    return int(np.argmax(correlate(sound, reference, mode='full'))) - (len(reference) - 1)


def loudness_lag_ms(sound: Array, reference: Array, rate_hz: int) -> float:
    """By how much the loudness of a sound comes after that of another, at the highest correlation of the two curves."""
    step = int(rate_hz * STEP_MS / 1e3)
    hann = np.hanning(20 * step)

    def curve(one: Array) -> npt.NDArray[np.float64]:
        power = np.convolve(np.square(one, dtype=np.float64), hann / hann.sum(), mode='same')[::step]
        return np.maximum(10 * np.log10(power + 1e-30), SILENCE_DB)

    curves = [curve(one) for one in (sound, reference)]
    centred = [one - one.mean() for one in curves]
    return lag_frames(*centred) * STEP_MS


def first_other(sound: Array, other: Array) -> float:
    """The first frame in which two sounds differ; infinite when they do not."""
    apart = np.flatnonzero(sound != other)
    return float(apart[0]) if len(apart) else float('inf')


def runs_of_zeros(sound: Array, beside: Array, shortest_frames: int) -> list[int]:
    """Lengths of the runs of zeros in a sound while another one, beside it, is heard."""
    is_zero = np.concatenate([[False], sound == 0, [False]]).astype(np.int8)
    edges = np.flatnonzero(np.diff(is_zero)).reshape(-1, 2)
    return [int(end - begin) for begin, end in edges
            if end - begin >= shortest_frames and level_db(beside[begin:end]) > SILENCE_DB]


def apart_db(sound: Array, reference: Array) -> npt.NDArray[np.float64]:
    """[step]: level of the difference of two sounds, relative to the reference; one value each STEP_FRAMES, none where
    the reference is silent."""
    whole = len(sound) // STEP_FRAMES * STEP_FRAMES
    difference, base = (np.square(one[:whole], dtype=np.float64).reshape(-1, STEP_FRAMES).mean(1)
                        for one in (sound - reference, reference))
    is_heard = 10 * np.log10(base + 1e-30) > SILENCE_DB
    return np.where(is_heard, 10 * np.log10((difference + 1e-30) / (base + 1e-30)), np.nan)
