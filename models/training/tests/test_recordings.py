"""Recordings as musicians have them: each fault is mended or left, and said. Needs numpy, scipy and soundfile."""
import contextlib
import io
import tempfile
import unittest
from pathlib import Path

import numpy as np
import soundfile

from timbreloom_train import corpus, pipeline, recordings, split
from timbreloom_train.features import SR


def tone(seconds: float = 4.0, peak: float = 0.5) -> np.ndarray:
    time = np.arange(int(seconds * SR)) / SR
    wave = sum(np.sin(2 * np.pi * 220 * k * time) / k for k in range(1, 6)) * np.minimum(1, 8 * np.minimum(time, seconds - time))
    return (wave * peak / np.abs(wave).max()).astype(np.float32)


class RecordingsTest(unittest.TestCase):
    def setUp(self) -> None:
        temporary = tempfile.TemporaryDirectory()
        self.addCleanup(temporary.cleanup)
        self.folder = Path(temporary.name)

    def write(self, name: str, sound: np.ndarray, subtype: str = 'FLOAT') -> Path:
        path = self.folder / name
        path.parent.mkdir(exist_ok=True)
        soundfile.write(path, sound, SR, subtype=subtype)
        return path

    def read(self, sound: np.ndarray) -> tuple[np.ndarray, str]:
        audio, _, remarks = recordings.read(self.write('a.wav', sound))
        return audio, ' '.join(remarks)

    def test_a_good_recording_is_taken_as_it_is_without_a_word(self) -> None:
        audio, said = self.read(tone())
        self.assertEqual(said, '')
        np.testing.assert_array_equal(audio, tone())
        wide = np.stack([tone(), np.roll(tone(), 5000)], 1)
        audio, said = self.read(wide)
        self.assertEqual(said, '')
        np.testing.assert_array_equal(audio, wide.mean(1))
        self.assertEqual(self.read(np.stack([tone(), np.zeros_like(tone())], 1))[1], '')
        self.assertEqual(self.read(tone(peak=1.0))[1], '', 'full scale is no clipping')

    def test_one_sample_that_is_no_number_costs_one_sample(self) -> None:
        sound = tone()
        sound[5000] = np.nan
        sound[6000] = np.inf
        audio, said = self.read(sound)
        self.assertIn('2 of its', said)
        sound[[5000, 6000]] = 0
        np.testing.assert_array_equal(audio, sound)

    def test_channels_that_cancel_leave_the_louder_one(self) -> None:
        audio, said = self.read(np.stack([0.8 * tone(), -tone()], 1))
        self.assertIn('cancel', said)
        np.testing.assert_array_equal(audio, -tone())

    def test_a_quiet_recording_is_lifted_and_trained_on(self) -> None:
        self.write('quiet.wav', tone(12.0, 10 ** (-62 / 20)))
        said = io.StringIO()
        with contextlib.redirect_stdout(said):
            found = split.survey(self.folder)
        self.assertIn('quiet.wav: it is very quiet', said.getvalue())
        self.assertEqual(split.choose_stage('auto', found)[0], 'pitched')
        report = corpus.prepare(self.folder, self.folder / 'cache.npz', 0.1, '', False, 0)
        self.assertEqual((report['files'], report['left_out']), (1, []))
        self.assertRegex(report['remarks'][0], 'quiet.wav: it is very quiet .peak -62 dB. and was lifted by 42 dB')

    def test_clipping_is_told(self) -> None:
        audio, said = self.read(np.clip(3 * tone(), -0.7, 0.7))
        self.assertIn('clipped', said)
        self.assertAlmostEqual(float(np.abs(audio).max()), 0.7, 5)
        both = np.stack([np.clip(3 * tone(), -0.7, 0.7), np.clip(3 * np.roll(tone(), 77), -1, 1)], 1)
        self.assertIn('clipped', self.read(both)[1])
        low = 0.99 * np.sin(2 * np.pi * 30 * np.arange(4 * SR) / SR)
        self.write('low.wav', low, 'PCM_16')
        self.assertEqual(recordings.remarks_of([self.folder / 'low.wav']), [], 'a low note at full level')

    def test_what_systems_hide_beside_recordings_is_no_recording(self) -> None:
        good = self.write('a.wav', tone(12.0))
        for name in ('._a.wav', '__MACOSX/b.wav', '.Trashes/c.wav'):
            path = self.folder / name
            path.parent.mkdir(exist_ok=True)
            path.write_bytes(b'\0\5\x16\7')
        self.assertEqual(corpus.sound_files(self.folder), [good])
        self.assertEqual(len(split.survey(self.folder)), 1)

    def test_a_hidden_folder_that_is_named_is_read(self) -> None:
        good = self.write('.hidden/a.wav', tone())
        self.assertEqual(corpus.sound_files(self.folder / '.hidden'), [good])

    def test_a_recording_that_is_left_out_is_named(self) -> None:
        self.write('good.wav', tone())
        self.write('silent.wav', np.zeros(SR, np.float32))
        report = corpus.prepare(self.folder, self.folder / 'cache.npz', 0.1, '', False, 0)
        self.assertEqual((report['files'], report['left_out']), (1, ['silent.wav']))
        said = pipeline.said_of_recordings(report)
        self.assertEqual(said, ['silent.wav: is left out, it holds too little sound above silence'])
        self.assertEqual(report['remarks'], ['silent.wav: it holds nothing but silence'])

    def test_of_many_left_out_the_first_are_said_and_the_rest_counted(self) -> None:
        said = pipeline.said_of_recordings({'left_out': [f'{n}.wav' for n in range(20)]})
        self.assertEqual(len(said), 9)
        self.assertIn('12 more', said[-1])


if __name__ == '__main__':
    unittest.main()
