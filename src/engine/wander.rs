//! A seeded random walk for each latent dimension: the same take at the same place of the song is the same walk.

use super::hop_count::HopCount;
use crate::controls::{Controls, MAX_DIMS};
use crate::dsp::noise::Noise;

/// Where the walk is. Allocates nothing.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Wander {
    /// In turns: the walk takes a new direction at every whole number.
    phase: f64,
    count: HopCount,
}

impl Wander {
    /// The walk's step for the next hop: roughly normal values of spread 1 where it turns, smooth in between.
    ///
    /// While the song plays the phase is the song's position times the rate, so that a bounce from any bar walks as
    /// playback did there; a change of the rate bends the walk and does not make it leap. Hops that were left out since
    /// the last one are walked with this one's rate.
    pub(super) fn next(&mut self, controls: &Controls, hop_s: f64) -> [f32; MAX_DIMS] {
        let rate_hz = f64::from(controls.random_hz);
        let gone = self.count.next(controls.song_s, hop_s);
        self.phase = match (controls.song_s, gone) {
            (Some(now), None) => now * rate_hz,
            (_, hops) => self.phase + rate_hz * hop_s * hops.unwrap_or(1.0),
        };
        let (turn, part) = (self.phase.floor(), self.phase - self.phase.floor());
        let blend = (part * part * (3.0 - 2.0 * part)) as f32;
        std::array::from_fn(|d| {
            let at = |turn: i64| normal(controls.take, d, turn);
            let (from, to) = (at(turn as i64), at(turn as i64 + 1));
            from + (to - from) * blend
        })
    }

    /// Counts a hop that is left out.
    pub(super) fn skip(&mut self) {
        self.count.skip();
    }
}

/// About normal, from the sum of four uniform values (Irwin and Hall) out of one hash; at most 3.5 deviations.
fn normal(take: u32, dimension: usize, turn: i64) -> f32 {
    let mix = |value: u64| Noise::new(value).next_u64();
    let mixed = mix(mix(u64::from(take) << 32 | dimension as u64) ^ turn as u64);
    let sum: u32 = (0..4).map(|part| (mixed >> (16 * part)) as u16 as u32).sum();
    // four uniforms of variance 1/12 each: spread sqrt(1/3)
    (sum as f32 / 65_536.0 - 2.0) * 3.0f32.sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOP_S: f64 = 512.0 / 44_100.0;

    fn walk(hops: usize, start_s: f64, take: u32) -> Vec<[f32; MAX_DIMS]> {
        let mut wander = Wander::default();
        (0..hops)
            .map(|hop| {
                let song_s = Some(start_s + hop as f64 * HOP_S);
                wander.next(&Controls { random_hz: 2.0, take, song_s, ..Controls::default() }, HOP_S)
            })
            .collect()
    }

    #[test]
    fn the_same_place_of_the_song_is_the_same_walk_and_another_take_is_another() {
        let whole = walk(400, 0.0, 7);
        let later = walk(100, 200.0 * HOP_S, 7);
        for (a, b) in whole[200..300].iter().zip(&later) {
            for (a, b) in a.iter().zip(b) {
                assert!((a - b).abs() < 1e-3, "{a} {b}");
            }
        }
        assert_eq!(walk(400, 0.0, 7), whole);
        assert_ne!(walk(400, 0.0, 8), whole);
    }

    #[test]
    fn it_is_about_normal_centred_and_moves_smoothly() {
        let whole = walk(40_000, 0.0, 1);
        for d in [0, 15] {
            let mean = whole.iter().map(|z| z[d]).sum::<f32>() / whole.len() as f32;
            let spread = (whole.iter().map(|z| (z[d] - mean).powi(2)).sum::<f32>() / whole.len() as f32).sqrt();
            assert!(mean.abs() < 0.1, "{mean}");
            // smoothstep between turns takes some spread away
            assert!((0.7..1.05).contains(&spread), "{spread}");
            let step = whole.windows(2).map(|z| (z[1][d] - z[0][d]).abs()).fold(0.0, f32::max);
            assert!(step < 0.35, "{step}");
        }
        let together: f32 = whole.iter().map(|z| z[0] * z[1]).sum::<f32>() / whole.len() as f32;
        assert!(together.abs() < 0.05, "dimensions walk alone: {together}");
    }

    /// The phase after 1000 hops at 2 Hz and 1000 at 3 Hz; `song_s` at each one's beginning, `is_missing` by number. Those that are
    /// left out are counted, those that fail are not.
    fn phase(song_s: fn(usize) -> Option<f64>, is_missing: impl Fn(usize) -> bool, is_counted: bool) -> f64 {
        let mut wander = Wander::default();
        for hop in 0..2000 {
            if !is_missing(hop) {
                let random_hz = if hop < 1000 { 2.0 } else { 3.0 };
                wander.next(&Controls { random_hz, song_s: song_s(hop), ..Controls::default() }, HOP_S);
            } else if is_counted {
                wander.skip();
            }
        }
        wander.phase
    }

    #[test]
    fn hops_that_are_left_out_do_not_delay_it() {
        for song_s in [|hop| Some(300.0 + hop as f64 * HOP_S), |_| None] {
            let whole = phase(song_s, |_| false, true);
            for is_left_out in
                [|hop| hop % 10 == 5, |hop| (40..49).contains(&(hop % 100)), |hop| (1500..1600).contains(&hop)]
            {
                let now = phase(song_s, is_left_out, true);
                assert!((now - whole).abs() < 1e-6, "{now}, whole {whole}");
            }
        }
    }

    #[test]
    fn a_hop_that_fails_does_not_delay_it_while_the_song_plays() {
        let song_s = |hop: usize| Some(hop as f64 * HOP_S);
        let (whole, now) = (phase(song_s, |_| false, false), phase(song_s, |hop| hop % 10 == 5, false));
        assert!((now - whole).abs() < 1e-6, "{now}, whole {whole}");
    }

    #[test]
    fn a_change_of_rate_does_not_make_it_leap() {
        let mut wander = Wander::default();
        let mut last: Option<[f32; MAX_DIMS]> = None;
        for hop in 0..2000 {
            let controls = Controls {
                random_hz: if hop < 1000 { 0.5 } else { 0.6 },
                song_s: Some(300.0 + hop as f64 * HOP_S),
                ..Controls::default()
            };
            let now = wander.next(&controls, HOP_S);
            if let Some(last) = last {
                assert!((now[0] - last[0]).abs() < 0.1);
            }
            last = Some(now);
        }
    }
}
