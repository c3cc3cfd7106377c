"""Which pitch a note has: by its own sound, since names are sometimes an octave wrong; and how well one is kept."""
from dataclasses import dataclass

import numpy as np

from .corpus import track_note
from .features import LEVEL_GATE_DB, Array, loudness_of
from .pitch import cents
from .tracker import BELOW_PEAK_DB

NEAR_CENTS = 50.0          # what is farther off is another pitch
NAMED_CENTS = 60.0         # a note that is farther from what its name says is left out
LEAST_SHARE = 0.7          # of a note's sounding hops that have its pitch: what has less is no note of one pitch


@dataclass
class Tracked:
    """The hops of a sound that are heard, and the pitches of those of them that have one, Hz."""
    sounding: int
    f0_hz: Array

    @classmethod
    def of(cls, sound: Array) -> 'Tracked':
        loudness = loudness_of(sound)
        f0, voicing = track_note(sound, loudness)
        sounding = loudness > max(loudness.max(initial=LEVEL_GATE_DB) - BELOW_PEAK_DB, LEVEL_GATE_DB)
        return cls(int(sounding.sum()), f0[sounding & (voicing > 0)])

    def share_near(self, wanted_hz: float) -> float:
        """Of what is heard, how much has that pitch; what has lost its pitch has not."""
        return float((np.abs(cents(self.f0_hz, wanted_hz)) < NEAR_CENTS).sum() / max(self.sounding, 1))


def pitch_of(sound: Array) -> float:
    """A note's median pitch, Hz; 0 where it has none, or several."""
    tracked = Tracked.of(sound)
    median = float(np.median(tracked.f0_hz)) if len(tracked.f0_hz) else 0.0
    return median if median and tracked.share_near(median) >= LEAST_SHARE else 0.0
