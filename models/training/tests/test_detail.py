"""What a mean distance hides, on sounds whose truth is known."""
import unittest

import numpy as np

from timbreloom_train import detail
from timbreloom_train.features import HOP, SR, Array, loudness_of

PITCH_HZ, HOPS = 440.0, 172


def note(noise_db: float, seed: int = 0, starts_at_s: float = 0.2, fade_ms: float = 2.0) -> Array:
    """Ten partials of PITCH_HZ over white noise that is this much softer than they, after silence."""
    rng, at = np.random.default_rng(seed), np.arange(HOPS * HOP) / SR
    tone = sum(np.sin(2 * np.pi * PITCH_HZ * k * at + k * k) for k in range(1, 11)) / np.sqrt(5)
    sound = 0.1 * (tone + 10 ** (noise_db / 20) * rng.standard_normal(len(at)))
    return (sound * np.clip((at - starts_at_s) / (fade_ms / 1000), 0, 1)).astype(np.float32)


def judged(wanted: Array, made: Array) -> detail.Detail:
    loudness = loudness_of(wanted)
    return detail.detail([(wanted, made, np.full(HOPS, PITCH_HZ, np.float32), (loudness > -40).astype(np.float32), loudness)])


class DetailTest(unittest.TestCase):
    def test_a_recording_against_itself_has_nothing_wrong(self) -> None:
        found = judged(note(-40), note(-40))
        self.assertEqual((found.under_db, found.gaps_db, found.movement, found.attack_db), (0, 0, 1, 0))

    def test_noise_that_is_ten_db_softer_is_heard_as_ten_db_softer(self) -> None:
        found = judged(note(-40), note(-50, seed=1))
        self.assertAlmostEqual(found.under_db, -10, delta=1)
        self.assertAlmostEqual(found.gaps_db, -10, delta=1)

    def test_partials_do_not_leak_into_the_gaps(self) -> None:
        silent = note(-150)
        levels = detail.noise_levels(silent, np.full(HOPS, PITCH_HZ, np.float32), np.arange(60, 120))
        self.assertLess(levels.max(), -60)

    def test_a_sound_that_stands_still_moves_less(self) -> None:
        self.assertLess(judged(note(-20), note(-60)).movement, 0.5)

    def test_a_slow_attack_is_too_soft_and_a_late_one_too(self) -> None:
        self.assertLess(judged(note(-40), note(-40, fade_ms=40)).attack_bias_db, -4)
        self.assertLess(judged(note(-40), note(-40, starts_at_s=0.21)).attack_bias_db, -2)

    def test_a_file_that_begins_within_a_note_has_no_attack(self) -> None:
        begun = note(-40)[int(0.5 * SR):]
        self.assertIsNone(detail.attack_error_db(begun, begun))
        cut = note(-40, starts_at_s=0.005)
        self.assertIsNone(detail.attack_error_db(cut, cut))
        whole = note(-40, starts_at_s=0.03)
        self.assertEqual(detail.attack_error_db(whole, whole), 0)

    def test_glides_are_not_judged_for_noise(self) -> None:
        f0 = np.geomspace(200, 800, HOPS).astype(np.float32)
        self.assertEqual(len(detail.steady_hops(f0, np.ones(HOPS), np.zeros(HOPS))), 0)


if __name__ == '__main__':
    unittest.main()
