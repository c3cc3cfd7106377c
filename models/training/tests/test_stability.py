"""The plugin's Stability as training has it. Skipped without PyTorch."""
import json
import unittest
from pathlib import Path

try:
    import torch
except ImportError as error:
    raise unittest.SkipTest(f'needs PyTorch: {error}') from error

from timbreloom_train.features import HOP, SR
from timbreloom_train.stability import steadied

FIXTURE = Path(__file__).resolve().parents[3] / 'tests' / 'fixtures' / 'stability.json'


class SteadiedTest(unittest.TestCase):
    def test_each_hop_is_what_the_plugin_makes_of_it(self) -> None:
        """The plugin's test of the same fixture is in src/engine/stability.rs."""
        fixture = json.loads(FIXTURE.read_text())
        self.assertEqual((fixture['sample_rate_hz'], fixture['hop_frames']), (SR, HOP))
        latent, loudness, amount, expected = (torch.tensor([case[key] for case in fixture['cases']])
                                              for key in ('latent', 'loudness_db', 'amount', 'steadied'))
        torch.testing.assert_close(steadied(latent, loudness, amount), expected, atol=1e-4, rtol=0)

    def test_a_step_is_followed_as_fast_as_in_the_plugin(self) -> None:
        """Hops until 63 %: the figures of the test of the same name beside the plugin's."""
        step = torch.ones(1, 20, 1)
        step[:, 0] = 0
        for amount, hops in ((0.3, 3), (1.0, 7)):
            made = steadied(step, torch.full((1, 20), -20.0), torch.tensor([amount]))
            self.assertEqual(int((made[0, :, 0] < 0.632).sum()), hops)


if __name__ == '__main__':
    unittest.main()
