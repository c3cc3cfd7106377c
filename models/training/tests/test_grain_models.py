"""Grain models: what is heard of hits, what is made of them again, training and packages."""
import json
import tempfile
import unittest
from argparse import Namespace
from pathlib import Path
from unittest.mock import patch

import numpy as np
import soundfile

from timbreloom_train.grains_analysis import analyse_hit, followed
from timbreloom_train.grains_corpus import Corpus, likeness, prepare_hits, read_hit
from timbreloom_train.grains_features import SR, ErbSlots, HarmonicSlots, Peaks, decibels
from timbreloom_train.grains_pitch import Tracked, pitch_of
from timbreloom_train.grains_sound import synthesise

try:
    import onnxruntime
    import torch
except ImportError as error:
    raise unittest.SkipTest(f'{error}: these tests need PyTorch and ONNX Runtime (see install.py)') from error

from timbreloom_train.grains import make_grains, said_of_hits
from timbreloom_train.grains_measure import attack_db, decay_s, mel_distance
from timbreloom_train.grains_nets import GrainModel
from timbreloom_train.grains_tune import Ear, Originals


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


def note(hz: float, seed: int = 0, tilt: float = 1.0, decay: float = 4.0, seconds: float = 0.5) -> np.ndarray:
    """Decaying harmonics that begin anywhere in their periods, and a little noise."""
    at, rng = np.arange(int(seconds * SR)) / SR, np.random.default_rng(seed)
    turns = (np.arange(1, min(30, int(15000 / hz)) + 1)[:, None] * hz * at) + rng.random((min(30, int(15000 / hz)), 1))
    sound = (np.sin(2 * np.pi * turns) / np.arange(1, len(turns) + 1)[:, None] ** tilt).sum(0) * np.exp(-decay * at)
    sound += 0.01 * rng.standard_normal(len(at))
    return (0.8 * sound / np.abs(sound).max()).astype(np.float32)


def write_notes(folder: Path, notes: int) -> None:
    for name, low_hz, tilt in (('bright', 220.0, 0.7), ('dark', 110.0, 2.0)):
        (folder / name).mkdir()
        for n in range(notes):
            soundfile.write(folder / name / f'{name}{n}.wav', note(low_hz * 2 ** (n / 12), n, tilt), SR, subtype='FLOAT')


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


class NoteTest(unittest.TestCase):
    def test_a_note_has_the_pitch_of_its_sound_and_noise_and_a_scale_have_none(self) -> None:
        for hz in (65.0, 233.0, 880.0, 1800.0):
            self.assertLess(abs(1200 * np.log2(pitch_of(note(hz)) / hz)), 10.0, hz)
        self.assertEqual(pitch_of(0.1 * np.random.default_rng(1).standard_normal(SR).astype(np.float32)), 0.0)
        self.assertEqual(pitch_of(np.concatenate([note(hz) for hz in (220.0, 262.0, 330.0)])), 0.0)
        self.assertEqual(pitch_of(np.zeros(5000, np.float32)), 0.0)

    def test_what_has_lost_its_pitch_is_out_of_tune(self) -> None:
        sound = np.concatenate([note(220.0, decay=0.5), 0.3 * np.random.default_rng(1).standard_normal(SR // 2).astype(np.float32)])
        share = Tracked.of(sound).share_near(220.0)
        self.assertTrue(0.4 < share < 0.6, share)
        self.assertLess(Tracked.of(sound).share_near(440.0), 0.05)

    def test_harmonics_are_partials_and_not_noise_however_low_the_note_is(self) -> None:
        for hz in (62.0, 82.0, 110.0, 131.0, 196.0, 700.0):
            sound = note(hz, decay=1.0, seconds=0.8)
            slots = HarmonicSlots(hz)
            hit = analyse_hit(sound.astype(float), slots)
            grain = int(np.searchsorted(hit.middles, 15000))
            wanted = sound[13000:17000].std()
            self.assertLess(abs(20 * np.log10(np.sqrt(np.square(hit.amplitude[grain]).sum() / 2) / wanted)), 1.0, hz)
            again = synthesise(decibels(hit.noise), 20 * np.log10(hit.amplitude + 1e-6), hit.place, hit.middles, hit.frames, 5, slots)
            self.assertLess(mel_distance(sound, again), 3.0, hz)
            self.assertLess(abs(attack_db(again) - attack_db(sound)), 2.5, hz)

    def test_a_harmonic_glides_with_its_note_and_does_not_take_the_place_of_the_next(self) -> None:
        slots = HarmonicSlots(100.0)
        self.assertTrue((slots.hz(slots.reach)[3:-1] <= slots.hz(np.zeros(64))[4:]).all())
        level, place = np.zeros((2, 64)), np.zeros((2, 64))
        level[0, 29], level[1, 30] = 1.0, 1.0
        found = followed(Peaks(level, place, level, place), slots)
        self.assertEqual([np.flatnonzero(row).tolist() for row in found.level], [[29], [30]])


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

    def test_the_pitch_of_a_note_goes_with_its_speed(self) -> None:
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            write_notes(folder, 3)
            with patch('timbreloom_train.grains_corpus.ENOUGH', 6):
                prepare_hits(folder, folder / 'a.npz', 1, 0, is_pitched=True)
            corpus = Corpus.load(folder / 'a.npz')
        for row, file in enumerate(corpus.names):
            hz = (110.0 if 'dark' in file else 220.0) * 2 ** (int(Path(file).stem[-1]) / 12) * corpus.speed[row] / 100
            self.assertLess(abs(1200 * np.log2(corpus.f0_hz[row] / hz)), 10.0, file)
            part = corpus.grains_of(row)
            # where they should be: harmonics lie in the middle of their slots
            heard = corpus.amplitude[part][40:60, :3]
            self.assertLess(np.abs(corpus.place[part][40:60, :3])[heard > 0.05].max(), 0.2)
        self.assertTrue(corpus.is_pitched and len(np.unique(corpus.speed)) > 2)

    def test_notes_that_are_not_what_their_names_say_are_left_out_and_told_of(self) -> None:
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            write_notes(folder, 2)
            for file, hz in (('horn_A3_05_loud.wav', 220.0), ('horn_A4_05_loud.wav', 220.0)):
                soundfile.write(folder / 'dark' / file, note(hz), SR, subtype='FLOAT')
            hiss = 0.1 * np.random.default_rng(1).standard_normal(9000)
            soundfile.write(folder / 'dark' / 'hiss.wav', hiss, SR, subtype='FLOAT')
            soundfile.write(folder / 'dark' / 'pizz.wav', note(220.0), SR, subtype='FLOAT')
            with patch('timbreloom_train.grains_corpus.ENOUGH', 1):
                report = prepare_hits(folder, folder / 'a.npz', 1, 0, is_pitched=True, exclude='pizz')
        self.assertEqual((report['misnamed'], report['unpitched']), (['horn_A4_05_loud.wav'], ['hiss.wav']))
        self.assertEqual(report['classes'], {'bright': 2, 'dark': 3})
        said = ' '.join(said_of_hits(report))
        self.assertIn('horn_A4_05_loud.wav', said)
        self.assertIn('hiss.wav', said)

    def test_a_folder_without_pitches_is_refused_with_a_name_and_advice(self) -> None:
        with tempfile.TemporaryDirectory() as name, self.assertRaisesRegex(ValueError, 'hiss.wav: no pitch .* leave out --pitched'):
            folder = Path(name)
            write_notes(folder, 1)
            (folder / 'noise').mkdir()
            soundfile.write(folder / 'noise' / 'hiss.wav', 0.1 * np.random.default_rng(1).standard_normal(9000), SR, subtype='FLOAT')
            prepare_hits(folder, folder / 'a.npz', 1, 0, is_pitched=True)

    def test_a_folder_without_classes_is_refused_with_advice(self) -> None:
        with tempfile.TemporaryDirectory() as name, self.assertRaisesRegex(ValueError, 'folder of its own'):
            prepare_hits(Path(name), Path(name) / 'a.npz', 1, 0)


class CopiesTest(unittest.TestCase):
    def test_a_draw_that_is_a_recording_is_too_near_and_one_that_is_like_none_is_not(self) -> None:
        with tempfile.TemporaryDirectory() as folder:
            write_kit(Path(folder), 4)
            prepare_hits(Path(folder), Path(folder) / 'corpus.npz', 1, 0)
            corpus = Corpus.load(Path(folder) / 'corpus.npz')
            sounds = {row: torch.from_numpy(read_hit(Path(folder) / corpus.names[row])) for row in corpus.trained}
        with patch('timbreloom_train.grains_tune.NOISE_DB', 0.0):    # these two drums hardly differ
            originals, model = Originals(sounds, corpus, Ear()), GrainModel(2)
        kind = max(originals.least_db, key=originals.least_db.get)
        recording = next(sound for row, sound in sounds.items() if corpus.kind[row] == kind)

        def nearness(made: torch.Tensor) -> float:
            return originals.nearness(model, kind, lambda *_: made).item()
        frames = corpus.length_frames(kind)
        copy = torch.nn.functional.pad(recording, (0, frames))[:frames]
        for gain in (1.0, 0.5):
            self.assertAlmostEqual(nearness(gain * copy), originals.least_db[kind], places=3)
        self.assertEqual(nearness(torch.zeros(frames)), 0.0)


class PipelineTest(unittest.TestCase):
    def test_a_folder_of_hits_becomes_a_package_with_a_card(self) -> None:
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            (folder / 'kit').mkdir()
            write_kit(folder / 'kit', 12)
            args = Namespace(folder=folder / 'kit', out=folder / 'mine', work=None, name='mine', minutes=0.05, threads=1, seed=0,
                             pitched=False, exclude='', description='Two drums.', licence='mine', provenance='made up', commit='')
            make_grains(args)
            manifest = json.loads((folder / 'mine' / 'manifest.json').read_text())
            card = (folder / 'mine' / 'card.md').read_text()
            make_grains(args)     # goes on where it was: nothing is left to do
            again = json.loads((folder / 'mine' / 'manifest.json').read_text())
        self.assertEqual((manifest['kind'], manifest['classes']), ('granular', ['high', 'low']))
        self.assertEqual(manifest['sequence'], again['sequence'])
        self.assertIn('nearest recording', card)
        self.assertIn('## Bad at', card)

    def test_a_folder_of_notes_becomes_a_package_that_is_told_the_pitch(self) -> None:
        with tempfile.TemporaryDirectory() as name, patch('timbreloom_train.grains.DRAWS', 5), \
                patch('timbreloom_train.grains_corpus.ENOUGH', 12):
            folder = Path(name)
            (folder / 'band').mkdir()
            write_notes(folder / 'band', 12)
            args = Namespace(folder=folder / 'band', out=folder / 'mine', work=None, name='mine', minutes=0.1, threads=1, seed=0,
                             pitched=True, exclude='', description='Two notes.', licence='mine', provenance='made up', commit='')
            make_grains(args)
            manifest = json.loads((folder / 'mine' / 'manifest.json').read_text())
            card = (folder / 'mine' / 'card.md').read_text()
            run = {part: onnxruntime.InferenceSession(folder / 'mine' / f'{part}.onnx')
                   for part in ('sequence', 'decoder', 'grain_encoder', 'hit_encoder')}
            frame, kind = np.array([0, 16, 34], np.float32), np.array([[1, 0]], np.float32)
            told = [{'class': kind, 'frame': frame, 'pitch': np.array([octaves], np.float32)} for octaves in (-1, 0)]
            onset = run['sequence'].run(['onset'], told[0] | {'e': np.zeros((1, 24), np.float32)})[0]
            self.assertEqual((onset.shape, float(np.abs(onset).max())), ((1, 2048), 0.0))
            own = {'sequence': {'e': np.zeros((1, 24))}, 'decoder': {'z': np.zeros((3, 32))},
                   'grain_encoder': {'features': np.zeros((3, 224))},
                   'hit_encoder': {'features': np.zeros((3, 224)), 'wave': np.zeros((1, 2048))}}
            for part, graph in run.items():
                given = {key: value.astype(np.float32) for key, value in own[part].items()}
                low, high = (graph.run(None, given | each)[0] for each in told)
                self.assertGreater(float(np.abs(low - high).max()), 1e-4, part)
                self.assertEqual([list(tensor.shape) for tensor in graph.get_inputs() if tensor.name == 'pitch'], [[1]])
            with self.assertRaisesRegex(ValueError, 'made with --pitched'):
                make_grains(Namespace(**vars(args) | {'pitched': False}))
        self.assertEqual((manifest['partials'], manifest['classes']), ('harmonics', ['bright', 'dark']))
        low, high = (69 + 12 * np.log2(manifest['pitch'][key] / 440) for key in ('min_hz', 'max_hz'))
        self.assertTrue(44 < low < 47 and 66 < high < 69, manifest['pitch'])
        self.assertLess(abs((low + high) / 2 - round((low + high) / 2)), 1e-3)    # tracks are tuned from a note
        self.assertIn('in tune', card)


if __name__ == '__main__':
    unittest.main()
