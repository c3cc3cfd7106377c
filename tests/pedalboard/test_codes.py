"""Timbreloom Codes as VST3 in pedalboard: in tune, as loud as it is struck, as bright as the wheel says.
"""
import unittest

import numpy as np
import pedalboard

from sound import Array, bundle

RATE_HZ = 48000.0
PLUGIN: pedalboard.VST3Plugin | None = None


def instrument() -> pedalboard.VST3Plugin:
    """The one instance of this run."""
    global PLUGIN
    if PLUGIN is None:
        PLUGIN = pedalboard.VST3Plugin(str(bundle()), plugin_name='Timbreloom Codes')
    return PLUGIN


def play(messages: list[tuple[bytes, float]], seconds: float = 0.6) -> Array:
    """One channel of a fresh start."""
    return instrument()(messages, duration=seconds, sample_rate=RATE_HZ, num_channels=2, buffer_size=512)[0]


def note(key: int, velocity: int = 100, at_s: float = 0.0) -> tuple[bytes, float]:
    return bytes([0x90, key, velocity]), at_s


def fundamental_hz(sound: Array, near_hz: float) -> float:
    """Of the last 0.4 s: the peak of the autocorrelation over many periods near the pitch expected."""
    sound = sound[-int(RATE_HZ * 0.4):]
    power = np.abs(np.fft.rfft(sound, 4 * len(sound))) ** 2
    correlation = np.fft.irfft(power)
    periods = min(20, int(0.15 * near_hz))
    # Not as far as the next number of periods: 34 cents to either side.
    low, high = (int((periods + part) * RATE_HZ / near_hz) for part in (-0.4, 0.4))
    peak = low + int(np.argmax(correlation[low:high]))
    a, b, c = correlation[peak - 1:peak + 2]
    return periods * RATE_HZ / (peak + 0.5 * (a - c) / (a - 2 * b + c))


def centroid_hz(sound: Array) -> float:
    magnitudes = np.abs(np.fft.rfft(sound[-16384:] * np.hanning(16384)))
    return float(np.sum(magnitudes * np.fft.rfftfreq(16384, 1 / RATE_HZ)) / np.sum(magnitudes))


class Codes(unittest.TestCase):
    def test_it_is_an_instrument_without_latency(self) -> None:
        self.assertTrue(instrument().is_instrument)
        self.assertEqual(instrument().reported_latency_samples, 0)

    def test_every_note_of_the_scale_is_within_five_cents(self) -> None:
        for key in range(36, 85, 4):
            with self.subTest(key=key):
                wanted_hz = 440 * 2 ** ((key - 69) / 12)
                cents = 1200 * np.log2(fundamental_hz(play([note(key)]), wanted_hz) / wanted_hz)
                self.assertLess(abs(cents), 5)

    def test_loudness_follows_velocity(self) -> None:
        levels = [float(np.sqrt(np.mean(play([note(57, velocity)])[-16384:] ** 2))) for velocity in range(1, 128, 18)]
        self.assertTrue(np.all(np.diff(levels) > 0), levels)

    def test_the_centroid_follows_the_wheel_and_the_pitch_stays(self) -> None:
        centroids = []
        for wheel in range(0, 128, 14):
            sound = play([(bytes([0xB0, 1, wheel]), 0.0), note(57, at_s=0.01)])
            centroids.append(centroid_hz(sound))
            self.assertLess(abs(1200 * np.log2(fundamental_hz(sound, 220.0) / 220.0)), 5)
        ranks = np.argsort(np.argsort(centroids))
        self.assertGreaterEqual(np.corrcoef(ranks, np.arange(len(ranks)))[0, 1], 0.95, centroids)

    def test_the_wheel_bends(self) -> None:
        bent = play([(bytes([0xE0, 0x7F, 0x7F]), 0.0), note(57, at_s=0.01)])
        self.assertLess(abs(1200 * np.log2(fundamental_hz(bent, 246.94) / 246.94)), 5)

    def test_a_render_is_the_same_at_every_block_size(self) -> None:
        messages = [note(48), note(55, at_s=0.0333), (bytes([0x80, 48, 0]), 0.2)]
        renders = [instrument()(messages, duration=0.5, sample_rate=RATE_HZ, num_channels=2, buffer_size=size)
                   for size in (64, 512, 2048)]
        for other in renders[1:]:
            np.testing.assert_array_equal(other, renders[0])


if __name__ == '__main__':
    unittest.main()
