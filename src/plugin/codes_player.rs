//! The instrument at the audio callback's boundary: whatever is in the package, the host goes on.

use super::caught::caught;
use super::codes_supply::Ready;
use crate::instance::handover::Taker;
use crate::synth::instrument::{Event, Instrument, WAITING_ENDS, Who};
use crate::synth::settings::{Song, SynthSettings};

/// What plays, and what takes its place. Wait-free but where it says otherwise.
pub(super) struct Player {
    taker: Taker<Ready>,
    playing: Option<Box<Ready>>,
    /// What rings out because nothing has come in its place.
    leaving: Option<Box<Ready>>,
    is_broken: bool,
    /// Notes of instruments that do not play any more, which the host is to be told of.
    ended: Vec<Who>,
}

impl Player {
    /// Silence until something is there.
    pub(super) fn new(taker: Taker<Ready>) -> Self {
        Self { taker, playing: None, leaving: None, is_broken: false, ended: Vec::with_capacity(WAITING_ENDS) }
    }

    /// The host starts the plugin at this rate, Hz: what was made for another one goes, and so does what has broken;
    /// whether it had. Main thread: frees.
    pub(super) fn start(&mut self, rate_hz: u32) -> bool {
        if let Some(ready) = self.taker.take() {
            self.playing = Some(ready);
        }
        let was_broken = std::mem::take(&mut self.is_broken);
        self.leaving = None;
        self.ended.clear();
        if was_broken || self.playing.as_ref().is_some_and(|playing| playing.rate_hz != rate_hz) {
            self.playing = None;
        }
        was_broken
    }

    /// Takes what has been loaded, at the beginning of a block; false when there is nothing. In a bounce only while nothing
    /// sounds, so that none changes within a note.
    pub(super) fn take_loaded(&mut self, is_offline: bool) -> bool {
        if let Some(left) = self.leaving.take_if(|left| !left.instrument.as_ref().is_some_and(Instrument::is_sounding))
        {
            self.taker.give_back(left);
        }
        let is_held_back = is_offline && self.instrument().is_some_and(|playing| playing.is_sounding());
        // Two may have to go, and none can be freed here.
        if is_held_back || self.taker.room() < 2 {
            return false;
        }
        let Some(mut next) = self.taker.take() else { return false };
        if let Some(mut old) = self.playing.take() {
            let was_broken = std::mem::take(&mut self.is_broken);
            let is_sound = !was_broken && old.rate_hz == next.rate_hz;
            // What is half done may panic again: its notes were ended when it was given up.
            if !was_broken {
                match (&mut old.instrument, &mut next.instrument) {
                    (Some(old), Some(next)) if is_sound => next.take_over(old),
                    (Some(old), None) if is_sound => old.leave_all(),
                    (Some(old), _) => old.end_all(),
                    (None, _) => {}
                }
                keep_ends(&mut self.ended, &mut old);
            }
            if is_sound && next.instrument.is_none() && self.leaving.is_none() {
                self.leaving = Some(old);
            } else {
                self.taker.give_back(old);
            }
        }
        if next.instrument.is_some()
            && let Some(left) = self.leaving.take()
        {
            self.taker.give_back(left);
        }
        self.is_broken = false;
        self.playing = Some(next);
        true
    }

    /// What plays, unless it has broken.
    pub(super) fn instrument(&mut self) -> Option<&mut Instrument> {
        self.playing.as_mut().filter(|_| !self.is_broken)?.instrument.as_mut()
    }

    /// Whether anything sounds.
    pub(super) fn is_sounding(&mut self) -> bool {
        self.leaving.is_some() || self.instrument().is_some_and(|playing| playing.is_sounding())
    }

    /// Obeys a host's event.
    pub(super) fn handle(&mut self, event: Event, settings: &SynthSettings<'_>) {
        if let Some(instrument) = self.instrument() {
            instrument.handle(event, settings);
        }
    }

    /// See [`Instrument::next_end`]; also of notes that ended with their package.
    pub(super) fn next_end(&mut self) -> Option<Who> {
        self.ended.pop().or_else(|| self.instrument()?.next_end())
    }

    /// See [`Instrument::render`]; silence where there is nothing to play.
    pub(super) fn render(&mut self, out: &mut [f32], side: &[&[f32]], settings: &SynthSettings<'_>, song: Song) {
        match self.instrument() {
            Some(instrument) => instrument.render(out, side, settings, song),
            None => match self.leaving.as_mut().and_then(|left| left.instrument.as_mut()) {
                Some(left) => left.render(out, &[], settings, song),
                None => out.fill(0.0),
            },
        }
    }

    /// The package has panicked: nothing plays until the host restarts the plugin, or another one comes.
    pub(super) fn give_up(&mut self) {
        self.is_broken = true;
        // What rings out may be what has panicked: it would again with each block. There is room for it, see `take_loaded`.
        if let Some(left) = self.leaving.take() {
            self.taker.give_back(left);
        }
        let Some(playing) = &mut self.playing else { return };
        let ended = &mut self.ended;
        // What is half done may panic again.
        let _ = caught(|| {
            if let Some(instrument) = &mut playing.instrument {
                instrument.end_all();
            }
            keep_ends(ended, playing);
        });
    }
}

/// Keeps what the host is to be told of the notes of an instrument that goes.
fn keep_ends(ended: &mut Vec<Who>, ready: &mut Ready) {
    let ends = std::iter::from_fn(|| ready.instrument.as_mut()?.next_end());
    ended.extend(ends.take(ended.capacity() - ended.len()));
}
