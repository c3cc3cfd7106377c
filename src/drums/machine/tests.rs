use rtrb::RingBuffer;

use super::*;
use crate::drums::pattern::Step;
use crate::drums::signature::Signer;
use crate::drums::signature::tests::stroke;
use crate::dsp::sample_guard::SampleGuard;

const RATE_HZ: f64 = 48_000.0;

/// A worker that answers each order with a click whose height tells the recipe, after a number of calls.
struct Worker {
    orders: Consumer<Order>,
    deliveries: Producer<Delivery>,
    spent: Consumer<Box<Sound>>,
    made: Vec<Recipe>,
}

fn height(recipe: &Recipe) -> f32 {
    (recipe.key() % 1000) as f32 / 2000.0 + 0.1
}

impl Worker {
    fn new() -> (Self, Rings) {
        let (orders, take_orders) = RingBuffer::new(64);
        let (give, deliveries) = RingBuffer::new(64);
        let (spent, take_spent) = RingBuffer::new(64);
        let worker = Self { orders: take_orders, deliveries: give, spent: take_spent, made: Vec::new() };
        (worker, Rings { orders, deliveries, spent })
    }

    fn work(&mut self) {
        while self.spent.pop().is_ok() {}
        while let Ok(Order { track, recipe }) = self.orders.pop() {
            self.made.push(recipe);
            let click = vec![height(&recipe), 0.0, 0.0, 0.0];
            let sound = Box::new(Sound::new(recipe.key(), 48_000, click, &mut SampleGuard::default()));
            assert!(self.deliveries.push(Delivery { track, sound }).is_ok());
        }
    }
}

fn every_step() -> Patterns {
    let mut patterns = Patterns::default();
    for line in &mut patterns.0[0].lines {
        line.steps.fill(Step::default().with_velocity(127));
    }
    patterns
}

fn settings(evolve: Evolve) -> MachineSettings {
    let recipes = std::array::from_fn(|track| Recipe { track: track as u8, ..Recipe::default() });
    MachineSettings { evolve, recipes, ..MachineSettings::default() }
}

/// Plays a song from its beginning; -> the first track's side, and strikes that came too late.
fn song(blocks: &[usize], total: usize, tempo_bpm: f64, settings: &MachineSettings) -> (Vec<f32>, u32, Vec<Recipe>) {
    let (mut worker, rings) = Worker::new();
    let mut machine = Machine::new(RATE_HZ, rings);
    let patterns = every_step();
    let (mut out, mut done, mut late) = (Vec::new(), 0, 0);
    machine.keep_up(settings);
    worker.work();
    for &frames in blocks.iter().cycle() {
        if done >= total {
            break;
        }
        let mut sides = vec![[vec![0.0; frames], vec![0.0; frames]]; TRACKS];
        let mut outs: Vec<[&mut [f32]; 2]> =
            sides.iter_mut().map(|[left, right]| [&mut left[..], &mut right[..]]).collect();
        let beats = Some(done as f64 * tempo_bpm / 60.0 / RATE_HZ);
        let part = Part { frames, rate_hz: RATE_HZ, tempo_bpm, beats };
        machine.keep_up(settings);
        machine.play(&mut outs, 0..frames, &part, settings, &patterns, |_| {});
        late += machine.take_late();
        worker.work();
        out.extend_from_slice(&sides[0][0]);
        done += frames;
    }
    out.truncate(total);
    (out, late, worker.made)
}

#[test]
fn a_tune_becomes_a_pitch_once() {
    let mut settings = settings(Evolve::Off);
    settings.tracks[2].tune_st = -7.0;
    for _ in 0..2 {
        settings.ask_pitches();
        assert_eq!((settings.recipes[2].pitch_st, settings.tracks[2].tune_st), (-7.0, 0.0));
    }
}

#[test]
fn eight_tracks_evolve_with_every_step_and_none_plays_an_old_hit() {
    let settings = settings(Evolve::Step);
    let (out, late, made) = song(&[256], 48_000 * 4, 120.0, &settings);
    // The song's very first step has no lead.
    assert_eq!(late, 0);
    let step = 6000;
    for index in 0..32 {
        let recipe = settings.recipe(0, index as f64 * 0.25);
        assert_eq!(recipe.draw, index as i64);
        assert_eq!(out[index * step], height(&recipe), "{index}");
    }
    assert!(made.len() > 8 * 32, "{}", made.len());
}

#[test]
fn what_is_heard_does_not_depend_on_the_blocks() {
    let settings = settings(Evolve::Beat);
    let (whole, ..) = song(&[4096], 96_000, 127.3, &settings);
    for blocks in [&[64][..], &[17, 480, 1], &[512]] {
        assert!(song(blocks, 96_000, 127.3, &settings).0 == whole, "{blocks:?}");
    }
    assert!(whole.iter().any(|sample| *sample > 0.0));
}

#[test]
fn locked_tracks_keep_their_hits() {
    let mut settings = settings(Evolve::Step);
    settings.locked[0] = true;
    let (_, _, made) = song(&[512], 48_000, 120.0, &settings);
    assert!(made.iter().filter(|recipe| recipe.track == 0).all(|recipe| recipe.draw == 0));
    assert!(made.iter().any(|recipe| recipe.track == 1 && recipe.draw > 2));
}

#[test]
fn a_bounce_waits_for_hits_that_live_play_would_miss() {
    let (mut worker, rings) = Worker::new();
    let mut machine = Machine::new(RATE_HZ, rings);
    let settings = settings(Evolve::Off);
    let mut sides = [vec![0.0; 64], vec![0.0; 64]];
    let mut play = |machine: &mut Machine, is_offline: bool| {
        let [left, right] = &mut sides;
        left.fill(0.0);
        machine.set_patience(is_offline.then_some(patience::LIMIT));
        machine.hit(0, 1.0, &settings);
        let part = Part { frames: 64, rate_hz: RATE_HZ, tempo_bpm: 120.0, beats: None };
        let mut outs = [[&mut left[..], &mut right[..]]];
        machine.play(&mut outs, 0..64, &part, &settings, &Patterns::default(), |_| {});
        left[0]
    };
    assert_eq!(play(&mut machine, false), 0.0);
    assert_eq!(machine.take_late(), 1);
    let working = std::thread::spawn(move || {
        #[expect(clippy::disallowed_methods, reason = "this is the worker's thread")]
        std::thread::sleep(Duration::from_millis(30));
        worker.work();
        worker
    });
    assert_eq!(play(&mut machine, true), height(&settings.recipes[0]));
    assert_eq!(machine.take_late(), 0);
    drop(working.join());
}

#[test]
fn the_nearest_track_is_one_that_is_heard_and_has_a_hit() {
    let (mut worker, rings) = Worker::new();
    let mut machine = Machine::new(RATE_HZ, rings);
    let mut settings = settings(Evolve::Off);
    let mut deliver = |machine: &mut Machine, track: usize, frames: Vec<f32>| {
        let sound = Box::new(Sound::new(settings.recipes[track].key(), 44_100, frames, &mut SampleGuard::default()));
        assert!(worker.deliveries.push(Delivery { track, sound }).is_ok());
        machine.keep_up(&settings);
    };
    let [thump, snare, hiss] =
        [0, 1, 2].map(|kind| Signer::new(RATE_HZ).sign(&stroke(kind, RATE_HZ, 2)).expect("it sounds"));
    assert_eq!(machine.nearest(&thump, &settings), None);
    deliver(&mut machine, 4, stroke(2, 44_100.0, 1));
    assert_eq!(machine.nearest(&thump, &settings), Some(4), "there is no other");
    deliver(&mut machine, 2, stroke(0, 44_100.0, 1));
    deliver(&mut machine, 6, stroke(1, 44_100.0, 1));
    deliver(&mut machine, 7, Vec::new());
    let found = |machine: &mut Machine, settings: &MachineSettings| {
        [thump, snare, hiss].map(|stroke| machine.nearest(&stroke, settings))
    };
    assert_eq!(found(&mut machine, &settings), [Some(2), Some(6), Some(4)]);
    settings.sequencer.muted[2] = true;
    assert_eq!(found(&mut machine, &settings), [Some(6), Some(6), Some(4)]);
    settings.sequencer.solo[4] = true;
    assert_eq!(found(&mut machine, &settings), [Some(4); 3]);
}

#[test]
fn a_loop_goes_round_without_an_old_hit_and_knobs_that_move_keep_no_strike_waiting() {
    let (mut worker, rings) = Worker::new();
    let mut machine = Machine::new(RATE_HZ, rings);
    let patterns = every_step();
    let mut settings = MachineSettings { loop_beats: Some([0.0, 4.0]), ..settings(Evolve::Step) };
    let (tempo_bpm, frames) = (120.0, 480);
    machine.keep_up(&settings);
    worker.work();
    let (mut late, mut orders) = (0, 0);
    for block in 0..600 {
        // Two seconds are a round of four beats.
        let beats = f64::from(block * 480 % 96_000) * tempo_bpm / 60.0 / RATE_HZ;
        settings.recipes[7].pad = [block as f32 * 0.001, 0.0];
        let part = Part { frames, rate_hz: RATE_HZ, tempo_bpm, beats: Some(beats) };
        let mut sides = [vec![0.0; frames], vec![0.0; frames]];
        let [left, right] = &mut sides;
        machine.keep_up(&settings);
        let mut outs = [[&mut left[..], &mut right[..]]];
        machine.play(&mut outs, 0..frames, &part, &settings, &patterns, |_| {});
        late += machine.take_late();
        if block % 3 == 2 {
            worker.work();
        }
        orders = worker.made.len();
    }
    assert_eq!(late, 0);
    assert!(orders < 8 * 16 * 4 + 600, "{orders}");
}
