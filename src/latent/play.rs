//! Where a path is while it plays, and what it says there.

use super::path::LatentHop;
use crate::controls::AtEnd;

/// The place in a path of so many hops, in hops from its first, after `elapsed` hops; `None` once it is over, or before
/// its beginning where it does not come round.
pub fn place(elapsed: f64, hops: usize, at_end: AtEnd) -> Option<f64> {
    if hops == 0 || !elapsed.is_finite() {
        return None;
    }
    let (count, last) = (hops as f64, (hops - 1) as f64);
    match at_end {
        AtEnd::Loop => {
            let place = elapsed.rem_euclid(count);
            // Rounding may give the count itself.
            Some(if place < count { place } else { 0.0 })
        }
        AtEnd::PingPong if hops == 1 => Some(0.0),
        AtEnd::PingPong => {
            let there = elapsed.rem_euclid(2.0 * last);
            Some(if there <= last { there } else { 2.0 * last - there })
        }
        AtEnd::Stop => (0.0..count).contains(&elapsed).then_some(elapsed.min(last)),
    }
}

/// What a path says at a place, between its nearest two hops; on a hop that hop to the bit. A loop goes from its last hop
/// on to its first.
pub fn at(hops: &[LatentHop], place: f64, at_end: AtEnd) -> LatentHop {
    let Some(last) = hops.len().checked_sub(1) else { return LatentHop::default() };
    let before = (place.max(0.0) as usize).min(last);
    let after = match at_end {
        AtEnd::Loop => (before + 1) % hops.len(),
        AtEnd::PingPong | AtEnd::Stop => (before + 1).min(last),
    };
    LatentHop::between(&hops[before], &hops[after], (place - before as f64).clamp(0.0, 1.0) as f32)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::latent::path::tests::path;

    #[test]
    fn a_path_comes_round_goes_back_or_is_over() {
        for (elapsed, looped, back_and_forth, once) in [
            (0.0, 0.0, 0.0, Some(0.0)),
            (3.5, 3.5, 3.5, Some(3.5)),
            (9.5, 9.5, 8.5, Some(9.0)),
            (10.0, 0.0, 8.0, None),
            (23.0, 3.0, 5.0, None),
            (-1.0, 9.0, 1.0, None),
        ] {
            assert_eq!(place(elapsed, 10, AtEnd::Loop), Some(looped));
            assert_eq!(place(elapsed, 10, AtEnd::PingPong), Some(back_and_forth));
            assert_eq!(place(elapsed, 10, AtEnd::Stop), once);
        }
        for at_end in [AtEnd::Loop, AtEnd::PingPong, AtEnd::Stop] {
            assert_eq!(place(1.0, 0, at_end), None);
            assert_eq!(place(f64::NAN, 10, at_end), None);
            assert!(place(-1e-18, 10, at_end).is_none_or(|place| place < 10.0));
        }
        assert_eq!(place(7.0, 1, AtEnd::PingPong), Some(0.0));
    }

    #[test]
    fn on_a_hop_it_is_that_hop_and_a_loop_goes_over_its_seam() {
        let hops = path(10).hops;
        for (n, hop) in hops.iter().enumerate() {
            assert_eq!(at(&hops, n as f64, AtEnd::Loop), *hop);
        }
        let middle = |a: usize, b: usize| 0.5 * (hops[a].latent[0] + hops[b].latent[0]);
        assert!((at(&hops, 9.5, AtEnd::Loop).latent[0] - middle(9, 0)).abs() < 1e-6);
        assert!((at(&hops, 4.5, AtEnd::Stop).latent[0] - middle(4, 5)).abs() < 1e-6);
        assert_eq!(at(&hops, 9.5, AtEnd::PingPong), hops[9]);
        assert_eq!(at(&[], 3.0, AtEnd::Loop), LatentHop::default());
    }
}
