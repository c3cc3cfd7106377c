"""Grains to sound as the program does it: `src/grains/synth.rs` in numpy."""
import numpy as np
import numpy.typing as npt

from .grains_features import FARTHEST, LAST_HOP, SLOTS, SR, WINDOW_POWER, TOP_HZ, Array, Slots, Wide, bin_places, knots, size_of, window
from .noise import seeded_noise

SILENT_DB = -90.0      # of a partial: what is quieter is not played
LOUDEST_ONSET = 10.0   # what is above is played as that
LOW_SLOTS = 4          # these begin at phase 0, as struck skins do; the others are spread, or all together would be a click
START = np.where(np.arange(SLOTS) < LOW_SLOTS, 0, np.arange(SLOTS) * 0.618033988749895 % 1)    # turns


def grain_seed(seed: int, grain: int) -> int:
    return (seed ^ ((grain + 1) << 32)) & 0xFFFFFFFFFFFFFFFF


def noise_grain(density_db: npt.NDArray, around: npt.NDArray[np.int64], seed: int) -> Wide:
    """White noise with the densities of one grain [BANDS], under its window; its first frame lies at around[0]."""
    shape, size = window(around), size_of(around)
    bins = size // 2 + 1
    draws = seeded_noise(seed, 2 * bins).reshape(2, bins).astype(float)
    draws[1, [0, -1]] = 0
    low, share = bin_places(size)
    gain = 10 ** ((density_db[low] * (1 - share) + density_db[low + 1] * share) / 20)
    spectrum = (draws[0] + 1j * draws[1]) * gain * np.sqrt(size / 2)
    return np.fft.irfft(spectrum, size)[:len(shape)] * shape / np.sqrt(WINDOW_POWER)


def noise_part(density_db: npt.NDArray, middles: npt.NDArray[np.int64], frames: int, seed: int) -> Wide:
    """density_db [grains, BANDS] -> [frames]"""
    ends = knots(middles)
    before = int(-ends[0])
    out = np.zeros(before + max(frames, int(ends[-1])) + 4 * LAST_HOP)
    for index, density in enumerate(density_db):
        around = ends[index:index + 5]
        at = before + int(around[0])
        grain = noise_grain(density, around, grain_seed(seed, index))
        out[at:at + len(grain)] += grain
    return out[before:before + frames]


def partial_part(level_db: npt.NDArray, hz: npt.NDArray, middles: npt.NDArray[np.int64], frames: int) -> Wide:
    """One sine for each slot, from its phase of START at the onset; level_db, hz [grains, SLOTS]
    -> [frames]"""
    amplitude = np.maximum(10 ** (level_db / 20) - 10 ** (SILENT_DB / 20), 0)
    amplitude, at, out = np.where(hz < TOP_HZ, amplitude, 0), np.arange(frames), np.zeros(frames)
    for slot in range(SLOTS):
        if amplitude[:, slot].any():
            advance = np.interp(at, middles, hz[:, slot]) / SR
            phase = np.concatenate([[0], np.cumsum((advance[1:] + advance[:-1]) / 2)])
            out += np.interp(at, middles, amplitude[:, slot]) * np.sin(2 * np.pi * (phase + START[slot]))
    return out


def synthesise(density_db: npt.NDArray, level_db: npt.NDArray, place: npt.NDArray, middles: npt.NDArray[np.int64], frames: int,
               seed: int, slots: Slots, onset: npt.NDArray | None = None) -> Array:
    """What a decoder says of the grains of a hit, and the wave that it begins with [ONSET] -> [frames]"""
    density_db, level_db, place = density_db.clip(-110, 20), level_db.clip(-110, 6), place.clip(-FARTHEST, FARTHEST)
    partials = partial_part(level_db, slots.hz(place), middles, frames)
    sound = noise_part(density_db, middles, frames, seed) + partials
    if onset is not None:
        count = min(frames, len(onset))
        sound[:count] += onset[:count].clip(-LOUDEST_ONSET, LOUDEST_ONSET)
    return sound.astype(np.float32)
