"""What the scripts of the Ardour session do without Ardour: `cargo xtask daw` runs the session itself."""
import base64
import json
import struct
import unittest
from xml.etree import ElementTree

import numpy as np

import beat
import checks
import judge_beat
import judge_tune
import place
import saved
import sounds
import tune

EMPTY_SESSION = '''<Session sample-rate="44100" id-counter="40"><Sources/><Regions/><Locations/><Playlists>
<Playlist id="1" name="Dry" type="audio"/><Playlist id="2" name="Keys" type="midi"/>
<Playlist id="3" name="Full" type="audio"><Region/></Playlist></Playlists></Session>'''


def session_with(value: str, inside: float, events: str = 'b0 0\nb7680 2.5\n') -> ElementTree.Element:
    """A session as Ardour saves it, as far as the comparison looks."""
    state = {'params': {'bias_1': {'f32': inside}}, 'fields': {'model': json.dumps({'name': 'cello', 'hash': 'ab'})}}
    chunk = base64.b64encode(b'VST3\1\0\0\0' + json.dumps(state).encode() + b'List\2').decode()
    return ElementTree.fromstring(
        f'<Session><Processor type="vst3" name="Timbreloom"><Automation><AutomationList automation-id="parameter-13" '
        f'state="Play"><events>{events}</events></AutomationList></Automation><vst3><chunk>{chunk}</chunk></vst3>'
        f'<Controllable name="Bias 1" value="{value}"/></Processor></Session>')


def preset_of(parts: dict[bytes, bytes]) -> bytes:
    """A VST3 preset as Ardour writes it."""
    body = b''.join(parts.values())
    entries, at = b'', 48
    for name, part in parts.items():
        entries += name + struct.pack('<qq', at, len(part))
        at += len(part)
    return b'VST3' + struct.pack('<i32sq', 1, b'5' * 32, at) + body + b'List' + struct.pack('<i', len(parts)) + entries


def parts_of(preset: bytes) -> dict[bytes, bytes]:
    """By the list at its end."""
    place, = struct.unpack_from('<q', preset, 40)
    count, = struct.unpack_from('<i', preset, place + 4)
    entries = [struct.unpack_from('<4sqq', preset, place + 8 + 20 * n) for n in range(count)]
    return {name: preset[at:at + length] for name, at, length in entries}


class Placing(unittest.TestCase):
    def test_sound_lies_on_empty_audio_tracks_only(self) -> None:
        session = ElementTree.fromstring(EMPTY_SESSION)
        self.assertEqual(place.place(session, 'sung.wav', 44100, 44100), ['Dry'])
        region = session.find('Playlists/Playlist/Region')
        self.assertEqual(region.get('length'), f'a{place.SUPERCLOCKS_PER_SECOND}@a0')
        self.assertEqual(region.get('source-0'), session.find('Sources/Source').get('id'))

    def test_every_id_is_new(self) -> None:
        session = ElementTree.fromstring(EMPTY_SESSION)
        place.place(session, 'sung.wav', 44100, 44100)
        ids = [int(part.get('id')) for part in session.iter() if int(part.get('id', 0)) > 40]
        self.assertEqual(len(ids), len(set(ids)))
        self.assertGreater(int(session.get('id-counter')), max(ids))

    def test_export_range_reaches_behind_the_sound(self) -> None:
        session = ElementTree.fromstring(EMPTY_SESSION)
        place.place(session, 'sung.wav', 44100, 44100)
        self.assertEqual(session.find('Locations/Location').get('end'), f'a{place.SUPERCLOCKS_PER_SECOND * 3 // 2}')

    def test_another_rate_is_refused(self) -> None:
        with self.assertRaisesRegex(ValueError, '48000 Hz'):
            place.place(ElementTree.fromstring(EMPTY_SESSION), 'sung.wav', 44100, 48000)


class Tune(unittest.TestCase):
    def test_it_lies_on_empty_midi_tracks_only_and_in_beats(self) -> None:
        session = ElementTree.fromstring(EMPTY_SESSION)
        self.assertEqual(tune.place(session), ['Keys'])
        self.assertIsNone(session.find('Playlists/Playlist[@name="Dry"]/Region'))
        source = session.find('Sources/Source')
        self.assertEqual([source.get(key) for key in ('type', 'flags', 'natural-position', 'channel')],
                         ['midi', 'Writable,CanRename', 'b0', '0'])
        whole, played = session.find('Regions/Region'), session.find('Playlists/Playlist[@name="Keys"]/Region')
        self.assertEqual([part.get('whole-file') for part in (whole, played)], ['1', '0'])
        for region in (whole, played):
            self.assertEqual([region.get(key) for key in ('type', 'start', 'length')], ['midi', 'b0', 'b30720@b0'])
            self.assertEqual(region.get('source-0'), source.get('id'))
            self.assertNotIn('envelope-active', region.keys(), 'a property of sound alone')

    def test_every_id_is_new_and_the_export_reaches_behind_it(self) -> None:
        session = ElementTree.fromstring(EMPTY_SESSION)
        tune.place(session)
        ids = [int(part.get('id')) for part in session.iter() if int(part.get('id', 0)) > 40]
        self.assertEqual(len(ids), len(set(ids)))
        self.assertGreater(int(session.get('id-counter')), max(ids))
        self.assertEqual(session.find('Locations/Location').get('end'), f'a{place.SUPERCLOCKS_PER_SECOND * 17 // 2}')

    def test_the_file_holds_every_message_at_its_tick(self) -> None:
        file = tune.midi_file()
        self.assertEqual(file[:14], b'MThd\0\0\0\6\0\0\0\1\x07\x80')
        self.assertEqual(file[14:22], b'MTrk' + (len(file) - 22).to_bytes(4, 'big'))
        found, at, tick = [], 22, 0
        while at < len(file):
            delta = 0
            while file[at] & 0x80:
                delta, at = delta << 7 | file[at] & 0x7F, at + 1
            tick += delta << 7 | file[at]
            found.append((tick, file[at + 1:at + 4]))
            at += 4
        self.assertEqual(found, [*tune.messages(), (tune.BEATS * 1920, b'\xff\x2f\0')])
        self.assertEqual(len(found), 2 * len(tune.NOTES) + len(tune.CONTROLLERS) + 1)

    def test_nothing_sounds_where_it_begins_afresh_and_no_key_is_struck_while_it_is_down(self) -> None:
        before = [note for note in tune.NOTES if note[0] < tune.FRESH]
        self.assertLessEqual(max(beat + length for beat, length, *_ in before), tune.FRESH - 1.0)
        self.assertTrue(any(beat == tune.FRESH for beat, *_ in tune.NOTES))
        for beat, _, key, _ in tune.NOTES:
            held = [other for other in tune.NOTES if other[2] == key and other[0] < beat < other[0] + other[1]]
            self.assertEqual(held, [], f'key {key} at beat {beat}')

    def test_a_time_between_two_ticks_is_refused(self) -> None:
        with self.assertRaisesRegex(ValueError, 'between two ticks'):
            tune.ticks(1 / 7)

    def test_the_settings_go_into_the_instrument_and_nothing_else_changes(self) -> None:
        state = {'params': {'base_1': {'f32': 0.25}}, 'fields': {'model': '{"name":"cello-codes","hash":"ab"}'}}
        chunk = base64.b64encode(preset_of({b'Comp': json.dumps(state).encode()})).decode()
        session = ElementTree.fromstring(
            f'<Session><Processor type="vst3" name="Timbreloom"><chunk>untouched</chunk></Processor>'
            f'<Processor type="vst3" name="Timbreloom Codes"><vst3><chunk>{chunk}</chunk></vst3></Processor></Session>')
        saved.settle(session, saved.INSTRUMENT, tune.FIELDS)
        self.assertEqual(session.find('.//chunk').text, 'untouched')
        settled = saved.State.of(session, saved.INSTRUMENT)
        self.assertEqual(settled.inside['params'], state['params'])
        self.assertEqual(settled.fields, {'model': {'name': 'cello-codes', 'hash': 'ab'}, **tune.FIELDS})


class Beat(unittest.TestCase):
    TEMPI = [(0.0, 120.0), (8.0, 90.0)]
    RATE_HZ = 44100

    def test_a_moment_lies_behind_every_tempo_before_it(self) -> None:
        self.assertEqual(beat.tempi_of('0=120,8=90'), self.TEMPI)
        frames = [beat.frame(beats, self.TEMPI, self.RATE_HZ) for beats in (0, 0.25, 8, 9, 16)]
        self.assertEqual(frames, [0, 5513, 176400, 205800, 411600])

    def test_kicks_lie_on_beats_hats_are_late_by_the_swing_and_ratchets_divide_their_step(self) -> None:
        kicks, others = (beat.strikes(lines, self.TEMPI, self.RATE_HZ) for lines in (beat.LEFT, beat.RIGHT))
        self.assertEqual(kicks, [*range(0, 176400, 22050), *range(176400, 411600, 29400)])
        self.assertEqual(len(others), 4 * (7 + 3))
        first_bar = [beats * 22050 for beats in (0.3125, 0.8125, 1.3125, 1.8125, 2, 2 + 0.3125 / 3, 2 + 0.625 / 3, 2.3125)]
        self.assertEqual(others[:8], [int(np.ceil(frame - 1e-3)) for frame in first_bar])
        shortest = min(np.diff(others))
        self.assertGreater(shortest, judge_beat.QUIET_FRAMES + 0.032 * self.RATE_HZ, 'a hit at Decay 0 is over by then')

    def test_the_session_ends_with_its_last_bar(self) -> None:
        session = ElementTree.fromstring(EMPTY_SESSION)
        beat.end(session, self.TEMPI)
        clocks = 411600 * place.SUPERCLOCKS_PER_SECOND // self.RATE_HZ
        self.assertEqual(session.find('Locations/Location').get('end'), f'a{clocks}')


class Comparing(unittest.TestCase):
    def test_rounding_to_32_bits_is_no_difference(self) -> None:
        first, second = saved.State.of(session_with('800', 800.0)), saved.State.of(session_with('799.99994', 799.99994))
        self.assertEqual(first.differences(second), [])
        self.assertEqual((first.model, first.points), ('cello', 2))

    def test_a_changed_value_is_told(self) -> None:
        first, second = saved.State.of(session_with('0', 0.0)), saved.State.of(session_with('0', 0.25))
        self.assertEqual(len(first.differences(second)), 1)
        self.assertIn('bias_1', first.differences(second)[0])

    def test_lost_automation_is_told(self) -> None:
        first, second = saved.State.of(session_with('0', 0.0)), saved.State.of(session_with('0', 0.0, 'b0 0\n'))
        self.assertIn('automation parameter-13', first.differences(second)[0])


class Settling(unittest.TestCase):
    def test_a_preset_with_other_settings_is_a_preset_with_all_else_in_its_place(self) -> None:
        state = {'version': '1', 'params': {'base_1': {'f32': 0.25}}, 'fields': {'curve': '[]', 'window': '[3,4]'}}
        parts = {b'Comp': json.dumps(state).encode(), b'Cont': b'', b'Info': b'<xml/>'}
        made = saved.with_fields(preset_of(parts), {'curve': [[0.0, 0.5], [1.0, 1.0]]})
        found = parts_of(made)
        self.assertEqual(json.loads(found.pop(b'Comp')),
                         {**state, 'fields': {'curve': '[[0.0,0.5],[1.0,1.0]]', 'window': '[3,4]'}})
        self.assertEqual(found, {b'Cont': b'', b'Info': b'<xml/>'})
        self.assertEqual(made[:40], preset_of(parts)[:40])

    def test_what_is_no_preset_is_refused(self) -> None:
        with self.assertRaisesRegex(ValueError, 'no VST3 preset'):
            saved.with_fields(b'VST2' + bytes(60), {})


class JudgingTheTune(unittest.TestCase):
    RATE_HZ = 44100

    def setUp(self) -> None:
        noise = np.random.default_rng(5).uniform(-0.1, 0.1, self.RATE_HZ * 17 // 2).astype(np.float32)
        is_on = np.zeros(len(noise), bool)
        for beat, length, *_ in tune.NOTES:
            is_on[tune.frame(beat, self.RATE_HZ):tune.frame(beat + length, self.RATE_HZ)] = True
        self.bounce = np.stack([noise * is_on] * 2)

    def test_every_note_has_to_be_heard(self) -> None:
        self.assertTrue(judge_tune.notes_are_heard(self.bounce, self.RATE_HZ).is_met)
        self.bounce[:, tune.frame(tune.FRESH, self.RATE_HZ):] = 0
        check = judge_tune.notes_are_heard(self.bounce, self.RATE_HZ)
        self.assertFalse(check.is_met)
        self.assertIn(f'7 of {len(tune.NOTES)} notes', check.figure)
        self.assertFalse(judge_tune.notes_are_heard(np.zeros_like(self.bounce), self.RATE_HZ).is_met)

    def test_nothing_may_sound_before_the_first_note_and_that_in_its_frame(self) -> None:
        self.assertTrue(judge_tune.begins_in_time(self.bounce, self.RATE_HZ).is_met)
        self.assertFalse(judge_tune.begins_in_time(np.roll(self.bounce, 100, axis=1), self.RATE_HZ).is_met)
        self.assertFalse(judge_tune.begins_in_time(np.roll(self.bounce, -1, axis=1), self.RATE_HZ).is_met)
        self.assertFalse(judge_tune.begins_in_time(np.zeros_like(self.bounce), self.RATE_HZ).is_met)

    def test_two_bounces_differ_by_a_single_sample(self) -> None:
        other = self.bounce.copy()
        self.assertTrue(checks.same_bounces('twice', self.bounce, other, '').is_met)
        other[1, 30000] += 1e-6
        check = checks.same_bounces('twice', self.bounce, other, '')
        self.assertFalse(check.is_met)
        self.assertIn('1 of 374850 frames differ, from frame 30000', check.figure)
        self.assertFalse(checks.same_bounces('twice', self.bounce, self.bounce[:, :-1], '').is_met)

    def test_settings_that_did_not_come_back_are_told(self) -> None:
        def check(fields: dict) -> checks.Check:
            texts = {key: json.dumps(value) for key, value in fields.items()}
            return judge_tune.settings_are_kept(saved.State({}, {}, {'params': {}, 'fields': texts}))

        self.assertTrue(check(tune.FIELDS).is_met)
        self.assertIn('side is A', check({**tune.FIELDS, 'compare': {'side': 'A', 'other': None}}).complaint)
        self.assertIn('curve is', check({**tune.FIELDS, 'curve': [[0.0, 0.0]]}).complaint)

    def test_a_step_is_heard_where_it_is_drawn(self) -> None:
        points = [[0, 0.25], [132300, 0.25], [133403, 0.875], [176400, 0.875], [177503, 0.25]]
        steps = checks.Steps(points, self.RATE_HZ, 0, judge_tune.STEP_MS, tune.frame(tune.FRESH, self.RATE_HZ))
        plain = self.bounce[0]
        song, stay = plain.copy(), plain.copy()
        song[133000:177000] *= 0.5
        stay[133000:] *= 0.5
        self.assertEqual([check.is_met for check in checks.follows_automation(song, plain, stay, steps)], [True] * 3)
        self.assertEqual([check.is_met for check in checks.follows_automation(plain, plain, stay, steps)],
                         [False, False, False])


class JudgingTheBeat(unittest.TestCase):
    WANTED = [0, 3000, 9000]

    def setUp(self) -> None:
        self.sound = np.zeros(12000, np.float32)
        for frame in self.WANTED:
            self.sound[frame:frame + 1500] = 0.1

    def test_a_strike_a_frame_off_is_in_time_and_two_frames_off_it_is_not(self) -> None:
        self.assertEqual(judge_beat.onsets(self.sound), self.WANTED)
        for late, is_met in ((0, True), (1, True), (2, False)):
            check = judge_beat.strikes_are_in_time('beat', np.roll(self.sound, late), self.WANTED)
            self.assertEqual(check.is_met, is_met, check.figure)

    def test_a_strike_that_is_missing_or_one_too_many_is_told(self) -> None:
        for begin, level in ((3000, 0.0), (6000, 0.1)):
            other = self.sound.copy()
            other[begin:begin + 1500] = level
            self.assertFalse(judge_beat.strikes_are_in_time('beat', other, self.WANTED).is_met)
        self.assertFalse(judge_beat.strikes_are_in_time('beat', np.zeros_like(self.sound), self.WANTED).is_met)

    def test_patterns_that_did_not_come_back_are_told(self) -> None:
        def check(fields: dict) -> checks.Check:
            texts = {key: json.dumps(value) for key, value in fields.items()}
            return judge_beat.settings_are_kept(saved.State({}, {}, {'params': {}, 'fields': texts}))

        self.assertTrue(check(beat.FIELDS).is_met)
        self.assertIn('patterns is', check({**beat.FIELDS, 'patterns': {}}).complaint)
        self.assertIn('kit is', check({**beat.FIELDS, 'kit': []}).complaint)

    def test_automation_is_heard_from_the_next_kick_on(self) -> None:
        points = [[0, 0], [55125, 0], [56228, 5], [121275, 5], [122378, 0]]
        plan = {'rate_hz': 44100, 'points': points, 'tempi': [[0, 120]], 'latency_frames': 0}
        steps = judge_beat.kick_steps(plan)
        self.assertEqual([frame for frame, _ in steps.points], [0, 66150, 66150, 132300, 132300])
        self.assertEqual(steps.settled_frame, 132300)


class Measuring(unittest.TestCase):
    def setUp(self) -> None:
        self.sound = np.random.default_rng(3).uniform(-0.5, 0.5, 22050).astype(np.float32)

    def test_lag_is_found_to_the_frame(self) -> None:
        self.assertEqual(sounds.lag_frames(np.roll(self.sound, 37), self.sound), 37)
        self.assertEqual(sounds.lag_frames(self.sound, self.sound), 0)

    def test_gaps_count_only_where_the_other_track_sounds(self) -> None:
        holed = self.sound.copy()
        holed[1000:1512] = 0
        self.assertEqual(sounds.runs_of_zeros(holed, self.sound, 64), [512])
        self.assertEqual(sounds.runs_of_zeros(holed, np.zeros_like(self.sound), 64), [])

    def test_first_other_frame(self) -> None:
        other = self.sound.copy()
        other[500] += 1e-3
        self.assertEqual(sounds.first_other(self.sound, other), 500)
        self.assertEqual(sounds.first_other(self.sound, self.sound), float('inf'))


if __name__ == '__main__':
    unittest.main()
