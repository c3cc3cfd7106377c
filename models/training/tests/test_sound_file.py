"""Sound files as they come. Needs numpy and soundfile; no PyTorch."""
import contextlib
import io
import tempfile
import unittest
from pathlib import Path

import numpy as np

from timbreloom_train import sound_file, split

SOUNDS = Path(__file__).resolve().parents[3] / 'tests' / 'fixtures' / 'sound'


class SoundFileTest(unittest.TestCase):
    def setUp(self) -> None:
        temporary = tempfile.TemporaryDirectory()
        self.addCleanup(temporary.cleanup)
        self.folder = Path(temporary.name)

    def read(self, name: str, data: bytes) -> sound_file.Found:
        (self.folder / name).write_bytes(data)
        return sound_file.read(self.folder / name)

    def test_a_sound_file_is_read_without_a_word(self) -> None:
        for name in ('short.wav', 'short.aiff', 'short.w64', 'short-rf64.wav', 'sweep.flac', 'sweep.mp3', 'sweep.ogg'):
            self.assertEqual(sound_file.read(SOUNDS / name).remarks, [], name)

    def test_joined_recordings_are_all_read(self) -> None:
        for name in ('sweep.flac', 'sweep.mp3', 'sweep.ogg'):
            data = (SOUNDS / name).read_bytes()
            one, two = sound_file.read(SOUNDS / name).audio, self.read(name, data + data)
            self.assertEqual(len(two.audio), 2 * len(one), name)
            self.assertIn('2 recordings', two.remarks[0])
            self.assertTrue(np.array_equal(two.audio[len(one):], one), name)

    def test_a_variable_mp3_without_a_header_is_read_to_its_end(self) -> None:
        self.assertGreater(len(sound_file.read(SOUNDS / 'vbr-without-header.mp3').audio), 3 * 22050)

    def test_the_data_of_a_wav_is_believed_and_not_its_header(self) -> None:
        data = bytearray((SOUNDS / 'short.wav').read_bytes())
        whole = sound_file.read(SOUNDS / 'short.wav').audio
        at = data.index(b'data') + 4
        for stated, remark in ((0, 'never finished'), (800, 'header promises 800 bytes'), (80000, 'cut short')):
            data[at:at + 4] = stated.to_bytes(4, 'little')
            found = self.read('a.wav', bytes(data))
            self.assertTrue(np.array_equal(found.audio, whole), stated)
            self.assertIn(remark, found.remarks[0])
        for name in ('short.aiff', 'short.w64', 'short-rf64.wav'):
            found = self.read(name, (SOUNDS / name).read_bytes()[:6000])
            self.assertIn('cut short', found.remarks[0], name)

    def test_damage_is_silence_of_the_same_length_and_told_once(self) -> None:
        data, whole = bytearray((SOUNDS / 'sweep.flac').read_bytes()), sound_file.read(SOUNDS / 'sweep.flac').audio
        middle = len(data) // 2
        data[middle:middle + 1000] = bytes([0x5a]) * 1000
        found = self.read('a.flac', bytes(data))
        self.assertEqual(len(found.audio), len(whole))
        self.assertTrue(np.array_equal(found.audio[17000:], whole[17000:]))
        self.assertIn('silence of the same length', found.remarks[0])
        said = io.StringIO()
        with contextlib.redirect_stdout(said):
            for _ in range(2):
                with self.assertRaisesRegex(ValueError, 'seconds of sound'):
                    split.survey(self.folder)
        self.assertEqual(said.getvalue().count('a.flac: it is damaged'), 1)


if __name__ == '__main__':
    unittest.main()
