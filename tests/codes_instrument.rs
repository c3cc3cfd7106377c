//! The instrument without a host: when its voices work, how equal notes add up, which notes end.

#![allow(clippy::unwrap_used, reason = "helpers fail as the tests they serve")]

mod common;

use std::sync::{Arc, LazyLock};

use common::package::shipped;
use common::sounds::loudest_step;
use timbreloom::codes::book::Codebook;
use timbreloom::instance::codes_params::CodesParams;
use timbreloom::instance::midi_play::Own;
use timbreloom::model::codes::{CodesPackage, load_book};
use timbreloom::synth::VOICES;
use timbreloom::synth::code_set::CodeSet;
use timbreloom::synth::display::Display;
use timbreloom::synth::instrument::{Event, Instrument, Who};
use timbreloom::synth::settings::{Adsr, Song, SynthSettings};

const RATE_HZ: u32 = 48_000;
const STILL: Song = Song { beats: None, tempo_bpm: 120.0 };

fn set(name: &str) -> CodeSet {
    static BOOKS: LazyLock<[Arc<Codebook>; 2]> = LazyLock::new(|| ["horn-codes", "cello-codes"].map(book));
    CodeSet::new(&BOOKS[usize::from(name == "cello-codes")], RATE_HZ)
}

fn book(name: &str) -> Arc<Codebook> {
    load_book(&CodesPackage::open(&shipped(name)).unwrap()).unwrap()
}

fn key(key: u8) -> Who {
    Who { id: None, channel: Some(0), key: Some(key) }
}

/// A quick envelope, so that what is measured is the sound and not its beginning and end.
fn quick(params: &CodesParams) -> SynthSettings<'_> {
    let envelope = Adsr { attack_s: 0.002, decay_s: 0.1, sustain: 1.0, release_s: 0.05 };
    SynthSettings { envelope, ..params.settings(&Own) }
}

struct Bench {
    instrument: Instrument,
    display: Arc<Display>,
    params: CodesParams,
}

impl Bench {
    fn new() -> Self {
        let display = Arc::<Display>::default();
        let instrument = Instrument::new(&set("horn-codes"), Arc::clone(&display));
        Self { instrument, display, params: CodesParams::default() }
    }

    fn handle(&mut self, events: &[Event]) {
        for event in events {
            self.instrument.handle(*event, &quick(&self.params));
        }
    }

    fn render(&mut self, frames: usize) -> Vec<f32> {
        let mut out = vec![0.0; frames];
        self.instrument.render(&mut out, &[], &quick(&self.params), STILL);
        out
    }

    fn ends(&mut self) -> Vec<Who> {
        std::iter::from_fn(|| self.instrument.next_end()).collect()
    }

    /// What each voice plays and where it is; changes with each of its hops.
    fn hops(&self) -> Vec<Option<u32>> {
        (0..VOICES).map(|voice| self.display.voice(voice).map(|playing| playing.curve_at.to_bits())).collect()
    }
}

fn rms_db(sound: &[f32]) -> f32 {
    10.0 * (sound.iter().map(|sample| sample * sample).sum::<f32>() / sound.len() as f32).log10()
}

/// The most voices that begin a hop within one of the blocks, after the first.
fn most_at_once(bench: &mut Bench, blocks: usize) -> usize {
    let mut before = bench.hops();
    let mut most = 0;
    for _ in 0..blocks {
        bench.render(32);
        let now = bench.hops();
        most = most.max(now.iter().zip(&before).filter(|(now, before)| now != before).count());
        before = now;
    }
    most
}

#[test]
fn voices_never_need_a_hop_in_the_same_block_of_32_frames() {
    let mut chord = Bench::new();
    chord.handle(&(0..8).map(|n| Event::On(key(40 + 5 * n), 0.8)).collect::<Vec<_>>());
    chord.render(32);
    assert_eq!(chord.hops().iter().flatten().count(), 8);
    assert_eq!(most_at_once(&mut chord, 200), 1, "a chord");

    // One by one, at the most awkward of times, some in the place of others.
    let mut line = Bench::new();
    for n in 0..40u8 {
        line.handle(&[Event::On(key(40 + n), 0.8)]);
        // What begins itself is a hop too.
        line.render(1 + usize::from(n) * 37 % 571);
        assert!(most_at_once(&mut line, 3) <= 1, "note {n}");
    }
    assert_eq!(most_at_once(&mut line, 200), 1, "one by one");
}

#[test]
fn equal_notes_at_once_add_up_by_power_and_none_is_lost() {
    for note in [43, 60, 79] {
        let level = |count: u8| {
            let mut bench = Bench::new();
            bench
                .handle(&(0..count).map(|n| Event::On(Who { channel: Some(n), ..key(note) }, 0.8)).collect::<Vec<_>>());
            bench.render(4800);
            rms_db(&bench.render(24_000))
        };
        let one = level(1);
        for (count, expected) in [(2, 3.0), (3, 4.8), (8, 9.0)] {
            let more = level(count) - one;
            assert!((more - expected).abs() < 1.0, "{count} of key {note}: {more} dB");
        }
    }
}

#[test]
fn a_key_struck_again_under_the_pedal_is_one_voice() {
    let mut bench = Bench::new();
    bench.handle(&[Event::Controller(0, 64, 1.0), Event::On(key(60), 0.8)]);
    bench.render(9600);
    let once = rms_db(&bench.render(4800));
    for n in 0..8 {
        bench.handle(&[Event::Off(key(60)), Event::On(key(60), 0.8)]);
        bench.render(1237 + 100 * n);
        assert_eq!(bench.display.active(), 1, "strike {n}");
    }
    bench.render(9600);
    let again = rms_db(&bench.render(4800)) - once;
    assert!(again.abs() < 1.0, "{again} dB");
    // Another channel's is another note, but with MPE, where every strike has its own channel.
    bench.handle(&[Event::Off(key(60)), Event::On(Who { channel: Some(1), ..key(60) }, 0.8)]);
    bench.render(32);
    assert_eq!(bench.display.active(), 2);
}

#[test]
fn a_host_hears_of_every_end_of_its_notes_and_of_nothing_else() {
    let numbered = |id: i32, key: u8| Who { id: Some(id), channel: Some(2), key: Some(key) };
    let mut bench = Bench::new();
    bench.handle(&[Event::On(numbered(7, 60), 0.8), Event::On(key(64), 0.8), Event::On(numbered(9, 67), 0.8)]);
    bench.render(4800);
    assert_eq!(bench.ends(), [], "all are held");
    bench.handle(&[Event::Off(numbered(7, 60)), Event::Choke(numbered(9, 67))]);
    assert_eq!(bench.ends(), [numbered(9, 67)], "at once");
    bench.render(9600);
    assert_eq!(bench.ends(), [numbered(7, 60)], "after its release");
    bench.handle(&[Event::Controller(0, 120, 0.0)]);
    assert_eq!(bench.ends(), [key(64)]);

    // Stolen: the first of nine.
    bench.handle(&(0..9).map(|n| Event::On(numbered(20 + i32::from(n), 50 + n), 0.8)).collect::<Vec<_>>());
    assert_eq!(bench.ends(), [numbered(20, 50)]);
    bench.instrument.reset();
    assert_eq!(bench.ends(), [], "a host that resets knows");

    // Without numbers a host knows a note by its key: one that sounds again has not ended.
    bench.handle(&[Event::On(key(60), 0.8)]);
    bench.render(480);
    bench.handle(&[Event::Off(key(60))]);
    bench.handle(&[Event::On(key(60), 0.8)]);
    bench.render(9600);
    assert_eq!(bench.ends(), [], "the second one goes on");
    bench.handle(&[Event::Off(key(60))]);
    bench.render(9600);
    assert_eq!(bench.ends(), [key(60)]);

    // The window's notes are not the host's.
    let settings = bench.params.settings(&Own);
    bench.instrument.handle_window(Event::On(key(60), 0.8), &settings);
    bench.instrument.handle_window(Event::PlayCode(3), &settings);
    bench.instrument.handle_window(Event::Controller(0, 120, 0.0), &settings);
    assert_eq!(bench.instrument.next_end(), None);
}

#[test]
fn another_package_goes_on_with_the_notes_of_the_one_before_without_a_click() {
    let mut bench = Bench::new();
    bench.handle(&[Event::Bend(0, 0.5), Event::On(key(50), 0.8), Event::On(key(57), 0.8)]);
    bench.render(9600);
    let before = bench.render(9600);
    let mut other = Instrument::new(&set("cello-codes"), Arc::clone(&bench.display));
    other.take_over(&mut bench.instrument);
    bench.instrument = other;
    let after = bench.render(9600);
    assert_eq!(bench.display.active(), 2);
    assert!(
        loudest_step(&[&before[9599..], &after[..]].concat())
            < 1.5 * loudest_step(&before).max(loudest_step(&after[4800..]))
    );
    assert!((rms_db(&after[..2400]) - rms_db(&before)).abs() < 12.0, "it goes on at once");
    bench.handle(&[Event::Off(key(50)), Event::Off(key(57))]);
    bench.render(9600);
    assert_eq!((bench.ends().len(), bench.display.active()), (2, 0));
}
