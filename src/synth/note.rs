//! One note: which code it plays at each hop, and the frames of its sound.

use realfft::num_complex::Complex;

use super::channels::Channels;
use super::code_set::CodeSet;
use super::display::{Display, Playing};
use super::envelope::{Envelope, Steps};
use super::lfo::mix;
use super::modulation::{self, SOURCES, Source, TARGETS, Values};
use super::settings::{Song, SynthSettings};
use super::tail::Tail;
use crate::codes::matcher::Goal;
use crate::codes::path::{DEFAULT_JUMP, PathSearch};
use crate::codes::voice::{Play, Start, Voice};
use crate::dsp::descriptors::{Descriptor, Row};
use crate::dsp::noise::Noise;
use crate::dsp::pitch::note_of_hz;

/// Level of the loudest note, dB(A) re full scale: eight of them rarely reach it together.
const LOUDEST_DB: f32 = -18.0;

/// Hops that the least-cost path knows ahead: by so much the timbre is later than what it follows.
const AHEAD: usize = 2;

/// What a note hears of the world at the first frame of a stretch.
#[derive(Clone, Copy)]
pub struct Moment<'a> {
    /// What the musician has set.
    pub settings: &'a SynthSettings<'a>,
    /// Of the envelope.
    pub steps: Steps,
    /// Where the song is.
    pub song: Song,
    /// MIDI channels.
    pub channels: &'a Channels,
    /// The side-chain's descriptors; zeros without one.
    pub side: &'a Row,
    /// Where to show what is played.
    pub display: &'a Display,
}

/// What a note begins with.
#[derive(Clone, Copy, Debug, Default)]
pub struct Strike {
    /// The host's number for it.
    pub id: Option<i32>,
    /// 0 to 15.
    pub channel: u8,
    /// MIDI key.
    pub key: u8,
    /// 0 to 1.
    pub velocity: f32,
    /// How many notes there were before.
    pub order: u64,
    /// Pitch to glide from, MIDI keys.
    pub from: Option<f32>,
    /// The code that is played by hand, at its own pitch; `None` lets the targets choose.
    pub code: Option<usize>,
    /// How many notes of its key sound already.
    pub unison: usize,
    /// Frames that are left out of its first hop, so that its hops begin when no other note's do.
    pub ahead_frames: usize,
    /// It came from the host, which wants to know when it ends.
    pub is_hosts: bool,
}

/// Expression of a single note.
#[derive(Clone, Copy, Debug)]
pub struct Expression {
    /// Semitones.
    pub tuning: f32,
    /// 0 to 1.
    pub pressure: f32,
    /// 0 to 1.
    pub slide: f32,
    /// Factor.
    pub gain: f32,
}

const PLAIN: Expression = Expression { tuning: 0.0, pressure: 0.0, slide: 0.0, gain: 1.0 };

/// A voice of the instrument, sounding or resting. Everything but `new` is wait-free and does not allocate.
pub struct Note {
    index: usize,
    set: CodeSet,
    voice: Voice,
    search: PathSearch,
    is_searching: bool,
    hop: Vec<f32>,
    taken: usize,
    envelope: Envelope,
    strike: Strike,
    age_frames: u64,
    last_code: Option<usize>,
    pitch: f32,
    /// The key is down.
    pub is_held: bool,
    /// Nothing of it has been played yet.
    is_fresh: bool,
    /// Frames left of its fade in, and of how many: for a note that goes on with another package's codes.
    fade_frames: (usize, usize),
    /// What the host asks of this note alone.
    pub expression: Expression,
}

impl Note {
    /// A resting voice. Allocates.
    pub fn new(index: usize, set: &CodeSet) -> Self {
        let hop_frames = set.book.hop_frames;
        Self {
            index,
            voice: Voice::new(set.book.clone(), 0),
            search: PathSearch::new(set.matcher.clone(), DEFAULT_JUMP, AHEAD),
            is_searching: false,
            hop: vec![0.0; hop_frames],
            taken: hop_frames,
            envelope: Envelope::default(),
            strike: Strike::default(),
            age_frames: 0,
            last_code: None,
            pitch: 60.0,
            is_held: false,
            is_fresh: false,
            fade_frames: (0, 1),
            expression: PLAIN,
            set: set.clone(),
        }
    }

    /// Its number among the voices.
    pub fn index(&self) -> usize {
        self.index
    }

    /// What it began with.
    pub fn strike(&self) -> &Strike {
        &self.strike
    }

    /// Whether it rests.
    pub fn is_free(&self) -> bool {
        self.envelope.is_over()
    }

    /// Whether the pedal alone holds it.
    pub fn is_pedalled(&self) -> bool {
        !self.is_held && !self.envelope.is_released()
    }

    /// Frames until it needs its next hop, at most a hop.
    pub fn until_hop_frames(&self) -> usize {
        if self.is_fresh { self.hop.len() - self.strike.ahead_frames } else { self.hop.len() - self.taken }
    }

    /// Whether it plays a code by hand, and the hand is still down.
    pub fn is_in_hand(&self) -> bool {
        self.is_held && self.strike.code.is_some()
    }

    /// Plays another code by hand from the next hop on.
    pub fn take_in_hand(&mut self, code: usize) {
        let code = code.min(self.set.book.len() - 1);
        self.strike.code = Some(code);
        // The nearest key: for the window alone.
        self.strike.key = note_of_hz(self.set.book.own_hz[code]).round().clamp(0.0, 127.0) as u8;
    }

    /// Its pitch without bends, MIDI keys.
    pub fn pitch(&self) -> f32 {
        self.pitch
    }

    /// Its envelope, 0 to 1.
    pub fn amplitude(&self) -> f32 {
        self.envelope.value()
    }

    /// Begins at the next frame.
    pub fn start(&mut self, strike: Strike) {
        self.strike = strike;
        (self.age_frames, self.last_code, self.is_searching) = (0, None, false);
        (self.is_held, self.is_fresh, self.expression) = (true, true, PLAIN);
        self.fade_frames = (0, 1);
        self.pitch = f32::from(strike.key);
        self.envelope.start();
    }

    /// Goes on where a note of another package's codes is, which leaves to the tail.
    pub fn go_on(&mut self, old: &mut Self, tail: &mut Tail) {
        if old.is_free() {
            return;
        }
        let ahead = self.hop.len().saturating_sub(old.until_hop_frames()).min(self.hop.len() - 1);
        self.strike = Strike { ahead_frames: ahead, ..old.strike };
        if let Some(code) = self.strike.code {
            self.take_in_hand(code);
        }
        (self.age_frames, self.last_code, self.is_searching) = (old.age_frames, None, false);
        (self.is_held, self.is_fresh, self.expression) = (old.is_held, true, old.expression);
        (self.pitch, self.envelope) = (old.pitch, old.envelope);
        if !old.is_fresh {
            self.fade_frames = (tail.frames(), tail.frames());
            old.give_to(tail);
        }
        old.envelope.stop();
    }

    /// What was sounding goes on for some milliseconds in the tail.
    fn give_to(&mut self, tail: &mut Tail) {
        let gain = self.envelope.value();
        tail.add(self.hop[self.taken..].iter().chain(self.voice.rest()).map(|sample| sample * gain));
    }

    /// The next frame's share of a fade in.
    fn fade_in(&mut self) -> f32 {
        let (left, of) = self.fade_frames;
        if left == 0 {
            return 1.0;
        }
        self.fade_frames.0 -= 1;
        0.5 + 0.5 * (std::f32::consts::PI * left as f32 / of as f32).cos()
    }

    /// Plays the hops before the first one unheard, so that the envelope alone shapes the onset. Not before the first frame
    /// is wanted: what is asked of the note in its own frame counts from its beginning.
    fn prime(&mut self, moment: &Moment<'_>) {
        let play = self.choose(moment);
        let seed = u64::from(moment.settings.seed);
        // Notes of a key begin at one place of their period, wherever that is, and are turned against each other.
        let place = f64::from(Noise::new(mix(seed, u64::from(self.strike.key))).uniform());
        let ahead = f64::from(play.f0_hz) * self.strike.ahead_frames as f64 / f64::from(self.set.book.rate_hz);
        let start = Start { phase: (place - ahead).rem_euclid(1.0), turn: turn(self.strike.unison) };
        self.voice.reseed(mix(seed, self.strike.order), start);
        self.voice.reset();
        self.voice.next(Play { level_db: f32::NEG_INFINITY, ..play }, &mut self.hop);
        self.voice.next(play, &mut self.hop);
        self.taken = self.hop.len();
        self.is_fresh = false;
    }

    /// Towards silence.
    pub fn release(&mut self) {
        self.envelope.release();
    }

    /// Silent at once: for a reset.
    pub fn stop(&mut self, display: &Display) {
        self.envelope.stop();
        self.is_held = false;
        display.clear(self.index);
    }

    /// Makes room at once; what was sounding goes on for some milliseconds in the tail.
    pub fn leave_to(&mut self, tail: &mut Tail, display: &Display) {
        if !self.is_free() && !self.is_fresh {
            self.give_to(tail);
        }
        self.stop(display);
    }

    /// Adds its sound to `out`.
    pub fn render(&mut self, out: &mut [f32], moment: &Moment<'_>) {
        let mut done = 0;
        while done < out.len() && !self.is_free() {
            if self.is_fresh {
                self.prime(moment);
            }
            if self.taken == self.hop.len() {
                let later = done as f64 / f64::from(self.set.book.rate_hz);
                let play = self.choose(&Moment { song: moment.song.later(later), ..*moment });
                self.voice.next(play, &mut self.hop);
                self.taken = std::mem::take(&mut self.strike.ahead_frames);
            }
            let frames = (out.len() - done).min(self.hop.len() - self.taken);
            for (n, out) in out[done..done + frames].iter_mut().enumerate() {
                *out += self.hop[self.taken + n] * self.envelope.next(&moment.steps) * self.fade_in();
            }
            self.taken += frames;
            self.age_frames += frames as u64;
            done += frames;
        }
        if self.is_free() {
            self.stop(moment.display);
        }
    }

    /// Fundamental at this moment, Hz.
    fn f0_hz(&mut self, moment: &Moment<'_>) -> f32 {
        let settings = moment.settings;
        let key = f32::from(self.strike.key);
        let way = match self.strike.from {
            Some(from) if settings.glide_s > 0.0 => {
                let done = self.age_frames as f32 / (settings.glide_s * self.set.book.rate_hz as f32);
                (from - key) * (1.0 - done).max(0.0)
            }
            _ => 0.0,
        };
        self.pitch = key + way;
        let bend = moment.channels.bend(self.strike.channel, settings) + self.expression.tuning;
        let semitones = self.pitch + settings.transpose + bend - 69.0;
        settings.tuning_hz * (semitones / 12.0).exp2()
    }

    /// What the matrix hears now; the side-chain's place is still empty.
    fn values(&self, moment: &Moment<'_>) -> Values {
        let settings = moment.settings;
        let channel = moment.channels.seen_from(self.strike.channel, settings.is_mpe);
        let age_s = self.age_frames as f64 / f64::from(self.set.book.rate_hz);
        let mut values = [0.0; SOURCES];
        let mut set = |source: Source, value: f32| values[source as usize] = value;
        set(Source::Velocity, self.strike.velocity);
        set(Source::Wheel, channel.wheel);
        set(Source::Slide, channel.slide.max(self.expression.slide));
        set(Source::Pressure, channel.pressure.max(self.expression.pressure));
        set(Source::Key, (f32::from(self.strike.key) - 60.0) / 48.0);
        set(Source::Envelope, self.envelope.value());
        let seed = mix(u64::from(settings.seed), self.strike.order);
        set(Source::Lfo, settings.lfo_shape.at(moment.song.cycles(settings.lfo_pace, age_s), seed));
        set(Source::Curve, settings.curve.at(moment.song.cycles(settings.curve_pace, age_s)));
        values
    }

    /// What to play in the next hop.
    fn choose(&mut self, moment: &Moment<'_>) -> Play {
        let settings = moment.settings;
        let f0_hz = self.f0_hz(moment);
        let match_hz = (!settings.is_raw && self.strike.code.is_none()).then_some(f0_hz);
        let mut values = self.values(moment);
        let (book, ranges) = (&self.set.book, &self.set.ranges);
        let mut wanted = [0.0; TARGETS];
        for (wanted, target) in wanted.iter_mut().zip(&settings.targets) {
            let descriptor = target.descriptor;
            let heard = moment.side[descriptor as usize];
            values[Source::SideChain as usize] = ranges.share(book, descriptor, match_hz, heard);
            *wanted = ranges.value(book, descriptor, match_hz, modulation::share(target, &values));
        }
        let code = match self.strike.code {
            Some(code) => code,
            None => self.find(settings, &wanted, match_hz),
        };
        self.last_code = Some(code);
        let own_hz = self.set.book.own_hz[code];
        let loud = LOUDEST_DB + (self.strike.velocity - 1.0) * settings.velocity_db;
        let level_db =
            loud + values[Source::Pressure as usize] * settings.pressure_db + 20.0 * self.expression.gain.log10();
        let f0_hz = match_hz.unwrap_or(own_hz);
        let book = &self.set.book;
        let achieved = std::array::from_fn(|n| book.value(settings.targets[n].descriptor, code, match_hz));
        let amplitude = self.envelope.value();
        let age_s = self.age_frames as f64 / f64::from(book.rate_hz);
        let curve_at = moment.song.cycles(settings.curve_pace, age_s).rem_euclid(1.0) as f32;
        let playing = Playing { code, key: self.strike.key, f0_hz, amplitude, curve_at, wanted, achieved };
        moment.display.show(self.index, &playing);
        Play { code, f0_hz, level_db }
    }

    fn find(&mut self, settings: &SynthSettings<'_>, wanted: &[f32; TARGETS], f0_hz: Option<f32>) -> usize {
        let mut goals = [Goal { descriptor: Descriptor::Centroid, weight: 0.0 }; TARGETS];
        let mut values = [0.0; TARGETS];
        let mut count = 0;
        for (target, wanted) in settings.targets.iter().zip(wanted) {
            if target.weight > 0.0 {
                goals[count] = Goal { descriptor: target.descriptor, weight: target.weight };
                values[count] = *wanted;
                count += 1;
            }
        }
        // Where nothing counts, the first target does.
        if count == 0 {
            goals[0] = Goal { descriptor: settings.targets[0].descriptor, weight: 1.0 };
            (values[0], count) = (wanted[0], 1);
        }
        let (goals, values) = (&goals[..count], &values[..count]);
        if !settings.is_path {
            self.is_searching = false;
            self.set.matcher.set_goals(goals);
            return self.set.matcher.nearest_to(self.last_code, values, f0_hz);
        }
        self.search.set_goals(goals);
        self.search.set_jump(settings.jump);
        if !self.is_searching {
            self.is_searching = true;
            self.search.reset();
            for _ in 0..AHEAD {
                self.search.next(values, f0_hz);
            }
        }
        self.search.next(values, f0_hz).unwrap_or(0)
    }
}

/// By what the harmonics of the n-th note of a key are turned: each at right angles to the sum of those before it (the spiral
/// of Theodorus), so that n equal notes are the square root of n as loud, harmonic by harmonic. At random two of them might
/// be twice as loud, or nothing.
fn turn(unison: usize) -> Complex<f32> {
    let mut sum = Complex::new(0.0, 0.0);
    let mut last = Complex::new(1.0, 0.0);
    for n in 0..=unison {
        if n > 0 {
            last = sum * Complex::new(0.0, 1.0 / (n as f32).sqrt());
        }
        sum += last;
    }
    last
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_notes_add_up_as_if_they_had_nothing_in_common() {
        let mut sum = Complex::new(0.0, 0.0);
        for n in 0..16 {
            assert!((turn(n).norm() - 1.0).abs() < 1e-5);
            sum += turn(n);
            assert!((sum.norm() - (n as f32 + 1.0).sqrt()).abs() < 1e-4, "{n}: {sum}");
        }
    }
}
