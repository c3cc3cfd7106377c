//! The harmonics of a decoder's sound by themselves.
//!
//! A decoder adds harmonics and noise within its graph. The noise it is given is ours: the same hop decoded once more with none is
//! the harmonics alone, in a state of their own. That run is made only where somebody asks for it. It keeps the columns by which the
//! harmonics flicker, which are no sound of their own.

use ort::session::Session;

use super::{LatentPackage, graphs};
use crate::model::graph::State;
use crate::model::{DecoderInput, RunError, Shape};

/// One lane's harmonics. Allocates in `new` only.
pub(super) struct Harmonics {
    /// The decoder's, but for the noise that still sounds.
    state: Vec<f32>,
    /// What the decoder is given for noise: nothing, but for the flicker.
    noise: Vec<f32>,
    flicker_columns: usize,
    /// Hops, 2 at most, since the whole sound's state was taken over.
    age: u8,
}

impl Harmonics {
    pub(super) fn new(package: &LatentPackage) -> Self {
        Self {
            state: vec![0.0; package.decoder.state_size],
            noise: vec![0.0; package.shape.noise_columns],
            flicker_columns: package.flicker_columns,
            age: 0,
        }
    }

    /// Back to the stream's start.
    pub(super) fn reset(&mut self) {
        self.age = 0;
    }

    /// The next hop, before the decoder takes its own state, `whole`, on; until then there is room in it.
    pub(super) fn decode(
        &mut self,
        session: &mut Session,
        whole: &mut State,
        shape: &Shape,
        input: &DecoderInput<'_>,
        audio: &mut [f32],
    ) -> Result<(), RunError> {
        let (now, room) = whole.split();
        if self.age == 0 {
            self.state.copy_from_slice(now);
        }
        self.age = 2;
        let sounding = self.noise.len() - self.flicker_columns;
        self.noise[sounding..].copy_from_slice(&input.noise[sounding..]);
        let input = DecoderInput { noise: &self.noise, ..*input };
        graphs::decode_from(session, (&self.state, room), shape, &input, audio)?;
        self.state.copy_from_slice(room);
        Ok(())
    }

    /// The whole sound takes a hop: without [`Self::decode`] before the next one, they part again.
    pub(super) fn join(&mut self) {
        self.age = self.age.saturating_sub(1);
    }
}
