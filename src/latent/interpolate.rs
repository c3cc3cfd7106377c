//! From one path to another, and among several.

use super::bend::stretched;
use super::path::{LatentHop, LatentPath, MAX_HOPS};

/// How two paths are made equally long.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Match {
    /// The shorter one is stretched.
    #[default]
    Stretch,
    /// The shorter one begins again.
    Loop,
}

/// How far along the way from the first path to the second each hop is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Share {
    /// z[n] = z_a[n] (1 - n / N) + z_b[n] n / N, with N the last hop, so that both ends are reached.
    Along,
    /// The same share at every hop, 0 to 1.
    Fixed(f32),
}

/// What lies between two paths of one model, as long as the longer one.
///
/// # Errors
/// As [`weave`].
pub fn interpolate(first: &LatentPath, second: &LatentPath, share: Share, by: Match) -> Result<LatentPath, String> {
    weave(&[first, second], by, |place, weights| {
        let share = match share {
            Share::Along => place,
            Share::Fixed(share) => share.clamp(0.0, 1.0),
        };
        weights.copy_from_slice(&[1.0 - share, share]);
    })
}

/// What lies among paths of one model, as long as the longest one: hop by hop their sum by weights, which are asked for
/// with the hop's place from 0, the first, to 1, the last, and are to add up to 1.
///
/// # Errors
/// When the paths are of different models, or one is empty.
pub fn weave(paths: &[&LatentPath], by: Match, mut weigh: impl FnMut(f32, &mut [f32])) -> Result<LatentPath, String> {
    // One that names its version, if any does: the result is of it.
    let Some(first) = paths.iter().find(|path| !path.model.hash.is_empty()).or(paths.first()) else {
        return Err("there is no path".into());
    };
    if let Some(other) = paths.iter().find(|path| !path.fits(first)) {
        return Err(format!(
            "the paths are of different models (“{}” and “{}”, or two versions of one); encode all with one model",
            first.model.name, other.model.name
        ));
    }
    let count = paths.iter().map(|path| path.hops.len()).max().unwrap_or(0);
    if count > MAX_HOPS || paths.iter().any(|path| path.hops.is_empty()) {
        return Err(format!("every path should have 1 to {MAX_HOPS} hops"));
    }
    let hops = paths.iter().map(|path| match by {
        Match::Stretch => stretched(&path.hops, count),
        Match::Loop => path.hops.iter().cycle().take(count).copied().collect(),
    });
    let hops: Vec<Vec<LatentHop>> = hops.collect();
    let last = (count - 1).max(1) as f32;
    let mut weights = vec![0.0; paths.len()];
    let woven = (0..count).map(|n| {
        weigh(n as f32 / last, &mut weights);
        LatentHop::weighted(hops.iter().map(|hops| &hops[n]).zip(weights.iter().copied()))
    });
    Ok(LatentPath { hops: woven.collect(), ..first.emptied() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::latent::path::tests::path;

    #[test]
    fn both_ends_are_reached_to_the_bit_and_the_way_is_the_seeds_formula() {
        let (a, b) = (path(101), path(300));
        let b = LatentPath { hops: b.hops[100..201].to_vec(), ..b };
        let between = interpolate(&a, &b, Share::Along, Match::Stretch).unwrap();
        assert_eq!((between.hops[0], between.hops[100]), (a.hops[0], b.hops[100]));
        for n in [25, 50, 77] {
            let share = n as f32 / 100.0;
            let wanted = a.hops[n].latent[1] * (1.0 - share) + b.hops[n].latent[1] * share;
            assert!((between.hops[n].latent[1] - wanted).abs() < 1e-6);
        }
        for (share, same) in [(0.0, &a), (1.0, &b), (-3.0, &a)] {
            assert_eq!(interpolate(&a, &b, Share::Fixed(share), Match::Loop).unwrap(), *same);
        }
    }

    #[test]
    fn the_shorter_one_is_stretched_or_begins_again() {
        let (short, long) = (path(10), path(25));
        let stretched = interpolate(&short, &long, Share::Fixed(0.0), Match::Stretch).unwrap();
        assert_eq!((stretched.hops.len(), stretched.hops[24]), (25, short.hops[9]));
        let looped = interpolate(&short, &long, Share::Fixed(0.0), Match::Loop).unwrap();
        assert_eq!((looped.hops[10], looped.hops[24]), (short.hops[0], short.hops[4]));
    }

    #[test]
    fn paths_of_different_models_are_refused() {
        let a = path(3);
        let mut b = path(3);
        b.model.hash = "other".into();
        let error = interpolate(&a, &b, Share::Along, Match::Stretch).unwrap_err();
        assert!(error.contains("different models"), "{error}");
    }
}
