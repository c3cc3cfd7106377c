"""What each group of controls does to the sound, in the VST3; `tests/controls.rs` has the same facts in CLAP.

Needs numpy and pedalboard, the bundle and its models: see test_vst3.py.
"""
import unittest

import numpy as np

from sound import Array, SameSound, effect, glide, parameter, rms, set_share

RATE_HZ = 48000
SETTLED = RATE_HZ          # frames after which a steady tone sounds steady


def play(sound: Array, **settings: str) -> Array:
    """Through a new instance; settings by name, with _ for a space, as a musician types them: Mix='50 %'."""
    plugin = effect()
    for name, text in settings.items():
        found = parameter(plugin, name.replace('_', ' '))
        found.raw_value = found.get_raw_value_for_text(text)
    return plugin.process(sound, RATE_HZ, buffer_size=512)


def tone(seconds: float = 2.0, hz: float = 196.0, partials: int = 12, level: float = 0.1) -> Array:
    """Both sides alike, [2, frames]."""
    phase = 2 * np.pi * hz * np.arange(int(seconds * RATE_HZ)) / RATE_HZ
    mono = level * sum(np.sin(k * phase) / k for k in range(1, partials + 1))
    return np.stack([mono, mono]).astype(np.float32)


def level_db(sound: Array) -> float:
    return 20 * np.log10(rms(sound[:, SETTLED:]) + 1e-9)


def spectrum_db(sound: Array) -> Array:
    """Levels of 40 bands from 60 Hz to 12 kHz, relative to all of it."""
    power = np.abs(np.fft.rfft(sound[0, SETTLED:] * np.hanning(sound.shape[1] - SETTLED))) ** 2
    edges = np.geomspace(60, 12000, 41) * (sound.shape[1] - SETTLED) / RATE_HZ
    bands = np.array([power[int(a):int(b)].sum() for a, b in zip(edges, edges[1:])])
    return 10 * np.log10(bands / power.sum() + 1e-7)


class Latent(SameSound):
    def test_without_amount_a_bright_and_a_dull_tone_are_one_timbre(self) -> None:
        bright, dull = tone(partials=40), tone(partials=3)
        dull *= rms(bright) / rms(dull)
        apart = {amount: np.abs(spectrum_db(play(bright, Amount=amount)) - spectrum_db(play(dull, Amount=amount))).mean()
                 for amount in ('100 %', '0 %')}
        self.assertLess(apart['0 %'], 0.5 * apart['100 %'], apart)

    def test_a_take_of_the_random_walk_is_repeated_and_another_one_is_another(self) -> None:
        sound = tone()
        walk = {'Random_Amount': '2', 'Random_Rate': '4'}
        first = play(sound, **walk)
        self.assert_same(play(sound, **walk), first)
        for other in (play(sound), play(sound, **walk, Random_Take='2')):
            self.assertGreater(rms(other - first), 0.1 * rms(first))

    def test_a_frozen_latent_does_not_follow_the_timbre_and_loudness_does(self) -> None:
        bright, dull = tone(partials=40), 0.3 * tone(partials=3)
        changes = {}
        for freeze in (0.0, 1.0):
            plugin = effect()
            plugin.process(bright, RATE_HZ, buffer_size=512, reset=False)
            # While the tone is steady: at its end the leap to the other would be frozen.
            set_share(plugin, 'Freeze', freeze)
            before, after = (plugin.process(sound, RATE_HZ, buffer_size=512, reset=False) for sound in (bright, dull))
            changes[freeze] = np.abs(spectrum_db(after) - spectrum_db(before)).mean()
            self.assertLess(level_db(after), level_db(before) - 6)
        self.assertLess(changes[1.0], 0.5 * changes[0.0], changes)


class Loudness(unittest.TestCase):
    def test_it_follows_the_input_or_stays_where_it_is_set(self) -> None:
        loud, quiet = tone(level=0.2), tone(level=0.02)
        step = {mode: level_db(play(loud, Loudness_Mode=mode)) - level_db(play(quiet, Loudness_Mode=mode))
                for mode in ('Follow', 'Manual')}
        self.assertAlmostEqual(step['Follow'], 20, delta=3)
        self.assertAlmostEqual(step['Manual'], 0, delta=2)

    def test_its_range_and_offset_act_in_db(self) -> None:
        loud, quiet = tone(level=0.2), tone(level=0.02)
        half = {'Loudness_Range': '50 %'}
        self.assertAlmostEqual(level_db(play(loud, **half)) - level_db(play(quiet, **half)), 10, delta=3)
        self.assertAlmostEqual(level_db(play(quiet, Loudness_Offset='6')) - level_db(play(quiet)), 6, delta=2)


class Feedback(unittest.TestCase):
    def test_a_burst_into_silence_sings_where_the_band_pass_is(self) -> None:
        sound = np.zeros((2, 4 * RATE_HZ), np.float32)
        sound[:, :480] = np.random.default_rng(1).uniform(-0.17, 0.17, 480)
        for hz in (200, 1200):
            with self.subTest(hz=hz):
                made = play(sound, Feedback_Amount='200 %', Feedback_Frequency=f'{hz} Hz', Feedback_Q='7')
                late = made[0, -65536:]
                self.assertGreater(20 * np.log10(rms(late) + 1e-9), -50)
                power = np.abs(np.fft.rfft(late * np.hanning(len(late)))) ** 2
                axis = np.fft.rfftfreq(len(late), 1 / RATE_HZ)
                centres = 50 * 2 ** (np.arange(200) / 24)
                bands = [power[(axis > c / 2 ** (1 / 6)) & (axis < c * 2 ** (1 / 6))].sum() for c in centres]
                self.assertLess(abs(np.log2(centres[int(np.argmax(bands))] / hz)), 1 / 3)
                self.assertLess(np.abs(made).max(), 1.0)


class Stereo(SameSound):
    def test_width_0_is_mono_and_the_side_of_the_input_is_kept_when_asked_for(self) -> None:
        left, right = tone(hz=196), tone(hz=247)
        sound = np.stack([left[0], right[1]])
        both = play(sound, Channels='Left + Right')
        self.assertGreater(rms(both[:1] - both[1:]), 0.1 * rms(both))
        narrow = play(sound, Channels='Left + Right', Width='0 %')
        self.assertLess(rms(narrow[:1] - narrow[1:]), 1e-6)
        mid = play(sound)
        self.assert_same(mid[:1], mid[1:])
        with_side = play(sound, Channels='Mid + Side')
        side, wanted = with_side[0] - with_side[1], sound[0] - sound[1]
        self.assertLess(rms((side - wanted)[None, SETTLED:]), 0.02 * rms(wanted[None]))


class Models(unittest.TestCase):
    def test_wet_sound_comes_at_every_rate_and_is_the_same_instrument(self) -> None:
        heard = {}
        for rate_hz in (22050, 44100, 48000, 96000, 192000):
            made = effect().process(glide(2 * rate_hz, rate_hz), rate_hz, buffer_size=512)
            self.assertTrue(np.isfinite(made).all())
            heard[rate_hz] = 20 * np.log10(rms(made) + 1e-9)
        self.assertLess(max(heard.values()) - min(heard.values()), 1.5, heard)

    def test_silence_after_the_tail_is_silence(self) -> None:
        sound = np.concatenate([tone(1.0), np.zeros((2, 4 * RATE_HZ), np.float32)], axis=1)
        self.assertEqual(np.abs(play(sound)[:, -RATE_HZ:]).max(), 0.0)

    def test_each_latency_mode_is_longer_than_the_one_before_and_sounds_the_same(self) -> None:
        plugins, made = [effect() for _ in range(3)], []
        for plugin, share in zip(plugins, (0.0, 0.5, 1.0)):
            set_share(plugin, 'Latency', share)
            # it is told within a block, and comes with the host's next start
            plugin.process(glide(512, RATE_HZ), RATE_HZ, buffer_size=64)
            made.append(plugin.process(glide(RATE_HZ, RATE_HZ), RATE_HZ, buffer_size=64))
        latency = [plugin.reported_latency_samples for plugin in plugins]
        self.assertLess(latency[0] + 100, latency[1])
        self.assertLess(latency[1] + 100, latency[2])
        self.assertLess(rms(made[1] - made[2]), 1e-3 * rms(made[1]))


if __name__ == '__main__':
    unittest.main()
