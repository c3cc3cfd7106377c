"""The plugin's Stability as training has it. Skipped without PyTorch."""
import unittest

try:
    import torch
except ImportError as error:
    raise unittest.SkipTest(f'needs PyTorch: {error}') from error

from timbreloom_train.features import HOP, SR
from timbreloom_train.stability import ATTACK_DB, LATENT_S, steadied


class SteadiedTest(unittest.TestCase):
    def test_each_hop_is_what_the_plugin_makes_of_it(self) -> None:
        """The recursion of src/engine/stability.rs, written plainly."""
        draw = torch.Generator().manual_seed(0)
        latent = torch.randn(3, 200, 4, generator=draw)
        loudness = torch.randn(3, 200, generator=draw) * 3 - 30
        loudness[:, 100:] += 20
        amounts = [0.01, 0.3, 1.0]
        made = steadied(latent, loudness, torch.tensor(amounts))
        for row, amount in enumerate(amounts):
            keep = float(torch.exp(torch.tensor(-HOP / SR / (LATENT_S * amount))))
            state, heard = latent[row, 0], [loudness[row, 0]] * 2
            for hop in range(200):
                is_attack = bool(loudness[row, hop] - min(heard) > ATTACK_DB)
                state = latent[row, hop] + (0 if is_attack else keep) * (state - latent[row, hop])
                heard = [loudness[row, hop], heard[0]]
                torch.testing.assert_close(made[row, hop], state, atol=1e-4, rtol=0)

    def test_a_step_is_followed_as_fast_as_in_the_plugin(self) -> None:
        """Hops until 63 %: the figures of the test of the same name beside the plugin's."""
        step = torch.ones(1, 20, 1)
        step[:, 0] = 0
        for amount, hops in ((0.3, 3), (1.0, 7)):
            made = steadied(step, torch.full((1, 20), -20.0), torch.tensor([amount]))
            self.assertEqual(int((made[0, :, 0] < 0.632).sum()), hops)


if __name__ == '__main__':
    unittest.main()
