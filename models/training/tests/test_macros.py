"""Macros: found where the truth is known, and descriptors of sounds that were made for them."""
import hashlib
import json
import tempfile
import unittest
from pathlib import Path
from typing import Any
from unittest import mock

import numpy as np

from timbreloom_train import macros
from timbreloom_train.features import HOP, SR, Array
from timbreloom_train.macros import WORDS, Bench, Slopes

HOPS, PITCH_HZ = 60, 220.0
DIMS = 4


def heard(levels: dict[int, float], noise: float = 1e-4) -> macros.Doubles:
    """Descriptors of partials of these numbers and amplitudes over white noise."""
    at = np.arange(HOPS * HOP) / SR
    sound = sum(level * np.sin(2 * np.pi * PITCH_HZ * number * at) for number, level in levels.items())
    audio: Array = (sound + noise * np.random.default_rng(0).standard_normal(len(at))).astype(np.float32)
    counts = np.zeros(HOPS, bool)
    counts[12:48] = True
    return macros.descriptors(audio, np.full(HOPS, PITCH_HZ, np.float32), counts, True)


class Linear(Bench):
    """A model whose sound answers as a matrix says, alike in all recordings but for their strength."""

    def __init__(self, matrix: macros.Doubles, strengths: list[float]) -> None:
        count = len(matrix[0])
        latent = {'dims': count, 'variance_share': [1 / count] * count, 'p01': [-2.5] * count, 'p99': [2.5] * count}
        self.about: dict[str, Any] = {'latent': latent}
        self.matrix, self.strengths = matrix, np.array(strengths)

    def registers(self) -> list[Any]:
        return [np.array([i]) for i in range(len(self.strengths))]

    def answer(self, offset: macros.Doubles) -> macros.Doubles:
        return self.strengths[:, None] * (self.matrix @ offset)


def matrix(**rows: list[float]) -> macros.Doubles:
    made = np.zeros((len(WORDS), DIMS))
    for word, row in rows.items():
        made[WORDS.index(word)] = row
    return made


class MacrosTest(unittest.TestCase):
    def test_descriptors_move_with_what_they_are_named_after_and_not_with_loudness(self) -> None:
        plain = {1: 0.3, 2: 0.2, 3: 0.1, 4: 0.05, 5: 0.02}
        middle = heard(plain)
        of = dict(zip(WORDS, range(len(WORDS))))
        brighter = heard(plain | {20: 0.05}) - middle
        self.assertGreater(brighter[of['bright']], 3)
        breathier = heard(plain, noise=0.01) - middle
        self.assertGreater(breathier[of['breath']], 10)
        thinner = heard(plain | {1: 0.1}) - middle
        self.assertLess(thinner[of['body']], -3)
        hollow = heard(plain | {2: 0.02, 4: 0.005}) - middle
        self.assertGreater(hollow[of['hollow']], 10)
        nasal = heard(plain | {4: 0.3, 5: 0.3}) - middle
        self.assertGreater(nasal[of['nasal']], 3)
        louder = heard({number: 2 * level for number, level in plain.items()}, noise=2e-4) - middle
        self.assertLess(np.abs(louder).max(), 0.01)

    def test_what_can_be_moved_apart_is_found_and_leaves_the_others_alone(self) -> None:
        truth = matrix(bright=[3, 1, 0, 0], breath=[2, -3, 0, 0], nasal=[0, 0, 4, 0])
        fit = Linear(truth, [1.0] * 6)
        words = macros.found(fit, fit, macros.slopes(fit))
        self.assertEqual([WORDS[word] for word in sorted(words)], ['bright', 'breath', 'nasal'])
        for word in words:
            others = [other for other in words if other != word]
            judged = fit.judge(macros.made(fit, macros.slopes(fit), word, others), word, others)
            self.assertLessEqual(judged.leak, macros.LEAK_MADE * 1.1)
            self.assertGreater(judged.moved_db[word], 2 * macros.LEAST_DB)
            self.assertEqual((judged.rank, judged.against), (1.0, 0.0))

    def test_two_that_move_as_one_are_not_both_macros(self) -> None:
        fit = Linear(matrix(bright=[3, 0, 0, 0], air=[3, 0, 0, 0], nasal=[0, 3, 0, 0]), [1.0] * 4)
        words = [WORDS[word] for word in macros.found(fit, fit, macros.slopes(fit))]
        self.assertEqual(len({'bright', 'air'} & set(words)), 1, words)
        self.assertIn('nasal', words)

    def test_what_goes_the_other_way_in_other_recordings_is_left_out(self) -> None:
        truth = matrix(bright=[3, 0, 0, 0], nasal=[0, 3, 0, 0])
        fit, check = Linear(truth, [1.0] * 4), Linear(truth, [1.0] * 4)
        check.matrix = matrix(bright=[3, 0, 0, 0], nasal=[0, -3, 0, 0])
        self.assertEqual(macros.found(fit, check, macros.slopes(fit)), [WORDS.index('bright')])

    def test_what_was_not_promised_and_holds_all_the_same_is_found(self) -> None:
        fit = Linear(matrix(bright=[3, 0, 0, 0], nasal=[0, 3, 0, 0]), [1.0] * 4)
        with mock.patch.object(macros, 'promising', return_value=[]):
            self.assertEqual(macros.found(fit, fit, macros.slopes(fit)), [WORDS.index('bright'), WORDS.index('nasal')])

    def test_no_dimension_and_not_all_together_go_out_of_range(self) -> None:
        slopes = macros.slopes(Linear(matrix(bright=[3, 2.9, 2.8, 2.7]), [1.0]))
        values = macros.strongest(slopes, 0, [], np.zeros(len(WORDS)))
        self.assertLessEqual(np.abs(values).max(), macros.FARTHEST_SD + 1e-9)
        self.assertAlmostEqual(np.abs(values).sum(), macros.LONGEST_SD, places=6)

    def test_dimensions_are_named_after_what_they_move_most_and_its_opposite(self) -> None:
        by_dim = matrix(bright=[3, -2, 0.2, 0], air=[1, 0, 0, 4])
        slopes = Slopes(np.array([0, 1, 2, 5]), by_dim, [by_dim], np.ones(DIMS))
        self.assertEqual(macros.names(slopes, 6), ['bright', 'dark', '', '', '', 'air'])

    def test_a_manifest_with_macros_has_the_latents_of_the_one_before(self) -> None:
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            before = b'{"format": 1, "training": {"latents_of": ["aa"]}, "reference_cloud": [[0.5, -0.0]], "last": 1}'
            (folder / 'manifest.json').write_bytes(before)
            macros.put(folder, {'macros': [{'name': 'air', 'direction': [0.5]}], 'dimension_names': ['air']})
            about = json.loads((folder / 'manifest.json').read_text())
            self.assertEqual(about['training']['latents_of'], ['aa', hashlib.sha256(before).hexdigest()])
            self.assertEqual(list(about), ['format', 'training', 'macros', 'dimension_names', 'reference_cloud', 'last'])
            macros.put(folder, {'macros': [], 'dimension_names': ['']})
            about = json.loads((folder / 'manifest.json').read_text())
            self.assertEqual((about['macros'], len(about['training']['latents_of'])), ([], 3))

    def test_the_page_tells_the_worst_and_marks_what_leaks(self) -> None:
        row = {'name': 'bright', 'moved_db': 20.0, 'rank': 0.96, 'against': 0.07, 'leak': 0.5, 'others_db': {'air': 10.0, 'nasal': -1.0}}
        alone = {'name': 'air', 'moved_db': 9.0, 'rank': 1.0, 'against': 0.0, 'leak': 0.0, 'others_db': {}}
        page = macros.page({'cello': [row, alone]})
        self.assertIn('| cello | bright | 20.0 | 0.96 | 7 % | **50 %, air** |', page)
        self.assertIn('| cello | air | 9.0 | 1.00 | 0 % | none |', page)

    def test_a_silent_folder_is_told(self) -> None:
        with mock.patch.object(macros, 'Session'), self.assertRaisesRegex(ValueError, 'too little of the recordings sounds'):
            with mock.patch.object(Bench, '__init__', lambda self, *_: setattr(self, 'sung', [])):
                macros.measure(Path('package'), [], [])


if __name__ == '__main__':
    unittest.main()
