"""Referees: what they are asked, and what counts as wrong."""
import unittest

import numpy as np

from timbreloom_train.features import SR

try:
    from timbreloom_train.referees import EmbeddingReferee, Heard, MissingReferee, PitchReferee
except ImportError as error:
    raise unittest.SkipTest(f'{error}: these tests need PyTorch (see install.py)') from error


def heard(f0_hz: list[float], sureness: list[float]) -> Heard:
    return Heard.of(np.array(f0_hz), np.array(sureness))


class PitchTest(unittest.TestCase):
    def test_what_is_lost_is_as_wrong_as_what_is_an_octave_off(self) -> None:
        given = heard([220, 220, 220, 220, 220], [0.9, 0.9, 0.9, 0.9, 0.1])
        made = heard([221, 440, 220, 250, 220], [0.9, 0.9, 0.1, 0.9, 0.9])
        self.assertEqual(PitchReferee.in_tune(given, made), {'in_tune': 0.25, 'octave_off': 0.25, 'lost': 0.25, 'hops': 4.0})

    def test_where_the_inputs_octave_is_in_dispute_both_are_right(self) -> None:
        sure, crepe = np.ones(4), np.full(4, 156.0)
        given = Heard.of(crepe, sure, np.array([78.0, 78.0, 100.0, 0.0]))
        self.assertEqual(given.octave_hz.tolist(), [78.0, 78.0, 156.0, 156.0])
        made = heard([78, 156, 100, 78], [1, 1, 1, 1])
        self.assertEqual(PitchReferee.in_tune(given, made)['in_tune'], 0.5)
        higher = heard([156, 312, 312, 624], [1, 1, 1, 1])
        self.assertEqual(PitchReferee.in_tune(given.transposed(12), higher)['in_tune'], 0.75)

    def test_crepe_hears_a_tone_and_no_pitch_in_noise(self) -> None:
        at = np.arange(SR) / SR
        tone = (0.3 * sum(np.sin(2 * np.pi * 220 * number * at) / number for number in range(1, 6))).astype(np.float32)
        referee = PitchReferee()
        try:
            found = referee.hear(tone)
        except MissingReferee as error:
            self.skipTest(str(error))
        self.assertTrue(found.has_pitch.all())
        self.assertLess(abs(1200 * np.log2(np.median(found.f0_hz) / 220)), 15)
        noise = np.random.default_rng(0).standard_normal(SR).astype(np.float32)
        self.assertLess(referee.hear(noise).has_pitch.mean(), 0.1)


class EmbeddingTest(unittest.TestCase):
    def test_the_embedding_tells_a_tone_from_noise_more_than_from_another_take(self) -> None:
        rng, at = np.random.default_rng(0), np.arange(3 * SR) / SR
        tones = [(0.1 * np.sign(np.sin(2 * np.pi * hz * at))).astype(np.float32) for hz in (220, 233)]
        referee = EmbeddingReferee()
        try:
            one, other = (referee.hear(tone).mean(0) for tone in tones)
        except MissingReferee as error:
            self.skipTest(str(error))
        noise = referee.hear(0.1 * rng.standard_normal(3 * SR)).mean(0)
        self.assertEqual(one.shape, (512,))
        self.assertLess(2 * np.linalg.norm(one - other), np.linalg.norm(one - noise))
        self.assertEqual(referee.hear(tones[0][:4000]).shape, (1, 512))


if __name__ == '__main__':
    unittest.main()
