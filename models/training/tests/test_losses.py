"""The losses on sounds and latents whose answer is known. Skipped without PyTorch."""
import unittest

import numpy as np

try:
    import torch
except ImportError as error:
    raise unittest.SkipTest(f'needs PyTorch: {error}') from error

from timbreloom_train.features import SR, analyse, loudness_of
from timbreloom_train.losses import (Alignment, BandPower, GapPower, LoudnessLoss, Reader, attack_distance, below_the_loudest, moved,
                                     quieter, sameness)
from timbreloom_train.nets import LATENT
from timbreloom_train.objective import slow


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


def sung(noise_db: float, seed: int, hz: float = 220.0, glide: float = 1.0, samples: int = 24064) -> torch.Tensor:
    """Twenty partials over noise that is this much softer. [1, samples]"""
    f0 = hz * glide ** np.linspace(0, 1, samples)
    phase = 2 * np.pi * np.cumsum(f0) / SR
    tone = sum(np.sin(k * phase + k * k) for k in range(1, 21)) / np.sqrt(10)
    noise = np.random.default_rng(seed).standard_normal(samples)
    return torch.tensor(0.1 * (tone + 10 ** (noise_db / 20) * noise), dtype=torch.float32)[None]


class NoiseTest(unittest.TestCase):
    def test_two_takes_of_one_noise_are_alike_and_softer_noise_is_farther(self) -> None:
        power = BandPower()
        same, softer = (float(power(sung(level, 1), sung(-30, 2))) for level in (-30, -36))
        self.assertLess(same, 0.25)
        self.assertGreater(softer, same + 0.15)

    def test_noise_between_partials_is_compared_where_the_pitch_glides(self) -> None:
        gaps, glide = GapPower(), 1.2
        f0 = torch.tensor(220.0 * glide ** ((np.arange(48) + 1) * 512 / 24064), dtype=torch.float32)[None]
        nepers = 20 / np.log(10)
        for change_db in (0, -6, -12):
            apart = gaps(sung(-20 + change_db, 1, glide=glide), sung(-20, 2, glide=glide), f0, torch.ones(1, 48))
            self.assertAlmostEqual(float(apart) * nepers, -change_db, delta=1.5)

    def test_the_pitch_of_a_model_that_answers_sooner_lies_later_in_the_crop(self) -> None:
        self.assertEqual([GapPower(delay).first for delay in (1024, 512, 320, 4096)], [1, 2, 2, 0])

    def test_unvoiced_sound_has_no_gaps(self) -> None:
        self.assertEqual(float(GapPower()(sung(-20, 1), sung(-40, 2), torch.full((1, 48), 220.0), torch.zeros(1, 48))), 0)

    def test_an_attack_counts_and_a_held_note_does_not(self) -> None:
        note = sung(-40, 1)
        struck = note * torch.clamp((torch.arange(24064) - 12000) / 200, 0, 1)
        slow = note * torch.clamp((torch.arange(24064) - 12000) / 4000, 0, 1)
        self.assertGreater(float(attack_distance(slow, struck)), 0.5)
        self.assertEqual(float(attack_distance(struck, struck)), 0)
        self.assertEqual(float(attack_distance(note * 0.5, note)), 0)


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

    def test_the_reader_is_solved_on_two_threads(self) -> None:
        before = torch.get_num_threads()
        try:
            torch.set_num_threads(2)
            reader = Reader()
            for _ in range(5):
                reader.learn(self.own, torch.stack([self.own[:, 0]] * 3), torch.ones(3, len(self.own)))
        finally:
            torch.set_num_threads(before)
        self.assertTrue(torch.isfinite(reader.weights).all())

    def test_a_level_is_measured_from_the_loudest_nearby(self) -> None:
        level = torch.tensor([[-20.0, -30, -40, -50, -60]])
        np.testing.assert_allclose(below_the_loudest(level, 1), [[0, -10, -10, -10, -10]])

    def apart(self, own: torch.Tensor, *foreign: torch.Tensor) -> list[float]:
        alignment = Alignment(len(foreign))
        alignment.learn(own)
        return [float(alignment(rows, domain)) for domain, rows in enumerate(foreign)]

    def test_alignment_is_zero_for_the_domain_itself_and_grows_with_a_shift_or_a_narrower_spread(self) -> None:
        own = self.own @ self.mix
        middle = own.mean(0)
        same, near, far, narrow = self.apart(own, own, own + 1.0, own + 3.0, (own - middle) * 0.3 + middle)
        self.assertLess(same, 0.01)
        self.assertLess(same * 10, near)
        self.assertLess(near * 3, far)
        self.assertGreater(narrow, 0.3)

    def test_a_batch_counts_as_a_part_of_its_domain_and_carries_the_whole_gradient(self) -> None:
        own = self.own @ self.mix
        alignment = Alignment(1)
        alignment.learn(own)
        for _ in range(30):
            alignment(own, 0)
        few = own[:40] + 2.0
        self.assertLess(float(alignment(few, 0)), 0.2 * self.apart(own, few)[0])
        shift = torch.zeros(own.shape[1], requires_grad=True)
        whole = Alignment(1)
        whole.learn(own)
        gradients = [torch.autograd.grad(part(own + 1.0 + shift, 0), shift)[0] for part in (whole, alignment)]
        self.assertGreater(float(gradients[1] @ gradients[0]), 0)

    def test_what_flickers_like_the_domain_and_never_moves_is_told_by_its_slow_means(self) -> None:
        draw = torch.Generator().manual_seed(0)
        hops = torch.randn(200, 48, LATENT, generator=draw)
        moving = (torch.randn(200, 1, LATENT, generator=draw) + hops) / 2 ** 0.5
        audible = torch.ones(200, 48, dtype=torch.bool)
        self.assertLess(self.apart(moving.flatten(0, 1), hops.flatten(0, 1))[0], 0.05)
        self.assertGreater(self.apart(slow(moving, audible), slow(hops, audible))[0], 0.5)

    def test_a_slow_mean_is_of_hops_that_all_sound(self) -> None:
        audible = torch.ones(1, 32, dtype=torch.bool)
        audible[0, 20] = False
        latent = torch.arange(32.0)[None, :, None].expand(1, 32, LATENT)
        np.testing.assert_allclose(slow(latent, audible)[:, 0], [7.5])


if __name__ == '__main__':
    unittest.main()
