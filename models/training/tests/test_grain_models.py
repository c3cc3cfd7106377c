"""Grain models: what is heard of hits, what is made of them again, training and packages."""
import json
import tempfile
import unittest
from argparse import Namespace
from pathlib import Path

import numpy as np
import soundfile

from timbreloom_train.grains_analysis import analyse_hit
from timbreloom_train.grains_corpus import Corpus, likeness, prepare_hits, read_hit
from timbreloom_train.grains_features import SR, ErbSlots, decibels
from timbreloom_train.grains_sound import synthesise

try:
    import onnxruntime  # noqa: F401
    import torch  # noqa: F401
except ImportError as error:
    raise unittest.SkipTest(f'{error}: these tests need PyTorch and ONNX Runtime (see install.py)') from error

from timbreloom_train.grains import make_grains, said_of_hits
from timbreloom_train.grains_measure import attack_db, decay_s, mel_distance


def drum(seed: int, hz: float = 180.0, noise: float = 0.3, decay: float = 40.0, seconds: float = 0.3) -> np.ndarray:
    """A struck skin: one partial, a click, and noise that dies sooner."""
    at = np.arange(int(seconds * SR)) / SR
    rng = np.random.default_rng(seed)
    sound = np.exp(-decay * at) * np.sin(2 * np.pi * hz * at) + noise * np.exp(-3 * decay * at) * rng.standard_normal(len(at))
    return (0.8 * sound / np.abs(sound).max()).astype(np.float32)


def write_kit(folder: Path, hits: int) -> None:
    for name, hz, noise in (('low', 90.0, 0.1), ('high', 900.0, 0.8)):
        (folder / name).mkdir()
        for n in range(hits):
            sound = drum(n, hz * (1 + 0.3 * np.random.default_rng(n).random()), noise)
            soundfile.write(folder / name / f'{name}{n}.wav', np.concatenate([np.zeros(500), sound]), SR, subtype='FLOAT')


class AnalysisTest(unittest.TestCase):
    def test_a_hit_made_again_from_its_grains_is_nearer_than_another_hit_and_begins_as_hard(self) -> None:
        sound, other = drum(1), drum(2, 240.0)
        hit = analyse_hit(sound.astype(float), ErbSlots())
        again = synthesise(decibels(hit.noise), 20 * np.log10(hit.amplitude + 1e-6), hit.place, hit.middles, hit.frames, 5, ErbSlots())
        self.assertLess(mel_distance(sound, again), 0.7 * mel_distance(sound, other))
        self.assertLess(abs(attack_db(again) - attack_db(sound)), 2.0)
        self.assertLess(abs(np.log(decay_s(again) / decay_s(sound))), 0.2)

    def test_a_partial_is_found_within_ten_cents(self) -> None:
        for hz in (73.0, 220.0, 1234.0, 7000.0):
            hit = analyse_hit(drum(3, hz, 0.02, 8.0, 0.5).astype(float), ErbSlots())
            grain = int(np.searchsorted(hit.middles, 4000))
            slot = int(hit.amplitude[grain].argmax())
            found = ErbSlots().hz(hit.place)[grain, slot]
            self.assertLess(abs(1200 * np.log2(found / hz)), 10.0, hz)


class CorpusTest(unittest.TestCase):
    def test_a_stroke_that_is_there_twice_is_not_trained_on_and_tested_with(self) -> None:
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            write_kit(folder, 10)
            first = prepare_hits(folder, folder / 'a.npz', 1, 0)
            corpus = Corpus.load(folder / 'a.npz')
            apart = corpus.names[int(np.flatnonzero(corpus.is_held_out)[0])]
            sound, rate = soundfile.read(folder / apart)
            soundfile.write(folder / Path(apart).parent / 'again.wav', 0.4 * sound, rate, subtype='FLOAT')
            second = prepare_hits(folder, folder / 'b.npz', 1, 0)
        self.assertEqual(first['held_out'], 2)
        self.assertNotIn('again.wav', first['twins'])
        self.assertIn('again.wav', second['twins'] + [Path(n).name for n in [apart]])
        self.assertTrue(any('left out' in sentence for sentence in said_of_hits(second)))

    def test_hits_begin_at_their_onset_and_silence_is_none(self) -> None:
        with tempfile.TemporaryDirectory() as name:
            path = Path(name) / 'a.wav'
            soundfile.write(path, np.concatenate([np.zeros(3000), 0.1 * drum(1)]), SR, subtype='FLOAT')
            sound = read_hit(path)
            soundfile.write(path, np.zeros(3000), SR, subtype='FLOAT')
            silent = read_hit(path)
        self.assertEqual((len(silent), round(float(np.abs(sound).max()), 3)), (0, 0.8))
        self.assertLess(int(np.argmax(np.abs(sound) > 0.016)), 40)
        self.assertGreater(likeness(sound[:1024], 0.3 * drum(1)[5:1029]), 0.99)

    def test_a_folder_without_classes_is_refused_with_advice(self) -> None:
        with tempfile.TemporaryDirectory() as name, self.assertRaisesRegex(ValueError, 'folder of its own'):
            prepare_hits(Path(name), Path(name) / 'a.npz', 1, 0)


class PipelineTest(unittest.TestCase):
    def test_a_folder_of_hits_becomes_a_package_with_a_card(self) -> None:
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            (folder / 'kit').mkdir()
            write_kit(folder / 'kit', 12)
            args = Namespace(folder=folder / 'kit', out=folder / 'mine', work=None, name='mine', minutes=0.05, threads=1, seed=0,
                             description='Two drums.', licence='mine', provenance='made up', commit='')
            make_grains(args)
            manifest = json.loads((folder / 'mine' / 'manifest.json').read_text())
            card = (folder / 'mine' / 'card.md').read_text()
            make_grains(args)     # goes on where it was: nothing is left to do
            again = json.loads((folder / 'mine' / 'manifest.json').read_text())
        self.assertEqual((manifest['kind'], manifest['classes']), ('granular', ['high', 'low']))
        self.assertEqual(manifest['sequence'], again['sequence'])
        self.assertIn('nearest recording', card)
        self.assertIn('## Bad at', card)


if __name__ == '__main__':
    unittest.main()
