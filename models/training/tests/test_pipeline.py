"""The one command: what a beginner gets wrong, what it decides by itself, and a short run from end to end."""
import contextlib
import importlib.util
import io
import json
import sys
import tempfile
import unittest
from pathlib import Path
from unittest import mock

import numpy as np
import soundfile

from timbreloom_train import __main__ as command_line
from timbreloom_train import split
from timbreloom_train.corpus import is_held_out, sound_files
from timbreloom_train.features import HOP, SR
from timbreloom_train.progress import Progress, TrainingState, duration, read_losses

HAS_TORCH = importlib.util.find_spec('torch') is not None and importlib.util.find_spec('onnxruntime') is not None


def tone(hz: float, seconds: float, rate: int = SR) -> np.ndarray:
    time = np.arange(int(seconds * rate)) / rate
    return sum(np.sin(2 * np.pi * k * hz * time + k) / k for k in range(1, 8)) * 0.1 * np.minimum(1, 8 * (seconds - time))


def write_melody(path: Path, seconds: float, seed: int = 0) -> None:
    """Notes of half a second to a second and a half, with short rests."""
    rng = np.random.default_rng(seed)
    parts = [np.zeros(SR // 5)]
    while sum(map(len, parts)) < seconds * SR:
        parts += [tone(196 * 2 ** (rng.integers(0, 13) / 12), rng.uniform(0.5, 1.5)) * rng.uniform(0.3, 1), np.zeros(SR // 10)]
    soundfile.write(path, np.concatenate(parts)[:int(seconds * SR)], SR)


class FolderTest(unittest.TestCase):
    def setUp(self) -> None:
        temporary = tempfile.TemporaryDirectory()
        self.addCleanup(temporary.cleanup)
        self.folder = Path(temporary.name)
        self.sounds = self.folder / 'sounds'
        self.sounds.mkdir()

    def run_command(self, *arguments: object) -> tuple[int, str, str]:
        output, errors = io.StringIO(), io.StringIO()
        with mock.patch.object(sys, 'argv', ['timbreloom_train', *map(str, arguments)]), \
                contextlib.redirect_stderr(errors), contextlib.redirect_stdout(output):
            return command_line.main(), output.getvalue(), errors.getvalue()


class SplitTest(FolderTest):
    def test_one_long_recording_keeps_its_end_aside(self) -> None:
        write_melody(self.sounds / 'take 1.wav', 60)
        recordings = split.survey(self.sounds)
        plan = split.plan(self.sounds, recordings, self.folder / 'work', '', False, False)
        self.assertTrue(plan.long)
        train, held_out = (sum(soundfile.info(p).duration for p in sound_files(folder)) for folder in (plan.folder, plan.examined))
        self.assertAlmostEqual(held_out, 6, delta=1)
        self.assertAlmostEqual(train, 54, delta=3)
        self.assertEqual(plan.held_out, [p.name for p in sound_files(plan.examined)])
        # prepare sets files aside by name: none of these
        self.assertFalse(any(is_held_out(p) for p in sound_files(plan.folder)))
        self.assertLessEqual(max(soundfile.info(p).duration for p in sound_files(plan.folder)), split.PIECE_SECONDS[1] + 0.1)

    def test_cuts_lie_in_the_rests(self) -> None:
        write_melody(self.sounds / 'a.wav', 40)
        audio = soundfile.read(self.sounds / 'a.wav', dtype='float32')[0]
        ends = np.cumsum([len(piece) for piece in split.cut(audio)])[:-1]
        self.assertGreater(len(ends), 3)
        for end in ends:
            # the window behind a hop of loudness is 46 ms long
            self.assertLess(np.abs(audio[end - 4 * HOP:end]).min(), 0.01)

    def test_few_short_files_set_one_in_ten_aside(self) -> None:
        for index in range(12):
            soundfile.write(self.sounds / f'note_{index:02d}.wav', tone(200 + 10 * index, 2), SR)
        plan = split.plan(self.sounds, split.survey(self.sounds), self.folder, 'note_00', False, False)
        self.assertEqual(len(plan.held_out), 1)
        left = [p.name for p in sound_files(plan.folder, plan.exclude)]
        self.assertEqual(len(left), 10)
        self.assertFalse({'note_00.wav', *plan.held_out} & set(left))

    def test_many_short_files_are_left_to_prepare(self) -> None:
        for index in range(60):
            soundfile.write(self.sounds / f'note_{index:02d}.wav', tone(200 + 10 * index, 0.5), SR)
        plan = split.plan(self.sounds, split.survey(self.sounds), self.folder, '', False, False)
        self.assertEqual((plan.held_out, plan.exclude, plan.long), ([], '', False))

    def test_stage_follows_the_sound(self) -> None:
        rng = np.random.default_rng(0)
        time = np.arange(4 * SR) / SR
        chord = sum(tone(hz, 4) for hz in (196.0, 246.9, 311.1, 415.3)) / 3
        hits = rng.standard_normal(4 * SR) * 0.2 * np.exp(-(time % 0.25) * 30)
        for name, sound, wanted in (('melody', tone(220, 4), 'pitched'), ('chord', chord, 'general'), ('hits', hits, 'general')):
            with self.subTest(name):
                folder = self.folder / name
                folder.mkdir()
                for index in range(3):
                    soundfile.write(folder / f'{index}.wav', sound, SR)
                recordings = split.survey(folder)
                self.assertEqual(split.choose_stage('auto', recordings)[0], wanted)
                self.assertEqual(split.choose_stage('pitched', recordings)[0], 'pitched')


class CommandTest(FolderTest):
    def test_all_may_be_left_out(self) -> None:
        for arguments in (['sounds', '--name', 'a', '--low-latency'], ['--name', 'a', '--low-latency', 'sounds'],
                          ['all', 'sounds', '--name', 'a', '--low-latency']):
            args = command_line.parse(arguments)
            self.assertEqual((args.command, args.folder, args.name, args.low_latency), ('all', Path('sounds'), 'a', True))
            self.assertEqual((args.start, args.stage, args.out), ('auto', 'auto', None))
        self.assertEqual(command_line.parse(['prepare', 'a', 'b.npz']).command, 'prepare')
        self.assertEqual(command_line.parse(['sounds', '--from', 'nothing', '--stage', 'general']).start, 'nothing')

    def test_mistakes_are_one_line_and_say_what_to_do(self) -> None:
        write_melody(self.sounds / 'a.wav', 12)
        for name in ('empty', 'short', 'silent', 'broken', 'full'):
            (self.folder / name).mkdir()
        soundfile.write(self.folder / 'short' / 'a.wav', tone(220, 2), SR)
        soundfile.write(self.folder / 'silent' / 'a.wav', np.zeros(20 * SR), SR)
        (self.folder / 'broken' / 'a.wav').write_bytes(b'not a sound')
        (self.folder / 'full' / 'letter.txt').write_text('mine')
        (self.folder / 'wrong.pt').write_bytes(b'not a checkpoint')
        out = ('--out', self.folder / 'out' / 'model')
        cases = [((self.folder / 'missing', *out), 'no such folder'), ((self.sounds / 'a.wav', *out), 'this is a file'),
                 ((self.folder / 'empty', *out), 'no sound files found'), ((self.folder / 'short', *out), 'seconds are needed'),
                 ((self.folder / 'broken', *out), 'cannot be read as sound'),
                 ((self.sounds, *out, '--from', 'no-such'), 'no such starting point'),
                 ((self.sounds, '--out', self.folder / 'full'), 'holds other things'),
                 ((self.sounds, '--out', self.sounds / 'a.wav' / 'model'), 'cannot be written to')]
        if HAS_TORCH:
            cases += [((self.folder / 'silent', '--out', self.folder / 'out' / 'silent'), 'nothing but silence'),
                      ((self.sounds, *out, '--from', self.folder / 'wrong.pt'), 'not a checkpoint'),
                      ((self.sounds, '--out', self.folder / 'low', '--low-latency', '--stage', 'general'), '--low-latency')]
        for arguments, wanted in cases:
            with self.subTest(wanted):
                status, _, errors = self.run_command(*arguments)
                self.assertEqual(status, 2)
                self.assertIn(wanted, errors)
                self.assertEqual(errors.count('\n'), 1, errors)
                self.assertLess(len(errors), 400)


class ProgressTest(FolderTest):
    def test_details_go_to_the_log(self) -> None:
        screen = io.StringIO()
        progress = Progress(1, self.folder / 'log.txt', screen)
        with progress.phase('Working'):
            print('a detail')
        self.assertEqual((self.folder / 'log.txt').read_text(), 'a detail\n')
        self.assertIn('[1/1] Working: done in 0 seconds', screen.getvalue())

    def test_training_state_counts_earlier_runs(self) -> None:
        log = self.folder / 'model.pt.log.csv'
        self.assertIn('50 %, 5.0 minutes left', TrainingState(log, 10, 5)())
        log.write_text('minutes,step,stft\n2.0,100,1.5\n4.0,200,1.2\n5.0,3')
        self.assertEqual([row['step'] for row in read_losses(log)], [100, 200])
        self.assertIn('error 1.200 (at first 1.500)', TrainingState(log, 10, 4)())

    def test_durations_are_in_words(self) -> None:
        self.assertEqual([duration(s) for s in (4, 100, 7200)], ['4 seconds', '1.7 minutes', '2.0 hours'])


@unittest.skipUnless(HAS_TORCH, 'needs PyTorch and ONNX Runtime')
class EndToEndTest(FolderTest):
    def test_a_tiny_run_gives_package_and_report_and_goes_on(self) -> None:
        import tiny
        write_melody(self.sounds / 'take.wav', 60)
        start, out = self.folder / 'start.pt', self.folder / 'models' / 'mine'
        tiny.save_checkpoint(tiny.model(), start)
        options = (self.sounds, '--out', out, '--from', start, '--corpus-minutes', 1, '--threads', 1)
        status, output, errors = self.run_command(*options, '--minutes', 0.1)
        self.assertEqual((status, errors), (0, ''))
        self.assertIn('taken as performances', output)
        self.assertIn('the pitched stage', output)
        work = out.with_name('mine.work')
        report = json.loads((work / 'report.json').read_text())
        self.assertEqual(report['name'], 'sounds')
        self.assertEqual(set(report['baselines_msmel_db']), {'silence', 'coloured_noise', 'sawtooth'})
        self.assertGreater(report['evaluation']['held_out']['files'], 0)
        for path in (out / 'manifest.json', out / 'card.md', work / 'report.png', out.with_name('mine-report.png')):
            self.assertGreater(path.stat().st_size, 500)
        status, output, _ = self.run_command(*options, '--minutes', 0.12)
        self.assertEqual(status, 0)
        self.assertIn('going on with the model of an earlier run', output)
        # what was learnt from other sounds is not silently mixed with these
        write_melody(self.sounds / 'take 2.wav', 20, seed=1)
        status, _, errors = self.run_command(*options, '--minutes', 0.1)
        self.assertEqual((status, errors.count('\n')), (2, 1))
        self.assertIn('other recordings', errors)


if __name__ == '__main__':
    unittest.main()
