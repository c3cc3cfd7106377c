//! The drum machine on the audio thread: sequencer, sampler, and the orders for hits that are not there yet.
//!
//! What a step plays is decided [`LEAD_S`] before it is struck, by what the musician has set then. A second sequencer runs
//! that far ahead of the song and orders what is missing, so that hits are made while the loop goes on. A bounce waits for
//! them, as far as it is told to; live, a hit that comes too late leaves the last one of its track in its place. Both decide alike, so a bounce is
//! what was heard.

#![deny(clippy::disallowed_types, clippy::disallowed_methods, clippy::disallowed_macros)]

use std::ops::Range;
use std::time::Duration;

use rtrb::{Consumer, Producer};

use super::TRACKS;
use super::decided::Decided;
use super::mixer::{Delivery, Mixer};
use super::pattern::Patterns;
use super::recipe::Recipe;
use super::sequencer::clock::LEAP_BEATS;
use super::sequencer::evolve::Evolve;
use super::sequencer::settings::SequencerSettings;
use super::sequencer::{Part, Sequencer, Strike};
use super::settings::TrackSettings;
use super::signature::Signature;
use super::sound::Sound;
use super::track::Struck;
use crate::bounce::patience;

/// How long before a strike it is decided what it plays: eight hits are made in this time.
pub const LEAD_S: f64 = 0.080;

/// A hit that is wanted of the worker.
#[derive(Clone, Copy, Debug)]
pub struct Order {
    /// 0 to 7.
    pub track: usize,
    /// What it is made from.
    pub recipe: Recipe,
}

/// The audio thread's ends of the rings to and from the worker.
pub struct Rings {
    /// Hits that are wanted.
    pub orders: Producer<Order>,
    /// Hits that are made.
    pub deliveries: Consumer<Delivery>,
    /// Hits that are played out, to be freed.
    pub spent: Producer<Box<Sound>>,
}

/// What changes by itself as the song goes on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Evolving {
    /// Another hit.
    #[default]
    Draw,
    /// Another variation of the hit.
    Variation,
}

/// What the musician has set, at one moment.
#[derive(Clone, Copy, Debug, Default)]
pub struct MachineSettings {
    /// How patterns are played.
    pub sequencer: SequencerSettings,
    /// How hits are played.
    pub tracks: [TrackSettings; TRACKS],
    /// Which hits are played.
    pub recipes: [Recipe; TRACKS],
    /// Tracks that keep their hits while others evolve.
    pub locked: [bool; TRACKS],
    /// How often hits change by themselves.
    pub evolve: Evolve,
    /// What of them changes.
    pub evolving: Evolving,
    /// Where the host's song goes round, from and to, beats; `None` where it goes on, or the host does not tell.
    pub loop_beats: Option<[f64; 2]>,
}

impl MachineSettings {
    /// As a model plays them that is asked for a pitch: its hits are made at the pitch that their tracks are tuned to, in place of
    /// being played faster or slower. Asked twice it changes nothing more.
    pub fn ask_pitches(&mut self) {
        for (recipe, track) in self.recipes.iter_mut().zip(&mut self.tracks) {
            recipe.pitch_st += std::mem::take(&mut track.tune_st);
        }
    }

    /// What a step at a place of the song plays, beats.
    pub fn recipe(&self, track: usize, beats: f64) -> Recipe {
        let recipe = self.recipes[track];
        let generation = match self.locked[track] {
            true => 0,
            false => self.evolve.generation(beats, self.sequencer.step),
        };
        match self.evolving {
            Evolving::Draw => Recipe { draw: recipe.draw.wrapping_add(generation), ..recipe },
            Evolving::Variation => Recipe { variation: recipe.variation.wrapping_add(generation), ..recipe },
        }
    }
}

/// See the module. Everything but `new` is for the audio thread: wait-free, no allocation, but where a bounce waits.
pub struct Machine {
    mixer: Mixer,
    sequencer: Sequencer,
    /// Ahead of the song.
    scout: Sequencer,
    decided: [Decided; TRACKS],
    rings: Rings,
    late: u32,
    /// How long strikes may still wait for their hits; see [`Self::set_patience`].
    patience: Option<Duration>,
    waited: Duration,
    /// It was waited in vain: it is not again until the worker has answered.
    has_given_up: bool,
}

impl Machine {
    /// A silent one for a host's rate, Hz. Allocates.
    pub fn new(rate_hz: f64, rings: Rings) -> Self {
        Self {
            mixer: Mixer::new(rate_hz),
            sequencer: Sequencer::default(),
            scout: Sequencer::default(),
            decided: [Decided::default(); TRACKS],
            rings,
            late: 0,
            patience: None,
            waited: Duration::ZERO,
            has_given_up: false,
        }
    }

    /// Silent at once, and a song of its own begins again; the hits stay.
    pub fn reset(&mut self) {
        self.mixer.reset();
        self.sequencer.reset();
        self.scout.reset();
        self.decided.iter_mut().for_each(Decided::forget);
        self.has_given_up = false;
    }

    /// The rings, for a machine of another rate that takes its place.
    pub fn into_rings(self) -> Rings {
        self.rings
    }

    /// How long all strikes from now on may wait together for hits that are not there yet; `None` where somebody listens.
    pub fn set_patience(&mut self, patience: Option<Duration>) {
        self.patience = patience;
    }

    /// How long has been waited since this was last asked.
    pub fn take_waited(&mut self) -> Duration {
        std::mem::take(&mut self.waited)
    }

    /// Where the song is, beats; `None` while it stands still.
    pub fn position(&self) -> Option<f64> {
        self.sequencer.position()
    }

    /// Whether any track sounds.
    pub fn is_sounding(&self) -> bool {
        self.mixer.is_sounding()
    }

    /// The largest sample of each track since this was last asked, linear.
    pub fn take_peaks(&mut self) -> [f32; TRACKS] {
        self.mixer.take_peaks()
    }

    /// How many strikes since this was last asked played an older hit, or none, since theirs was not there.
    pub fn take_late(&mut self) -> u32 {
        std::mem::take(&mut self.late)
    }

    /// Takes what the worker has made, and orders what the tracks play now, so that a key finds it there.
    pub fn keep_up(&mut self, settings: &MachineSettings) {
        self.exchange();
        let beats = self.position().unwrap_or_default();
        for track in 0..TRACKS {
            let recipe = settings.recipe(track, beats);
            if !self.decided[track].asks_ahead() && self.order(track, recipe) {
                self.decided[track].note_ask_ahead(recipe.key());
            }
        }
    }

    /// Whether what the tracks play now is there.
    pub fn has_all(&self, settings: &MachineSettings) -> bool {
        let beats = self.position().unwrap_or_default();
        (0..TRACKS).all(|track| self.mixer.has(track, settings.recipe(track, beats).key()))
    }

    /// Plays the patterns over the next frames, which are a range of the stereo pairs that begins where the last one ended, and
    /// adds their sound; `strikes` hears of each of them.
    pub fn play(
        &mut self,
        outs: &mut [[&mut [f32]; 2]],
        range: Range<usize>,
        part: &Part,
        settings: &MachineSettings,
        patterns: &Patterns,
        mut strikes: impl FnMut(Strike),
    ) {
        self.look_ahead(part, settings, patterns);
        // Taken out, so that what it strikes may use the rest.
        let mut sequencer = std::mem::take(&mut self.sequencer);
        let mut at = range.start;
        sequencer.process(part, &settings.sequencer, patterns, |strike| {
            let frame = (range.start + strike.frame).clamp(at, range.end);
            self.mixer.render(outs, at..frame, &settings.tracks);
            at = frame;
            let recipe = self.decided[strike.track].play(strike.beats, settings.recipe(strike.track, strike.beats));
            self.strike(strike.track, strike.velocity, recipe, settings);
            strikes(Strike { frame, ..strike });
        });
        self.sequencer = sequencer;
        self.mixer.render(outs, at..range.end, &settings.tracks);
    }

    /// Strikes a track before the next frame, by hand or by a key; velocity 0 to 1.
    pub fn hit(&mut self, track: usize, velocity: f32, settings: &MachineSettings) {
        if track < TRACKS {
            let recipe = settings.recipe(track, self.position().unwrap_or_default());
            self.strike(track, velocity, recipe, settings);
        }
    }

    /// The track whose hit is most like a stroke, of those that are heard and have one; a bounce waits for them all first.
    pub fn nearest(&mut self, stroke: &Signature, settings: &MachineSettings) -> Option<usize> {
        let beats = self.position().unwrap_or_default();
        self.exchange();
        let mut nearest: Option<(usize, f32)> = None;
        for track in (0..TRACKS).filter(|&track| settings.sequencer.is_heard(track)) {
            let recipe = settings.recipe(track, beats);
            self.order(track, recipe);
            self.await_hit(track, recipe);
            let Some(own) = self.mixer.signature(track, recipe.key()) else { continue };
            let distance = own.distance(stroke);
            if nearest.is_none_or(|(_, least)| distance < least) {
                nearest = Some((track, distance));
            }
        }
        nearest.map(|(track, _)| track)
    }

    /// Decides and orders what will be struck in as many frames, [`LEAD_S`] later.
    fn look_ahead(&mut self, part: &Part, settings: &MachineSettings, patterns: &Patterns) {
        let own = settings.sequencer.runs_alone.then(|| self.position().unwrap_or_default());
        let Some(beats) = part.beats.or(own) else {
            self.scout.reset();
            return;
        };
        let ahead = LEAD_S * part.tempo_bpm.clamp(1.0, 1000.0) / 60.0;
        let (place, round) = gone_round(beats, beats + ahead, settings.loop_beats);
        let later = Part { beats: Some(place), ..*part };
        let is_near = |at: f64| (at - place).abs() <= LEAP_BEATS;
        let last = self.scout.position();
        let goes_round = !last.is_some_and(is_near) && last.is_some_and(|at| is_near(at - round));
        let has_jumped = !goes_round && !last.is_some_and(is_near);
        let mut scout = std::mem::take(&mut self.scout);
        if goes_round {
            // What lies between the loop's beginning and this place has not been looked through yet.
            scout.reset();
            let per_frame = part.tempo_bpm.clamp(1.0, 1000.0) / 60.0 / part.rate_hz.max(1.0);
            let from = settings.loop_beats.map_or(place, |[from, _]| from);
            let frames = ((place - from) / per_frame).clamp(0.0, LEAD_S * part.rate_hz.max(0.0)) as usize;
            let gap = Part { frames, beats: Some(from), ..*part };
            scout.process(&gap, &settings.sequencer, patterns, |strike| self.decide(strike, settings));
        }
        if has_jumped {
            // The song begins, or goes on elsewhere: the lead itself has not been looked through yet.
            self.decided.iter_mut().for_each(Decided::forget);
            scout.reset();
            let frames = (LEAD_S * part.rate_hz).max(0.0) as usize;
            let lead = Part { frames, beats: Some(beats), ..*part };
            scout.process(&lead, &settings.sequencer, patterns, |strike| self.decide(strike, settings));
        }
        scout.process(&later, &settings.sequencer, patterns, |strike| self.decide(strike, settings));
        self.scout = scout;
    }

    fn decide(&mut self, strike: Strike, settings: &MachineSettings) {
        let recipe = settings.recipe(strike.track, strike.beats);
        let recipe = self.decided[strike.track].decide(strike.beats, recipe);
        self.order(strike.track, recipe);
    }

    /// Orders a hit that is neither there nor on its way; whether it has.
    fn order(&mut self, track: usize, recipe: Recipe) -> bool {
        let key = recipe.key();
        let is_missing = !self.mixer.has(track, key) && !self.decided[track].awaits(key);
        let is_ordered = is_missing && self.rings.orders.push(Order { track, recipe }).is_ok();
        if is_ordered {
            self.decided[track].note_order(key);
        }
        is_ordered
    }

    fn exchange(&mut self) {
        let Self { mixer, rings, decided, .. } = self;
        mixer.exchange(&mut rings.deliveries, &mut rings.spent, |track, key| {
            if let Some(decided) = decided.get_mut(track) {
                decided.note_arrival(key);
            }
        });
    }

    fn strike(&mut self, track: usize, velocity: f32, recipe: Recipe, settings: &MachineSettings) {
        let key = recipe.key();
        self.exchange();
        self.order(track, recipe);
        self.await_hit(track, recipe);
        if self.mixer.has(track, key) {
            self.has_given_up = false;
        }
        if self.mixer.strike(track, velocity, key, &settings.tracks) != Struck::Wanted && velocity > 0.0 {
            self.late = self.late.saturating_add(1);
        }
    }

    /// Waits for a hit that is not there yet, where nobody listens.
    fn await_hit(&mut self, track: usize, recipe: Recipe) {
        let key = recipe.key();
        let Some(limit) = self.patience.filter(|_| !self.has_given_up && !self.mixer.has(track, key)) else { return };
        let waited = patience::wait(limit, || {
            self.exchange();
            // The ring may have been full.
            self.order(track, recipe);
            self.mixer.has(track, key)
        });
        self.patience = Some(limit.saturating_sub(waited));
        self.waited += waited;
        self.has_given_up = waited >= Duration::from_secs(1) && !self.mixer.has(track, key);
    }
}

/// A place of the song that comes after another one, in its loop; and how long the loop is that it is gone round in, beats.
fn gone_round(now: f64, later: f64, loop_beats: Option<[f64; 2]>) -> (f64, f64) {
    match loop_beats {
        // A loop that is shorter than the look-ahead is played as it comes.
        Some([from, to]) if to - from > 2.0 * LEAP_BEATS && now < to && later >= to => (later - (to - from), to - from),
        Some([from, to]) => (later, to - from),
        None => (later, f64::NAN),
    }
}

#[cfg(test)]
mod tests;
