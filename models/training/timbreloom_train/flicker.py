"""How much the bands of a recording flicker by themselves, beyond what a decoder makes of its latents.

A decoder predicts an envelope that is too smooth: the loss asks for the mean of what may come. In the recordings the level of each band
goes up and down from hop to hop, of a bow or of breath, and who listens to a smooth one hears something else. So each band's level gets
noise of two speeds, whose strength is measured here: levels shall move as much over 1 to 8 hops as those of the recordings do. Not at
low frequencies, where bands hold single partials: what moves there is the player, and the latents say it.
"""
import numpy as np
import numpy.typing as npt
from scipy.optimize import nnls
from scipy.signal import lfilter

from .features import HOP, SR, Array, band_interpolation, frames_of, hz_to_mel, mel_to_hz

KEPT = (0.0, 0.75)             # of the last hop's value, by the noise of each speed
LAGS = (1, 2, 4, 8)            # hops
MOST = 0.5                     # nepers, of all speeds together
STARTS_HZ, WHOLE_HZ = 1000.0, 2500.0   # below the first no flicker, above the second as much as was measured
WINDOW = 2048                  # samples, those that loudness is measured on
FRAME = 1024                   # of the decoder
AUDIBLE = 10 ** (-90 / 10)     # of full scale, mean square of a band
CALM_DB = 3.0                  # of change in loudness, over a lag: what swells is no flicker
LOUD_DB = -45.0
FEWEST_HOPS = 400
Doubles = npt.NDArray[np.float64]


def levels(audio: Array, bands: int) -> Doubles:
    """Natural log of the magnitude in each band [hops, bands]; NaN where it is not audible."""
    weights = band_interpolation(bands, WINDOW // 2 + 1).astype(np.float64)
    frames = frames_of(audio, WINDOW)[:len(audio) // HOP]
    power = np.abs(np.fft.rfft(frames * np.hanning(WINDOW))) ** 2 / (WINDOW * WINDOW / 4) @ weights.T
    return np.where(power > AUDIBLE, 0.5 * np.log(power + 1e-20), np.nan)


def movement(pairs: list[tuple[Array, Array, Array]], bands: int) -> tuple[Doubles, Doubles]:
    """pairs: recording, what the decoder makes of it [hops * HOP], loudness [hops]. -> mean square of the change over each of LAGS, of
    both [lags, bands]; NaN where too little is heard."""
    sums, counts = np.zeros((2, len(LAGS), bands)), np.zeros((len(LAGS), bands))
    for wanted, made, loudness in pairs:
        sides = [levels(side, bands) for side in (wanted, made)]
        hops = min(map(len, [*sides, loudness]))
        for row, lag in enumerate(lag for lag in LAGS if lag < hops):
            swell = np.abs(loudness[lag:hops] - loudness[:hops - lag])
            calm = (swell < CALM_DB) & (np.minimum(loudness[lag:hops], loudness[:hops - lag]) > LOUD_DB)
            changes = [(side[lag:hops] - side[:hops - lag])[calm] ** 2 for side in sides]
            heard = np.isfinite(changes[0]) & np.isfinite(changes[1])
            counts[row] += heard.sum(0)
            for side in (0, 1):
                sums[side, row] += np.where(heard, changes[side], 0).sum(0)
    with np.errstate(invalid='ignore', divide='ignore'):
        means = np.where(counts > FEWEST_HOPS, sums / counts, np.nan)
    return means[0], means[1]


def response() -> Doubles:
    """What noise of unit strength and each speed adds to the mean square of the change, as `levels` hears it [lags, speeds]"""
    white = np.random.default_rng(0).standard_normal((200_000, len(KEPT)))
    # how much of each frame a window holds
    frame, window = np.pad(np.hanning(FRAME), WINDOW), np.hanning(WINDOW) ** 2
    shares = np.correlate(frame, window, 'valid')[(FRAME + WINDOW) // 2 % HOP::HOP]
    shares /= shares.sum()
    columns = []
    for speed, kept in enumerate(KEPT):
        noise = lfilter([np.sqrt(1 - kept ** 2)], [1, -kept], white[:, speed])
        heard = np.convolve(noise, shares, 'valid')
        columns.append([np.mean((heard[lag:] - heard[:-lag]) ** 2) for lag in LAGS])
    return np.array(columns).T


def strengths(wanted: Doubles, made: Doubles, before: Array) -> Array:
    """wanted and made: what `movement` gives; before: the strengths that `made` has already. -> deviation of each speed's noise in each
    band, nepers [speeds, bands]; a band that is not heard has its neighbour's."""
    bands = wanted.shape[1]
    answer, found = response(), np.full((len(KEPT), bands), np.nan)
    for band in range(bands):
        missing = wanted[:, band] - made[:, band] + answer @ before[:, band].astype(float) ** 2
        if np.isfinite(missing).all():
            found[:, band] = np.sqrt(nnls(answer, np.maximum(missing, 0))[0])
    heard = np.where(np.isfinite(found[0]))[0]
    if len(heard) == 0:
        return np.zeros(found.shape, np.float32)
    found = found[:, heard[np.abs(np.arange(bands)[:, None] - heard).argmin(1)]]
    hz = mel_to_hz(np.linspace(0, float(hz_to_mel(SR / 2)), bands))
    found *= np.clip((hz - STARTS_HZ) / (WHOLE_HZ - STARTS_HZ), 0, 1)
    return (found * np.minimum(1, MOST / (np.sqrt((found ** 2).sum(0)) + 1e-9))).astype(np.float32)
