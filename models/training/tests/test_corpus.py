"""From sound files to phrases. Needs numpy, scipy and soundfile; no PyTorch."""
import contextlib
import io
import sys
import tempfile
import unittest
from pathlib import Path
from unittest import mock

import numpy as np
import soundfile

from timbreloom_train import __main__ as command_line
from timbreloom_train import corpus
from timbreloom_train.features import DELAY, HOP, SR, loudness_of
from timbreloom_train.pitch import cents, track


def write_tones(folder: Path, count: int = 4, rate: int = SR) -> None:
    for index in range(count):
        hz = 196.0 * 2 ** (index / 12)
        time = np.arange(rate) / rate
        sound = sum(np.sin(2 * np.pi * k * hz * time + k) / k for k in range(1, 8)) * 0.1 * np.minimum(1, 8 * (1 - time))
        soundfile.write(folder / f'tone_{index}.wav', np.pad(sound, (rate // 4, rate // 4)), rate)


class CorpusTest(unittest.TestCase):
    def setUp(self) -> None:
        temporary = tempfile.TemporaryDirectory()
        self.addCleanup(temporary.cleanup)
        self.folder = Path(temporary.name)

    def prepare(self, minutes: float = 0.5) -> Path:
        write_tones(self.folder)
        cache = self.folder / 'cache.npz'
        self.report = corpus.prepare(self.folder, cache, minutes, '', False, 0)
        return cache

    def test_phrases_agree_with_their_audio(self) -> None:
        with np.load(self.prepare()) as cache:
            column = {key: cache[key] for key in cache.files}
        self.assertEqual(self.report['files'], 4)
        self.assertGreaterEqual(self.report['minutes_of_phrases'], 0.4)
        hops = int(column['hops'].sum())
        self.assertEqual(len(column['audio']), hops * HOP)
        self.assertEqual({len(column[key]) for key in ('f0', 'voicing', 'loudness', 'log_mel')}, {hops})
        first = int(column['hops'][0])
        audio = column['audio'][:first * HOP].astype(np.float32) / 32767
        np.testing.assert_allclose(loudness_of(audio)[4:], column['loudness'][4:first], atol=0.3)
        steady = column['f0'][column['voicing'] > 0.9]
        nearest = np.abs(cents(steady[:, None], 196.0 * 2 ** (np.arange(4) / 12))).min(1)
        self.assertLess(float(np.percentile(nearest, 95)), 125)          # the speed varies by -1.1 .. +1.2 semitones

    def test_varied_notes_keep_their_labels_true(self) -> None:
        write_tones(self.folder, 1)
        note = corpus.load_note(self.folder / 'tone_0.wav', single_pitch=True)
        rng = np.random.default_rng(3)
        moved = 0
        for _ in range(8):
            varied = corpus.vary(note, rng)
            found, voicing = track(varied.audio)
            steady = slice(8, max(len(voicing) - 8, 9))
            self.assertLess(float(np.abs(cents(varied.f0[steady], found[steady])).max()), 15)
            moved += abs(float(cents(np.median(varied.f0), 196.0))) > 20
        self.assertGreater(moved, 2)

    def test_crops_are_late_by_the_delay(self) -> None:
        phrases = corpus.Phrases(self.prepare())
        crop = phrases.batch(np.random.default_rng(0), 3, 40, gain_range_db=(0.0, 0.0))
        self.assertEqual(crop['sound'].shape, (3, 41 * HOP))
        self.assertEqual(crop['log_mel'].shape, (3, 40, 128))
        # the window of hop t is the last 2048 samples before its end: in the late sound it ends DELAY later
        levels = [loudness_of(np.pad(row, (DELAY, DELAY)))[:] for row in crop['sound'][:, :40 * HOP]]
        for level, wanted in zip(levels, crop['loudness']):
            np.testing.assert_allclose(level[2 * DELAY // HOP:][4:36], wanted[4:36], atol=0.3)

    def test_empty_folder_says_what_to_give(self) -> None:
        with self.assertRaisesRegex(ValueError, 'no sound files'):
            corpus.prepare(self.folder, self.folder / 'cache.npz', 1, '', False, 0)

    def test_silent_files_are_refused(self) -> None:
        soundfile.write(self.folder / 'silent.wav', np.zeros(SR), SR)
        with self.assertRaisesRegex(ValueError, 'no file holds'):
            corpus.prepare(self.folder, self.folder / 'cache.npz', 1, '', False, 0)

    def test_other_rates_and_channels_are_read(self) -> None:
        time = np.arange(48000) / 48000
        sound = 0.3 * np.sin(2 * np.pi * 440 * time)
        soundfile.write(self.folder / 'stereo.flac', np.stack([sound, sound], 1), 48000)
        audio = corpus.load(self.folder / 'stereo.flac')
        self.assertEqual(audio.dtype, np.float32)
        self.assertAlmostEqual(len(audio), SR, delta=2)

    def test_excluded_names_and_small_folders(self) -> None:
        write_tones(self.folder)
        self.assertEqual(len(corpus.sound_files(self.folder, 'tone_[01]')), 2)
        report = corpus.prepare(self.folder, self.folder / 'cache.npz', 0.3, '', False, 0)
        self.assertEqual(report['held_out'], [])

    def test_held_out_by_name_alone(self) -> None:
        names = [Path(f'/a/{i}.wav') for i in range(2000)]
        share = sum(map(corpus.is_held_out, names)) / 2000
        self.assertAlmostEqual(share, 0.05, delta=0.02)
        self.assertEqual([corpus.is_held_out(p) for p in names], [corpus.is_held_out(Path('/b') / p.name) for p in names])


class CommandLineTest(unittest.TestCase):
    def run_command(self, *arguments: str) -> tuple[int, str]:
        errors = io.StringIO()
        with mock.patch.object(sys, 'argv', ['timbreloom_train', *arguments]), contextlib.redirect_stderr(errors):
            return command_line.main(), errors.getvalue()

    def test_faults_are_one_line_and_status_2(self) -> None:
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            (folder / 'broken').mkdir()
            (folder / 'broken' / 'a.wav').write_bytes(b'not a sound')
            (folder / 'empty').mkdir()
            for where, wanted in (('missing', 'no sound files'), ('empty', 'no sound files'), ('broken', 'a.wav')):
                status, errors = self.run_command('prepare', str(folder / where), str(folder / 'cache.npz'))
                with self.subTest(where):
                    self.assertEqual(status, 2)
                    self.assertIn(wanted, errors)
                    self.assertEqual(errors.count('\n'), 1)
            status, errors = self.run_command('check-tracker', str(folder / 'empty'))
            self.assertEqual((status, errors.count('\n')), (2, 1))


if __name__ == '__main__':
    unittest.main()
