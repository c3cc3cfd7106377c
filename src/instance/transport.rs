//! Where the song is, as the host tells it.

/// Tempo while the host tells none, beats per minute.
const TEMPO_BPM: f64 = 120.0;

/// Quarter notes of a bar while the host tells no signature.
const BAR_BEATS: f64 = 4.0;

/// See the module.
#[derive(Clone, Copy, Debug, Default)]
pub struct TransportPosition {
    /// Seconds from the beginning; `None` while it stands still.
    pub position_s: Option<f64>,
    /// Quarter notes from the beginning; `None` while it stands still.
    pub position_beats: Option<f64>,
    /// Beats per minute.
    pub tempo_bpm: Option<f64>,
    /// Quarter notes of a bar.
    pub bar_beats: Option<f64>,
}

impl TransportPosition {
    /// The same song, some seconds on.
    pub fn later(self, by_s: f64) -> Self {
        Self {
            position_s: self.position_s.map(|position_s| position_s + by_s),
            position_beats: self.position_beats.map(|beats| beats + by_s * self.beats_per_s()),
            ..self
        }
    }

    /// Quarter notes a minute, whether the host tells a tempo or not.
    pub fn beats_per_minute(&self) -> f64 {
        self.tempo_bpm.unwrap_or(TEMPO_BPM).max(1.0)
    }

    /// Quarter notes a second.
    pub fn beats_per_s(&self) -> f64 {
        self.beats_per_minute() / 60.0
    }

    /// Quarter notes of a bar, whether the host tells a signature or not.
    pub fn beats_per_bar(&self) -> f64 {
        self.bar_beats.filter(|beats| *beats > 0.0).unwrap_or(BAR_BEATS)
    }
}
