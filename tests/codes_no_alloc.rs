//! No allocation and no free while codes are described, matched and played.

#![allow(clippy::unwrap_used, reason = "helpers fail as the tests they serve")]

mod common;

use std::sync::Arc;

use common::package::shipped;
use timbreloom::codes::matcher::{Goal, Matcher};
use timbreloom::codes::path::PathSearch;
use timbreloom::codes::voice::{Play, Voice};
use timbreloom::dsp::descriptors::{Describer, Descriptor};
use timbreloom::instance::codes_params::CodesParams;
use timbreloom::instance::midi_play::Own;
use timbreloom::model::codes::{CodesPackage, load_book};
use timbreloom::synth::code_set::CodeSet;
use timbreloom::synth::instrument::{Event, Instrument, Who};
use timbreloom::synth::settings::Song;

/// Ends the process on an allocation where there is to be none. The feature brings its own.
#[cfg(not(feature = "assert_process_allocs"))]
#[global_allocator]
static GUARD: nice_assert_no_alloc::AllocDisabler = nice_assert_no_alloc::AllocDisabler;

#[test]
fn playing_matching_and_describing_leave_the_memory_alone() {
    let package = CodesPackage::open(&shipped("horn-codes")).unwrap();
    let book = load_book(&package).unwrap();
    let goals = [Descriptor::Centroid, Descriptor::Fundamental].map(|descriptor| Goal { descriptor, weight: 1.0 });
    let matcher = Matcher::new(book.clone(), &goals);
    let mut search = PathSearch::new(matcher.clone(), 0.3, 8);
    let mut voice = Voice::new(book.clone(), 1);
    let mut describer = Describer::new(44_100.0, 512);
    let mut hop = vec![0.0; 512];
    let mut last = None;
    nice_assert_no_alloc::assert_no_alloc(|| {
        for n in 0..50 {
            let wanted = [600.0 + 20.0 * n as f32, 200.0];
            let f0_hz = (n % 3 > 0).then_some(150.0 + 40.0 * n as f32);
            last = Some(matcher.nearest_to(last, &wanted, f0_hz));
            let code = search.next(&wanted, f0_hz).or(last).unwrap();
            let level_db = if n % 10 == 0 { f32::NEG_INFINITY } else { -20.0 };
            voice.next(Play { code, f0_hz: f0_hz.unwrap_or(220.0), level_db }, &mut hop);
            describer.next(&hop);
        }
        while search.finish().is_some() {}
        search.reset();
        voice.reset();
        describer.reset();
    });
}

#[test]
fn the_instrument_leaves_the_memory_alone() {
    let package = CodesPackage::open(&shipped("horn-codes")).unwrap();
    let set = CodeSet::new(&load_book(&package).unwrap(), 48_000);
    let params = CodesParams::default();
    let mut instrument = Instrument::new(&set, Arc::default());
    let (mut out, side) = (vec![0.0; 300], vec![0.1; 300]);
    let who = |n: u8| Who { id: None, channel: Some(n % 16), key: Some(40 + n) };
    nice_assert_no_alloc::assert_no_alloc(|| {
        for n in 0..60u8 {
            let mut settings = params.settings(&Own);
            (settings.is_path, settings.is_raw, settings.is_mpe) = (n % 4 < 2, n % 8 == 7, n % 2 == 0);
            settings.targets.iter_mut().for_each(|target| (target.weight, target.amounts) = (0.5, [0.2; 9]));
            let song = Song { beats: Some(f64::from(n)), tempo_bpm: 120.0 };
            for event in [
                Event::On(who(n), 0.8),
                Event::Tuning(who(n), 0.3),
                Event::Pressure(who(n), 0.3),
                Event::Bend(n % 16, 0.4),
                Event::Controller(n % 16, [1, 64, 74, 120, 121, 123][usize::from(n) % 6], 0.7),
                Event::Off(who(n.saturating_sub(9))),
                Event::Choke(who(n.saturating_sub(5))),
            ] {
                instrument.handle(event, &settings);
            }
            instrument.render(&mut out, &[&side, &side], &settings, song);
        }
        instrument.reset();
    });
}
