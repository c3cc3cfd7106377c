"""Mel spectrum and loudness. Needs numpy only."""
import unittest

import numpy as np

from timbreloom_train.features import (HOP, N_MEL, SR, a_weighting, analyse, band_interpolation, frames_of, loudness_of,
                                       mel_matrix)


def sine(hz: float, amplitude: float, hops: int = 20) -> np.ndarray:
    return (amplitude * np.sin(2 * np.pi * hz * np.arange(hops * HOP) / SR)).astype(np.float32)


class LoudnessTest(unittest.TestCase):
    def test_full_scale_sine_at_1_khz_reads_its_mean_square(self) -> None:
        self.assertAlmostEqual(float(loudness_of(sine(1000, 1.0))[8:].mean()), -3.01, delta=0.05)

    def test_ten_times_less_is_20_db_less(self) -> None:
        change = loudness_of(sine(1000, 0.05))[8:] - loudness_of(sine(1000, 0.5))[8:]
        np.testing.assert_allclose(change, -20, atol=0.01)

    def test_a_weighting_of_the_standard(self) -> None:
        weighting = 10 * np.log10(a_weighting() + 1e-12)
        for hz, wanted_db in ((100, -19.1), (500, -3.2), (1000, 0.0), (4000, 1.0), (10000, -2.5)):
            bins = np.arange(len(weighting)) * SR / 2048
            self.assertAlmostEqual(float(np.interp(hz, bins, weighting)), wanted_db, delta=0.4, msg=f'{hz} Hz')

    def test_silence_is_the_floor(self) -> None:
        np.testing.assert_allclose(loudness_of(np.zeros(8 * HOP, np.float32)), -80, atol=1e-3)


class MelTest(unittest.TestCase):
    def test_gain_leaves_the_log_mel_alone(self) -> None:
        rng = np.random.default_rng(1)
        sound = sine(330, 0.3) + sine(990, 0.1) + 0.01 * rng.standard_normal(20 * HOP).astype(np.float32)
        loud, quiet = analyse(sound)[0], analyse(sound * np.float32(0.1))[0]
        self.assertLess(float(np.abs(loud - quiet)[4:].max()), 0.01)

    def test_every_band_sums_to_one(self) -> None:
        self.assertEqual(mel_matrix().shape, (N_MEL, 1025))
        np.testing.assert_allclose(mel_matrix().sum(1), 1, atol=1e-5)

    def test_band_interpolation_keeps_a_constant(self) -> None:
        np.testing.assert_allclose(np.ones(64) @ band_interpolation(64, 513), 1, atol=1e-5)

    def test_a_hop_sees_the_past_alone(self) -> None:
        sound = sine(440, 0.3)
        changed = sound.copy()
        changed[10 * HOP:] = 0
        np.testing.assert_array_equal(frames_of(sound)[:10], frames_of(changed)[:10])
        self.assertEqual(len(frames_of(sound)), 20)


if __name__ == '__main__':
    unittest.main()
