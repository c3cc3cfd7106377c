"""A hit as grains: short ones at the onset, longer ones after it, each described by what a decoder has to know to make it again.

The grains' windows are Hann windows over four hops, bent so that neighbours of unlike length still add up: hop n + 1 is longer
than hop n from FIRST_HOP to LAST_HOP frames, as fast as GROWTH says. A grain has, for each of BANDS bands, the power density of
what is noise in it, and for each of SLOTS slots the level and the place of one partial, if there is one.
"""
from dataclasses import dataclass
from functools import cache

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float32]
Wide = npt.NDArray[np.float64]

SR = 44100
FIRST_HOP, LAST_HOP, GROWTH = 16, 512, 0.15    # frames, frames, per frame of time since the onset
BANDS, SLOTS = 96, 64
LOW_HZ, TOP_HZ, TOP_PARTIAL_HZ = 30.0, 20000.0, 12000.0
FLOOR_DB = -110.0                              # densities and levels below it are taken for it
LONG = 2048                                    # frames of the window that tells partials from noise
LONG_HOP = 512
WINDOW_POWER = 1.5                             # what the squares of the windows over one moment add up to
PROMINENT_DB = (10.0, 16.0)                    # a peak this far above what lies around it begins to be, is surely a partial
NEIGHBOURS = (-9, -8, -7, -6, -5, -4, 4, 5, 6, 7, 8, 9)    # bins that lie around a peak and do not belong to it
ONSET = 2048                                   # frames of a hit whose very wave is made
LEAST_BINS = 5.5                               # harmonics that are nearer to each other than that are one
FARTHEST = 3.0                                 # place: so far a partial that glides may leave the slot that it began in
FEATURES = BANDS + 2 * SLOTS                   # of a grain, as an encoder hears it


def erb(hz: npt.ArrayLike) -> Wide:
    """Glasberg and Moore's scale (1990): number of equivalent rectangular bandwidths below a frequency."""
    return 21.4 * np.log10(1 + 0.00437 * np.asarray(hz, float))


def hz_of(number: npt.ArrayLike) -> Wide:
    return (10 ** (np.asarray(number, float) / 21.4) - 1) / 0.00437


def band_centres() -> Wide:
    return hz_of(np.linspace(erb(LOW_HZ), erb(TOP_HZ), BANDS))


class ErbSlots:
    """Slots of equal width on the scale of `erb`, for sounds without a pitch."""
    edges = np.linspace(erb(LOW_HZ), erb(TOP_PARTIAL_HZ), SLOTS + 1)
    reach = np.full(SLOTS, FARTHEST)     # how far a partial may glide, as a place
    size, around = LONG, NEIGHBOURS      # of the window that partials are analysed with, and what tells a peak from noise there
    phased = 12                          # up to 310 Hz: there hits that begin at the same place have much the same phase

    def hz(self, place: npt.ArrayLike) -> Wide:
        """place [..., SLOTS], -1 to 1 -> Hz"""
        return hz_of(self.edges[:-1] + (np.asarray(place, float) + 1) / 2 * np.diff(self.edges))

    def find(self, hz: npt.ArrayLike) -> tuple[npt.NDArray[np.int64], Wide]:
        """hz -> the slot that it lies in, -1 where there is none, and its place there"""
        at = (erb(hz) - self.edges[0]) / (self.edges[1] - self.edges[0])
        slot = np.floor(at).astype(int)
        return np.where((slot >= 0) & (slot < SLOTS), slot, -1), (2 * (at - slot) - 1).clip(-1, 1)

    def place(self, slot: npt.NDArray[np.int64], hz: npt.ArrayLike) -> Wide:
        """Where a partial lies as seen from a slot, which may be another one than its own."""
        at = (erb(hz) - self.edges[0]) / (self.edges[1] - self.edges[0])
        return 2 * (at - slot) - 1


class HarmonicSlots:
    """A slot for each harmonic of a pitch, half a semitone wide on either side."""

    phased = 0

    def __init__(self, f0_hz: float) -> None:
        number = np.arange(1, SLOTS + 1)
        self.middles = f0_hz * number
        # not nearer to the next harmonic than to its own
        self.reach = np.minimum(FARTHEST, 24 * np.log2(1 + 0.5 / number))
        # harmonics of low notes are apart in a longer window alone, and noise is what lies between the next of them and this one
        self.size = LONG if f0_hz >= LEAST_BINS * SR / LONG else 2 * LONG
        between = range(3, max(3, min(9, int(f0_hz * self.size / SR - 2.5))) + 1)
        self.around = (*(-bins for bins in between), *between)

    def hz(self, place: npt.ArrayLike) -> Wide:
        return self.middles * 2 ** (np.asarray(place, float) / 24)

    def find(self, hz: npt.ArrayLike) -> tuple[npt.NDArray[np.int64], Wide]:
        """hz -> the harmonic that it is at most half a semitone or half a bin away from, -1 where there is none, and its place"""
        hz = np.asarray(hz, float)
        number = np.round(hz / self.middles[0]).astype(int).clip(1, SLOTS)
        middle = number * self.middles[0]
        place = 24 * np.log2(np.maximum(hz, 1) / middle)
        is_near = (np.abs(place) <= 1) | (np.abs(hz - middle) <= 0.5 * SR / LONG)
        return np.where(is_near, number - 1, -1), place.clip(-1, 1)

    def place(self, slot: npt.NDArray[np.int64], hz: npt.ArrayLike) -> Wide:
        return 24 * np.log2(np.asarray(hz, float) / self.middles[slot])


Slots = ErbSlots | HarmonicSlots


def slots_at(f0_hz: float) -> Slots:
    """Of a hit with that pitch; 0: without one"""
    return HarmonicSlots(f0_hz) if f0_hz else ErbSlots()


@cache
def _times(frames: int) -> tuple[int, ...]:
    found, at = [], 0.0
    while at < frames + LAST_HOP:
        found.append(round(at))
        at += min(FIRST_HOP + GROWTH * at, LAST_HOP)
    return tuple(found)


def times(frames: int) -> npt.NDArray[np.int64]:
    """The middles of the grains of a hit of that many frames; the last ones lie behind its end."""
    return np.array(_times(frames))


def knots(middles: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """The middles with two before the first and two behind the last, between which the windows reach."""
    return np.concatenate([[-2 * FIRST_HOP, -FIRST_HOP], middles, middles[-1] + LAST_HOP * np.arange(1, 3)])


def window(around: npt.NDArray[np.int64]) -> Wide:
    """The window of the grain whose five knots these are, from the first to the last of them."""
    place = np.interp(np.arange(around[0], around[4]), around, np.arange(-2, 3))
    return 0.5 + 0.5 * np.cos(np.pi * place / 2)


def size_of(around: npt.NDArray[np.int64]) -> int:
    """Frames of a grain's transform: a power of two."""
    return 1 << int(around[4] - around[0] - 1).bit_length()


@cache
def band_weights(size: int) -> Wide:
    """Densities of a transform's bins -> densities of bands [BANDS, bins]: the mean of the bins near its middle, or what lies
    between the two bins beside it where bins are wider than bands."""
    bins = erb(np.arange(size // 2 + 1) * SR / size)
    middles = erb(band_centres())
    step = middles[1] - middles[0]
    hats = np.maximum(0, 1 - np.abs(bins - middles[:, None]) / step)
    right = np.clip(np.searchsorted(bins, middles), 1, len(bins) - 1)
    share = (middles - bins[right - 1]) / (bins[right] - bins[right - 1])
    between = np.zeros_like(hats)
    rows = np.arange(BANDS)
    between[rows, right - 1], between[rows, right] = 1 - share, share
    weights = np.where(((hats > 0).sum(1) >= 3)[:, None], hats, between)
    return weights / weights.sum(1, keepdims=True)


@cache
def bin_places(size: int) -> tuple[npt.NDArray[np.int64], Wide]:
    """For each bin of a transform: the band below it, and how far it is towards the next one."""
    bins = erb(np.arange(size // 2 + 1) * SR / size)
    place = np.clip((bins - erb(LOW_HZ)) / (erb(TOP_HZ) - erb(LOW_HZ)) * (BANDS - 1), 0, BANDS - 1)
    low = np.minimum(place.astype(int), BANDS - 2)
    return low, place - low


def decibels(power: npt.ArrayLike) -> Wide:
    return 10 * np.log10(np.maximum(power, 10 ** (FLOOR_DB / 10)))


def grain_of(sound: npt.NDArray, around: npt.NDArray[np.int64]) -> Wide:
    """The frames under the window; silence where there are none."""
    first, last = int(around[0]), int(around[4])
    piece = np.zeros(last - first)
    low, high = max(first, 0), min(last, len(sound))
    if low < high:
        piece[low - first:high - first] = sound[low:high]
    return piece


def densities(sound: npt.NDArray, middles: npt.NDArray[np.int64]) -> Wide:
    """Power density of each band of each grain [grains, BANDS]; 1 is white noise of variance 1."""
    ends, found = knots(middles), []
    for index in range(len(middles)):
        around = ends[index:index + 5]
        shape, size = window(around), size_of(around)
        heard = shape[max(-int(around[0]), 0):]          # nothing is before the onset
        power = np.abs(np.fft.rfft(grain_of(sound, around) * shape, size)) ** 2 / np.square(heard).sum()
        found.append(band_weights(size) @ power)
    return np.array(found)


@dataclass
class Peaks:
    """The strongest peak of each slot under long windows, LONG_HOP apart, the first LONG / 2 behind the onset."""
    level: Wide         # [windows, SLOTS], amplitude
    place: Wide         # [windows, SLOTS], -1 to 1
    tonality: Wide      # [windows, SLOTS], 0 to 1
    phase: Wide         # [windows, SLOTS], at the window's middle


def peaks(sound: npt.NDArray, slots: Slots, size: int = LONG, around: tuple[int, ...] = NEIGHBOURS) -> Peaks:
    """As encoders hear them; longer windows have the same middles, and other bins may tell what lies around a peak."""
    count, before = max(1, (len(sound) - LONG) // LONG_HOP + 2), (size - LONG) // 2
    padded = np.zeros(size + count * LONG_HOP)
    padded[before:min(before + len(sound), len(padded))] = sound[:len(padded) - before]
    shape = np.hanning(size + 1)[:-1]
    frames = np.stack([padded[n * LONG_HOP:n * LONG_HOP + size] for n in range(count)]) * shape
    # the middle comes first, so that phases are those of the middle
    spectrum = np.fft.rfft(np.roll(frames, size // 2, 1))
    magnitude = np.abs(spectrum)
    logs = np.log(magnitude + 1e-9)
    floor = np.median([np.roll(logs, shift, 1) for shift in around], 0)
    left, middle, right = logs[:, :-2], logs[:, 1:-1], logs[:, 2:]
    bend = left - 2 * middle + right
    offset = np.where(bend < -1e-9, 0.5 * (left - right) / np.minimum(bend, -1e-9), 0).clip(-0.5, 0.5)
    height = middle - 0.25 * (left - right) * offset
    slot, at = slots.find((np.arange(1, size // 2) + offset) * (SR / size))
    rows, bins = np.nonzero((middle >= left) & (middle >= right) & (slot >= 0))
    # the highest of each slot comes last, and so stays
    order = np.argsort(height[rows, bins], kind='stable')
    rows, bins = rows[order], bins[order]
    into = (rows, slot[rows, bins])
    above_db = (height - floor[:, 1:-1])[rows, bins] * (20 / np.log(10))
    level, place, tonality, phase = (np.zeros((count, SLOTS)) for _ in range(4))
    level[into] = np.exp(height[rows, bins]) * 2 / shape.sum()
    place[into] = at[rows, bins]
    tonality[into] = ((above_db - PROMINENT_DB[0]) / (PROMINENT_DB[1] - PROMINENT_DB[0])).clip(0, 1)
    phase[into] = np.angle(spectrum[:, 1:-1])[rows, bins]
    # one window alone is an accident of the noise; a partial that glides may lie in the next slot
    near = np.pad(tonality, ((0, 0), (1, 1)))
    near = np.maximum(np.maximum(near[:, :-2], near[:, 2:]), tonality)
    wide = np.concatenate([tonality[:1], near, tonality[-1:]])
    return Peaks(level, place, np.minimum(tonality, np.maximum(wide[:-2], wide[2:])), phase)


def heard(sound: npt.NDArray, middles: npt.NDArray[np.int64], slots: Slots) -> Array:
    """What an encoder hears of each grain [grains, FEATURES]: densities and levels in dB, places."""
    found = peaks(sound, slots)
    nearest = np.clip(np.round((middles - LONG // 2) / LONG_HOP).astype(int), 0, len(found.level) - 1)
    tonality = found.tonality[nearest]
    level_db = 20 * np.log10(found.level[nearest] * tonality + 10 ** (FLOOR_DB / 20))
    place = found.place[nearest] * (tonality > 0)
    return np.concatenate([decibels(densities(sound, middles)), level_db, place], 1).astype(np.float32)
