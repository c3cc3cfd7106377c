"""Hiss below the notes is set from the recordings, on a small decoder that is too loud there, or too quiet."""
import unittest

import numpy as np

try:
    import torch
except ImportError as error:
    raise unittest.SkipTest(f'{error}: these tests need PyTorch (see install.py)') from error

import tempfile
from pathlib import Path

import tiny
from timbreloom_train import calibrate, nets
from timbreloom_train.corpus import Phrases
from timbreloom_train.train import Model


class HissTest(unittest.TestCase):
    def setUp(self) -> None:
        torch.set_num_threads(1)
        temporary = tempfile.TemporaryDirectory()
        self.addCleanup(temporary.cleanup)
        tiny.save_cache(Path(temporary.name) / 'cache.npz')
        self.phrases = Phrases(Path(temporary.name) / 'cache.npz')

    @torch.no_grad()
    def moved_db(self, hiss: float) -> tuple[np.ndarray, Model]:
        """hiss: nepers added to all of it. -> what calibration changed, dB [NOISE_BANDS]"""
        model = tiny.model()
        model.decoder.to_noise.bias.add_(hiss)
        before = model.decoder.to_noise.bias.clone()
        draw = np.random.default_rng(0)
        calibrate.measure_hiss(model, calibrate.crops(model, self.phrases, draw), draw)
        return (model.decoder.to_noise.bias - before).numpy() * 20 / np.log(10), model

    def test_hiss_that_is_louder_than_the_recordings_is_taken_back_at_low_frequencies_only(self) -> None:
        moved, _ = self.moved_db(3.0)
        most = calibrate.HISS_STEP_DB * calibrate.MOST_STEPS
        np.testing.assert_allclose(moved[:12], -most, atol=1e-3)       # up to 590 Hz
        np.testing.assert_array_equal(moved[16:], 0)                   # from 818 Hz
        self.assertEqual(len(moved), nets.NOISE_BANDS)

    def test_hiss_that_is_quieter_than_the_recordings_stays(self) -> None:
        moved, _ = self.moved_db(-9.0)
        np.testing.assert_array_equal(moved, 0)


if __name__ == '__main__':
    unittest.main()
