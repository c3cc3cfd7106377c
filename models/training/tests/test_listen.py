"""The inputs of docs/listen: computed, alike each time, and what their names say."""
import unittest
from pathlib import Path

import numpy as np

from timbreloom_train import listen
from timbreloom_train.features import HOP, SR, loudness_of
from timbreloom_train.pitch import track

PAGE = Path(__file__).resolve().parents[3] / 'docs' / 'listen'


class ListenTest(unittest.TestCase):
    def test_every_input_is_there_sounds_and_is_the_same_each_time(self) -> None:
        self.assertEqual({name for name, *_ in listen.PAIRS}, {*listen.FIXTURES, *listen.MADE})
        for name, make in listen.MADE.items():
            audio = make()
            self.assertTrue(np.isfinite(audio).all() and 0.05 < np.abs(audio).max() < 4, name)
            self.assertTrue(4 * SR <= len(audio) <= 6.5 * SR, f'{name}: {len(audio) / SR} s')
            np.testing.assert_array_equal(audio, make(), name)

    def test_the_tunes_are_heard_at_their_notes(self) -> None:
        for name, low, high in (('whistle', 640, 1350), ('hum', 95, 150), ('lead', 215, 450), ('pluck', 430, 1000)):
            audio = listen.MADE[name]()
            audio = audio[:len(audio) // HOP * HOP]
            loudness = loudness_of(audio)
            f0, voicing = track(audio, loudness)
            heard = f0[(voicing > 0.5) & (loudness > -45)]
            self.assertGreater(np.mean((heard > low) & (heard < high)), 0.95, name)

    def test_the_page_names_every_sound_and_each_is_there(self) -> None:
        page = (PAGE / 'README.md').read_text()
        for name, _, model, _ in listen.PAIRS:
            for side in ('before', 'after'):
                self.assertIn(f'({name}-{side}.ogg)', page)
                self.assertTrue((PAGE / f'{name}-{side}.ogg').is_file())
            self.assertIn(f'*{model}*', page)


if __name__ == '__main__':
    unittest.main()
