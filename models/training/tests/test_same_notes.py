"""Foreign sounds against the domain's spectra at the same notes. Skipped without PyTorch."""
import tempfile
import unittest
from pathlib import Path

import numpy as np

try:
    import torch
except ImportError as error:
    raise unittest.SkipTest(f'needs PyTorch: {error}') from error

import tiny
from timbreloom_train.corpus import Phrases
from timbreloom_train.features import HOP, analyse
from timbreloom_train.same_notes import SameNotes

HOPS = 3000


class SameNotesTest(unittest.TestCase):
    def setUp(self) -> None:
        with tempfile.TemporaryDirectory() as folder:
            tiny.save_cache(Path(folder) / 'cache.npz', HOPS)
            self.phrases = Phrases(Path(folder) / 'cache.npz')
        self.notes = SameNotes(self.phrases, foreign=2)

    def play(self, sound: torch.Tensor, domain: int) -> torch.Tensor:
        column = {k: torch.tensor(self.phrases.column[k])[None] for k in ('f0', 'voicing', 'loudness')}
        away = self.notes(sound, column['f0'], column['voicing'], column['loudness'], domain)
        assert away is not None
        return away

    def sound(self) -> torch.Tensor:
        return torch.tensor(self.phrases.column['audio'].astype(np.float32) / 32767)[None]

    def test_its_spectra_are_those_of_the_analysis(self) -> None:
        sound = self.sound()[:, :60 * HOP]
        wanted, loudness = analyse(sound[0].numpy())
        made = self.notes.log_mel(sound)[0].numpy()
        np.testing.assert_allclose(made[loudness[3:] > -60], wanted[3:][loudness[3:] > -60], atol=1e-3)

    def bright(self, share: torch.Tensor) -> torch.Tensor:
        sound = self.sound()
        return torch.cat([sound[:, :1], sound[:, 1:] - share * sound[:, :-1]], 1)

    def test_the_domain_itself_is_near_and_a_bright_copy_of_it_is_not(self) -> None:
        own, bright = self.play(self.sound(), 0), self.play(self.bright(torch.tensor(0.9)), 1)
        self.assertLess(float(own), 0.05 * float(bright))

    def test_its_slope_leads_a_bright_copy_back(self) -> None:
        share = torch.tensor(0.5, requires_grad=True)
        self.play(self.bright(share), 0).backward()
        assert share.grad is not None
        self.assertGreater(float(share.grad), 0.0)

    def test_too_few_notes_that_the_domain_has_give_nothing(self) -> None:
        nothing = torch.zeros(1, 40)
        self.assertIsNone(self.notes(torch.zeros(1, 40 * HOP), nothing + 41.0, nothing + 1, nothing, 0))


if __name__ == '__main__':
    unittest.main()
