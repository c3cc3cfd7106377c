"""Sounds made where there are no recordings. Needs numpy and soundfile; the sound font's are left out without it."""
import shutil
import tempfile
import unittest
from pathlib import Path
from unittest import mock

import numpy as np
import soundfile

from timbreloom_train import domains, synthesised
from timbreloom_train.corpus import is_held_out
from timbreloom_train.features import SR
from timbreloom_train.pitch import cents, track
from timbreloom_train.synthesised import formants_of as real
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


class SynthesisedTest(unittest.TestCase):
    def test_a_synthesiser_is_in_tune_with_the_names_of_its_notes_and_repeatable(self) -> None:
        with tempfile.TemporaryDirectory() as folder:
            for name in ('one', 'two'):
                domains.render('synth', Path(folder) / name, 0.3)
            files = sorted((Path(folder) / 'one').iterdir())
            self.assertEqual({path.stem.split('_')[-1] for path in files}, {'saw', 'pulse', 'triangle', 'fm'})
            for path in files:
                sound = soundfile.read(path, dtype='float32')[0]
                np.testing.assert_array_equal(sound, soundfile.read(Path(folder) / 'two' / path.name, dtype='float32')[0])
                f0, voicing = track(sound)
                self.assertLess(abs(float(cents(np.median(f0[voicing > 0.8]), note_hz(path.name)))), 25, path.name)

    def test_what_is_made_of_speech_has_its_formants_at_other_pitches_and_held_out_sentences_of_its_own(self) -> None:
        with tempfile.TemporaryDirectory() as folder:
            speech = Path(folder) / 'speech'
            speech.mkdir()
            time = np.arange(2 * SR) / SR
            # one vowel: partials of 120 Hz, loudest near 700 and 2500 Hz
            wave = sum(np.exp(-((k * 120 - 700) / 250) ** 2) * np.sin(2 * np.pi * 120 * k * time) for k in range(1, 60)) \
                + 0.3 * sum(np.exp(-((k * 120 - 2500) / 400) ** 2) * np.sin(2 * np.pi * 120 * k * time) for k in range(1, 60))
            for number in range(40):
                soundfile.write(speech / f'line{number}.wav', 0.1 * wave + 1e-4 * np.sin(9000 * time * number), SR)
            chosen = []
            with mock.patch.object(synthesised, 'formants_of', side_effect=lambda path: chosen.append(path) or real(path)):
                domains.render('sung', Path(folder) / 'sung', 0.5, speech)
            made = sorted((Path(folder) / 'sung').iterdir())
            self.assertEqual({is_held_out(path) for path in chosen}, {is_held_out(path) for path in made})
            pitches = []
            for path in made:
                sound = soundfile.read(path, dtype='float32')[0]
                f0, voicing = track(sound)
                pitches.append(float(np.median(f0[voicing > 0.8])))
                power = np.abs(np.fft.rfft(sound)) ** 2
                hz = np.arange(len(power)) * SR / len(sound)
                self.assertGreater(power[(hz > 2100) & (hz < 3000)].sum(), 3 * power[(hz > 1200) & (hz < 1900)].sum(), path.name)
            self.assertGreater(max(pitches) / min(pitches), 3)

    def test_speech_has_to_be_there(self) -> None:
        with tempfile.TemporaryDirectory() as folder:
            with self.assertRaisesRegex(ValueError, 'folder of spoken sentences'):
                domains.render('scream', Path(folder) / 'out', 1, Path(folder))
            with self.assertRaisesRegex(ValueError, 'with --source'):
                domains.render('scream', Path(folder) / 'out', 1)


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
