//! What moves a macro or a dimension by itself: two oscillators, the loudness and the pitch of what is heard.

use super::{MAX_DIMS, MAX_MACROS};

/// Oscillators.
pub const LFOS: usize = 2;

/// What a source of movement moves.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum MovementTarget {
    /// Nothing.
    #[default]
    Nothing,
    /// One of [`MACROS`](super::MACROS), from 0.
    Macro(u8),
    /// One of the latent dimensions, from 0.
    Dimension(u8),
}

/// The forms of an oscillator.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Wave {
    /// From the middle up, down, and back.
    #[default]
    Sine,
    /// The same in straight lines.
    Triangle,
    /// Rises evenly and falls at once.
    Ramp,
    /// Up for half of the time, then down.
    Square,
    /// Another value each turn, held.
    Steps,
}

/// How far a source moves what.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Route {
    /// What.
    pub to: MovementTarget,
    /// From -1, all of the way against the source, to 1, all of the way with it.
    pub depth: f32,
}

/// One oscillator.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Lfo {
    /// What it moves.
    pub route: Route,
    /// Its form.
    pub wave: Wave,
    /// Turns a second.
    pub rate_hz: f32,
    /// Turns since the song's beginning, where the song plays and it keeps time with it.
    pub song_turns: Option<f64>,
}

/// All movement.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Movement {
    /// The oscillators.
    pub lfos: [Lfo; LFOS],
    /// By the loudness.
    pub loudness: Route,
    /// Time constant with which the loudness is followed, seconds.
    pub loudness_s: f32,
    /// By the pitch.
    pub pitch: Route,
}

impl Movement {
    /// The same without what is no number.
    #[must_use]
    pub fn sane(mut self) -> Self {
        for lfo in &mut self.lfos {
            if !lfo.rate_hz.is_finite() {
                lfo.rate_hz = 0.0;
            }
            lfo.song_turns = lfo.song_turns.filter(|turns| turns.is_finite());
        }
        for route in self.routes_mut() {
            let is_there = match route.to {
                MovementTarget::Nothing => true,
                MovementTarget::Macro(at) => usize::from(at) < MAX_MACROS,
                MovementTarget::Dimension(at) => usize::from(at) < MAX_DIMS,
            };
            if !(route.depth.is_finite() && is_there) {
                *route = Route::default();
            }
        }
        if !self.loudness_s.is_finite() {
            self.loudness_s = 0.0;
        }
        self
    }

    /// The same, some seconds on in the song.
    #[must_use]
    pub fn later(mut self, by_s: f64) -> Self {
        for lfo in &mut self.lfos {
            lfo.song_turns = lfo.song_turns.map(|turns| turns + by_s * f64::from(lfo.rate_hz));
        }
        self
    }

    fn routes_mut(&mut self) -> [&mut Route; LFOS + 2] {
        let [one, two] = &mut self.lfos;
        [&mut one.route, &mut two.route, &mut self.loudness, &mut self.pitch]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_number_moves_nothing() {
        let odd = Route { to: MovementTarget::Macro(3), depth: f32::NAN };
        let beyond = Route { to: MovementTarget::Dimension(200), depth: 1.0 };
        let lfo = Lfo { route: odd, rate_hz: f32::INFINITY, song_turns: Some(f64::NAN), ..Lfo::default() };
        let movement = Movement { lfos: [lfo; LFOS], loudness: beyond, loudness_s: f32::NAN, pitch: odd }.sane();
        assert_eq!(movement, Movement::default());
    }
}
