use super::grid::StepLength;
use super::*;
use crate::drums::pattern::Line;

const BLOCKS: [usize; 5] = [1, 17, 64, 480, 4096];

/// A strike's frame since the start.
type Found = (usize, Strike);

/// A host that plays blocks of a size, and says of each where it begins.
#[derive(Clone, Copy)]
struct Host {
    rate_hz: f64,
    tempo_bpm: f64,
    block: usize,
}

impl Host {
    fn new(block: usize) -> Self {
        Self { rate_hz: 48_000.0, tempo_bpm: 120.0, block }
    }

    fn beats(self, frame: usize) -> f64 {
        frame as f64 * self.tempo_bpm / (60.0 * self.rate_hz)
    }

    fn frames(self, beats: f64) -> usize {
        (beats * 60.0 * self.rate_hz / self.tempo_bpm).round() as usize
    }

    /// Plays so many frames from `start`, beats; `off` is added to the position that begins at a frame.
    fn play(
        self,
        sequencer: &mut Sequencer,
        (settings, patterns): (&SequencerSettings, &Patterns),
        (start, frames): (f64, usize),
        off: impl Fn(usize) -> f64,
    ) -> Vec<Found> {
        let mut found = Vec::new();
        for first in (0..frames).step_by(self.block) {
            let part = Part {
                frames: self.block.min(frames - first),
                rate_hz: self.rate_hz,
                tempo_bpm: self.tempo_bpm,
                beats: Some(start + self.beats(first) + off(first)),
            };
            sequencer.process(&part, settings, patterns, |strike| {
                assert!(strike.frame < part.frames);
                found.push((first + strike.frame, strike));
            });
        }
        let keys: Vec<_> = found.iter().map(|(frame, strike)| (*frame, strike.track)).collect();
        assert!(keys.is_sorted(), "by frame, then by track");
        found
    }

    /// The same from the beginning of a song, by a new machine.
    fn song(self, settings: &SequencerSettings, patterns: &Patterns, bars: f64) -> Vec<Found> {
        self.play(&mut Sequencer::default(), (settings, patterns), (0.0, self.frames(4.0 * bars)), |_| 0.0)
    }
}

fn hit() -> Step {
    Step::default().with_velocity(127)
}

/// All steps of a line the same.
fn full(step: Step) -> Line {
    let mut line = Line::default();
    line.steps.fill(step);
    line
}

/// The same patterns, all eight.
fn all(lines: &[(usize, Line)]) -> Patterns {
    let mut patterns = Patterns::default();
    for pattern in &mut patterns.0 {
        lines.iter().for_each(|(track, line)| pattern.lines[*track] = *line);
    }
    patterns
}

/// Steps of everything: early ones, late ones, ratchets, chance, lines of other lengths.
fn busy() -> Patterns {
    let mut patterns = Patterns::default();
    for (p, pattern) in patterns.0.iter_mut().enumerate() {
        for (t, line) in pattern.lines.iter_mut().enumerate() {
            for (s, step) in line.steps.iter_mut().enumerate() {
                let n = Noise::new((p * 1000 + t * 100 + s) as u64).next_u64();
                if n.is_multiple_of(3) {
                    *step = hit()
                        .with_probability((n >> 8) as u8)
                        .with_ratchet((n >> 16) as u8 % 12)
                        .with_shift((n >> 24) as i8 / 2);
                }
            }
            *line = line.with_length(16 - t as u8);
        }
    }
    patterns
}

fn frames_of(found: &[Found]) -> Vec<usize> {
    found.iter().map(|(frame, _)| *frame).collect()
}

fn steps_of(found: &[Found]) -> Vec<i64> {
    found.iter().map(|(_, strike)| (strike.beats * 4.0).round() as i64).collect()
}

/// What a host adds to positions: nothing, what rounds them to 2^-31 or 2^-22 beats or to ticks, and up to half a frame.
fn roundings(host: Host) -> [Box<dyn Fn(usize) -> f64>; 5] {
    let to = move |grid: f64| move |first: usize| (host.beats(first) * grid).round() / grid - host.beats(first);
    [
        Box::new(|_| 0.0),
        Box::new(to(f64::from(1u32 << 31))),
        Box::new(to(f64::from(1u32 << 22))),
        Box::new(to(1920.0)),
        Box::new(move |first| if first == 0 { 0.0 } else { host.beats(1) * ((first % 7) as f64 / 6.0 - 0.5) }),
    ]
}

#[test]
fn strikes_fall_on_the_same_frames_whatever_blocks_the_host_uses_and_however_it_rounds() {
    let patterns = busy();
    for (rate_hz, tempo_bpm) in [(44_100.0, 127.3), (48_000.0, 180.0), (96_000.0, 299.9)] {
        for (swing, step) in [(0.5, StepLength::Sixteenth), (0.62, StepLength::SixteenthTriplet)] {
            let settings = SequencerSettings { swing, step, chain: 8, ..SequencerSettings::default() };
            let whole = Host { rate_hz, tempo_bpm, block: usize::MAX };
            let expected = whole.song(&settings, &patterns, 64.0);
            assert!(expected.len() > 5000);
            // The smallest once: it takes its time.
            for &block in &BLOCKS[usize::from(swing > 0.5)..] {
                let host = Host { block, ..whole };
                for off in &roundings(host)[usize::from(block == 1) * 4..] {
                    let song = (0.0, host.frames(256.0));
                    let found = host.play(&mut Sequencer::default(), (&settings, &patterns), song, off);
                    assert!(found.iter().map(key).eq(expected.iter().map(key)), "{rate_hz} Hz, {block}");
                }
            }
        }
    }
}

#[test]
fn frames_say_where_a_song_of_one_tempo_is_and_beats_say_it_of_others() {
    let part = |beats| Part { frames: 0, rate_hz: 48_000.0, tempo_bpm: 120.0, beats };
    let tick = 1.0 / 1920.0;
    for (frames, beats) in [(-3840, -0.16), (0, 0.0), (1, 1.0 / 24_000.0), (24_000_000, 1000.0)] {
        for off in [0.0, -0.5 * tick, 0.5 * tick, tick] {
            assert_eq!(part(Some(beats + off)).counted(frames).beats, Some(beats));
        }
        for other in [beats + 0.01, beats - 1.0, f64::NAN] {
            assert_eq!(part(Some(other)).counted(frames).beats.map(f64::to_bits), Some(other.to_bits()));
        }
    }
    assert_eq!(part(None).counted(24_000).beats, None);
}

#[test]
fn a_song_whose_ticks_are_rounded_is_struck_evenly_from_anywhere_and_after_another_tempo() {
    let (patterns, settings) = (all(&[(0, full(hit()))]), SequencerSettings::default());
    for block in [64, 480, 1024] {
        let mut sequencer = Sequencer::default();
        for (start, tempo_bpm) in [(0.1003, 120.0), (8.0, 90.0), (20.0007, 133.0)] {
            let host = Host { tempo_bpm, ..Host::new(block) };
            let off =
                |first: usize| ((start + host.beats(first)) * 1920.0).round() / 1920.0 - start - host.beats(first);
            let found = host.play(&mut sequencer, (&settings, &patterns), (start, host.frames(8.0)), off);
            let late = |(frame, strike): &Found| host.beats(*frame) - (strike.beats - start);
            let (least, most) = found.iter().map(late).fold((1.0f64, -1.0f64), |(a, b), x| (a.min(x), b.max(x)));
            assert!(
                found.len() >= 30 && most - least < 1.001 * host.beats(1),
                "{block}, {tempo_bpm}: {least} to {most}"
            );
            assert!(least > -0.51 / 1920.0 && most < 0.51 / 1920.0 + host.beats(1), "{block}, {tempo_bpm}");
        }
    }
}

/// All of a strike but its frame of the block.
fn key((frame, strike): &Found) -> (usize, usize, u32, u64) {
    (*frame, strike.track, strike.velocity.to_bits(), strike.beats.to_bits())
}

#[test]
fn a_strike_falls_on_the_first_frame_that_is_not_before_its_time() {
    let patterns = all(&[(0, full(hit()))]);
    for step in StepLength::ALL {
        let settings = SequencerSettings { step, ..SequencerSettings::default() };
        for rate_hz in [44_100_u64, 48_000, 96_000] {
            for tenths_bpm in [600_u64, 1200, 1273, 1749, 2999] {
                let host = Host { rate_hz: rate_hz as f64, tempo_bpm: tenths_bpm as f64 / 10.0, block: 480 };
                let frames = frames_of(&host.song(&settings, &patterns, 64.0));
                assert_eq!(frames.len() as i64, 64 * step.per_bar());
                for (index, frame) in (0..).zip(frames) {
                    // A moment up to a thousandth after a frame is taken for it.
                    let (time, parts) = (index * 600 * rate_hz, tenths_bpm * step.per_beat() as u64);
                    let exact = (1000 * time).saturating_sub(parts).div_ceil(1000 * parts);
                    assert_eq!(frame as u64, exact, "{step:?} {index} at {rate_hz} Hz, {tenths_bpm} / 10 bpm");
                }
            }
        }
    }
}

#[test]
fn a_tempo_that_changes_between_blocks_loses_and_doubles_nothing() {
    let (patterns, settings) = (busy(), SequencerSettings { chain: 8, ..SequencerSettings::default() });
    // Multiples of every size of block, so that all hosts change at the same frames.
    let (frames, tempi) = (4096 * 255, [120.0, 127.3, 60.0, 241.7, 119.99]);
    let mut expected: Option<Vec<_>> = None;
    for block in [4096 * 255, 1, 17, 64, 4096] {
        let (mut sequencer, mut start, mut found) = (Sequencer::default(), 0.0, Vec::new());
        for (n, tempo_bpm) in tempi.into_iter().enumerate() {
            let host = Host { tempo_bpm, ..Host::new(block) };
            let more = host.play(&mut sequencer, (&settings, &patterns), (start, frames), |_| 0.0);
            found.extend(more.iter().map(key).map(|(frame, track, ..)| (n * frames + frame, track)));
            start += host.beats(frames);
        }
        assert_eq!(&found, expected.get_or_insert(found.clone()), "{block}");
    }
}

/// What a host of a tempo that its positions do not follow has struck, one hit a step.
fn struck_astray(block: usize, tempo_bpm: impl Fn(usize) -> f64, beats: impl Fn(usize) -> f64) -> Vec<i64> {
    let (patterns, settings) = (all(&[(0, full(hit()))]), SequencerSettings::default());
    let (mut sequencer, mut found) = (Sequencer::default(), Vec::new());
    for first in (0..48_000 * 60).step_by(block) {
        // A part without frames changes nothing.
        for frames in [0, block] {
            let part = Part { frames, rate_hz: 48_000.0, tempo_bpm: tempo_bpm(first), beats: Some(beats(first)) };
            sequencer.process(&part, &settings, &patterns, |strike| found.push((first + strike.frame, strike)));
        }
    }
    // Where it is struck is where the host's song is, within what the host leaves unsaid.
    for (frame, strike) in &found {
        assert!((beats(*frame) - strike.beats).abs() < 0.05, "{frame}: {}", strike.beats);
    }
    steps_of(&found)
}

fn is_each_once(steps: &[i64]) -> bool {
    steps.len() > 100 && steps.windows(2).all(|pair| pair[1] == pair[0] + 1)
}

#[test]
fn a_song_that_drifts_from_its_tempo_loses_and_doubles_nothing() {
    for block in [17, 64, 480, 4096] {
        for pace in [1.0 + 1e-4, 1.0 - 1e-4, 1.003, 0.997] {
            let steps = struck_astray(block, |_| 120.0, |frame| frame as f64 / 24_000.0 * pace);
            assert!(is_each_once(&steps), "{block}, {pace}");
        }
    }
}

#[test]
fn a_tempo_that_moves_within_blocks_loses_and_doubles_nothing() {
    for block in [64, 480, 1024] {
        // From 60 beats a minute upwards by 3 a second, of which the host tells at the beginning of each block.
        let tempo_bpm = |frame: usize| 60.0 + 3.0 * frame as f64 / 48_000.0;
        let beats = |frame: usize| {
            let s = frame as f64 / 48_000.0;
            s + s * s * 3.0 / 120.0
        };
        assert!(is_each_once(&struck_astray(block, tempo_bpm, beats)), "rising, {block}");
        // Twice as fast from a frame within a block on, and back.
        for change in (0..48_000).step_by(997) {
            let turns = [240_000 + change, 480_000 + change];
            let is_fast = |frame: usize| (turns[0]..turns[1]).contains(&frame);
            let beats = |frame: usize| (frame + frame.clamp(turns[0], turns[1]) - turns[0]) as f64 / 24_000.0;
            let tempo_bpm = |frame: usize| if is_fast(frame) { 240.0 } else { 120.0 };
            assert!(is_each_once(&struck_astray(block, tempo_bpm, beats)), "at {change}, {block}");
        }
    }
}

#[test]
fn a_loop_goes_over_its_seam_and_each_round_is_like_the_first() {
    let (patterns, settings) = (busy(), SequencerSettings { chain: 4, ..SequencerSettings::default() });
    for (from, to) in [(0.0, 4.0), (4.0, 5.25), (7.875, 8.125)] {
        for host in BLOCKS.map(Host::new) {
            let mut sequencer = Sequencer::default();
            let mut round = || {
                let song = (from, host.frames(to - from));
                host.play(&mut sequencer, (&settings, &patterns), song, |_| 0.0)
            };
            let first = round();
            assert!(!first.is_empty());
            for _ in 0..3 {
                assert_eq!(round(), first, "{from} to {to}, {}", host.block);
            }
        }
    }
}

#[test]
fn a_step_at_the_very_place_where_the_song_begins_or_jumps_to_is_struck_even_if_the_place_is_rounded() {
    let patterns = all(&[(0, full(hit()))]);
    let host = Host::new(64);
    let mut sequencer = Sequencer::default();
    for off in [0.0, 1e-9, -1e-9, host.beats(1) * 0.9] {
        for start in [8.0, 0.0, 100.25, -4.0] {
            let play = (&SequencerSettings::default(), &patterns);
            let found = host.play(&mut sequencer, play, (start + off, 640), |_| 0.0);
            assert_eq!((frames_of(&found), found[0].1.beats), (vec![0], start));
        }
    }
    // A jump by a step is not the step once more.
    let found = host.play(&mut sequencer, (&SequencerSettings::default(), &patterns), (-3.99, 64), |_| 0.0);
    assert!(found.is_empty());
}

#[test]
fn a_song_that_stops_says_nothing_and_goes_on_where_it_is_begun_again() {
    let (patterns, settings) = (all(&[(0, full(hit()))]), SequencerSettings::default());
    let (host, mut sequencer) = (Host::new(480), Sequencer::default());
    let stopped = Part { frames: 48_000, rate_hz: 48_000.0, tempo_bpm: 120.0, beats: None };
    assert_eq!(sequencer.position(), None);
    for _ in 0..2 {
        let found = host.play(&mut sequencer, (&settings, &patterns), (0.25, 12_000), |_| 0.0);
        assert_eq!(frames_of(&found), [0, 6000]);
        assert!((sequencer.position().unwrap() - 0.75).abs() < 1e-9);
        sequencer.process(&stopped, &settings, &patterns, |strike| panic!("{strike:?}"));
        assert_eq!(sequencer.position(), None);
    }
    // A reset, too, begins anew: at the place where it was, the step is struck once more.
    host.play(&mut sequencer, (&settings, &patterns), (0.0, 6001), |_| 0.0);
    sequencer.reset();
    let found = host.play(&mut sequencer, (&settings, &patterns), (0.25, 480), |_| 0.0);
    assert_eq!(frames_of(&found), [0]);
}

#[test]
fn bars_before_the_song_are_played_like_others() {
    let (patterns, settings) = (busy(), SequencerSettings { chain: 8, ..SequencerSettings::default() });
    for host in BLOCKS.map(Host::new) {
        let play = |start| {
            let song = (start, host.frames(12.0));
            host.play(&mut Sequencer::default(), (&settings, &patterns), song, |_| 0.0)
        };
        // 8 patterns and lines of all lengths up to 16: after so many bars all is the same but chance.
        let same = f64::from(8 * 9 * 5 * 7 * 11 * 13 * 4 * 2);
        let sure = |found: Vec<Found>| {
            let is_sure = |(_, strike): &Found| {
                let index = (strike.beats * 4.0).round() as i64;
                let line = patterns.0[settings.pattern_at(index)].lines[strike.track];
                line.steps[line.looped(settings.step_of_line(index))].probability() == 100
            };
            found.into_iter().filter(is_sure).map(|(frame, strike)| (frame, strike.track)).collect::<Vec<_>>()
        };
        let before = sure(play(-8.0));
        assert!(before.len() > 50);
        assert_eq!(before, sure(play(same - 8.0)));
    }
}

#[test]
fn the_second_of_each_pair_is_struck_where_the_swing_says() {
    let patterns = all(&[(0, full(hit()))]);
    for (swing, second) in [(0.5, 6000), (0.6, 7200), (2.0 / 3.0, 8000), (0.75, 9000)] {
        let settings = SequencerSettings { swing, ..SequencerSettings::default() };
        for host in BLOCKS.map(Host::new) {
            let found = host.song(&settings, &patterns, 0.5);
            assert_eq!(frames_of(&found), [0, 12_000, 24_000, 36_000].map(|pair| [pair, pair + second]).concat());
        }
    }
}

#[test]
fn a_swing_that_moves_while_it_plays_loses_and_doubles_nothing() {
    let patterns = all(&[(0, full(hit())), (1, full(hit().with_shift(50))), (2, full(hit().with_shift(-50)))]);
    for block in [17, 64, 480, 1999] {
        let (host, mut sequencer, mut found) = (Host::new(block), Sequencer::default(), Vec::new());
        for n in 0..48_000 * 30 / block {
            let swing = 0.625 + 0.125 * (n as f64 * 0.37).sin();
            let settings = SequencerSettings { swing, ..SequencerSettings::default() };
            found.extend(host.play(&mut sequencer, (&settings, &patterns), (host.beats(n * block), block), |_| 0.0));
        }
        for track in 0..3 {
            let own: Vec<_> = found.iter().copied().filter(|(_, strike)| strike.track == track).collect();
            assert!(is_each_once(&steps_of(&own)), "track {track}, {block}");
        }
    }
}

#[test]
fn a_host_in_haste_whose_swing_moves_too_loses_and_doubles_nothing() {
    let lines = [-50, 0, 50].map(|shift| full(hit().with_shift(shift)));
    let patterns = all(&lines.into_iter().enumerate().collect::<Vec<_>>());
    for block in [1, 100, 750, 3000] {
        let (host, mut sequencer, mut start, mut found) = (Host::new(block), Sequencer::default(), 0.0, Vec::new());
        for n in 0..2000 {
            let settings = SequencerSettings {
                swing: [0.5, 0.75, 0.75, 0.6][n % 4],
                step: StepLength::ThirtySecond,
                ..SequencerSettings::default()
            };
            found.extend(host.play(&mut sequencer, (&settings, &patterns), (start, block), |_| 0.0));
            // Not quite so far that it is a jump.
            start += host.beats(block) + 0.0624;
        }
        for track in 0..3 {
            let own = found.iter().filter(|(_, strike)| strike.track == track);
            let steps: Vec<i64> = own.map(|(_, strike)| (strike.beats * 8.0).round() as i64).collect();
            assert!(is_each_once(&steps), "track {track}, {block}");
        }
    }
}

#[test]
fn a_late_step_of_many_hits_goes_on_into_the_next_but_one() {
    let mut line = Line::default();
    line.steps[0] = hit().with_ratchet(8).with_shift(50);
    let settings = SequencerSettings { swing: 0.75, ..SequencerSettings::default() };
    for host in BLOCKS.map(Host::new) {
        let found = host.song(&settings, &all(&[(0, line)]), 1.0);
        assert_eq!(frames_of(&found), [0, 1, 2, 3, 4, 5, 6, 7].map(|n| 4500 + n * 1125));
    }
}

#[test]
fn ratchets_divide_a_step_from_its_own_place_to_the_next_ones() {
    let mut line = Line::default();
    line.steps[0] = hit().with_ratchet(3).with_velocity(64);
    line.steps[1] = hit().with_ratchet(4);
    line.steps[3] = hit().with_ratchet(2).with_shift(-50);
    line.steps[4] = hit().with_ratchet(2).with_shift(50);
    let settings = SequencerSettings { swing: 0.75, ..SequencerSettings::default() };
    for host in BLOCKS.map(Host::new) {
        let found = host.song(&settings, &all(&[(5, line)]), 0.5);
        // The first step is 9000 frames long, the second one 3000. An early step moves within the one before.
        let expected = [0, 3000, 6000, 9000, 9750, 10_500, 11_250, 16_500, 18_000, 28_500, 33_000];
        assert_eq!(frames_of(&found), expected);
        let velocities: Vec<f32> = found[..4].iter().map(|(_, strike)| strike.velocity).collect();
        assert_eq!(velocities, [64.0 / 127.0, 64.0 / 127.0, 64.0 / 127.0, 1.0]);
    }
}

#[test]
fn chance_has_its_share_and_is_the_same_from_any_start() {
    let chances: [u8; 4] = [1, 25, 50, 99];
    let lines: Vec<_> =
        (0..8).map(|track| (track, full(hit().with_probability(chances[track / 2]).with_ratchet(2)))).collect();
    let (patterns, settings) = (all(&lines), SequencerSettings::default());
    let host = Host::new(480);
    let whole = host.song(&settings, &patterns, 500.0);
    let of = |track: usize| steps_of(&whole).into_iter().zip(&whole).filter(move |(_, found)| found.1.track == track);
    for track in 0..8 {
        let (count, share) = (of(track).count() as f64 / 2.0, f64::from(chances[track / 2]) / 100.0);
        let deviation = (8000.0 * share * (1.0 - share)).sqrt();
        assert!((count - 8000.0 * share).abs() < 4.0 * deviation, "track {track}: {count}");
        // A step is struck with all its hits or none.
        let steps: Vec<i64> = of(track).map(|(step, _)| step).collect();
        assert!(steps.chunks(2).all(|pair| pair[0] == pair[1]));
    }
    // Tracks are chosen apart, and so are takes.
    assert_ne!(of(4).map(|(step, _)| step).collect::<Vec<_>>(), of(5).map(|(step, _)| step).collect::<Vec<_>>());
    let of_both: Vec<i64> = of(4).chain(of(5)).map(|(step, _)| step).collect();
    let both = (0..8000).filter(|step| of_both.iter().filter(|own| *own == step).count() == 4).count();
    assert!((1800..2200).contains(&both), "{both}");
    let other = SequencerSettings { take: 2, ..settings };
    assert_ne!(steps_of(&whole), steps_of(&host.song(&other, &patterns, 500.0)));
    for start in [4.0, 1001.25, 1979.5] {
        let frame = host.frames(start);
        let found = host.play(&mut Sequencer::default(), (&settings, &patterns), (start, 480_000), |_| 0.0);
        let later: Vec<_> =
            whole.iter().filter(|(own, _)| *own >= frame).map(|(own, s)| (own - frame, s.track)).collect();
        let found: Vec<_> = found.iter().map(|(own, strike)| (*own, strike.track)).collect();
        assert_eq!(found, later[..found.len()]);
        assert!(!found.is_empty());
    }
}

#[test]
fn lines_of_other_lengths_shift_against_each_other_and_the_bar() {
    let mut line = Line::default();
    line.steps[0] = hit();
    let patterns = all(&[(0, line), (3, line.with_length(5)), (6, line.with_length(7))]);
    let found = Host::new(480).song(&SequencerSettings::default(), &patterns, 8.0);
    for (track, length) in [(0, 16), (3, 5), (6, 7)] {
        let own: Vec<_> = found.iter().copied().filter(|(_, strike)| strike.track == track).collect();
        assert_eq!(steps_of(&own), (0..128).step_by(length).collect::<Vec<i64>>());
    }
}

#[test]
fn a_chain_plays_a_bar_of_each_pattern_and_an_early_step_is_its_own_bars() {
    let mut patterns = Patterns::default();
    for (n, pattern) in patterns.0.iter_mut().enumerate() {
        pattern.lines[n].steps[0] = hit().with_shift(if n == 6 { -50 } else { 0 });
    }
    let settings = SequencerSettings { pattern: 5, chain: 4, ..SequencerSettings::default() };
    for host in BLOCKS.map(Host::new) {
        let found = host.song(&settings, &patterns, 8.0);
        let expected = [5, 6, 7, 0, 5, 6, 7, 0].into_iter().enumerate().map(|(bar, track): (usize, usize)| {
            // Half a step before the bar.
            (bar * 96_000 - if track == 6 { 3000 } else { 0 }, track, bar as f64 * 4.0)
        });
        assert!(found.iter().map(|(frame, strike)| (*frame, strike.track, strike.beats)).eq(expected));
    }
}

#[test]
fn strikes_of_a_frame_come_by_track_and_those_that_are_muted_do_not() {
    let patterns = all(&(0..TRACKS).rev().map(|track| (track, full(hit()))).collect::<Vec<_>>());
    let mut settings = SequencerSettings::default();
    settings.muted[3] = true;
    let found = Host::new(64).song(&settings, &patterns, 1.0 / 16.0);
    assert_eq!(found.iter().map(|(_, strike)| strike.track).collect::<Vec<_>>(), [0, 1, 2, 4, 5, 6, 7]);
}

#[test]
fn what_runs_alone_begins_with_the_song_follows_the_host_and_goes_on_when_it_stops() {
    let patterns = all(&[(0, full(hit()))]);
    let alone = SequencerSettings { runs_alone: true, ..SequencerSettings::default() };
    for block in BLOCKS {
        let mut sequencer = Sequencer::default();
        let stand = |sequencer: &mut Sequencer, settings: &SequencerSettings, tempo_bpm, frames: usize| {
            let mut found = Vec::new();
            for first in (0..frames).step_by(block) {
                let frames = block.min(frames - first);
                let part = Part { frames, rate_hz: 48_000.0, tempo_bpm, beats: None };
                sequencer.process(&part, settings, &patterns, |strike| found.push((first + strike.frame, strike)));
            }
            found
        };
        let found = stand(&mut sequencer, &alone, 120.0, 15_000);
        assert_eq!((frames_of(&found), steps_of(&found)), (vec![0, 6000, 12_000], vec![0, 1, 2]));
        // Twice as fast: half of the step is left.
        let found = stand(&mut sequencer, &alone, 240.0, 6000);
        assert_eq!((frames_of(&found), steps_of(&found)), (vec![1500, 4500], vec![3, 4]));
        let host = Host::new(block);
        let found = host.play(&mut sequencer, (&alone, &patterns), (7.875, 6000), |_| 0.0);
        assert_eq!((frames_of(&found), steps_of(&found)), (vec![3000], vec![32]));
        let found = stand(&mut sequencer, &alone, 120.0, 6000);
        assert_eq!((frames_of(&found), steps_of(&found)), (vec![3000], vec![33]));
        // Switched off, and on again.
        assert!(stand(&mut sequencer, &SequencerSettings::default(), 120.0, 24_000).is_empty());
        assert_eq!(steps_of(&stand(&mut sequencer, &alone, 120.0, 6000)), [0]);
    }
}

#[test]
fn nonsense_of_a_host_ends_and_is_bounded() {
    let odd = [
        f64::NAN,
        f64::INFINITY,
        f64::NEG_INFINITY,
        0.0,
        -0.0,
        1.0,
        -1.0,
        1e-300,
        1e300,
        -1e300,
        1e9,
        -1e9,
        5e-324,
        120.0,
    ];
    let line = full(hit().with_ratchet(8).with_shift(-50));
    let patterns = all(&(0..TRACKS).map(|track| (track, line)).collect::<Vec<_>>());
    let mut sequencer = Sequencer::default();
    for (n, tempo_bpm) in odd.into_iter().enumerate() {
        for rate_hz in odd {
            for beats in odd.map(Some).into_iter().chain([None]) {
                for frames in [0, 1, 512] {
                    let part = Part { frames, rate_hz, tempo_bpm, beats };
                    let settings = SequencerSettings {
                        swing: odd[(n + frames) % odd.len()],
                        step: StepLength::ALL[n % 5],
                        pattern: usize::MAX * (n % 2),
                        chain: usize::MAX * (frames % 2),
                        runs_alone: n % 3 == 0,
                        ..SequencerSettings::default()
                    };
                    let mut count = 0;
                    sequencer.process(&part, &settings, &patterns, |strike| {
                        assert!(strike.frame < frames && strike.track < TRACKS && strike.beats.is_finite());
                        count += 1;
                    });
                    // At a thousand beats a minute and a thousand frames a second, 8 tracks of 8 hits in 8 steps a beat.
                    let beats = frames as f64 / 60.0 + 0.5;
                    assert!(f64::from(count) <= 512.0 * beats, "{part:?}: {count}");
                    assert!(sequencer.position().is_none_or(f64::is_finite));
                }
            }
        }
    }
    // What was nonsense leaves nothing behind.
    let host = Host::new(64);
    let found =
        host.play(&mut sequencer, (&SequencerSettings::default(), &all(&[(0, full(hit()))])), (0.0, 6400), |_| 0.0);
    assert_eq!(frames_of(&found), [0, 6000]);
}
