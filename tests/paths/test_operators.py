"""The program's operators on latent paths beside the same in NumPy, through the archives that both read and write."""
import json
import os
import subprocess
import tempfile
import unittest
from collections.abc import Callable
from pathlib import Path

import numpy as np

REPOSITORY = Path(__file__).resolve().parents[2]
HOP_S = 512 / 44100
HOPS = 173

Array = np.ndarray
Arrays = dict[str, Array]


def program() -> Path:
    folder = Path(os.environ.get('TIMBRELOOM_BUNDLED') or REPOSITORY / 'target' / 'bundled')
    return folder / 'timbreloom-resources' / 'timbreloom'


def a_path(hops: int = HOPS, seed: int = 3) -> Arrays:
    """A path of five dimensions, as somebody's script would save it: in doubles."""
    random = np.random.default_rng(seed)
    latent = np.cumsum(random.normal(0, 0.3, (hops, 5)), axis=0)
    f0_hz = 220 * 2 ** np.cumsum(random.normal(0, 0.05, hops))
    f0_hz[40:52] = 0
    return {
        'format': np.array(1), 'model_name': np.array('cello'), 'model_hash': np.array(''),
        'sample_rate_hz': np.array(44100), 'hop_frames': np.array(512), 'latent': latent,
        'loudness_db': random.normal(-25, 4, hops), 'f0_hz': f0_hz, 'voicing': random.uniform(0, 1, hops),
        'hushed': random.uniform(0, 1, hops), 'level_db': random.normal(-22, 4, hops),
    }


def as_read(path: Arrays) -> Arrays:
    """In the program's own numbers."""
    return {key: np.asarray(value, np.float32) if np.issubdtype(value.dtype, np.floating) else value
            for key, value in path.items()}


def stretched(values: Array, count: int) -> Array:
    """Between the nearest two; both ends stay."""
    places = np.arange(count) * ((len(values) - 1) / max(count - 1, 1))
    before = np.minimum(places.astype(int), len(values) - 1)
    after, share = np.minimum(before + 1, len(values) - 1), (places - before)[:, None]
    return values[before] * (1 - share) + values[after] * share


def one_pole(values: Array, time_s: float) -> Array:
    keep, out, last = np.exp(-HOP_S / time_s), [], values[0]
    for value in values:
        last = value + keep * (last - value)
        out.append(last)
    return np.array(out)


def smoothed(values: Array, time_s: float) -> Array:
    return one_pole(one_pole(values, time_s)[::-1], time_s)[::-1]


class Operators(unittest.TestCase):
    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)

    def run_program(self, *words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run([program(), *words], capture_output=True, text=True, cwd=self.folder, check=False)

    def bend(self, path: Arrays, *steps: str, ending: str = 'npz') -> Arrays:
        np.savez(self.folder / 'in.npz', **path)
        options = [word for step in steps for word in ('--do', step)]
        done = self.run_program('path', 'in.npz', '-o', f'out.{ending}', *options)
        self.assertEqual(done.returncode, 0, done.stderr)
        if ending == 'json':
            return {key: np.array(value) for key, value in json.loads((self.folder / 'out.json').read_text()).items()}
        with np.load(self.folder / 'out.npz') as arrays:
            return dict(arrays)

    def assert_close(self, made: Array, wanted: Array, what: str) -> None:
        self.assertEqual(made.shape, wanted.shape, what)
        np.testing.assert_allclose(made, wanted, rtol=2e-5, atol=2e-5, err_msg=what)

    def test_what_is_not_bent_comes_back_to_the_bit_in_both_formats(self) -> None:
        path = as_read(a_path())
        for ending in ('npz', 'json'):
            made = self.bend(path, ending=ending)
            for key in ('latent', 'loudness_db', 'f0_hz', 'voicing', 'hushed', 'level_db'):
                np.testing.assert_array_equal(made[key].astype(np.float32), path[key], f'{key} in {ending}')
        self.assertEqual(str(self.bend(path)['model_name']), 'cello')

    def test_each_operator_of_latents_is_what_numpy_makes_of_them(self) -> None:
        path = as_read(a_path())
        z = path['latent'].astype(np.float64)
        places = np.arange(HOPS) / (HOPS - 1)
        cases: dict[str, Callable[[Array], Array]] = {
            'scale 1.7': lambda z: 1.7 * z,
            'bias −0.5': lambda z: z - 0.5,
            'reverse': lambda z: z[::-1],
            'smooth 0.15': lambda z: smoothed(z, 0.15),
            'quantise 0.1': lambda z: z[np.arange(HOPS) // round(0.1 / HOP_S) * round(0.1 / HOP_S)],
            'envelope 0:0,0.25:1,1:0.5': lambda z: z * np.interp(places, [0, .25, 1], [0, 1, .5])[:, None],
            'slice from 0.5 to 1.25': lambda z: z[round(0.5 / HOP_S):round(1.25 / HOP_S)],
            'stretch 1.9': lambda z: stretched(z, round(1.9 * HOPS)),
            'stretch 0.4': lambda z: stretched(z, round(0.4 * HOPS)),
            'loop 3': lambda z: np.tile(z, (3, 1)),
        }
        for step, reference in cases.items():
            made = self.bend(path, step)
            wanted = np.stack([reference(z[:, [d]])[:, 0] for d in range(5)], axis=1)
            self.assert_close(made['latent'], wanted, step)

    def test_a_cross_fade_is_the_end_over_the_beginning(self) -> None:
        path = as_read(a_path())
        fade = round(0.2 / HOP_S)
        z = path['latent'].astype(np.float64)
        share = (np.arange(fade) / fade)[:, None]
        wanted = np.concatenate([z[-fade:] * (1 - share) + z[:fade] * share, z[fade:-fade]])
        self.assert_close(self.bend(path, 'cross_fade 0.2')['latent'], wanted, 'cross_fade')

    def test_random_adds_a_normal_spread_that_its_seed_repeats(self) -> None:
        path = as_read(a_path(20000))
        first, second = (self.bend(path, 'random 0.5 seed 4')['latent'] for _ in range(2))
        np.testing.assert_array_equal(first, second)
        added = (first - path['latent']).astype(np.float64)
        self.assertLess(np.abs(added.mean(0)).max(), 0.015)
        self.assertLess(np.abs(added.std(0) - 0.5).max(), 0.01)
        self.assertLess(np.abs(np.corrcoef(added.T) - np.eye(5)).max(), 0.03)
        self.assertGreater(np.abs(self.bend(path, 'random 0.5 seed 5')['latent'] - first).max(), 0.1)

    def test_loudness_and_pitch_are_bent_in_decibels_and_semitones(self) -> None:
        path = as_read(a_path())
        made = self.bend(path, 'bias −6 on loudness', 'bias 12 on pitch')
        self.assert_close(made['loudness_db'], path['loudness_db'] - 6, 'loudness')
        self.assert_close(made['level_db'], path['level_db'] - 6, 'the level that a hushed hop may have goes with it')
        self.assert_close(made['f0_hz'] / 440, path['f0_hz'] * 2 / 440, 'an octave, and no pitch where there was none')
        np.testing.assert_array_equal(made['latent'], path['latent'])

    def test_a_step_bends_its_axes_in_its_range_alone(self) -> None:
        path = as_read(a_path())
        made = self.bend(path, 'scale 0 on 2,4 from 0.3 to 0.9')
        wanted = path['latent'].copy()
        wanted[round(.3 / HOP_S):round(.9 / HOP_S), [1, 3]] = 0
        self.assert_close(made['latent'], wanted, 'range')
        drawn = self.bend(path, 'draw 0.2:-1,0.6:1 on 3')['latent'][:, 2]
        times = np.arange(HOPS) * HOP_S
        inside = (times >= .2) & (times <= .6)
        self.assert_close(drawn[inside], np.interp(times[inside], [.2, .6], [-1, 1]), 'draw')

    def test_reverse_twice_gives_the_path_again_to_the_bit(self) -> None:
        path = as_read(a_path())
        made = self.bend(path, 'reverse on all', 'reverse on all')
        for key in ('latent', 'loudness_db', 'f0_hz', 'voicing', 'hushed', 'level_db'):
            np.testing.assert_array_equal(made[key], path[key], key)

    def test_an_interpolation_is_the_seeds_formula_and_reaches_both_ends(self) -> None:
        a, b = as_read(a_path()), as_read(a_path(seed=8))
        for name, path in (('a', a), ('b', b)):
            np.savez(self.folder / f'{name}.npz', **path)
        done = self.run_program('interpolate', 'a.npz', 'b.npz', '-o', 'between.npz')
        self.assertEqual(done.returncode, 0, done.stderr)
        with np.load(self.folder / 'between.npz') as made:
            share = (np.arange(HOPS) / (HOPS - 1))[:, None]
            self.assert_close(made['latent'], a['latent'] * (1 - share) + b['latent'] * share, 'z[n]')
            np.testing.assert_array_equal(made['latent'][[0, -1]], [a['latent'][0], b['latent'][-1]])

    def test_the_plane_is_bilinear_and_a_corner_or_a_marker_is_its_path(self) -> None:
        paths = [as_read(a_path(seed=seed)) for seed in range(4)]
        for n, path in enumerate(paths):
            np.savez(self.folder / f'{n}.npz', **path)
        corners = [word for n in range(4) for word in ('--corner', f'{n}.npz')]
        places = ('0.2,0.2', '0.9,0.3', '0.4,0.8', '0.7,0.9')
        markers = [word for n, at in enumerate(places) for word in ('--marker', f'{at}={n}.npz')]

        def walked(*words: str) -> Array:
            done = self.run_program('plane', '-o', 'out.npz', *words)
            self.assertEqual(done.returncode, 0, done.stderr)
            with np.load(self.folder / 'out.npz') as made:
                return made['latent']

        for n, (corner, at) in enumerate(zip(('0,0', '1,0', '0,1', '1,1'), places)):
            for words in ([*corners, '--walk', corner], [*corners, '--discs', '--walk', corner],
                          [*markers, '--walk', at]):
                np.testing.assert_array_equal(walked(*words), paths[n]['latent'], f'{words}')
        x = (np.arange(HOPS) / (HOPS - 1))[:, None]
        y = 0.25
        z = [path['latent'] for path in paths]
        wanted = (1 - x) * (1 - y) * z[0] + x * (1 - y) * z[1] + (1 - x) * y * z[2] + x * y * z[3]
        self.assert_close(walked(*corners, '--walk', '0,0.25 1,0.25'), wanted, 'bilinear')

    def test_nonsense_is_told_by_file_and_key(self) -> None:
        np.savez(self.folder / 'in.npz', **a_path())
        for words, said in ((('--do', 'stretch 0'), 'step 1 (stretch): “by” should be 0.01 to 100'),
                            (('--do', 'bend 2'), 'should be one of scale F'),
                            (('--chain', 'none.json'), 'none.json: cannot be read')):
            done = self.run_program('path', 'in.npz', '-o', 'out.npz', *words)
            self.assertEqual(done.returncode, 2)
            self.assertIn(said, done.stderr)
            self.assertFalse((self.folder / 'out.npz').exists())
        (self.folder / 'in.npz').write_bytes(b'PK\x03\x04 no archive')
        done = self.run_program('path', 'in.npz', '-o', 'out.npz')
        self.assertIn('in.npz: is not a latent path (is no .npz archive', done.stderr)


if __name__ == '__main__':
    unittest.main()
