"""A recorded hit -> what a decoder has to say of each of its grains: the power of its noise, its partials' levels and places.

Partials are the peaks of long windows; what they leave of the sound is its noise. Before the middle of the first long window
there is none to look through: partials are taken back to the onset as struck things decay, and fitted to the sound there.
"""
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.ndimage import gaussian_filter1d

from .grains_features import (FLOOR_DB, LAST_HOP, LONG, LONG_HOP, ONSET, SLOTS, SR, Array, Peaks, Slots, Wide, densities, erb, heard,
                              peaks, times)
from .grains_sound import partial_part

GLIDE = 0.4                  # on the scale of `erb`: farther from one window to the next it is another partial
MOST_BACK_DB = 9.0           # a partial at the onset is at most that much louder than at the first window's middle
MOST_FITTED_DB = 3.0         # what the fit may add there
PROJECTED, FADED = 800, 1600  # frames: until here a partial is what the sound has of it, from there on what its peaks say
ALL = np.ones(SLOTS, bool)
MATCHED, LEFT = 2000, 4000   # frames: until here levels are matched to what they add up to, from there on they are left


@dataclass
class Hit:
    """One recording, from its onset on, and its grains."""
    frames: int
    middles: npt.NDArray[np.int64]    # [grains]
    heard: Array                      # [grains, FEATURES]
    noise: Array                      # [grains, BANDS], power density
    amplitude: Array                  # [grains, SLOTS]
    place: Array                      # [grains, SLOTS], within FARTHEST
    wave: Array                       # [ONSET], the recording's first frames
    struck: Array                     # [ONSET], what is left of them without the partials


def followed(found: Peaks, slots: Slots) -> Peaks:
    """Partials that glide stay in the slot that they began in, window by window; others have slots of their own."""
    level, place, tonality, phase = (np.zeros_like(part) for part in (found.level, found.place, found.tonality, found.phase))
    raw_hz = slots.hz(found.place)
    last_hz = np.zeros(SLOTS)
    for index in range(len(level)):
        peaks_here = np.flatnonzero(found.tonality[index] > 0)
        taken, used = np.zeros(SLOTS, bool), set()
        # the nearest pairs of a partial and a peak first
        alive = np.flatnonzero(last_hz > 0)
        gaps = np.abs(erb(raw_hz[index, peaks_here])[None, :] - erb(last_hz[alive])[:, None])
        for flat in np.argsort(gaps, axis=None):
            row, column = divmod(int(flat), max(len(peaks_here), 1))
            if gaps[row, column] > GLIDE:
                break
            slot, peak = int(alive[row]), int(peaks_here[column])
            at = float(slots.place(np.array(slot), raw_hz[index, peak]))
            if not taken[slot] and peak not in used and abs(at) <= slots.reach[slot]:
                taken[slot] = True
                used.add(peak)
                place[index, slot] = at
                for out, own in ((level, found.level), (tonality, found.tonality), (phase, found.phase)):
                    out[index, slot] = own[index, peak]
        for peak in peaks_here:
            if peak not in used and not taken[peak]:
                taken[peak] = True
                for out, own in ((level, found.level), (tonality, found.tonality), (phase, found.phase), (place, found.place)):
                    out[index, peak] = own[index, peak]
        last_hz = np.where(taken, slots.hz(place[index]), 0.0)
        # where nothing is, a place is kept: what fades does not leap
        if index:
            place[index] = np.where(taken, place[index], place[index - 1])
    return Peaks(level, place, tonality, phase)


@dataclass
class Onset:
    """The partials before the first long window's middle: amplitude there, decay per frame, phase at the onset [SLOTS]."""
    amplitude: Wide
    decay: Wide
    phase: Wide

    def __init__(self, found: Peaks, sound: npt.NDArray, slots: Slots) -> None:
        middle, second = LONG // 2, min(1, len(found.level) - 1)
        level = found.level[0] * found.tonality[0]
        self.amplitude, self.phase = np.zeros(SLOTS), np.zeros(SLOTS)
        falls = np.log((found.level[0] + 1e-7) / (found.level[second] + 1e-7)) / LONG_HOP
        self.decay = np.clip(falls, 0, MOST_BACK_DB / 8.686 / middle)
        known = np.nonzero(level > 1e-4)[0]
        if len(known) == 0:
            return
        at = np.arange(middle)
        angle = 2 * np.pi * slots.hz(found.place)[0, known, None] * at / SR
        shape = np.exp(-self.decay[known, None] * (at - middle))
        basis = np.concatenate([shape * np.cos(angle), shape * np.sin(angle)])
        wanted = np.zeros(middle)
        wanted[:min(middle, len(sound))] = sound[:middle]
        gram = basis @ basis.T
        # partials that are nearly alike share what is there
        ridge = np.eye(len(gram)) * (0.02 * np.trace(gram) / len(gram))
        cosines, sines = np.split(np.linalg.solve(gram + ridge, basis @ wanted), 2)
        self.amplitude[known] = np.minimum(np.hypot(cosines, sines), level[known] * 10 ** (MOST_FITTED_DB / 20))
        self.phase[known] = np.arctan2(-sines, cosines)


def tonal_part(found: Peaks, onset: Onset, frames: int, slots: Slots, which: npt.NDArray[np.bool_] = ALL) -> Wide:
    """The partials of some slots with the phases that they have in the recording."""
    amplitude, hz = found.level * found.tonality * which, slots.hz(found.place)
    out = np.zeros(max(frames, LONG // 2 + len(amplitude) * LONG_HOP) + LONG)
    at = np.arange(-LONG_HOP, LONG_HOP)
    shape = 0.5 + 0.5 * np.cos(np.pi * at / LONG_HOP)
    middle = LONG // 2
    for index in range(len(amplitude)):
        known = np.nonzero(amplitude[index] > 1e-5)[0]
        if len(known) == 0:
            continue
        angle = 2 * np.pi * hz[index, known, None] * at / SR + found.phase[index, known, None]
        waves = amplitude[index, known] @ np.cos(angle)
        if index == 0:
            back = np.arange(middle)
            angle = 2 * np.pi * hz[0, known, None] * back / SR + onset.phase[known, None]
            fall = np.exp(-onset.decay[known, None] * (back - middle))
            early = (onset.amplitude[known, None] * fall * np.cos(angle)).sum(0)
            early[-LONG_HOP:] *= 1 - shape[:LONG_HOP]
            out[:middle] += early
        start = middle + index * LONG_HOP - LONG_HOP
        out[start:start + 2 * LONG_HOP] += waves * shape
    return out[:frames]


def at_grains(found: Peaks, onset: Onset, middles: npt.NDArray[np.int64]) -> tuple[Wide, Wide]:
    """Amplitudes and places of the partials at the grains' middles [grains, SLOTS]"""
    place = np.clip((middles - LONG // 2) / LONG_HOP, 0, len(found.level) - 1)
    low = np.minimum(place.astype(int), max(len(found.level) - 2, 0))
    high = np.minimum(low + 1, len(found.level) - 1)
    share = (place - low)[:, None]
    level = found.level * found.tonality
    left, right = level[low] * (1 - share), level[high] * share
    fall = np.exp(onset.decay * np.maximum(LONG // 2 - middles, 0)[:, None])
    near = np.clip((middles - 256) / (LONG // 2 - 256), 0, 1)[:, None]
    early = fall * (onset.amplitude * (1 - near) + (left + right) * near)
    amplitude = np.where((middles < LONG // 2)[:, None], early, left + right)
    weight = left + right + 2e-9
    return amplitude, (found.place[low] * (left + 1e-9) + found.place[high] * (right + 1e-9)) / weight


def first_frames(sound: npt.NDArray) -> Array:
    """[ONSET], faded out at its end"""
    out = np.zeros(ONSET, np.float32)
    out[:min(ONSET, len(sound))] = sound[:ONSET]
    out[ONSET // 2:] *= 0.5 + 0.5 * np.cos(np.pi * np.arange(ONSET - ONSET // 2) / (ONSET - ONSET // 2))
    return out


def smoothed(values: npt.NDArray, frames: float) -> Wide:
    return gaussian_filter1d(values, frames) + 1e-9


def analyse_hit(sound: npt.NDArray, slots: Slots) -> Hit:
    """sound [frames], from its onset on"""
    frames, middles = len(sound), times(len(sound))
    found = followed(peaks(sound, slots, slots.size, slots.around), slots)
    onset = Onset(found, sound, slots)
    tonal = tonal_part(found, onset, frames, slots)
    amplitude, place = at_grains(found, onset, middles)
    # a partial that is not yet there is not to be there: what the sound has of the sum of them, moment by moment
    first = min(frames, LEFT + 2000)
    at = np.arange(first)
    share = np.clip(smoothed(sound[:first] * tonal[:first], 90) / smoothed(tonal[:first] ** 2, 90), 0, 1)
    share = 1 - np.clip((FADED - at) / (FADED - PROJECTED), 0, 1) * (1 - share)
    tonal[:first] *= share
    amplitude *= np.interp(middles, at, share)[:, None]
    # played with phases of its own, the sum of them is louder or softer than it was: as loud as it was, in two steps
    hz, early = slots.hz(place), middles < first + LONG // 2
    for width in (400, 160):
        played = partial_part(20 * np.log10(amplitude[early] + 1e-6), hz[early], middles[early], first)
        ratio = np.sqrt(smoothed(tonal[:first] ** 2, width) / smoothed(played ** 2, width)).clip(0.2, 1.6)
        ratio **= np.clip((LEFT - at) / (LEFT - MATCHED), 0, 1)
        amplitude *= np.interp(middles, at, ratio)[:, None]
    rest = sound - tonal
    # partials are played from phases of their own: the first wave makes up for those of the low ones in the recording
    low = np.arange(SLOTS) < slots.phased
    early, count = middles < ONSET + LAST_HOP, min(frames, ONSET)
    played = partial_part(np.where(low, 20 * np.log10(amplitude[early] + 1e-6), FLOOR_DB), hz[early], middles[early], count)
    struck = rest[:count] + tonal_part(found, onset, count, slots, low) * share[:count] - played
    noise = densities(rest, middles)
    return Hit(frames, middles, heard(sound, middles, slots), noise.astype(np.float32), amplitude.astype(np.float32),
               place.astype(np.float32), first_frames(sound), first_frames(struck))
