//! What the instrument tells its window, and what the window asks of it.

use std::sync::Arc;

use super::descriptor::Descriptor;
use crate::{Request, Status};

/// Voices that sound at once.
pub const VOICES: usize = 8;

/// Descriptors that are wanted at once.
pub const TARGETS: usize = 3;

/// How many descriptors there are.
const DESCRIPTORS: usize = 7;

/// Points of a drawn curve at most.
pub const MAX_CURVE_POINTS: usize = 256;

/// What one voice does.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct PlayingVoice {
    /// Its code, an index into [`CodebookView::codes`].
    pub code: usize,
    /// MIDI key, 0..=127.
    pub key: u8,
    /// Fundamental, Hz.
    pub f0_hz: f32,
    /// The envelope, 0 to 1.
    pub amplitude: f32,
    /// What each target asks for, in its descriptor's unit.
    pub wanted: [f32; TARGETS],
    /// What the code has of it.
    pub achieved: [f32; TARGETS],
}

/// A point of the drawn curve, both 0 to 1: of the loop's length, and of the value.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct CurvePoint {
    /// Where in the loop.
    pub place: f32,
    /// How high.
    pub value: f32,
}

/// The instrument at this frame; the editor fills it on the GUI thread.
#[derive(Clone, Debug, Default)]
pub struct CodesStatus {
    /// State, load, rate, latency, output level and sound. Input level and latent points stay at their defaults; the input
    /// of a [`crate::SoundColumn`] is the side-chain.
    pub plugin: Status,
    /// What each voice plays, `None` where it rests.
    pub voices: [Option<PlayingVoice>; VOICES],
    /// The drawn curve in order of place: straight between the points, held at both ends. The same `Arc` until it changes.
    pub curve: Arc<[CurvePoint]>,
    /// Curves to start from, and their names in small letters.
    pub shapes: Arc<[(&'static str, Vec<CurvePoint>)]>,
    /// Length of the curve's loop in quarter notes; `None` while it runs by itself.
    pub curve_beats: Option<f32>,
    /// Where in the curve the music is, 0 to 1; `None` while nothing runs.
    pub curve_at: Option<f32>,
}

/// One code of the package.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct CodeView {
    /// Its place on the first two principal components, in deviations.
    pub at: [f32; 2],
    /// Its descriptors at its own pitch, in the order of [`CodebookView::descriptors`] and in their units.
    pub values: [f32; DESCRIPTORS],
    /// Whether it has a fundamental.
    pub is_pitched: bool,
}

/// What the window knows about a package; replaced when another is loaded.
#[derive(Clone, Debug, Default)]
pub struct CodebookView {
    /// Differs for each package loaded, so that the window can drop what it drew of the last one.
    pub generation: u64,
    /// The package's name; of a missing one, the name that was asked for.
    pub name: String,
    /// What is known of each code.
    pub descriptors: Vec<Descriptor>,
    /// All codes, by number.
    pub codes: Vec<CodeView>,
    /// The lowest and the highest pitch of its training, Hz; `None` where it has none.
    pub pitch_hz: Option<[f32; 2]>,
}

impl CodebookView {
    /// A code's value of a descriptor as it is perceived; `None` where it has none.
    pub fn perceived(&self, code: usize, descriptor: Descriptor) -> Option<f32> {
        let view = self.codes.get(code)?;
        let has_value = view.is_pitched || !descriptor.is_pitch;
        has_value.then(|| descriptor.perceived(view.values[descriptor.index])).flatten()
    }

    /// The descriptor of this name, in any case.
    pub fn named(&self, name: &str) -> Option<Descriptor> {
        self.descriptors.iter().copied().find(|descriptor| descriptor.name.eq_ignore_ascii_case(name.trim()))
    }
}

/// Something that the musician asks for beside moving parameters.
#[derive(Clone, Debug, PartialEq)]
pub enum CodesRequest {
    /// What both plugins know: packages, presets, undo, MIDI learn.
    Session(Request),
    /// Plays a code by hand until another takes its place or [`Self::StopCode`].
    PlayCode {
        /// Its number.
        code: usize,
    },
    /// Lets the code go that is played by hand.
    StopCode,
    /// Presses a key, as a MIDI note on.
    NoteOn {
        /// MIDI key, 0..=127.
        key: u8,
        /// Over 0, at most 1.
        velocity: f32,
    },
    /// Lets it go.
    NoteOff {
        /// MIDI key, 0..=127.
        key: u8,
    },
    /// Draws another curve, to be heard at once.
    DrawCurve {
        /// In order of place, at least one, at most [`MAX_CURVE_POINTS`].
        points: Vec<CurvePoint>,
        /// Whether the gesture has ended: one step of undo.
        is_done: bool,
    },
}
