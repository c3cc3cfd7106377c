"""Sounds made where there are no recordings. Needs numpy and soundfile; the sound font's are left out without it."""
import shutil
import tempfile
import unittest
from pathlib import Path

import numpy as np
import soundfile

from timbreloom_train import domains
from timbreloom_train.corpus import is_held_out
from timbreloom_train.features import SR
from timbreloom_train.pitch import cents, track
from timbreloom_train.tracker import note_hz


class MidiTest(unittest.TestCase):
    def test_variable_length_numbers_as_in_the_standard(self) -> None:
        for value, digits in ((0, '00'), (0x40, '40'), (0x7f, '7f'), (0x80, '8100'), (0x3fff, 'ff7f'), (0x4000, '818000')):
            self.assertEqual(domains.variable_length(value).hex(), digits)

    def test_events_are_sorted_and_the_track_has_its_length(self) -> None:
        song = domains.midi_file(domains.note(0.5, 1.0, 60, 100) + domains.note(0.0, 0.25, 64, 90))
        self.assertEqual(song[:4] + song[14:18], b'MThdMTrk')
        self.assertEqual(int.from_bytes(song[18:22], 'big'), len(song) - 22)
        self.assertLess(song.index(bytes((0x90, 64, 90))), song.index(bytes((0x90, 60, 100))))


class DrumsTest(unittest.TestCase):
    def test_loops_are_repeatable_and_held_out_ones_use_other_hits(self) -> None:
        with tempfile.TemporaryDirectory() as folder:
            kit = Path(folder) / 'kit'
            for place, name in enumerate(domains.STEPS):
                (kit / name).mkdir(parents=True)
                for hit in range(12):
                    time = np.arange(2000) / SR
                    sound = np.sin(2 * np.pi * (100 + 300 * place + 20 * hit) * time) * np.exp(-40 * time)
                    soundfile.write(kit / name / f'{name}{hit}.wav', sound, SR)
            self.assertTrue(any(is_held_out(p, 20) for p in (kit / 'kick').iterdir()))
            for name in ('one', 'two'):
                domains.render('drums', Path(folder) / name, 0.3, kit)
            first, second = (soundfile.read(Path(folder) / name / 'drums_000.flac')[0] for name in ('one', 'two'))
            np.testing.assert_array_equal(first, second)
            self.assertGreater(np.abs(first).max(), 0.5)

    def test_a_kit_without_a_drum_says_which(self) -> None:
        with tempfile.TemporaryDirectory() as folder, self.assertRaisesRegex(ValueError, 'kick, snare'):
            domains.render('drums', Path(folder) / 'out', 1, Path(folder))


@unittest.skipUnless(shutil.which('fluidsynth') and domains.SOUND_FONT.exists(), 'needs fluidsynth and fluid-soundfont-gm')
class ChoirTest(unittest.TestCase):
    def test_notes_sound_the_pitch_they_are_named_by(self) -> None:
        with tempfile.TemporaryDirectory() as folder:
            domains.render('choir', Path(folder), 0.1)
            self.assertEqual({path.name.split('_')[3] for path in Path(folder).iterdir()}, {'50'})
            for path in sorted(Path(folder).iterdir()):
                f0, voicing = track(soundfile.read(path, dtype='float32')[0])
                self.assertLess(abs(float(cents(np.median(f0[voicing > 0.8]), note_hz(path.name)))), 40, path.name)


if __name__ == '__main__':
    unittest.main()
