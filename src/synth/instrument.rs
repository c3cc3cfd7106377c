//! Eight notes at once.

use std::sync::Arc;

use super::VOICES;
use super::channels::Channels;
use super::code_set::CodeSet;
use super::display::Display;
use super::envelope::Steps;
use super::note::{Moment, Note, Strike};
use super::settings::{Song, SynthSettings};
use super::side_chain::SideAnalyser;
use super::tail::Tail;
use crate::dsp::smooth::Smooth;

/// Channels of the side-chain at most.
const SIDE_CHANNELS: usize = 2;

/// Ends of notes that wait to be told; see [`Instrument::next_end`].
pub const WAITING_ENDS: usize = 64;

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

/// The controllers that it hears, for hosts that have to be told of each: see `Instrument::turn`. 128 and 129 are VST3's
/// numbers for the pressure and the bend of a channel.
pub const CONTROLLERS: [u8; 12] = [1, 64, 74, 120, 121, 123, 124, 125, 126, 127, 128, 129];

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

/// The instrument. Everything but `new` is for the audio thread: wait-free, no allocation.
pub struct Instrument {
    rate_hz: f32,
    hop_frames: usize,
    notes: Vec<Note>,
    channels: Channels,
    tail: Tail,
    ear: SideAnalyser,
    gain: Option<Smooth>,
    /// Notes since the start.
    count: u64,
    /// The voice of the last one.
    last: Option<usize>,
    ends: [Who; WAITING_ENDS],
    end_count: usize,
    display: Arc<Display>,
    /// Set by tests: whatever sounds or ends panics, as what an earlier panic left half done may.
    #[cfg(test)]
    pub(crate) is_half_done: bool,
}

impl Instrument {
    /// An instrument of a package's codes at their rate. Allocates.
    pub fn new(set: &CodeSet, display: Arc<Display>) -> Self {
        let rate_hz = set.book.rate_hz as f32;
        let mut instrument = Self {
            rate_hz,
            hop_frames: set.book.hop_frames,
            notes: (0..VOICES).map(|index| Note::new(index, set)).collect(),
            channels: Channels::default(),
            tail: Tail::new(rate_hz),
            ear: SideAnalyser::new(f64::from(rate_hz), set.book.hop_frames),
            gain: None,
            count: 0,
            last: None,
            ends: [Who::default(); WAITING_ENDS],
            end_count: 0,
            display,
            #[cfg(test)]
            is_half_done: false,
        };
        instrument.reset();
        instrument
    }

    /// Silence, and all as at the start.
    pub fn reset(&mut self) {
        self.notes.iter_mut().for_each(|note| note.stop(&self.display));
        self.channels = Channels::default();
        self.tail.reset();
        self.ear.reset();
        (self.gain, self.count, self.last, self.end_count) = (None, 0, None, 0);
    }

    /// Goes on where another one of the same rate is, as with another package: controllers, and notes, which are faded over.
    pub fn take_over(&mut self, old: &mut Self) {
        (self.channels, self.count, self.last) = (old.channels, old.count, old.last);
        (self.gain, self.ends, self.end_count) = (old.gain.take(), old.ends, std::mem::take(&mut old.end_count));
        std::mem::swap(&mut self.tail, &mut old.tail);
        for (note, old) in self.notes.iter_mut().zip(&mut old.notes) {
            note.go_on(old, &mut self.tail);
        }
    }

    /// Ends all notes at once; what sounds fades out in some milliseconds.
    pub fn leave_all(&mut self) {
        self.leave(|_| true);
    }

    /// Ends all notes at once, of an instrument that is not heard any more.
    pub fn end_all(&mut self) {
        #[cfg(test)]
        assert!(!self.is_half_done, "as a test wants it");
        for note in self.notes.iter_mut().filter(|note| !note.is_free()) {
            note_end(&mut self.ends, &mut self.end_count, note.strike());
            note.stop(&self.display);
        }
    }

    /// Whether anything sounds.
    pub fn is_sounding(&self) -> bool {
        !self.tail.is_over() || self.notes.iter().any(|note| !note.is_free())
    }

    /// Longest time that a note sounds on after its end, frames.
    pub fn tail_frames(&self, settings: &SynthSettings<'_>) -> u32 {
        // To -90 dB, where the release's time is to -60 dB.
        (settings.envelope.release_s * self.rate_hz * 1.6) as u32
    }

    /// A note of the host that has ended and was not told yet, unless another one sounds that the host would take for it.
    /// Ask until there is none after at most a few dozen events; those beyond are never told.
    pub fn next_end(&mut self) -> Option<Who> {
        while self.end_count > 0 {
            self.end_count -= 1;
            let ended = self.ends[self.end_count];
            let is_same = |note: &Note| {
                let strike = note.strike();
                let is_same_key = ended.channel == Some(strike.channel) && ended.key == Some(strike.key);
                !note.is_free() && strike.is_hosts && strike.id == ended.id && (ended.id.is_some() || is_same_key)
            };
            if !self.notes.iter().any(is_same) {
                return Some(ended);
            }
        }
        None
    }

    /// Whether [`Self::next_end`] has to be asked before the next event.
    pub fn has_many_ends(&self) -> bool {
        self.end_count + VOICES > WAITING_ENDS
    }

    /// Obeys an event of the window, as [`Self::handle`]: the host has not sent its notes.
    pub fn handle_window(&mut self, event: Event, settings: &SynthSettings<'_>) {
        match event {
            Event::On(who, velocity) => self.begin(who, sound(velocity, 0.0, 1.0), settings.is_mpe, false),
            other => self.handle(other, settings),
        }
    }

    /// Obeys an event, before the next frame.
    pub fn handle(&mut self, event: Event, settings: &SynthSettings<'_>) {
        match event {
            Event::On(who, velocity) => self.begin(who, sound(velocity, 0.0, 1.0), settings.is_mpe, true),
            Event::PlayCode(code) => match self.notes.iter_mut().find(|note| note.is_in_hand()) {
                Some(note) => note.take_in_hand(code),
                None => {
                    self.begin(Who::default(), HAND_VELOCITY, settings.is_mpe, false);
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
                self.leave(|note| who.means(note.strike()));
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

    /// Ends notes at once, as gently as a few milliseconds allow.
    fn leave(&mut self, is_meant: impl Fn(&Note) -> bool) {
        for note in &mut self.notes {
            if is_meant(note) && !note.is_free() {
                note_end(&mut self.ends, &mut self.end_count, note.strike());
                note.leave_to(&mut self.tail, &self.display);
            }
        }
    }

    fn begin(&mut self, who: Who, velocity: f32, is_mpe: bool, is_hosts: bool) {
        let (channel, key) = (who.channel.unwrap_or(0).min(15), who.key.unwrap_or(60).min(127));
        let from = self.last.map(|index| self.notes[index].pitch());
        let Some(index) = who.key.and_then(|_| self.again(channel, key, is_mpe)).or_else(|| self.spare()) else {
            return;
        };
        self.leave(|note| note.index() == index);
        let unison = self.notes.iter().filter(|note| !note.is_free() && note.strike().key == key).count();
        let (id, order, ahead_frames) = (who.id, self.count, self.ahead_frames());
        self.count += 1;
        let strike = Strike { id, channel, key, velocity, order, from, code: None, unison, ahead_frames, is_hosts };
        self.notes[index].start(strike);
        self.last = Some(index);
    }

    /// The voice that a key has under the pedal: struck again, it is the same string. With MPE each strike has a channel of its
    /// own.
    fn again(&self, channel: u8, key: u8, is_mpe: bool) -> Option<usize> {
        self.notes.iter().position(|note| {
            let strike = note.strike();
            let is_same = strike.key == key && (is_mpe || strike.channel == channel) && strike.code.is_none();
            note.is_pedalled() && is_same
        })
    }

    /// By how much a note that begins now is to begin its second hop sooner, so that no two notes need a hop at nearly the
    /// same time: half of their shares of a hop lie between. A note that meets no other begins in its own time.
    fn ahead_frames(&self) -> usize {
        let (hop, apart) = (self.hop_frames, self.hop_frames / (2 * VOICES));
        let others = || self.notes.iter().filter(|note| !note.is_free()).map(|note| note.until_hop_frames() % hop);
        let is_clear = |&ahead: &usize| {
            others().all(|until| {
                let between = until.abs_diff((hop - ahead) % hop);
                between.min(hop - between) >= apart
            })
        };
        // Just before each of the others, or not at all.
        let candidates = others().map(|until| (hop - until + apart) % hop).chain([0]).filter(is_clear);
        candidates.min().unwrap_or(0)
    }

    fn spare(&self) -> Option<usize> {
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
        (0..self.notes.len()).min_by(ranked)
    }

    /// A controller, one of [`CONTROLLERS`]. Those of modes end notes, so that none hangs.
    fn turn(&mut self, channel: u8, cc: u8, value: f32, settings: &SynthSettings<'_>) {
        let is_theirs = |note: &Note| note.strike().channel == channel || (settings.is_mpe && channel == 0);
        match cc {
            1 => self.channels.of(channel).wheel = value,
            74 => self.channels.of(channel).slide = value,
            64 => {
                self.channels.of(channel).is_sustained = value >= 0.5;
                self.let_go(settings);
            }
            120 => {
                self.leave(is_theirs);
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
    fn let_go(&mut self, settings: &SynthSettings<'_>) {
        for note in self.notes.iter_mut().filter(|note| !note.is_held) {
            if !self.channels.seen_from(note.strike().channel, settings.is_mpe).is_sustained {
                note.release();
            }
        }
    }

    /// Fills `out` with the sound of the next frames; `side` holds as many of each channel, or is empty.
    pub fn render(&mut self, out: &mut [f32], side: &[&[f32]], settings: &SynthSettings<'_>, song: Song) {
        #[cfg(test)]
        assert!(!self.is_half_done, "as a test wants it");
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
            for note in &mut self.notes {
                let was_free = note.is_free();
                note.render(part, &moment);
                if !was_free && note.is_free() {
                    note_end(&mut self.ends, &mut self.end_count, note.strike());
                }
            }
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

/// Keeps the end of a note for [`Instrument::next_end`].
fn note_end(ends: &mut [Who], count: &mut usize, strike: &Strike) {
    if strike.is_hosts && *count < ends.len() {
        ends[*count] = Who { id: strike.id, channel: Some(strike.channel), key: Some(strike.key) };
        *count += 1;
    }
}

/// A number within its range; 0 for what is none.
fn sound(value: f32, low: f32, high: f32) -> f32 {
    if value.is_nan() { 0.0 } else { value.clamp(low, high) }
}
