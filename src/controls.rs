//! The values that steer one hop, as they travel with the audio from the host's thread to the worker.

mod intonation;
mod macros;
mod movement;
mod path;

pub use intonation::{Intonation, PitchClasses};
pub use macros::{MACROS, MAX_MACROS};
pub use movement::{LFOS, Lfo, Movement, MovementTarget, Route, Wave};
pub use path::{AtEnd, PathClock, PathControls, PathMode, PathNote, PlaneWeights, Playable, ROOT_KEY};

/// The most latent dimensions a package may have; the plugin shows a bias and a scale for each.
pub const MAX_DIMS: usize = 16;

/// Steady enough that a voice does not gargle in a cello, quick enough for speech.
pub const DEFAULT_STABILITY: f32 = 0.3;

/// Where the decoder's loudness comes from.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum Loudness {
    /// The input's loudness, hop by hop, plus an offset.
    #[default]
    Follow,
    /// A fixed level.
    Manual,
}

/// What the model hears of a stereo track, and where its sound goes.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum Routing {
    /// One run of the model on (left + right) / 2, heard on both sides; on the louder channel where they cancel out.
    #[default]
    Mid,
    /// As `Mid`, with the input's own side signal, (left - right) / 2, around it.
    MidAndSide,
    /// One run for each channel, at twice the cost.
    Both,
    /// As `Both`, with one latent: the mean of the two.
    Linked,
}

impl Routing {
    /// Whether the model runs on both channels of a stereo track.
    pub fn is_dual(self) -> bool {
        matches!(self, Self::Both | Self::Linked)
    }
}

/// What the second model plays from.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum Cross {
    /// The input, through its own encoder.
    #[default]
    OwnEncoder,
    /// The first model's latent, where both have as many dimensions; else as `OwnEncoder`.
    FirstLatent,
}

/// How much of what the decoder is given comes from the side-chain, each 0 (the input) to 1 (the side-chain).
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct SideChain {
    /// Of the latent, dimension by dimension.
    pub latent: f32,
    /// Of pitch and voicing, along log frequency.
    pub pitch: f32,
    /// Of the loudness, in dB.
    pub loudness: f32,
}

impl SideChain {
    /// Whether the side-chain has to be analysed at all.
    pub fn is_heard(&self) -> bool {
        self.latent > 0.0 || self.pitch > 0.0 || self.loudness > 0.0
    }
}

/// A snapshot of everything that steers the engine.
///
/// `Copy` and without indirection: it rides inside ring packets and is taken on the audio thread.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Controls {
    /// Added to each latent dimension, in standard deviations of the training set.
    pub bias: [f32; MAX_DIMS],
    /// How far each of [`MACROS`] is turned, -1 to 1; each model knows its own way for it.
    pub macros: [f32; MAX_MACROS],
    /// What moves macros and dimensions by itself.
    pub movement: Movement,
    /// Multiplies each latent dimension around its mean; 1 leaves it.
    pub scale: [f32; MAX_DIMS],
    /// Bit `d`: dimension `d` stays where it was when the bit was set.
    pub lock: u16,
    /// Bit `d`: only dimensions with the bit follow the input, the others rest at their mean. 0: all follow.
    pub solo: u16,
    /// The whole latent stays where it was; loudness and pitch go on.
    pub freeze: bool,
    /// How far from the neutral latent, 0, to what all other operators give, 1.
    pub amount: f32,
    /// Spread of the random walk added to each dimension, standard deviations.
    pub random: f32,
    /// How often the random walk takes a new direction, Hz.
    pub random_hz: f32,
    /// Seed of the random walk: the same take gives the same walk.
    pub take: u32,
    /// Time constant of the latent's smoothing, seconds; 0 leaves it.
    pub smoothing_s: f32,
    /// Follow the input's loudness or hold `loudness_level_db`.
    pub loudness: Loudness,
    /// What is softer than this falls much faster than it came, dB(A) re full scale; `-inf` leaves all.
    pub gate_db: f32,
    /// Multiplies the followed loudness around the model's middle loudness; 1 leaves it.
    pub loudness_range: f32,
    /// Added to the followed loudness, dB.
    pub loudness_offset_db: f32,
    /// The loudness held in manual mode, dB(A) re full scale.
    pub loudness_level_db: f32,
    /// Added to the tracked pitch, semitones.
    pub transpose_semitones: f32,
    /// The pitch is moved by whole octaves to where the model is at home, before it is transposed.
    pub fits_octave: bool,
    /// The notes that the pitch is drawn to, after all that moves it.
    pub intonation: Intonation,
    /// How much of the input's own consonants is heard in the place of the model's noise, 0 to 1.
    pub consonants: f32,
    /// How far latent, voicing and octave are held steady, 0 (as analysed) to 1.
    pub stability: f32,
    /// Share of the band-passed output that returns to the model's input, linear gain.
    pub feedback_gain: f32,
    /// Centre of the feedback's band-pass, Hz.
    pub feedback_hz: f32,
    /// Quality factor of the feedback's band-pass.
    pub feedback_q: f32,
    /// Added to the loop's own lateness of one hop, seconds.
    pub feedback_delay_s: f32,
    /// What comes from the side-chain.
    pub side: SideChain,
    /// Equal-power blend of the two models' sounds, 0 (first) to 1 (second).
    pub blend: f32,
    /// What the second model plays from.
    pub cross: Cross,
    /// What the model hears of a stereo track.
    pub routing: Routing,
    /// Takes the place of what the first model's encoder says, standard deviations; those it does not name are 0.
    pub latent: Option<[f32; MAX_DIMS]>,
    /// How latent paths are played.
    pub path: PathControls,
    /// Where the song is, seconds from its beginning; `None` while the host stands still or does not tell.
    pub song_s: Option<f64>,
}

impl Controls {
    /// The same with defaults in the place of what is no number.
    pub fn sane(mut self) -> Self {
        let fresh = Self::default();
        let repair = |value: &mut f32, default: f32| {
            if !value.is_finite() {
                *value = default;
            }
        };
        for d in 0..MAX_DIMS {
            repair(&mut self.bias[d], fresh.bias[d]);
            repair(&mut self.scale[d], fresh.scale[d]);
        }
        for value in &mut self.macros {
            repair(value, 0.0);
        }
        for (value, default) in [
            (&mut self.amount, fresh.amount),
            (&mut self.random, fresh.random),
            (&mut self.random_hz, fresh.random_hz),
            (&mut self.smoothing_s, fresh.smoothing_s),
            (&mut self.loudness_range, fresh.loudness_range),
            (&mut self.loudness_offset_db, fresh.loudness_offset_db),
            (&mut self.loudness_level_db, fresh.loudness_level_db),
            (&mut self.transpose_semitones, fresh.transpose_semitones),
            (&mut self.consonants, fresh.consonants),
            (&mut self.stability, fresh.stability),
            (&mut self.feedback_gain, fresh.feedback_gain),
            (&mut self.feedback_hz, fresh.feedback_hz),
            (&mut self.feedback_q, fresh.feedback_q),
            (&mut self.feedback_delay_s, fresh.feedback_delay_s),
            (&mut self.side.latent, fresh.side.latent),
            (&mut self.side.pitch, fresh.side.pitch),
            (&mut self.side.loudness, fresh.side.loudness),
            (&mut self.blend, fresh.blend),
        ] {
            repair(value, default);
        }
        if self.gate_db.is_nan() {
            self.gate_db = fresh.gate_db;
        }
        self.latent = self.latent.filter(|latent| latent.iter().all(|value| value.is_finite()));
        self.intonation = self.intonation.sane();
        self.movement = self.movement.sane();
        self.path = self.path.sane();
        self.song_s = self.song_s.filter(|song_s| song_s.is_finite());
        self
    }

    /// Whether some of the latent is held as it was.
    pub fn holds_latent(&self) -> bool {
        self.freeze || self.lock != 0
    }

    /// Whether the models sound without an input: a loop that sings, a loudness that is held, or a path that has its own and
    /// is among those that can play.
    pub fn plays_by_itself(&self, playable: Playable) -> bool {
        self.feedback_gain > 0.0 || self.loudness == Loudness::Manual || self.path.plays_by_itself(playable)
    }
}

impl Default for Controls {
    fn default() -> Self {
        Self {
            bias: [0.0; MAX_DIMS],
            macros: [0.0; MAX_MACROS],
            movement: Movement::default(),
            scale: [1.0; MAX_DIMS],
            lock: 0,
            solo: 0,
            freeze: false,
            amount: 1.0,
            random: 0.0,
            random_hz: 1.0,
            take: 1,
            smoothing_s: 0.0,
            loudness: Loudness::Follow,
            gate_db: f32::NEG_INFINITY,
            loudness_range: 1.0,
            loudness_offset_db: 0.0,
            loudness_level_db: -20.0,
            transpose_semitones: 0.0,
            fits_octave: false,
            intonation: Intonation::default(),
            consonants: 0.0,
            stability: DEFAULT_STABILITY,
            feedback_gain: 0.0,
            feedback_hz: 800.0,
            feedback_q: 1.0,
            feedback_delay_s: 0.0,
            side: SideChain::default(),
            blend: 0.0,
            cross: Cross::OwnEncoder,
            routing: Routing::Mid,
            latent: None,
            path: PathControls::default(),
            song_s: None,
        }
    }
}
