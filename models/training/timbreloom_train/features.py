"""The analysis grid and the features on it: mel spectrum and loudness.

Time grid, used everywhere: hop t is known once sample (t + 1) * HOP - 1 has arrived; its analysis window is the
last N_FFT samples, [(t + 1) * HOP - N_FFT, (t + 1) * HOP), with its centre DELAY samples before the hop's end.
Mel spectrum, loudness and pitch share that window, so that nothing looks further ahead than DELAY samples.
"""
import functools

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float32]

SR = 44100           # Hz
HOP = 512            # samples per hop: 86.13 hops per second
N_FFT = 2048         # analysis window, samples
DELAY = N_FFT // 2   # samples from a sound to the middle of the window that shows it
N_MEL = 128          # mel bands, 30 Hz .. 20 kHz
LEVEL_GATE_DB = -62.0  # dB(A) re full scale: below it a hop is silence, whatever its periodicity


def hz_to_mel(hz: npt.ArrayLike) -> npt.NDArray[np.float64]:
    """O'Shaughnessy's mel scale (Speech Communication, 1987)."""
    return 2595.0 * np.log10(1.0 + np.asarray(hz) / 700.0)


def mel_to_hz(mel: npt.ArrayLike) -> npt.NDArray[np.float64]:
    return 700.0 * (10.0 ** (np.asarray(mel) / 2595.0) - 1.0)


@functools.cache
def mel_matrix(n_mel: int = N_MEL, n_fft: int = N_FFT, low_hz: float = 30.0, high_hz: float = 20000.0) -> Array:
    """Triangular mel filters [n_mel, n_fft/2+1]; each row sums to 1 and is at least one bin wide."""
    edges = mel_to_hz(np.linspace(hz_to_mel(low_hz), hz_to_mel(high_hz), n_mel + 2))
    freq = np.arange(n_fft // 2 + 1) * SR / n_fft
    rows = np.zeros((n_mel, len(freq)), np.float32)
    for band in range(n_mel):
        low, centre, high = edges[band:band + 3]
        rise, fall = np.maximum(centre - low, SR / n_fft), np.maximum(high - centre, SR / n_fft)
        rows[band] = np.clip(np.minimum(1 - (centre - freq) / rise, 1 - (freq - centre) / fall), 0, None)
        rows[band] /= rows[band].sum() + 1e-9
    rows.setflags(write=False)
    return rows


def band_interpolation(n_band: int, n_bin: int) -> Array:
    """Linear interpolation on the mel axis from n_band values to n_bin linear bins 0..SR/2: [n_band, n_bin]."""
    centre = np.linspace(0.0, float(hz_to_mel(SR / 2)), n_band)
    mel = hz_to_mel(np.arange(n_bin) * SR / 2 / (n_bin - 1))
    place = np.clip((mel - centre[0]) / (centre[1] - centre[0]), 0, n_band - 1 - 1e-6)
    index, part = place.astype(int), place - place.astype(int)
    weights = np.zeros((n_band, n_bin), np.float32)
    weights[index, np.arange(n_bin)] = 1 - part
    weights[index + 1, np.arange(n_bin)] += part
    return weights


def between_bands(n_from: int, n_to: int) -> Array:
    """Linear interpolation between two numbers of bands on the axis of `band_interpolation`: [n_from, n_to]."""
    place = np.minimum(np.linspace(0, n_from - 1, n_to), n_from - 1 - 1e-6)
    index, part = place.astype(int), place - place.astype(int)
    weights = np.zeros((n_from, n_to), np.float32)
    weights[index, np.arange(n_to)] = 1 - part
    weights[index + 1, np.arange(n_to)] += part
    return weights


def a_weighting(n_fft: int = N_FFT) -> Array:
    """A-weighting (IEC 61672-1) as a power gain per bin, 1.0 at 1 kHz: [n_fft/2+1]."""
    f2 = (np.arange(n_fft // 2 + 1) * SR / n_fft) ** 2 + 1e-9
    gain = 12194.0 ** 2 * f2 ** 2 / ((f2 + 20.6 ** 2) * np.sqrt((f2 + 107.7 ** 2) * (f2 + 737.9 ** 2))
                                     * (f2 + 12194.0 ** 2))
    return ((gain * 1.2589) ** 2).astype(np.float32)


HANN = np.hanning(N_FFT + 1)[:-1].astype(np.float32)
POWER_SCALE = 2.0 * (2.0 / N_FFT) ** 2 / 1.5   # power summed over the bins = the signal's mean square
POWER_FLOOR = 1e-8                             # added to that sum: silence is -80 dB(A)


def frames_of(audio: Array, length: int = N_FFT) -> Array:
    """View of the analysis windows [hops, length]; samples before the start are zeros."""
    padded = np.concatenate([np.zeros(length - HOP, np.float32), np.asarray(audio, np.float32)])
    return np.lib.stride_tricks.sliding_window_view(padded, length)[::HOP]


def scale_mel(ratio: Array) -> Array:
    """Power relative to the loudness -> the network's input, about -1.7 .. 4.3."""
    return (np.clip(10 * np.log10(ratio + 1e-7), -70, 20) + 45) / 15


def analyse(audio: Array) -> tuple[Array, Array]:
    """audio [samples] -> (relative log-mel [hops, N_MEL], loudness [hops] in dB(A) re full scale).

    The mel power is divided by the A-weighted power of the same window BEFORE the floor is applied, so that the
    log-mel does not change with gain: this is what makes the latent blind to level.
    """
    mel, weighting = mel_matrix(), a_weighting()
    log_mel, loudness = [], []
    frames = frames_of(audio)
    for start in range(0, len(frames), 4096):
        power = np.abs(np.fft.rfft(frames[start:start + 4096] * HANN, axis=1)).astype(np.float32) ** 2 * POWER_SCALE
        total = power @ weighting + POWER_FLOOR
        log_mel.append(scale_mel(power @ mel.T / total[:, None]))
        loudness.append(10 * np.log10(total))
    return np.concatenate(log_mel).astype(np.float32), np.concatenate(loudness).astype(np.float32)


def loudness_of(audio: Array) -> Array:
    """A-weighted level per hop, dB re full scale: [hops]."""
    return analyse(audio)[1]
