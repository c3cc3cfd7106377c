//! What tracks do together, and with the thread that renders.

use rtrb::RingBuffer;

use super::*;
use crate::drums::track::WAITING;
use crate::dsp::noise::Noise;
use crate::dsp::sample_guard::SampleGuard;

const RATE_HZ: f64 = 48_000.0;
const PLAIN: TrackSettings =
    TrackSettings { tune_st: 0.0, decay: 1.0, is_reverse: false, level_db: 0.0, pan: 0.0, choke: 0 };
const ALL_PLAIN: [TrackSettings; TRACKS] = [PLAIN; TRACKS];

/// A mixer with its two rings, and the ends of them that the rendering thread has.
struct Bench {
    mixer: Mixer,
    deliveries: Consumer<Delivery>,
    spent: Producer<Box<Sound>>,
    deliver: Producer<Delivery>,
    returned: Consumer<Box<Sound>>,
}

impl Bench {
    fn new(spent: usize) -> Self {
        let (deliver, deliveries) = RingBuffer::new(64);
        let (spent, returned) = RingBuffer::new(spent);
        Self { mixer: Mixer::new(RATE_HZ), deliveries, spent, deliver, returned }
    }

    fn deliver(&mut self, track: usize, key: u64, frames: Vec<f32>) {
        let sound = Box::new(Sound::new(key, RATE_HZ as u32, frames, &mut SampleGuard::default()));
        self.deliver.push(Delivery { track, sound }).unwrap_or_else(|_| panic!("the ring is long enough"));
        self.exchange();
    }

    fn exchange(&mut self) {
        self.mixer.exchange(&mut self.deliveries, &mut self.spent, |_, _| {});
    }

    /// The left and the right side of the next frames.
    fn render(&mut self, frames: usize, settings: &[TrackSettings; TRACKS]) -> [Vec<f32>; 2] {
        let (mut left, mut right) = (vec![0.0; frames], vec![0.0; frames]);
        self.mixer.render(&mut [[&mut left, &mut right]], 0..frames, settings);
        [left, right]
    }
}

fn noise(seed: u64, frames: usize) -> Vec<f32> {
    let mut samples = vec![0.0; frames];
    Noise::new(seed).fill(&mut samples);
    samples
}

fn sine(hz: f32, frames: usize) -> Vec<f32> {
    (0..frames).map(|n| (std::f32::consts::TAU * hz * n as f32 / RATE_HZ as f32).sin()).collect()
}

/// How sharply the sound bends at most: what a click does.
fn sharpest_bend(samples: &[f32]) -> f32 {
    samples.windows(3).map(|three| (three[0] - 2.0 * three[1] + three[2]).abs()).fold(0.0, f32::max)
}

#[test]
fn a_strike_begins_at_its_frame_and_plays_the_sound_to_the_bit() {
    let mut bench = Bench::new(8);
    let sound = noise(1, 500);
    bench.deliver(3, 7, sound.clone());
    assert!(bench.mixer.has(3, 7) && !bench.mixer.has(2, 7) && !bench.mixer.is_sounding());
    let (mut left, mut right) = (vec![0.0; 600], vec![0.0; 600]);
    let mut outs = [[&mut left[..], &mut right[..]]];
    bench.mixer.render(&mut outs, 0..17, &ALL_PLAIN);
    assert_eq!(bench.mixer.strike(3, 1.0, 7, &ALL_PLAIN), Struck::Wanted);
    bench.mixer.render(&mut outs, 17..600, &ALL_PLAIN);
    assert!(!bench.mixer.is_sounding());
    assert!(left[..17].iter().chain(&left[517..]).all(|&sample| sample == 0.0));
    assert_eq!(left[17..517], sound);
    assert_eq!(left, right);
}

#[test]
fn without_the_wanted_hit_the_newest_is_played_and_without_any_nothing() {
    let mut bench = Bench::new(8);
    assert_eq!(bench.mixer.strike(0, 1.0, 1, &ALL_PLAIN), Struck::Nothing);
    bench.deliver(0, 1, vec![0.1; 9]);
    bench.deliver(0, 2, vec![0.2; 9]);
    assert_eq!(bench.mixer.strike(0, 0.0, 1, &ALL_PLAIN), Struck::Nothing);
    assert_eq!(bench.mixer.strike(0, f32::NAN, 1, &ALL_PLAIN), Struck::Nothing);
    assert_eq!(bench.mixer.strike(TRACKS, 1.0, 1, &ALL_PLAIN), Struck::Nothing);
    assert!(!bench.mixer.is_sounding());
    assert_eq!(bench.mixer.strike(0, 1.0, 3, &ALL_PLAIN), Struck::Newest);
    assert_eq!(bench.render(9, &ALL_PLAIN)[0], [0.2; 9]);
}

#[test]
fn blocks_do_not_matter_to_the_bit() {
    // Everything at once: tuned, reversed, choked, moved, struck again, sounds exchanged.
    const FRAMES: usize = 30_000;
    let settings = |frame: usize| -> [TrackSettings; TRACKS] {
        std::array::from_fn(|track| TrackSettings {
            tune_st: [0.0, 12.0, -7.3, 24.0][track % 4],
            decay: [1.0, 0.5, 0.2][track % 3],
            is_reverse: track % 5 == 4,
            level_db: -6.0 * ((frame / 1_000 + track) % 3) as f32,
            pan: ((frame / 3_000 + track) % 5) as f32 / 2.0 - 1.0,
            choke: (track % 3) as u8,
        })
    };
    let play = |cut: &mut dyn FnMut() -> usize| {
        let mut bench = Bench::new(64);
        let mut dice = Noise::new(11);
        let (mut left, mut right) = (vec![0.0; FRAMES], vec![0.0; FRAMES]);
        let mut outs = [[&mut left[..], &mut right[..]]];
        let mut at = 0;
        while at < FRAMES {
            // What happens at a frame is the same in all runs: every 250 frames.
            if at % 250 == 0 {
                let roll = dice.next_u64();
                let track = roll as usize % TRACKS;
                if roll >> 8 & 1 == 0 {
                    bench.deliver(track, roll >> 9 & 3, noise(roll, 400 + (roll >> 20) as usize % 5_000));
                    while bench.returned.pop().is_ok() {}
                }
                bench.mixer.strike(track, dice.uniform(), roll >> 30 & 3, &settings(at));
            }
            let next = (at + cut()).min(at / 250 * 250 + 250).min(FRAMES);
            bench.mixer.render(&mut outs, at..next, &settings(at / 250 * 250));
            at = next;
        }
        (left, right, bench.mixer.take_peaks())
    };
    let whole = play(&mut || 250);
    assert!(whole.2.iter().all(|&peak| peak > 0.1), "{:?}", whole.2);
    assert_eq!(play(&mut || 1), whole);
    assert_eq!(play(&mut || 64), whole);
    let mut dice = Noise::new(2);
    assert_eq!(play(&mut || 1 + dice.next_u64() as usize % 200), whole);
}

#[test]
fn struck_again_the_new_hit_begins_at_full_while_the_old_one_fades_without_a_click() {
    let mut bench = Bench::new(8);
    bench.deliver(0, 1, sine(100.0, 9_000));
    bench.deliver(0, 2, vec![0.0; 9_000]);
    bench.mixer.strike(0, 1.0, 1, &ALL_PLAIN);
    let mut heard = bench.render(1_080, &ALL_PLAIN)[0].clone();
    assert!(heard[1_079].abs() > 0.9);
    bench.mixer.strike(0, 1.0, 2, &ALL_PLAIN);
    heard.extend(&bench.render(1_000, &ALL_PLAIN)[0]);
    // 3 ms.
    assert!(heard[1_080 + 130..1_080 + 144].iter().any(|&sample| sample != 0.0));
    assert!(heard[1_080 + 144..].iter().all(|&sample| sample == 0.0));
    assert!(sharpest_bend(&heard) < 1e-3, "{}", sharpest_bend(&heard));

    // The new one is not faded in.
    bench.deliver(0, 3, vec![0.5; 9_000]);
    bench.mixer.strike(0, 1.0, 3, &ALL_PLAIN);
    assert_eq!(bench.render(1_000, &ALL_PLAIN)[0], [0.5; 1_000]);
}

#[test]
fn strikes_in_quick_succession_end_the_one_that_is_nearest_to_its_end() {
    let mut bench = Bench::new(8);
    bench.deliver(0, 1, vec![1.0; 9_000]);
    let mut heard = Vec::new();
    for _ in 0..20 {
        bench.mixer.strike(0, 1.0, 1, &ALL_PLAIN);
        heard.extend_from_slice(&bench.render(70, &ALL_PLAIN)[0]);
    }
    // Two fade under the new one at most, and the third is over but for its last 6 %.
    assert!(heard.iter().all(|&sample| (1.0..2.7).contains(&sample)));
    let steps = heard.windows(2).map(|pair| pair[0] - pair[1]).fold(0.0, f32::max);
    assert!(steps < 0.05, "{steps}");
}

#[test]
fn a_strike_ends_what_sounds_in_its_group_and_nothing_else() {
    let mut settings = ALL_PLAIN;
    (settings[0].choke, settings[1].choke, settings[2].choke) = (1, 1, 2);
    let mut bench = Bench::new(8);
    for track in 0..4 {
        bench.deliver(track, 1, if track == 1 { vec![0.0; 9_000] } else { sine(100.0, 9_000) });
    }
    // An open hat, and two that have nothing to do with it.
    for track in [0, 2, 3] {
        bench.mixer.strike(track, 1.0, 1, &settings);
    }
    let mut buffers = vec![0.0; 8 * 2 * 2_000];
    let mut sides = buffers.chunks_mut(2_000);
    let mut outs: [[&mut [f32]; 2]; TRACKS] =
        std::array::from_fn(|_| [sides.next().expect("two a track"), sides.next().expect("two a track")]);
    bench.mixer.render(&mut outs, 0..600, &settings);
    // The group's silent closed hat ends it.
    bench.mixer.strike(1, 1.0, 1, &settings);
    bench.mixer.render(&mut outs, 600..2_000, &settings);
    let whole = sine(100.0, 9_000);
    assert_eq!(outs[0][0][..600], whole[..600]);
    // 5 ms.
    assert!(outs[0][0][820..840].iter().any(|&sample| sample != 0.0));
    assert!(outs[0][0][840..].iter().all(|&sample| sample == 0.0));
    assert!(sharpest_bend(outs[0][0]) < 7e-4, "{}", sharpest_bend(outs[0][0]));
    assert_eq!((&*outs[2][1], &*outs[3][1]), (&whole[..2_000], &whole[..2_000]));

    // A strike that plays nothing chokes nothing; a track does not choke itself.
    bench.mixer.strike(0, 1.0, 1, &settings);
    bench.mixer.strike(1, 0.0, 1, &settings);
    outs[0][0].fill(0.0);
    bench.mixer.render(&mut outs, 0..2_000, &settings);
    assert_eq!(*outs[0][0], whole[..2_000]);
}

#[test]
fn a_track_goes_to_its_own_pair_and_to_the_first_without_one() {
    let mut bench = Bench::new(8);
    for track in 0..TRACKS {
        bench.deliver(track, 1, vec![track as f32 + 1.0; 10]);
    }
    for (pairs, expected) in [(1, vec![36.0]), (2, vec![34.0, 2.0]), (8, (1..=8).map(|n| n as f32).collect())] {
        (0..TRACKS).for_each(|track| _ = bench.mixer.strike(track, 1.0, 1, &ALL_PLAIN));
        let mut buffers = vec![[[0.0; 10]; 2]; pairs];
        let mut outs: Vec<[&mut [f32]; 2]> =
            buffers.iter_mut().map(|pair| pair.each_mut().map(|side| &mut side[..])).collect();
        // Pairs that are too short are filled as far as they go.
        bench.mixer.render(&mut outs, 0..12, &ALL_PLAIN);
        for (pair, expected) in buffers.iter().zip(expected) {
            assert_eq!(*pair, [[expected; 10]; 2]);
        }
        bench.mixer.reset();
    }
    bench.mixer.render(&mut [], 0..12, &ALL_PLAIN);
}

#[test]
fn level_and_pan_move_smoothly_while_it_sounds_and_are_there_at_once_when_it_begins() {
    let mut settings = ALL_PLAIN;
    (settings[0].level_db, settings[0].pan) = (-20.0, -1.0);
    let mut bench = Bench::new(8);
    bench.deliver(0, 1, vec![1.0; 48_000]);
    bench.mixer.strike(0, 1.0, 1, &settings);
    let [left, right] = bench.render(100, &settings);
    assert_eq!((left[0], right[0]), (0.1 * std::f32::consts::SQRT_2, 0.0));
    (settings[0].level_db, settings[0].pan) = (0.0, 1.0);
    for (side, [from, to]) in bench.render(4_800, &settings).iter().zip([[left[0], 0.0], [0.0, f32::sqrt(2.0)]]) {
        let step = side.windows(2).map(|pair| (pair[1] - pair[0]).abs()).fold((side[0] - from).abs(), f32::max);
        assert!(step < 0.01, "{step}");
        assert_eq!(side.last(), Some(&to));
    }
}

#[test]
fn the_peak_is_that_of_the_louder_side_since_it_was_last_asked() {
    let mut settings = ALL_PLAIN;
    settings[1].pan = 1.0;
    let mut bench = Bench::new(8);
    bench.deliver(0, 1, vec![0.25, -0.5, 0.1, 0.2]);
    bench.deliver(1, 1, vec![0.1; 4]);
    (0..2).for_each(|track| _ = bench.mixer.strike(track, 1.0, 1, &settings));
    bench.render(2, &settings);
    assert_eq!(bench.mixer.take_peaks()[..3], [0.5, 0.1 * std::f32::consts::SQRT_2, 0.0]);
    bench.render(2, &settings);
    assert_eq!(bench.mixer.take_peaks()[0], 0.2);
    bench.render(2, &settings);
    assert_eq!(bench.mixer.take_peaks(), [0.0; TRACKS]);
}

#[test]
fn reset_is_silence_and_keeps_the_sounds() {
    let mut bench = Bench::new(8);
    bench.deliver(0, 1, vec![1.0; 500]);
    bench.mixer.strike(0, 1.0, 1, &ALL_PLAIN);
    bench.render(10, &ALL_PLAIN);
    bench.mixer.reset();
    assert!(!bench.mixer.is_sounding() && bench.mixer.has(0, 1));
    assert_eq!(bench.render(10, &ALL_PLAIN)[0], [0.0; 10]);
    assert_eq!(bench.mixer.take_peaks(), [0.0; TRACKS]);
}

#[test]
fn sounds_that_come_while_others_play_never_cut_them_and_none_is_lost() {
    // Each sound is a level of its own, so that what is heard tells which one plays.
    const LONG: usize = 900;
    let level = |key: u64| key as f32 / 4_096.0;
    let mut bench = Bench::new(3);
    let mut dice = Noise::new(5);
    let mut delivered = 0;
    let mut returned = Vec::new();
    for round in 0..2_000u64 {
        for _ in 0..dice.next_u64() % 9 {
            let sound =
                Sound::new(delivered, RATE_HZ as u32, vec![level(delivered); LONG], &mut SampleGuard::default());
            // The rendering thread tries again later, as it does when the ring is full.
            if bench.deliver.push(Delivery { track: 0, sound: Box::new(sound) }).is_ok() {
                delivered += 1;
            }
        }
        bench.exchange();
        let wanted = (0..delivered).filter(|&key| bench.mixer.has(0, key)).nth(dice.next_u64() as usize % 3);
        let Some(wanted) = wanted else { continue };
        assert_eq!(bench.mixer.strike(0, 1.0, wanted, &ALL_PLAIN), Struck::Wanted);
        let before = bench.render(150, &ALL_PLAIN)[0][149];
        // The one before has faded: the hit alone is heard to its end, whatever comes meanwhile.
        assert_eq!(before, level(wanted), "round {round}");
        for at in (150..800).step_by(50) {
            let sound =
                Sound::new(delivered, RATE_HZ as u32, vec![level(delivered); LONG], &mut SampleGuard::default());
            if bench.deliver.push(Delivery { track: 0, sound: Box::new(sound) }).is_ok() {
                delivered += 1;
            }
            bench.exchange();
            assert_eq!(bench.render(50, &ALL_PLAIN)[0], [level(wanted); 50], "round {round}, {at}");
        }
        assert!(bench.mixer.has(0, wanted));
        // Often the way back stays full for long.
        if round % 5 == 0 {
            returned.extend(std::iter::from_fn(|| bench.returned.pop().ok()).map(|sound| sound.key()));
        }
    }
    assert!(bench.spent.slots() == 0 || bench.deliveries.is_empty());
    assert!(delivered > 1_000 && returned.len() > 500, "{delivered}, {}", returned.len());
    let on_the_shelf = (0..delivered).filter(|&key| bench.mixer.has(0, key)).collect::<Vec<_>>();
    assert!(on_the_shelf.len() > WAITING);
    returned.extend(on_the_shelf);
    returned.extend(std::iter::from_fn(|| bench.returned.pop().ok()).map(|sound| sound.key()));
    returned.extend(std::iter::from_fn(|| bench.deliveries.pop().ok()).map(|delivery| delivery.sound.key()));
    returned.sort_unstable();
    assert_eq!(returned, (0..delivered).collect::<Vec<_>>());
}

#[test]
fn a_flood_of_sounds_changes_nothing_of_those_that_fade() {
    let play = |flood: u64| {
        let mut bench = Bench::new(64);
        for key in 0..3 {
            bench.deliver(0, key, noise(key, 5_000));
        }
        // All voices sound.
        for key in 0..3 {
            bench.mixer.strike(0, 1.0, key, &ALL_PLAIN);
            bench.render(20, &ALL_PLAIN);
        }
        (100..100 + flood).for_each(|key| bench.deliver(0, key, vec![0.0; 5_000]));
        bench.render(1_000, &ALL_PLAIN)
    };
    assert_eq!(play(30), play(0));
}

#[test]
fn as_many_sounds_can_wait_as_is_said_and_the_one_struck_last_stays_when_it_is_over() {
    let mut bench = Bench::new(8);
    bench.deliver(0, 0, vec![1.0; 9_000]);
    bench.mixer.strike(0, 1.0, 0, &ALL_PLAIN);
    bench.render(9_000, &ALL_PLAIN);
    assert!(!bench.mixer.is_sounding());
    for key in 1..100 {
        bench.deliver(0, key, vec![1.0; 9_000]);
        assert!((key.saturating_sub(WAITING as u64 - 1)..=key).all(|key| bench.mixer.has(0, key)));
        assert!(bench.mixer.has(0, 0));
        _ = bench.returned.pop();
    }
}

#[test]
fn while_the_way_back_is_full_sounds_wait_and_what_is_for_no_track_comes_back() {
    let mut bench = Bench::new(1);
    bench.deliver(TRACKS, 50, vec![1.0]);
    bench.deliver(0, 51, vec![1.0]);
    assert!(!bench.mixer.has(0, 51));
    assert_eq!(bench.returned.pop().unwrap().key(), 50);
    bench.exchange();
    assert!(bench.mixer.has(0, 51));
}
