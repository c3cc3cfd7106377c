"""The VST3 in a real host: pedalboard (JUCE), which bounces and takes the reported latency off.

Needs numpy and pedalboard, the bundle in TIMBRELOOM_BUNDLED (or target/bundled) and a model:

    python -m unittest discover tests/pedalboard
"""
import base64
import io
import json
import subprocess
import sys
import unittest
from pathlib import Path

import numpy as np
from pedalboard import VST3Plugin

from sound import Array, SameSound, effect, glide, noise, parameter, rms, saved, set_share, with_fields, with_model

RATE_HZ = 48000.0
BIAS_RANGE = 8.0          # standard deviations, -4..4


def bias(deviations: float) -> float:
    """The share of the range at which a bias has this value."""
    return deviations / BIAS_RANGE + 0.5


def without_latency(plugin: VST3Plugin, parts: list[Array]) -> Array:
    """What a new instance gave in calls with `reset=False`: there pedalboard leaves the latency on."""
    return np.concatenate(parts, axis=1)[:, plugin.reported_latency_samples:]


class Parameters(unittest.TestCase):
    def test_names_and_units(self) -> None:
        plugin = effect()
        for name, unit in (('Mix', '%'), ('Input Gain', 'dB'), ('Output Gain', 'dB'), ('Transpose', 'st'),
                           ('Bias 1', 'sd'), ('Bias 16', 'sd'), ('Scale 3', 'x'), ('Loudness Offset', 'dB'),
                           ('Loudness Level', 'dB'), ('Feedback Amount', '%'), ('Feedback Frequency', 'Hz')):
            with self.subTest(name):
                self.assertEqual(parameter(plugin, name).label.strip(), unit)
        for name in ('Bypass', 'Loudness Mode', 'Channels', 'Feedback Q'):
            parameter(plugin, name)

    def test_values_are_shown_as_musicians_read_them(self) -> None:
        plugin = effect()
        for name, share, text in (('Mix', 0.5, '50.0'), ('Bias 1', bias(2.0), '2.00'), ('Transpose', 1.0, '24.00')):
            set_share(plugin, name, share)
            self.assertEqual(parameter(plugin, name).string_value, text)


class Latency(SameSound):
    def test_dry_sound_comes_back_where_it_was(self) -> None:
        plugin = effect()
        set_share(plugin, 'Mix', 0.0)
        for rate_hz, block in ((22050, 512), (44100, 64), (44100, 512), (44100, 4096), (48000, 32), (48000, 333),
                               (48000, 512), (48000, 8192), (96000, 512), (96000, 1024), (192000, 512)):
            with self.subTest(rate_hz=rate_hz, block=block):
                sound = noise(rate_hz)
                self.assert_same(plugin.process(sound, rate_hz, buffer_size=block), sound)
                self.assertGreater(plugin.reported_latency_samples, 0)

    def test_bypass_is_the_input(self) -> None:
        plugin = effect()
        set_share(plugin, 'Bypass', 1.0)
        sound = noise(48000)
        self.assert_same(plugin.process(sound, RATE_HZ, buffer_size=512), sound)

    def test_mono_is_played_too(self) -> None:
        plugin = effect()
        sound = glide(48000, RATE_HZ)
        stereo = plugin.process(sound, RATE_HZ, buffer_size=512)
        mono = plugin.process(sound[:1], RATE_HZ, buffer_size=512)
        self.assertGreater(rms(mono), 1e-3)
        self.assert_same(mono[:1], stereo[:1])


class Bounce(SameSound):
    def test_two_bounces_are_equal(self) -> None:
        sound = glide(96000, RATE_HZ)
        plugin = effect()
        first = plugin.process(sound, RATE_HZ, buffer_size=512)
        self.assertGreater(rms(first), 1e-3)
        self.assertEqual(first.shape, sound.shape)
        self.assert_same(plugin.process(sound, RATE_HZ, buffer_size=512), first, 'the same instance again')
        self.assert_same(effect().process(sound, RATE_HZ, buffer_size=512), first, 'another instance')

    def test_the_buffer_size_does_not_change_the_sound(self) -> None:
        sound = glide(96000, RATE_HZ)
        wanted = effect().process(sound, RATE_HZ, buffer_size=512)
        for block in (64, 333, 4096):
            with self.subTest(block=block):
                self.assert_same(effect().process(sound, RATE_HZ, buffer_size=block), wanted)

    def test_several_instances_do_not_hear_each_other(self) -> None:
        def three() -> list[VST3Plugin]:
            plugins = [effect() for _ in range(3)]
            for plugin, deviations in zip(plugins, (-2.0, 0.0, 2.0)):
                set_share(plugin, 'Bias 1', bias(deviations))
            return plugins

        sound = glide(48000, RATE_HZ)
        alone = [plugin.process(sound, RATE_HZ, buffer_size=512) for plugin in three()]
        self.assertGreater(rms(alone[0] - alone[1]), 1e-3)
        plugins = three()
        together: list[list[Array]] = [[], [], []]
        for at in range(0, 48000, 4800):
            for plugin, parts in zip(plugins, together):
                parts.append(plugin.process(sound[:, at:at + 4800], RATE_HZ, buffer_size=512, reset=False))
        for plugin, parts, wanted in zip(plugins, together, alone):
            got = without_latency(plugin, parts)
            self.assert_same(got, wanted[:, :got.shape[1]])


class Automation(SameSound):
    """A parameter is changed between two calls, in the middle of a sound, and is heard in the sound of that moment."""

    AT = 48000

    def played(self, name: str | None, share: float) -> Array:
        plugin = effect()
        sound = glide(2 * self.AT, RATE_HZ)
        parts = [plugin.process(sound[:, :self.AT], RATE_HZ, buffer_size=512, reset=False)]
        if name:
            set_share(plugin, name, share)
        parts.append(plugin.process(sound[:, self.AT:], RATE_HZ, buffer_size=512, reset=False))
        return without_latency(plugin, parts)

    def change(self, name: str, share: float) -> tuple[Array, Array, int]:
        """-> the sound behind the change without and with it; by how many frames it is heard late."""
        plain, changed = self.played(None, 0.0), self.played(name, share)
        heard = np.flatnonzero((plain != changed).any(0))
        self.assertGreater(len(heard), 0, f'{name} is not heard')
        behind = slice(self.AT + 9600, None)
        return plain[:, behind], changed[:, behind], int(heard[0]) - self.AT

    def test_latent_bias(self) -> None:
        plain, changed, late_frames = self.change('Bias 1', bias(2.5))
        self.assertGreater(rms(changed - plain), 0.1 * rms(plain))
        # a hop of 557 frames takes one value, and the model's filters reach a little to both sides
        self.assertLess(abs(late_frames), 1200)

    def test_mix(self) -> None:
        plain, changed, late_frames = self.change('Mix', 0.0)
        self.assertGreater(rms(changed - plain), 0.1 * rms(plain))
        self.assertLess(abs(late_frames), 600)

    def test_output_gain(self) -> None:
        plain, changed, late_frames = self.change('Output Gain', 0.0)
        self.assertAlmostEqual(20 * np.log10(rms(changed) / rms(plain)), -60.0, delta=0.1)
        self.assertLess(abs(late_frames), 600)


def latent_path() -> str:
    """A latent path of two hops of a model that is not there, as projects hold it."""
    archive = io.BytesIO()
    np.savez(archive, format=1, model_name='gone', model_hash='0' * 64, sample_rate_hz=44100, hop_frames=512,
             latent=np.zeros((2, 16)), loudness_db=np.full(2, -20.0), f0_hz=np.zeros(2), voicing=np.zeros(2))
    return base64.b64encode(archive.getvalue()).decode()


class State(SameSound):
    def test_a_state_brings_values_and_sound_back(self) -> None:
        sound = glide(48000, RATE_HZ)
        plugin = effect()
        for name, share in (('Bias 1', bias(1.5)), ('Scale 2', 0.1), ('Mix', 0.8), ('Transpose', 0.6)):
            set_share(plugin, name, share)
        wanted = plugin.process(sound, RATE_HZ, buffer_size=512)
        other = effect()
        other.raw_state = plugin.raw_state
        self.assert_same(other.process(sound, RATE_HZ, buffer_size=512), wanted)
        values = {name: parameter.raw_value for name, parameter in plugin.parameters.items()}
        self.assertEqual({name: parameter.raw_value for name, parameter in other.parameters.items()}, values)

    def test_every_parameter_and_every_setting_comes_back(self) -> None:
        settings = {
            'model': {'name': 'horn', 'hash': '0' * 64},
            'second_model': {'name': 'no-such-model', 'hash': 'e' * 64},
            'embedded': {'is_wanted': True, 'hash': 'f' * 64, 'package': 'UEsFBg=='},
            'second_embedded': {'is_wanted': True, 'hash': '', 'package': ''},
            'provider': 'cpu',
            'midi_map': {'soft_takeover': True, 'mappings': [
                {'param': 'bias_3', 'cc': 74, 'channel': 2, 'low': 0.25, 'high': 0.75},
            ]},
            'compare': {'side': 'B', 'other': {
                'timbreloom_preset': 1, 'name': 'A', 'comment': '', 'model': {'name': 'flute', 'hash': ''},
                'second_model': {'name': 'voice', 'hash': 'd' * 64}, 'parameters': {'mix': 50.0, 'freeze': True},
            }},
            'state_version': 1,
            'window': [1234, 777],
            'preset': {'name': 'Fog', 'is_edited': True},
            'layout': {'left': 'sound', 'right': 'lanes', 'panel': None, 'folded': ['stereo']},
            'paths': {
                'slots': [None, {'name': 'sung', 'npz': latent_path(), 'chain': [
                    {'operator': {'scale': {'by': 1.5}}, 'axes': 'latent'},
                ]}],
                'plane': {'corners': [{'slot': 1}, 'live', {'random': 7}, None], 'markers': []},
            },
            'osc': {'is_on': False, 'port': 9100, 'send_port': 9101},
        }
        silence = np.zeros((2, 4800), np.float32)
        plugin = effect()
        plugin.process(silence, RATE_HZ, buffer_size=512)
        defaults = saved(plugin.raw_state)
        self.assertEqual(set(defaults['fields']), set(settings), 'a setting is not tried here')
        plugin.raw_state = with_fields(plugin.raw_state, settings)
        for index, param in enumerate(plugin.parameters.values()):
            share, default = 0.15 + 0.7 * (index * 0.618 % 1), param.raw_value
            has_few_values = param.num_steps < 30
            if has_few_values or abs(share - default) < 0.02:
                share = 0.0 if default > 0.5 else 1.0
            param.raw_value = share
        self.assertGreater(len(plugin.parameters), 90)
        # JUCE hands parameters over with the next block
        plugin.process(silence, RATE_HZ, buffer_size=512)
        was = saved(plugin.raw_state)
        self.assertEqual({key: json.loads(text) for key, text in was['fields'].items()}, settings)
        self.assertEqual([key for key, value in was['params'].items() if value == defaults['params'][key]], [])
        other = effect()
        other.raw_state = plugin.raw_state
        self.assertEqual(saved(other.raw_state), was)
        other.process(silence, RATE_HZ, buffer_size=512)
        self.assertEqual(saved(other.raw_state), was)
        for name, param in plugin.parameters.items():
            # what was set between two steps is shown as it was set; Random Take has 9999
            self.assertAlmostEqual(other.parameters[name].raw_value, param.raw_value, delta=6e-5, msg=name)

    def test_a_model_that_is_missing_stays_asked_for_and_dry_sound_passes(self) -> None:
        plugin = effect()
        plugin.process(noise(4800), RATE_HZ, buffer_size=512)
        plugin.raw_state = with_model(plugin.raw_state, 'a-model-that-nobody-has')
        sound = noise(48000)
        self.assert_same(plugin.process(sound, RATE_HZ, buffer_size=512), sound)
        self.assertIn('a-model-that-nobody-has', saved(plugin.raw_state)['fields']['model'])


RELOAD = '''
import gc, hashlib
from sound import effect, glide
for _ in range(3):
    plugin = effect()
    print(hashlib.sha256(plugin.process(glide(24000, 48000.0), 48000.0, buffer_size=512).tobytes()).hexdigest())
    del plugin
    gc.collect()
'''


class Library(unittest.TestCase):
    def test_load_unload_load(self) -> None:
        ended = subprocess.run([sys.executable, '-c', RELOAD], cwd=Path(__file__).parent, capture_output=True,
                               text=True, timeout=120, check=False)
        self.assertEqual(ended.returncode, 0, ended.stderr)
        hashes = ended.stdout.split()
        self.assertEqual(len(hashes), 3)
        self.assertEqual(len(set(hashes)), 1, hashes)


if __name__ == '__main__':
    unittest.main()
