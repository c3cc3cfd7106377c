"""How much bands flicker, on noise whose level goes up and down by a known amount."""
import unittest

import numpy as np
from scipy.signal import lfilter

from timbreloom_train import flicker
from timbreloom_train.features import HOP, Array, loudness_of

BANDS, HOPS = 64, 4000
NONE = np.zeros((len(flicker.KEPT), BANDS), np.float32)


def noise(strength: float, kept: float, seed: int) -> Array:
    """White noise, frame by frame as the decoder makes it; one level for all bands, of which this much is kept from hop to hop."""
    rng = np.random.default_rng(seed)
    level = lfilter([np.sqrt(1 - kept ** 2)], [1, -kept], rng.standard_normal(HOPS)) * strength
    sound, window = np.zeros((HOPS + 1) * HOP), np.sqrt(np.hanning(flicker.FRAME + 1)[:-1])
    for hop in range(HOPS):
        frame = window * np.fft.irfft(np.fft.rfft(rng.standard_normal(flicker.FRAME) * 0.1))
        sound[hop * HOP:hop * HOP + flicker.FRAME] += frame * window * np.exp(level[hop])
    return sound[:HOPS * HOP].astype(np.float32)


def found(wanted: Array, made: Array, before: Array = NONE) -> Array:
    return flicker.strengths(*flicker.movement([(wanted, made, np.full(HOPS, -20.0, np.float32))], BANDS), before)


class FlickerTest(unittest.TestCase):
    def test_strength_and_speed_are_found(self) -> None:
        for speed, kept in enumerate(flicker.KEPT):
            strengths = found(noise(0.3, kept, 1), noise(0, 0, 2))[:, BANDS // 2:].mean(1)
            self.assertAlmostEqual(float(strengths[speed]), 0.3, delta=0.07)
            self.assertLess(float(np.delete(strengths, speed).max()), 0.15)

    def test_what_flickers_enough_already_stays_as_it_is(self) -> None:
        before = NONE.copy()
        before[1] = 0.3
        after = found(noise(0.3, flicker.KEPT[1], 1), noise(0.3, flicker.KEPT[1], 2), before)[:, BANDS // 2:]
        self.assertAlmostEqual(float(np.sqrt((after ** 2).sum(0)).mean()), 0.3, delta=0.07)

    def test_low_notes_do_not_flicker_and_none_flickers_wildly(self) -> None:
        strengths = found(noise(2.0, 0, 1), noise(0, 0, 2))
        self.assertEqual(float(strengths[:, :16].max()), 0.0)
        self.assertAlmostEqual(float(np.sqrt((strengths ** 2).sum(0)).max()), flicker.MOST, delta=1e-3)

    def test_a_swell_is_no_flicker(self) -> None:
        still, soft = noise(0, 0, 1), noise(0, 0, 2)
        # up and down by 24 dB every second, much more sharply than the decoder's
        level = np.repeat(np.where(np.arange(HOPS) // 43 % 2, 1.0, 0.06), HOP).astype(np.float32)
        smooth = np.convolve(level, np.ones(2 * HOP) / (2 * HOP), 'same').astype(np.float32)
        loudness = loudness_of(still * level)
        strengths = flicker.strengths(*flicker.movement([(still * level, soft * smooth, loudness)], BANDS), NONE)
        self.assertLess(float(strengths[:, BANDS // 2:].mean()), 0.08)

    def test_a_phrase_of_a_few_hops_tells_nothing_and_stops_nothing(self) -> None:
        for hops in range(1, 12):
            short = noise(0.3, 0, 1)[:hops * HOP]
            self.assertTrue(np.isnan(flicker.movement([(short, short, np.full(hops, -20.0, np.float32))], BANDS)[0]).all())

    def test_silence_does_not_flicker(self) -> None:
        silence = np.zeros(HOPS * HOP, np.float32)
        self.assertEqual(float(found(silence, silence).max()), 0.0)


if __name__ == '__main__':
    unittest.main()
