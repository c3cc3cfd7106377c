//! What a host hands to the plugins: projects, and events while they play.

use std::fs;

use fastrand::Rng;
use test_host::{Event, EventKind, Expression, Instance, Library, Pace, Render, Take};

use super::Target;
use crate::common::package::root;
use crate::common::plugin::{DRUMS, EFFECT, activate, framed, load_with, ticking};
use crate::common::sounds::both_sides;

const BLOCK_FRAMES: usize = 64;

/// Bytes that stand for one event.
const EVENT_BYTES: usize = 6;
const MAX_EVENTS: usize = 96;

fn instance(id: &str) -> Instance {
    unsafe extern "C" {
        /// The entry of this very library, as a host finds it in the bundle.
        static clap_entry: test_host::EntryDescriptor;
    }
    // SAFETY: it is a constant of the library that this test is linked with.
    let library = Library::linked(unsafe { &clap_entry }).unwrap();
    library.instantiate(id).unwrap()
}

/// A project: what a host hands to a plugin. A case that begins with a brace gets the length that CLAP states have before it.
pub struct State {
    pub id: &'static str,
}

impl Target for State {
    fn seeds(&mut self) -> Vec<Vec<u8>> {
        let mut seeds = vec![instance(self.id).save_state().unwrap().split_off(8)];
        if self.id == EFFECT {
            let first = root().join("tests").join("fixtures").join("states").join("0.1.0-first.clapstate");
            seeds.push(fs::read(first).unwrap().split_off(8));
        }
        seeds
    }

    fn attack(&mut self, case: &[u8]) {
        let mut plugin = instance(self.id);
        let bytes = if case.starts_with(b"{") { framed(case) } else { case.to_vec() };
        if plugin.load_state(&bytes).is_ok() {
            let saved = plugin.save_state().expect("what was loaded can be saved");
            assert!(plugin.load_state(&saved).is_ok(), "what was saved can be loaded");
        }
    }
}

/// What a host sends while it plays: notes, controllers, values, modulations, in blocks of any size. Six bytes are an event.
pub struct Events {
    id: &'static str,
    plugin: Instance,
    params: Vec<u32>,
}

impl Events {
    pub fn new(id: &'static str) -> Self {
        let mut plugin = instance(id);
        plugin.set_render(Render::Offline).unwrap();
        if id == DRUMS {
            load_with(&mut plugin, &ticking());
        }
        let params = plugin.params().unwrap().iter().map(|param| param.id).collect();
        activate(&mut plugin, BLOCK_FRAMES);
        Self { id, plugin, params }
    }

    fn event(&self, frame: usize, bytes: &[u8]) -> Event {
        let number = u32::from(bytes[3] % 8);
        let id = self.params[usize::from(u16::from_le_bytes([bytes[3], bytes[4]])) % self.params.len()];
        let odd = [0.0, 1.0, 0.5, -1.0, 2.0, 1e308, -1e308, f64::NAN, f64::INFINITY, f64::NEG_INFINITY, 1e-310, 127.0];
        let value = if bytes[2] < 128 { f64::from(bytes[2]) / 127.0 } else { odd[usize::from(bytes[2]) % odd.len()] };
        let expressions = [
            Expression::Volume,
            Expression::Pan,
            Expression::Tuning,
            Expression::Vibrato,
            Expression::Expression,
            Expression::Brightness,
            Expression::Pressure,
        ];
        let kind = match bytes[1] % 8 {
            0 => EventKind::Midi([bytes[2], bytes[3], bytes[4]]),
            1 => EventKind::Midi([0x80 | bytes[2] & 0x7f, bytes[3] & 127, bytes[4] & 127]),
            2 => EventKind::NoteOn(number, bytes[4], bytes[5], value),
            3 => EventKind::NoteOff(number),
            4 => EventKind::NoteChoke(number),
            5 => EventKind::Expression(number, expressions[usize::from(bytes[5]) % expressions.len()], value),
            6 => EventKind::Modulation { id, amount: value },
            _ => EventKind::Value { id, value },
        };
        Event { frame, kind }
    }
}

impl Target for Events {
    fn seeds(&mut self) -> Vec<Vec<u8>> {
        let mut random = Rng::with_seed(16);
        (0..6).map(|_| (0..EVENT_BYTES * 16).map(|_| random.u8(..)).collect()).collect()
    }

    fn attack(&mut self, case: &[u8]) {
        let mut frame = 0;
        let events: Vec<Event> = case
            .chunks_exact(EVENT_BYTES)
            .take(MAX_EVENTS)
            .map(|bytes| {
                frame += usize::from(bytes[0] % 64);
                self.event(frame, bytes)
            })
            .collect();
        let frames = frame + 512;
        let sizes: Vec<usize> = case.iter().map(|byte| usize::from(byte % BLOCK_FRAMES as u8) + 1).collect();
        let mut blocks = sizes.into_iter().cycle();
        let input: Vec<Vec<f32>> = if self.id == EFFECT {
            both_sides((0..frames).map(|n| ((n as f32) * 0.03).sin() * 0.3).collect())
        } else {
            Vec::new()
        };
        let alone_frames = (self.id != EFFECT).then_some(frames);
        let take = Take { input: &input, events: &events, alone_frames, song_s: Some(1.0), ..Take::default() };
        self.plugin.reset().unwrap();
        let output = self.plugin.play(&take, &mut blocks, Pace::Hurry).unwrap();
        let wrong = output.iter().flatten().find(|sample| !sample.is_finite());
        assert!(wrong.is_none(), "the output holds {wrong:?}");
    }
}
