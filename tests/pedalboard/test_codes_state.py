"""What a project of Timbreloom Codes keeps, as VST3 in pedalboard: controllers, A/B with the drawn curve, its package.
"""
import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

import numpy as np
import pedalboard

from sound import REPOSITORY, Array, SameSound, bundle, rms, saved, with_fields

RATE_HZ = 48000.0
LEARNT = 74         # slide, which moves nothing by default; VST3 hosts give the instrument few others


def instrument(fields: dict | None = None) -> pedalboard.VST3Plugin:
    """A new instance, with these settings beside the parameters."""
    plugin = pedalboard.VST3Plugin(str(bundle()), plugin_name='Timbreloom Codes')
    if fields:
        play(plugin)
        plugin.raw_state = with_fields(plugin.raw_state, fields)
    return plugin


def play(plugin: pedalboard.VST3Plugin, controller: int | None = None, block: int = 512) -> Array:
    """A note from a fresh start, with the learnt controller before it."""
    messages = [] if controller is None else [(bytes([0xB0, LEARNT, controller]), 0.0)]
    messages.append((bytes([0x90, 50, 100]), 0.01))
    return plugin(messages, duration=1.0, sample_rate=RATE_HZ, num_channels=2, buffer_size=block)


class State(SameSound):
    def test_a_learnt_controller_comes_back_with_the_project(self) -> None:
        mapping = {'param': 'transpose', 'cc': LEARNT, 'channel': None, 'low': 0.5, 'high': 1.0}
        plugin = instrument({'midi_map': {'soft_takeover': False, 'mappings': [mapping]}})
        low, high = play(plugin, 0), play(plugin, 127)
        self.assertGreater(rms(high - low), 0.1 * rms(low), 'the controller moves the pitch')
        other = instrument()
        other.raw_state = plugin.raw_state
        for controller, wanted in ((0, low), (127, high)):
            self.assert_same(play(other, controller), wanted, f'controller {controller}')

    def test_both_sides_and_their_curves_come_back_and_the_one_in_use_is_heard_alike(self) -> None:
        curve = [[0.0, 0.0], [0.25, 1.0], [0.5, 0.0], [1.0, 1.0]]
        other_side = {'timbreloom_preset': 1, 'plugin': 'codes', 'name': 'A', 'comment': '',
                      'model': {'name': 'flute-codes', 'hash': ''}, 'parameters': {'from_curve_1': 50.0},
                      'extras': {'curve': [[0.0, 1.0], [1.0, 0.0]]}}
        fields = {'curve': curve, 'compare': {'side': 'B', 'other': other_side}}
        plugin = instrument(fields)
        plugin.parameters['target_1_from_curve'].raw_value = 1.0
        wanted = play(plugin)
        self.assert_same(play(plugin, block=64), wanted, 'in blocks of 64')
        kept = {key: json.loads(saved(plugin.raw_state)['fields'][key]) for key in fields}
        self.assertEqual(kept['compare']['side'], 'B')
        self.assertEqual(kept['compare']['other']['extras'], other_side['extras'])
        self.assertEqual(kept['compare']['other']['parameters'], other_side['parameters'])
        self.assertEqual(kept['curve'], curve)
        other = instrument()
        other.raw_state = plugin.raw_state
        self.assert_same(play(other), wanted, 'in another instance')
        flat = instrument()
        flat.raw_state = with_fields(plugin.raw_state, {'curve': [[0.0, 0.0], [1.0, 0.0]]})
        self.assertGreater(rms(play(flat) - wanted), 0.1 * rms(wanted), 'another curve sounds different')
        self.assertEqual({key: json.loads(saved(other.raw_state)['fields'][key]) for key in fields}, kept)


class Elsewhere(unittest.TestCase):
    """A package that is on one computer only travels with the project to another one."""

    def setUp(self) -> None:
        scratch = tempfile.TemporaryDirectory()
        self.addCleanup(scratch.cleanup)
        self.folder = Path(scratch.name)
        package = self.folder / 'models' / 'traveller'
        shutil.copytree(REPOSITORY / 'models' / 'horn-codes', package, ignore=shutil.ignore_patterns('presets'))
        manifest = package / 'manifest.json'
        manifest.write_text(json.dumps(json.loads(manifest.read_text()) | {'name': 'traveller'}))

    def run_on(self, computer: str, models: Path, *words: str) -> str:
        """-> what this file says as a program, where only these models are installed beside those that ship."""
        data = self.folder / computer
        data.mkdir(exist_ok=True)
        settings = os.environ | {'TIMBRELOOM_MODELS': str(models), 'XDG_DATA_HOME': str(data),
                                 'XDG_RUNTIME_DIR': str(data)}
        ended = subprocess.run([sys.executable, __file__, *words], env=settings, cwd=Path(__file__).parent,
                               capture_output=True, text=True, timeout=300, check=False)
        self.assertEqual(ended.returncode, 0, ended.stderr)
        return ended.stdout.split()[-1]

    def test_a_package_travels_with_the_project(self) -> None:
        models, nothing = self.folder / 'models', self.folder / 'nothing'
        nothing.mkdir()
        for is_wanted in (True, False):
            with self.subTest(is_wanted=is_wanted):
                project = self.folder / f'project-{is_wanted}'
                here = self.run_on('here', models, 'make', str(project), str(is_wanted))
                self.assertNotEqual(here, 'silence')
                there = self.run_on(f'there-{is_wanted}', nothing, 'open', str(project))
                self.assertEqual(there, here if is_wanted else 'silence')


def heard(plugin: pedalboard.VST3Plugin) -> str:
    sound = np.ascontiguousarray(play(plugin))
    return hashlib.sha256(sound.tobytes()).hexdigest() if np.abs(sound).max() > 1e-3 else 'silence'


def main(deed: str, project: str, is_wanted: str = '') -> None:
    if deed == 'make':
        plugin = instrument({'model': {'name': 'traveller', 'hash': ''},
                             'embedded': {'is_wanted': is_wanted == 'True', 'hash': '', 'package': ''}})
        said = heard(plugin)
        Path(project).write_bytes(plugin.raw_state)
    else:
        plugin = instrument()
        plugin.raw_state = Path(project).read_bytes()
        said = heard(plugin)
    print(said, flush=True)
    # What hosts and plugins do as Python takes them apart is not what is judged here.
    os._exit(0)


if __name__ == '__main__':
    main(*sys.argv[1:])
