"""The report's measures on sounds and figures whose answer is known. Needs the libraries of the trainer, no recordings."""
import argparse
import json
import tempfile
import unittest
from pathlib import Path
from typing import Any

import numpy as np

from timbreloom_train import probes, report_page
from timbreloom_train.features import HOP, SR, loudness_of
from timbreloom_train.likeness import Collection, Target, frechet, share_moved, spectra
from timbreloom_train.own_domain import shaped_noise
from timbreloom_train.card import made_by
from timbreloom_train.evaluate import following
from timbreloom_train.report import report, without_nan
from timbreloom_train.report_sounds import Clip, Sounds, into_register, take_of
from timbreloom_train.verdict import faults_of, verdicts, worst


def rows(seed: int, hops: int = 600) -> np.ndarray:
    mix = np.random.default_rng(9).standard_normal((40, 40))
    return (np.random.default_rng(seed).standard_normal((hops, 40)) @ mix).astype(np.float32)


class PackagesTest(unittest.TestCase):
    def test_a_package_to_be_measured_again_has_to_be_there(self) -> None:
        with tempfile.TemporaryDirectory() as folder:
            package = Path(folder) / 'cello'
            package.mkdir()
            (package / 'manifest.json').write_text('{"kind": "continuous"}')
            with self.assertRaisesRegex(ValueError, '--only cello,horn: no such package'):
                report(argparse.Namespace(models=Path(folder), sounds=Path(folder), only=['cello,horn']))

    def test_every_package_says_the_commit_that_made_it(self) -> None:
        for path in Path(__file__).parents[2].glob('*/manifest.json'):
            commit = json.loads(path.read_text())['training']['commit']
            self.assertRegex(commit, '^[0-9a-f]{7,40}$', path.parent.name)
            self.assertIn(f', code {commit} |', (path.parent / 'card.md').read_text())
        self.assertEqual([made_by({'commit': 'e9e71fb'}), made_by({'commit': ''}), made_by({})], [', code e9e71fb', '', ''])


class LikenessTest(unittest.TestCase):
    def test_no_distance_between_identical_sets(self) -> None:
        self.assertAlmostEqual(frechet(rows(1), rows(1)), 0, delta=0.05)

    def test_a_shift_of_the_mean_is_its_length(self) -> None:
        self.assertAlmostEqual(frechet(rows(1), rows(1) + 3), 3 * np.sqrt(40), delta=0.05)

    def test_a_tilt_grows_the_distance(self) -> None:
        tilt = np.linspace(-1, 1, 40)
        apart = [frechet(rows(1), rows(2) + amount * tilt) for amount in (0, 6, 12, 24)]
        self.assertEqual(apart, sorted(apart))
        self.assertGreater(apart[1], apart[0] + 3)

    def test_spectra_do_not_know_the_level(self) -> None:
        sound = probes.all_probes()[0].audio
        loudness = loudness_of(sound)
        np.testing.assert_allclose(spectra(sound, loudness), spectra(sound * np.float32(0.25), loudness), atol=0.01)

    def test_share_of_the_way(self) -> None:
        self.assertAlmostEqual(share_moved(100, 60, 20) or 0, 0.5)
        self.assertAlmostEqual(share_moved(100, 120, 20) or 0, -0.25)
        self.assertIsNone(share_moved(24, 10, 20))

    def test_floor_is_how_far_the_held_out_sound_lies_from_the_trained_sound(self) -> None:
        trained, held_out = rows(1), rows(2) + 5
        floor_db = Target.of(Collection.of([trained[:200], trained[200:]]), Collection.of([held_out])).floor_db
        self.assertAlmostEqual(floor_db, frechet(held_out, trained), delta=1e-6)
        with self.assertRaisesRegex(ValueError, 'sound'):
            Collection.of([rows(1)[:0]])


class MatchedTest(unittest.TestCase):
    def test_only_pitches_of_the_input_are_drawn(self) -> None:
        low, high = rows(1), rows(2) + 50
        f0 = np.concatenate([np.full(300, 110, np.float32), np.full(300, 440, np.float32)])
        both = Collection.of([np.concatenate([low[:300], high[:300]])], [f0])
        found = Target.of(both, both).at_pitches(np.full(400, 446, np.float32))
        assert found is not None
        self.assertEqual(len(found.hops), 400)
        self.assertGreater(float(found.rows.mean()), 40)

    def test_none_where_the_domain_does_not_play(self) -> None:
        low, silent = Collection.of([rows(1)], [np.full(600, 110, np.float32)]), Collection.of([rows(2)])
        self.assertIsNone(Target.of(low, low).at_pitches(np.full(400, 1760, np.float32)))
        self.assertIsNone(Target.of(silent, silent).at_pitches(np.full(400, 110, np.float32)))


class BaselineTest(unittest.TestCase):
    def test_shaped_noise_follows_loudness(self) -> None:
        wanted = (-35 + 12 * np.sin(np.arange(400) / 15)).astype(np.float32)
        made = loudness_of(shaped_noise(wanted))[8:]
        self.assertGreater(np.corrcoef(wanted[8:], made)[0, 1], 0.97)
        self.assertLess(abs(float((made - wanted[8:]).mean())), 1)


class ProbeTest(unittest.TestCase):
    def test_vibrato_fit_finds_depth_rate_and_lag(self) -> None:
        time = np.sort(np.random.default_rng(3).uniform(0.2, 2.8, 220))
        noise = np.random.default_rng(4).standard_normal(220) * 3
        seen = 20 + 5 * time + 40 * np.sin(2 * np.pi * 6 * (time - 0.012)) + noise
        depth, rate, lag_ms = probes.fit_vibrato(time, seen)
        self.assertAlmostEqual(depth, 40, delta=1.5)
        self.assertAlmostEqual(rate, 6, delta=0.03)
        self.assertAlmostEqual(lag_ms, 12, delta=1)

    def test_a_slower_vibrato_is_found_slower(self) -> None:
        time = np.arange(0, 2.5, HOP / SR)
        self.assertAlmostEqual(probes.fit_vibrato(time, 50 * np.sin(2 * np.pi * 5.4 * time))[1], 5.4, delta=0.03)

    def test_tracker_reads_the_probes_truly(self) -> None:
        for probe in probes.all_probes():
            found = probes.pitch_against_truth(probe, probe.audio)
            self.assertLess(found['median_cents'], 3, probe.name)
            self.assertEqual(found['within_50_percent'], 100, probe.name)

    def test_a_late_output_shows_as_lag_and_error(self) -> None:
        probe = probes.all_probes()[1]
        late = np.pad(probe.audio, (882, 0))[:len(probe.audio)]
        found = probes.pitch_against_truth(probe, late)
        self.assertAlmostEqual(found['lag_ms'], 20, delta=1)
        self.assertGreater(found['median_cents'], 15)

    def test_silence_has_no_pitch(self) -> None:
        probe = probes.all_probes()[0]
        self.assertEqual(faults_of(probes.pitch_against_truth(probe, np.zeros_like(probe.audio))), ['no pitch'])

    def test_partials_of_a_chord(self) -> None:
        first, second, _ = probes.chords()
        self.assertEqual(probes.partials_kept(first, first), 100)
        self.assertLess(probes.partials_kept(first, second), 40)
        noise = np.random.default_rng(0).standard_normal(len(first)).astype(np.float32)
        self.assertLess(probes.partials_kept(first, noise), 10)

    def test_onsets_kept_and_moved(self) -> None:
        rng, beat = np.random.default_rng(5), int(0.3 * SR)
        loop = np.concatenate([rng.standard_normal(beat) * np.exp(-np.arange(beat) / 2000) for _ in range(10)]) * 0.2
        loop = np.pad(loop, (2000, 0)).astype(np.float32)
        self.assertEqual(probes.onsets_kept(loop, loop), {'onsets': 10, 'offsets_ms': [0.0] * 10})
        moved = probes.onsets_kept(loop, np.pad(loop, (441, 0))[:len(loop)])['offsets_ms']
        np.testing.assert_allclose(moved, 10, atol=1.6)
        self.assertEqual(probes.onsets_kept(loop, np.zeros_like(loop))['offsets_ms'], [])


class ClipTest(unittest.TestCase):
    def test_joined_and_split_again(self) -> None:
        takes = [take_of(probe.name, probe.audio) for probe in probes.all_probes()[:2]]
        clip = Clip('x', True, takes)
        for take, part in zip(takes, clip.split(clip.audio)):
            np.testing.assert_array_equal(take.audio, part)

    def test_an_input_is_brought_into_a_models_register_by_octaves(self) -> None:
        clip = Clip('flute', True, [take_of(probe.name, probe.audio) for probe in probes.all_probes()[1:]])
        self.assertTrue(220 <= (clip.middle_hz() or 0) <= 440)
        clip.takes = clip.takes[:1]      # at 220 Hz
        for low, high, semitones in ((150, 320, 0), (60, 240, -12), (40, 75, -24), (300, 700, 12), (700, 2000, 24), (10, 20, -24)):
            self.assertEqual(into_register(clip, {'min_hz': low, 'max_hz': high}), semitones, (low, high))
        self.assertEqual(into_register(clip, None), 0)
        self.assertEqual(into_register(Clip('ladder', True, clip.takes), {'min_hz': 50, 'max_hz': 60}), 0)
        self.assertEqual(into_register(Clip('drums', False, clip.takes), {'min_hz': 50, 'max_hz': 60}), 0)

    def test_the_ladder_reaches_from_a_bass_to_a_piccolo(self) -> None:
        heard = [float(np.median(take.f0[take.voicing > 0.5])) for take in (take_of('', audio) for audio in probes.ladder())]
        for one, another in zip(heard, heard[1:]):
            self.assertAlmostEqual(12 * np.log2(another / one), probes.LADDER_ST, delta=0.3)
        self.assertTrue(heard[0] < 53 and 1900 < heard[-1] < 2000, heard)

    def test_variants_share_the_sounds_of_their_package(self) -> None:
        from pathlib import Path
        sounds = Sounds(Path(), Path(), 1)
        self.assertIs(sounds.domain_of('cello-low-latency'), sounds.domains['cello'])
        self.assertIs(sounds.domain_of('drums-live'), sounds.domains['drums-live'])
        with self.assertRaisesRegex(ValueError, 'kazoo'):
            sounds.domain_of('kazoo')


def figures(**changes: Any) -> dict[str, Any]:
    """A pitched package that passes every line."""
    probe = {'median_cents': 3.0, 'within_50_percent': 99.0, 'heard_percent': 100.0}
    vibrato = probe | {'depth_ratio': 0.95, 'rate_hz': 6.0, 'lag_ms': 4.0}
    tuned = {'pitch_median_cents': 1.0, 'pitch_within_50_cents_percent': 99.0, 'voiced_again_percent': 99.0,
             'loudness_r': 0.99, 'loudness_error_db': 1.0}
    spectrum = {'d_in_db': 90.0, 'd_out_db': 40.0, 'floor_db': 20.0, 'moved': 0.71, 'own': False,
                'matched': {'d_in_db': 60.0, 'd_out_db': 30.0, 'floor_db': 20.0, 'moved': 0.75}, 'domain_at_these_pitches_db': 50.0}
    heard = {'in_tune_percent': 98.0, 'octave_off_percent': 1.0, 'lost_percent': 1.0, 'd_in': 16.0, 'd_out': 9.0, 'floor': 5.0,
             'moved': 0.64}
    distance = {key: 2.0 for key in ('offline', 'plugin', 'silence', 'shaped_noise', 'sawtooth')}
    return {'name': 'x', 'folder': 'x', 'stage': 'pitched', 'limit_db': 2.4, 'alive': 12, 'dims': 16, 'missing': [],
            'played_by': 'plugin engine', 'played_why': '', 'streaming_error': 1e-6, 'latency_ms': 34.8, 'size_mb': 8.0,
            'training': {'steps': 10, 'minutes': 1.0}, 'ms_per_hop': 0.5, 'times_real_time': 23.0,
            'own': {'files': 2, 'seconds': 4.0, 'distance_db': distance, 'offline': tuned, 'plugin': tuned,
                    'gain_moves_percent': 1.0, 'loudness_r2_linear': 0.0, 'loudness_r2_quadratic': -0.1,
                    'log_f0_r2_linear': 0.1, 'log_f0_r2_quadratic': 0.15,
                    'detail': {'under_db': -1.0, 'gaps_db': -2.0, 'movement': 0.9, 'attack_db': 1.5, 'attack_bias_db': -1.0}},
            'foreign': {'voice': tuned | spectrum | {'referees': heard}, 'cello': tuned | spectrum | {'own': True, 'moved': -1.0},
                        'drums': {'loudness_r': 0.99, 'loudness_error_db': 1.0} | spectrum},
            'probes': {'glissando': probe, 'vibrato 220 Hz': vibrato, 'vibrato 440 Hz': vibrato},
            'chord': {'partials_kept_percent': 50.0}, **changes}


def missed(**changes: Any) -> list[str]:
    return [verdict.line for verdict in verdicts(figures(**changes)) if verdict.passed is False]


class FollowingTest(unittest.TestCase):
    def test_a_hop_that_has_lost_its_pitch_is_wrong(self) -> None:
        take = take_of('x', np.zeros(8 * 512, np.float32))
        levels = np.stack([np.linspace(-40, -20, 10)] * 2)
        take.scores['out'] = {'voiced': 10, 'heard': 4, 'cents': np.array([1.0, 2.0, 3.0, 1200.0]), 'folded': np.array([1.0, 2.0, 3.0, 0.0]),
                              'levels': levels, 'level_error': np.zeros(10)}
        scores = following([take], 'out')
        self.assertEqual((scores['pitch_within_50_cents_percent'], scores['pitch_within_50_cents_octave_ignored_percent'],
                          scores['voiced_again_percent']), (30.0, 40.0, 40.0))


class VerdictTest(unittest.TestCase):
    def test_a_good_model_passes_every_line(self) -> None:
        self.assertTrue(all(verdict.passed for verdict in verdicts(figures())))

    def test_each_line_can_be_missed(self) -> None:
        own, foreign, probe = (figures()[key] for key in ('own', 'foreign', 'probes'))
        spectrum = foreign['voice']
        moved = spectrum['referees'] | {'transpose_st': 12}
        cases: list[tuple[str, dict[str, Any]]] = [
            ('2: distance', {'own': own | {'distance_db': own['distance_db'] | {'plugin': 2.5}}}),
            ('2: 98 %', {'own': own | {'offline': own['offline'] | {'pitch_within_50_cents_percent': 97.9}}}),
            ('3: loudness', {'own': own | {'loudness_r2_quadratic': 0.11}}),
            ('3: log f0', {'own': own | {'log_f0_r2_linear': 0.21}}),
            ('3: -12 dB', {'own': own | {'gain_moves_percent': 2.1}}),
            ('3: at least', {'alive': 9}),
            ('4: foreign pitch, median', {'foreign': foreign | {'voice': foreign['voice'] | {'pitch_median_cents': 15.1}}}),
            ('4: foreign pitch, median', {'foreign': foreign | {'voice': foreign['voice'] | {'pitch_median_cents': None}}}),
            ('4: foreign loudness', {'foreign': foreign | {'drums': foreign['drums'] | {'loudness_r': 0.94}}}),
            ('4: spectrum', {'foreign': foreign | {'drums': foreign['drums'] | {'moved': 0.49}}}),
            ('4: the same', {'foreign': foreign | {'voice': foreign['voice'] | {'matched': spectrum['matched'] | {'moved': 0.49}}}}),
            ('noise below', {'own': own | {'detail': own['detail'] | {'under_db': -3.1}}}),
            ('movement within', {'own': own | {'detail': own['detail'] | {'movement': 0.79}}}),
            ('attacks within', {'own': own | {'detail': own['detail'] | {'attack_db': 2.1}}}),
            ('CREPE hears', {'foreign': foreign | {'voice': spectrum | {'referees': spectrum['referees'], 'in_register': moved | {
                'in_tune_percent': 94.9}}}}),
            ('the embedding', {'foreign': foreign | {'voice': spectrum | {'referees': spectrum['referees'], 'in_register': moved | {
                'moved': 0.49}}}}),
            ('CREPE hears', {'foreign': foreign | {'voice': spectrum | {'referees': spectrum['referees'] | {'in_tune_percent': 94.9}}}}),
            ('the embedding', {'foreign': foreign | {'voice': spectrum | {'referees': spectrum['referees'] | {'moved': 0.49}}}}),
            ('5: glissando', {'probes': probe | {'glissando': probe['glissando'] | {'within_50_percent': 80.0}}}),
            ('5: 6 Hz', {'probes': probe | {'vibrato 440 Hz': probe['vibrato 440 Hz'] | {'depth_ratio': 0.7}}})]
        for start, changes in cases:
            found = missed(**changes)
            self.assertEqual([line[:len(start)] for line in found], [start])

    def test_the_way_is_judged_in_the_models_own_register(self) -> None:
        rows = figures()['foreign']
        low = rows['voice'] | {'referees': rows['voice']['referees'] | {'moved': -0.2}}
        self.assertEqual(missed(foreign={'voice': low | {'in_register': rows['voice']['referees'] | {'transpose_st': -12}}}), [])

    def test_an_instrument_has_farther_to_go_than_a_voice(self) -> None:
        rows = figures()['foreign']
        self.assertEqual(len(missed(foreign={'flute': rows['voice']})), 1)
        self.assertEqual(missed(foreign={'flute': rows['voice']}, folder='voice'), [])

    def test_a_limit_itself_passes(self) -> None:
        self.assertTrue(worst('x', [('', 15.0)], 15.0, True).passed)
        self.assertTrue(worst('x', [('', 90.0)], 90.0, False).passed)

    def test_the_worst_is_named(self) -> None:
        verdict = worst('x', [('flute', 2.0), ('voice', 20.0)], 15.0, True, ' cents')
        self.assertEqual(verdict.text, '20 cents (voice; 1 of 2 pass)')

    def test_nothing_measured_is_neither(self) -> None:
        self.assertTrue(all(verdict.passed is None for verdict in verdicts(figures(own=None, foreign={}, probes={}))
                            if not verdict.line.startswith('3: at least')))

    def test_general_stage_is_not_asked_for_pitch(self) -> None:
        lines = {verdict.line[:2] for verdict in verdicts(figures(stage='general', limit_db=None)) if verdict.passed is not None}
        self.assertEqual(lines, {'3:', '5:', 'no', 'mo', 'at'})


class PageTest(unittest.TestCase):
    def table(self, **changes: Any) -> dict[str, Any]:
        model = figures(**changes)
        from dataclasses import asdict
        model['verdicts'] = [asdict(verdict) for verdict in verdicts(model)]
        return {'limit': 2, 'models': [model], 'tracker_on_probes': model['probes'],
                'inputs': {name: {'files': 1, 'seconds': 6.0} for name in ('voice', 'cello', 'ladder', 'drums')}}

    def test_every_table_row_has_as_many_cells_as_its_head(self) -> None:
        for changes in ({}, {'own': None, 'foreign': {}, 'missing': ['own domain: no recordings']}):
            width = 0
            for line in report_page.page(self.table(**changes), '').split('\n'):
                cells = line.count('|') if line.startswith('|') else 0
                self.assertTrue(not width or not cells or cells == width, line)
                width = cells

    def test_what_is_missing_is_said(self) -> None:
        text = report_page.page(self.table(own=None, missing=['own domain: no recordings']), '')
        self.assertIn('## Not measured\n\n- **x**: own domain: no recordings', text)
        self.assertNotIn('## Not measured', report_page.page(self.table(), ''))

    def test_ablations_lie_one_heading_lower(self) -> None:
        text = report_page.page(self.table(), '# Ablations\n\n## Adversary\n\ntext\n')
        self.assertIn('## Ablations\n\n### Adversary\n\ntext\n', text)
        self.assertNotIn('# Ablations\n\n# Ablations', text)

    def test_nan_becomes_none(self) -> None:
        self.assertEqual(without_nan({'a': [float('nan'), 1.0]}), {'a': [None, 1.0]})


if __name__ == '__main__':
    unittest.main()
