"""The pitch tracker on generated tones. Needs numpy only."""
import unittest

import numpy as np

from timbreloom_train.features import HOP, SR
from timbreloom_train.pitch import cents, hold_last, track

SETTLED = slice(6, -2)      # hops whose window lies inside the tone


def tone(f0: np.ndarray, level: float = 0.2, partials: int = 10) -> np.ndarray:
    """f0 [samples] -> harmonic tone with faint hiss, partials falling by 12 dB per octave"""
    phase = 2 * np.pi * np.cumsum(f0) / SR
    sound = sum(np.sin(k * phase + k * k) / k ** 2 * (k * f0 < 15000) for k in range(1, partials + 1))
    hiss = np.random.default_rng(0).standard_normal(len(f0))
    return (level * sound + 1e-4 * hiss).astype(np.float32)


class TrackTest(unittest.TestCase):
    def test_steady_notes_over_the_range(self) -> None:
        for hz in (62.0, 110.0, 233.08, 440.0, 587.33, 987.77, 1479.98, 1975.5):
            for causal in (False, True):
                f0, voicing = track(tone(np.full(30 * HOP, hz)), causal=causal)
                with self.subTest(hz=hz, causal=causal):
                    self.assertLess(float(np.abs(cents(f0[SETTLED], hz)).max()), 8)
                    self.assertGreater(float(voicing[SETTLED].min()), 0.85)

    def test_pure_sine(self) -> None:
        f0, _ = track(tone(np.full(30 * HOP, 523.25), partials=1))
        self.assertLess(float(np.abs(cents(f0[SETTLED], 523.25)).max()), 8)

    def test_vibrato_is_followed(self) -> None:
        time = np.arange(60 * HOP) / SR
        curve = 440 * 2 ** (0.4 / 12 * np.sin(2 * np.pi * 5.5 * time))
        f0, _ = track(tone(curve), causal=True)
        # the two compared stretches: the last 1166 samples of the analysis window, and the same one period earlier
        middle = np.clip((np.arange(60) + 1) * HOP - (1166 + 100) // 2, 0, None)
        self.assertLess(float(np.abs(cents(f0, curve[middle]))[SETTLED].max()), 12)

    def test_leaps_arrive(self) -> None:
        # an octave up takes longest: two periods of the new note still fit the old one
        for first, second, hops in ((196.0, 294.0, 5), (294.0, 196.0, 5), (392.0, 196.0, 5), (196.0, 392.0, 9)):
            f0, _ = track(tone(np.repeat([first, second], 20 * HOP)), causal=True)
            with self.subTest(first=first, second=second):
                self.assertLess(float(np.abs(cents(f0[6:19], first)).max()), 10)
                self.assertLess(float(np.abs(cents(f0[20 + hops:38], second)).max()), 10)

    def test_noise_and_silence_are_unvoiced_and_hold_the_pitch(self) -> None:
        rng = np.random.default_rng(2)
        noise = 0.1 * rng.standard_normal(20 * HOP).astype(np.float32)
        sound = np.concatenate([tone(np.full(20 * HOP, 300.0)), np.zeros(20 * HOP, np.float32), noise])
        f0, voicing = track(sound)
        self.assertEqual(float(voicing[26:39].max()), 0.0)
        self.assertLess(float((voicing[46:] > 0).mean()), 0.2)
        self.assertLess(float(np.abs(cents(f0[26:39], 300.0)).max()), 20)

    def test_the_gate_silences_what_is_periodic_but_inaudible(self) -> None:
        sound = tone(np.full(20 * HOP, 300.0), level=2e-4)
        self.assertEqual(float(track(sound)[1].max()), 0.0)

    def test_causal_decisions_do_not_change_with_the_future(self) -> None:
        sound = tone(np.geomspace(150, 600, 40 * HOP))
        whole, part = track(sound, causal=True), track(sound[:25 * HOP], causal=True)
        np.testing.assert_array_equal(whole[1][:25], part[1])
        np.testing.assert_array_equal(whole[0][6:25], part[0][6:])

    def test_highest_pitch_is_respected(self) -> None:
        f0, _ = track(tone(np.full(20 * HOP, 1500.0)), max_hz=800.0)
        self.assertLess(float(f0.max()), 820)


class OnsetTest(unittest.TestCase):
    def test_a_note_out_of_digital_silence_brings_no_false_pitch(self) -> None:
        sound = np.concatenate([np.zeros(10 * HOP, np.float32), tone(np.full(20 * HOP, 440.0))])
        f0, voicing = track(sound, causal=True)
        self.assertLess(float(np.abs(cents(f0[voicing > 0], 440.0)).max()), 20)


class HoldTest(unittest.TestCase):
    def test_gaps_hold_and_the_start_takes_the_first(self) -> None:
        held = hold_last(np.array([9.0, 1, 9, 9, 2, 9]), np.array([0, 1, 0, 0, 1, 0], bool))
        np.testing.assert_array_equal(held, [1, 1, 1, 1, 2, 2])

    def test_nothing_valid(self) -> None:
        np.testing.assert_array_equal(hold_last(np.zeros(3), np.zeros(3, bool)), [110, 110, 110])


if __name__ == '__main__':
    unittest.main()
