//! How many hops have gone by: what moves with time goes on by them.

/// A leap of the song's position by more than this, in hops, is a new place and not the next hop.
const LEAP_HOPS: f64 = 1.5;

/// Counts hops by the song, while it plays, or by themselves. Allocates nothing.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct HopCount {
    /// Song position of the last hop, seconds.
    song_s: Option<f64>,
    /// Hops left out since then.
    skipped: u32,
}

impl HopCount {
    /// Hops from the last one to this one, which is at this place of the song; `None` where the song is at another place than
    /// the next one. Hops by the song count those that failed too.
    pub(super) fn next(&mut self, song_s: Option<f64>, hop_s: f64) -> Option<f64> {
        let counted = f64::from(self.skipped) + 1.0;
        let (is_next, hops) = match (self.song_s, song_s) {
            (Some(before), Some(now)) => {
                let hops = (now - before) / hop_s;
                ((hops - counted).abs() < LEAP_HOPS, hops.round().max(1.0))
            }
            (_, None) => (true, counted),
            (None, Some(_)) => (false, counted),
        };
        (self.song_s, self.skipped) = (song_s, 0);
        is_next.then_some(hops)
    }

    /// Counts a hop that is left out.
    pub(super) fn skip(&mut self) {
        self.skipped = self.skipped.saturating_add(1);
    }
}
