"""Discrete models: training, packages, and the Python side of what the player does."""
import json
import os
import subprocess
import tempfile
import unittest
from pathlib import Path

import numpy as np
import soundfile

from timbreloom_train.descriptors import NAMES, describe
from timbreloom_train.features import HOP, SR

try:
    import onnxruntime
    import torch
except ImportError as error:
    raise unittest.SkipTest(f'{error}: these tests need PyTorch and ONNX Runtime (see install.py)') from error

import tiny
from timbreloom_train import codes_export, codes_sound
from timbreloom_train.codes_card import write_codes_card
from timbreloom_train.codes_measure import evaluate_codes
from timbreloom_train.codes_nets import BANDS, WIDTH, Codebook, CodeEncoder
from timbreloom_train.codes_train import CodeSettings, load_codes, train_codes
from timbreloom_train.features import analyse

NOISE = Path(__file__).resolve().parents[3] / 'tests' / 'fixtures' / 'noise.json'


def program() -> Path | None:
    """The program timbreloom, where there is one to be compared with."""
    root = Path(__file__).resolve().parents[3]
    named = os.environ.get('TIMBRELOOM_PROGRAM')
    found = [Path(named)] if named else [root / 'target' / build / 'timbreloom' for build in ('release', 'debug')]
    return next((path for path in found if path.exists()), None)


class DescriptorTest(unittest.TestCase):
    def test_python_says_what_the_program_says(self) -> None:
        if not (timbreloom := program()):
            self.skipTest('the program timbreloom is not built')
        audio = np.concatenate([tiny.melody(60)[0], np.zeros(10 * HOP, np.float32)])
        with tempfile.TemporaryDirectory() as folder:
            soundfile.write(Path(folder) / 'a.wav', audio, SR, subtype='FLOAT')
            text = subprocess.run([timbreloom, 'describe', Path(folder) / 'a.wav'], capture_output=True, text=True, check=True).stdout
        lines = text.strip().split('\n')
        self.assertEqual(lines[0], 'seconds,' + ','.join(NAMES))
        theirs = np.array([[float(cell) for cell in line.split(',')[1:]] for line in lines[1:]])
        ours = describe(audio)
        self.assertEqual(theirs.shape, ours.shape)
        for column, name in enumerate(NAMES):
            # before the first voiced hop the trainer fills in the first pitch; a stream cannot know it
            rows = slice(6, None) if name == 'fundamental_hz' else slice(None)
            scale = 1.0 if name in ('periodicity', 'loudness_db', 'flatness_db') else np.maximum(ours[rows, column], 1.0)
            worst = np.abs((theirs[rows, column] - ours[rows, column]) / scale).max()
            self.assertLess(worst, 0.01, name)


class CodebookTest(unittest.TestCase):
    def test_dead_codes_start_anew_and_all_are_used(self) -> None:
        torch.manual_seed(0)
        book = Codebook(32)
        points = torch.randn(4000, WIDTH)
        book.start(points[:200])
        with torch.no_grad():
            book.vectors[:16] += 100
        book.total.copy_(book.vectors * book.count[:, None])
        for _ in range(120):
            book.follow(points)
        self.assertEqual(int((torch.bincount(book.nearest(points), minlength=32) > 0).sum()), 32)

    def test_a_vector_does_not_mind_the_level(self) -> None:
        torch.manual_seed(0)
        audio, _, voicing = tiny.melody(60)
        encoder = CodeEncoder().eval()
        with torch.no_grad():
            loud, soft = (encoder(torch.from_numpy(analyse(audio * np.float32(gain))[0]), torch.from_numpy(voicing)) for gain in (1, 0.1))
        sounding = analyse(audio)[1] > -40
        self.assertLess(float((loud - soft)[sounding].abs().max()), 0.02)


class PackageTest(unittest.TestCase):
    def test_a_package_is_trained_written_measured_and_plays_as_it_was_trained(self) -> None:
        with tempfile.TemporaryDirectory() as folder:
            work = Path(folder)
            tiny.save_cache(work / 'cache.npz')
            settings = CodeSettings(codes=16, minutes=0.02, batch=2, hops=12)
            train_codes(work / 'cache.npz', work / 'model.pt', settings)
            train_codes(work / 'cache.npz', work / 'model.pt', settings)          # finished: nothing more to do
            manifest = codes_export.export_codes(work / 'model.pt', work / 'cache.npz', work / 'package', 'tiny-codes', 'A test.',
                                                 'MIT', 'generated')
            self.assertEqual(json.loads((work / 'package' / 'manifest.json').read_text()), manifest)
            grid = len(manifest['pitch_grid_hz'])
            size = 512 + 16 * WIDTH + 16 + 16 + 32 + 16 * 7 + 16 * grid * 7 + 16 * codes_export.TRANSITIONS * 2
            self.assertEqual((work / 'package' / 'tables.f32').stat().st_size, 4 * size)
            model = load_codes(work / 'model.pt')
            session = onnxruntime.InferenceSession(work / 'package' / 'decoder.onnx')
            for code, hz in ((0, 200.0), (7, 333.0)):
                vector = model.book.vectors[code:code + 1]
                made = session.run(['bands'], {'vector': vector.numpy(), 'f0': np.array([hz], np.float32)})[0]
                with torch.no_grad():
                    np.testing.assert_allclose(made, model.decoder.bands(vector, torch.tensor([hz])).numpy(), atol=1e-3)
            sounds = work / 'sounds'
            sounds.mkdir()
            soundfile.write(sounds / 'a.wav', tiny.melody(80)[0], SR)
            figures = evaluate_codes(model, [sounds], None)
            self.assertGreater(figures['msmel_db']['silence'], 0)
            self.assertIn('## Measured on', write_codes_card(work / 'package', figures).read_text())
            if timbreloom := program():
                checked = subprocess.run([timbreloom, 'check', work / 'package'], capture_output=True, text=True)
                self.assertEqual(checked.returncode, 0, checked.stderr)
            with self.assertRaisesRegex(ValueError, 'too few for 4096 codes'):
                train_codes(work / 'cache.npz', work / 'other.pt', CodeSettings(codes=4096))
            with self.assertRaisesRegex(ValueError, 'has 16 codes'):
                train_codes(work / 'cache.npz', work / 'model.pt', CodeSettings(codes=17))

    def test_the_seeded_noise_is_the_players(self) -> None:
        noise = codes_sound.seeded_noise(1, 200_000)
        self.assertAlmostEqual(float(noise.var()), 1, delta=0.01)
        self.assertEqual(BANDS, 192)
        np.testing.assert_array_equal(codes_sound.seeded_noise(7, 10)[:5], codes_sound.seeded_noise(7, 5))
        # the plugin's test of the same fixture is in src/dsp/noise.rs
        for take in json.loads(NOISE.read_text()):
            made = codes_sound.seeded_noise(take['seed'], len(take['values']))
            np.testing.assert_allclose(made, take['values'], atol=1e-6, rtol=0)

    def test_a_held_code_is_in_tune(self) -> None:
        f0 = np.full(40, 311.127, np.float32)
        spectrum = codes_sound.source(f0)
        bands = np.concatenate([np.full((40, 128), -4.0), np.full((40, 64), -12.0)], 1)
        audio = codes_sound.synthesise(bands, np.zeros(40), spectrum, codes_sound.hiss(1, 40))
        self.assertLess(np.abs(1200 * np.log2(describe(audio)[10:, 2] / 311.127)).max(), 3)


if __name__ == '__main__':
    unittest.main()
