"""The losses on sounds and latents whose answer is known. Skipped without PyTorch."""
import unittest

import numpy as np

try:
    import torch
except ImportError as error:
    raise unittest.SkipTest(f'needs PyTorch: {error}') from error

from timbreloom_train.features import SR, analyse, loudness_of
from timbreloom_train.losses import Alignment, LoudnessLoss, Reader, below_the_loudest, moved, quieter, sameness
from timbreloom_train.nets import LATENT


def swelling_noise() -> np.ndarray:
    """From silence to -40 dB, so that its first part is near the floor of the analysis."""
    return (np.random.default_rng(0).standard_normal(SR) * 0.01 * np.linspace(0, 1, SR) ** 3).astype(np.float32)


class LevelTest(unittest.TestCase):
    def test_quieter_is_what_the_analysis_gives_for_a_quieter_sound(self) -> None:
        sound = swelling_noise()
        (log_mel, loudness), (wanted, _) = analyse(sound), analyse(sound * np.float32(10 ** (-12 / 20)))
        made = quieter(torch.tensor(log_mel)[None], torch.tensor(loudness)[None], torch.tensor([-12.0]))[0].numpy()
        np.testing.assert_allclose(made, wanted, atol=1e-4)
        self.assertGreater(np.abs(log_mel - wanted).max(), 0.1)

    def test_loudness_is_that_of_the_analysis(self) -> None:
        sound = swelling_noise()
        made = LoudnessLoss().bels(torch.tensor(sound)[None])[0].numpy() * 10
        np.testing.assert_allclose(made, loudness_of(sound)[3:3 + len(made)], atol=1e-3)

    def test_ten_db_are_a_bel_and_silence_does_not_count(self) -> None:
        sound = torch.tensor(np.random.default_rng(1).standard_normal((1, SR)).astype(np.float32)) * 0.1
        silence = torch.zeros(1, SR)
        level = LoudnessLoss()
        self.assertAlmostEqual(float(level(sound * 10 ** -0.5, sound)), 1.0, places=3)
        self.assertEqual(float(level(sound, silence)), 0.0)


class LatentTest(unittest.TestCase):
    def setUp(self) -> None:
        self.own = torch.tensor(np.random.default_rng(2).standard_normal((4000, LATENT)).astype(np.float32))
        self.mix = torch.tensor(np.random.default_rng(3).standard_normal((LATENT, LATENT)).astype(np.float32))

    def test_moved_counts_in_deviations_whatever_the_axes(self) -> None:
        for turn in (torch.eye(LATENT), self.mix):
            there = self.own @ turn
            self.assertAlmostEqual(float(moved(there, (self.own + 0.5) @ turn)), 0.25, delta=0.02)

    def test_copies_of_a_dimension_are_correlated_and_independent_ones_are_not(self) -> None:
        self.assertLess(float(sameness(self.own)), 0.01)
        self.assertGreater(float(sameness(self.own[:, :1].expand(-1, LATENT))), 0.8)

    def test_still_dimensions_count_as_the_same(self) -> None:
        still = self.own * torch.tensor([1.0] * 8 + [0.01] * 8)
        self.assertAlmostEqual(float(sameness(still)), 0.29, delta=0.02)

    def test_the_reader_knows_products_and_not_what_is_unrelated(self) -> None:
        unrelated = torch.tensor(np.random.default_rng(4).standard_normal(len(self.own)).astype(np.float32))
        wanted = torch.stack([self.own[:, 2], self.own[:, 0] * self.own[:, 1], unrelated])
        weight = torch.ones_like(wanted)
        reader = Reader()
        for _ in range(4):
            reader.learn(self.own, wanted, weight)
        straight, product, nothing = reader(self.own, wanted, weight).tolist()
        self.assertLess(straight, 0.01)
        self.assertLess(product, 0.01)
        self.assertGreater(nothing, 0.9)

    def test_a_level_is_measured_from_the_loudest_nearby(self) -> None:
        level = torch.tensor([[-20.0, -30, -40, -50, -60]])
        np.testing.assert_allclose(below_the_loudest(level, 1), [[0, -10, -10, -10, -10]])

    def test_alignment_is_zero_for_the_domain_itself_and_grows_with_a_shift(self) -> None:
        alignment = Alignment()
        alignment.learn(self.own @ self.mix)
        apart = [float(alignment(self.own @ self.mix + shift)) for shift in (0.0, 1.0, 3.0)]
        self.assertLess(apart[0], 0.01)
        self.assertLess(apart[0] * 10, apart[1])
        self.assertLess(apart[1] * 3, apart[2])


if __name__ == '__main__':
    unittest.main()
