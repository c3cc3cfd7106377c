//! Eight notes at once.

use std::sync::Arc;

use super::channels::Channels;
use super::code_set::CodeSet;
use super::display::Display;
use super::envelope::Steps;
use super::note::{Moment, Note, Strike};
use super::settings::{Settings, Song};
use super::side::SideEar;
use super::tail::Tail;
use crate::rt::smooth::Smooth;

/// Notes that sound at once.
pub const VOICES: usize = 8;

/// Channels of the side-chain at most.
const SIDE_CHANNELS: usize = 2;

/// How hard a hand plays a code.
const HAND_VELOCITY: f32 = 0.8;

/// Which notes an event means; `None` is any.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Who {
    /// The host's number.
    pub id: Option<i32>,
    /// 0 to 15.
    pub channel: Option<u8>,
    /// MIDI key.
    pub key: Option<u8>,
}

impl Who {
    fn means(&self, strike: &Strike) -> bool {
        match (self.id, strike.id) {
            (Some(id), Some(its)) => id == its,
            // A code that is played by hand is nobody's note.
            _ => {
                strike.code.is_none()
                    && self.channel.is_none_or(|channel| channel == strike.channel)
                    && self.key.is_none_or(|key| key == strike.key)
            }
        }
    }
}

/// Something that happens at a frame.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Event {
    /// A key goes down; velocity 0 to 1.
    On(Who, f32),
    /// A key goes up.
    Off(Who),
    /// Silence without a release.
    Choke(Who),
    /// A note's own tuning, semitones.
    Tuning(Who, f32),
    /// A note's own pressure, 0 to 1.
    Pressure(Who, f32),
    /// A note's own brightness, 0 to 1.
    Slide(Who, f32),
    /// A note's own gain, a factor.
    Gain(Who, f32),
    /// A channel's pitch bend, -1 to 1.
    Bend(u8, f32),
    /// A channel's pressure, 0 to 1.
    ChannelPressure(u8, f32),
    /// A controller of a channel, its number, 0 to 1.
    Controller(u8, u8, f32),
    /// A code is played by hand at its own pitch, in the place of the last one.
    PlayCode(usize),
    /// The hand lets go.
    StopCode,
}

/// The instrument. Everything but `new` is for the audio thread.
pub struct Instrument {
    rate_hz: f32,
    notes: Vec<Note>,
    channels: Channels,
    tail: Tail,
    ear: SideEar,
    gain: Option<Smooth>,
    /// Notes since the start.
    count: u64,
    /// The voice of the last one.
    last: Option<usize>,
    display: Arc<Display>,
}

impl Instrument {
    /// An instrument of a package's codes at their rate. Allocates.
    pub fn new(set: &CodeSet, display: Arc<Display>) -> Self {
        let rate_hz = set.book.rate_hz as f32;
        let mut instrument = Self {
            rate_hz,
            notes: (0..VOICES).map(|index| Note::new(index, set)).collect(),
            channels: Channels::default(),
            tail: Tail::new(rate_hz),
            ear: SideEar::new(f64::from(rate_hz), set.book.hop_frames),
            gain: None,
            count: 0,
            last: None,
            display,
        };
        instrument.reset();
        instrument
    }

    /// Silence, and all as at the start.
    ///
    /// # Realtime
    /// Wait-free, no allocation.
    pub fn reset(&mut self) {
        self.notes.iter_mut().for_each(|note| note.stop(&self.display));
        self.channels = Channels::default();
        self.tail.reset();
        self.ear.reset();
        (self.gain, self.count, self.last) = (None, 0, None);
    }

    /// Whether anything sounds.
    pub fn is_sounding(&self) -> bool {
        !self.tail.is_over() || self.notes.iter().any(|note| !note.is_free())
    }

    /// Longest time that a note sounds on after its end, frames.
    pub fn tail_frames(&self, settings: &Settings<'_>) -> u32 {
        // To -90 dB, where the release's time is to -60 dB.
        (settings.envelope.release_s * self.rate_hz * 1.6) as u32
    }

    /// Obeys an event, before the next frame.
    ///
    /// # Realtime
    /// Wait-free, no allocation.
    pub fn obey(&mut self, event: Event, settings: &Settings<'_>) {
        let sound = |value: f32, low: f32, high: f32| if value.is_nan() { 0.0 } else { value.clamp(low, high) };
        match event {
            Event::On(who, velocity) => self.begin(who, sound(velocity, 0.0, 1.0)),
            Event::PlayCode(code) => match self.notes.iter_mut().find(|note| note.is_in_hand()) {
                Some(note) => note.take_in_hand(code),
                None => {
                    self.begin(Who::default(), HAND_VELOCITY);
                    if let Some(index) = self.last.take() {
                        self.notes[index].take_in_hand(code);
                    }
                }
            },
            Event::StopCode => {
                for note in self.notes.iter_mut().filter(|note| note.is_in_hand()) {
                    note.is_held = false;
                    note.release();
                }
            }
            Event::Off(who) => {
                for note in self.notes.iter_mut().filter(|note| note.is_held && who.means(note.strike())) {
                    note.is_held = false;
                }
                self.let_go(settings);
            }
            Event::Choke(who) => {
                for note in self.notes.iter_mut().filter(|note| who.means(note.strike())) {
                    note.leave_to(&mut self.tail, &self.display);
                }
            }
            Event::Tuning(who, semitones) => {
                self.express(who, |note| note.expression.tuning = sound(semitones, -128.0, 128.0));
            }
            Event::Pressure(who, value) => self.express(who, |note| note.expression.pressure = sound(value, 0.0, 1.0)),
            Event::Slide(who, value) => self.express(who, |note| note.expression.slide = sound(value, 0.0, 1.0)),
            Event::Gain(who, gain) => self.express(who, |note| note.expression.gain = sound(gain, 0.0, 4.0)),
            Event::Bend(channel, value) => self.channels.of(channel).bend = sound(value, -1.0, 1.0),
            Event::ChannelPressure(channel, value) => self.channels.of(channel).pressure = sound(value, 0.0, 1.0),
            Event::Controller(channel, cc, value) => self.turn(channel, cc, sound(value, 0.0, 1.0), settings),
        }
    }

    fn express(&mut self, who: Who, mut set: impl FnMut(&mut Note)) {
        self.notes.iter_mut().filter(|note| !note.is_free() && who.means(note.strike())).for_each(&mut set);
    }

    fn begin(&mut self, who: Who, velocity: f32) {
        let strike = Strike {
            id: who.id,
            channel: who.channel.unwrap_or(0).min(15),
            key: who.key.unwrap_or(60).min(127),
            velocity,
            order: self.count,
            from: self.last.map(|index| self.notes[index].pitch()),
            code: None,
        };
        self.count += 1;
        // A resting voice; else, of those released, the softest; else the oldest.
        let rank = |note: &Note| match (note.is_free(), note.is_held) {
            (true, _) => (0, 0.0, note.strike().order),
            (false, false) => (1, note.amplitude(), note.strike().order),
            (false, true) => (2, 0.0, note.strike().order),
        };
        let ranked = |&a: &usize, &b: &usize| {
            let (a, b) = (rank(&self.notes[a]), rank(&self.notes[b]));
            a.0.cmp(&b.0).then(a.1.total_cmp(&b.1)).then(a.2.cmp(&b.2))
        };
        let Some(index) = (0..self.notes.len()).min_by(ranked) else { return };
        let note = &mut self.notes[index];
        note.leave_to(&mut self.tail, &self.display);
        note.start(strike);
        self.last = Some(index);
    }

    /// A controller. Those of modes end notes, so that none hangs.
    fn turn(&mut self, channel: u8, cc: u8, value: f32, settings: &Settings<'_>) {
        let is_theirs = |note: &Note| note.strike().channel == channel || (settings.is_mpe && channel == 0);
        match cc {
            1 => self.channels.of(channel).wheel = value,
            74 => self.channels.of(channel).slide = value,
            64 => {
                self.channels.of(channel).is_sustained = value >= 0.5;
                self.let_go(settings);
            }
            120 => {
                for note in self.notes.iter_mut().filter(|note| is_theirs(note)) {
                    note.leave_to(&mut self.tail, &self.display);
                }
            }
            121 => {
                self.channels.centre(channel);
                self.let_go(settings);
            }
            123..=127 => {
                for note in self.notes.iter_mut().filter(|note| is_theirs(note)) {
                    note.is_held = false;
                    note.release();
                }
            }
            _ => {}
        }
    }

    /// Releases what neither a key nor a pedal holds.
    fn let_go(&mut self, settings: &Settings<'_>) {
        for note in self.notes.iter_mut().filter(|note| !note.is_held) {
            if !self.channels.seen_from(note.strike().channel, settings.is_mpe).is_sustained {
                note.release();
            }
        }
    }

    /// Fills `out` with the sound of the next frames; `side` holds as many of each channel, or is empty.
    ///
    /// # Realtime
    /// Wait-free, no allocation.
    pub fn render(&mut self, out: &mut [f32], side: &[&[f32]], settings: &Settings<'_>, song: Song) {
        let steps = Steps::new(&settings.envelope, self.rate_hz);
        let side = &side[..side.len().min(SIDE_CHANNELS)];
        let mut done = 0;
        while done < out.len() {
            let left = out.len() - done;
            // Where the side-chain's description changes, notes hear the new one.
            let frames = if side.is_empty() { left } else { left.min(self.ear.missing_frames()) };
            let part = &mut out[done..done + frames];
            part.fill(0.0);
            let moment = Moment {
                settings,
                steps,
                song: song.later(done as f64 / f64::from(self.rate_hz)),
                channels: &self.channels,
                side: self.ear.row(),
                display: &self.display,
            };
            self.notes.iter_mut().for_each(|note| note.render(part, &moment));
            self.tail.render(part);
            if !side.is_empty() {
                let mut heard: [&[f32]; SIDE_CHANNELS] = [&[]; SIDE_CHANNELS];
                for (heard, channel) in heard.iter_mut().zip(side) {
                    *heard = channel.get(done..done + frames).unwrap_or_default();
                }
                self.ear.hear(&heard[..side.len()]);
            }
            done += frames;
        }
        let gain = self.gain.get_or_insert_with(|| Smooth::new(settings.output_gain, f64::from(self.rate_hz)));
        out.iter_mut().for_each(|out| *out *= gain.next(settings.output_gain));
    }
}
