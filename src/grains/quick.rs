//! A wave and a gain without a call into a library: loops over them are done for several frames at once.

use std::f32::consts::{LN_2, LOG2_10};

/// One turn of a phase is all of a `u32`: it wraps by itself, and is as exact after hours as at the start.
pub(super) const QUARTER_TURN: u32 = 1 << 30;

/// A phase or an advance in turns, up to half a million, as the `u32` that it wraps to.
pub(super) fn turns(turns: f64) -> u32 {
    // Added to this, a number is rounded, and stands in the lower bits; whole turns stand in the upper half.
    const ROUNDS: f64 = 6_755_399_441_055_744.0;
    (turns * 4_294_967_296.0 + ROUNDS).to_bits() as u32
}

/// Cosine of a phase, to 7e-7.
#[inline(always)]
pub(super) fn cosine(phase: u32) -> f32 {
    // From the middle of the falling slope, half turns: a sine, whose other half is folded over it.
    let x = 0.5 - (phase.cast_signed() as f32).abs() * (1.0 / 2_147_483_648.0);
    let square = x * x;
    x * (3.141_582 + square * (-5.167_143 + square * (2.541_899 + square * -0.554_636_2)))
}

/// 2 to that power, of -126 to 126, to a share of 3e-7.
#[inline(always)]
pub(super) fn exp2(power: f32) -> f32 {
    // As in `turns`.
    const ROUNDS: f32 = 12_582_912.0;
    let whole = power + ROUNDS;
    let rest = power - (whole - ROUNDS);
    let curve = 0.055_507_13 + rest * (0.009_675_541 + rest * 0.001_327_647_2);
    let curve = 1.0 + rest * (LN_2 + rest * (0.240_221_2 + rest * curve));
    curve * f32::from_bits((whole.to_bits() << 23).wrapping_add(1.0f32.to_bits()))
}

/// How many powers of two of gain a decibel is.
pub(super) const POWERS_PER_DB: f32 = LOG2_10 / 20.0;

/// The gain of a level from -700 to 700 dB.
pub(super) fn gain_of(db: f32) -> f32 {
    exp2(db * POWERS_PER_DB)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cosine_is_one_all_around() {
        for n in 0..=10_000 {
            let phase = f64::from(n) / 10_000.0;
            let error = f64::from(cosine(turns(phase))) - (std::f64::consts::TAU * phase).cos();
            assert!(error.abs() < 8e-7, "{phase}: {error}");
        }
        assert_eq!(turns(-0.25), QUARTER_TURN.wrapping_neg());
        assert_eq!(turns(500_000.5), 2 * QUARTER_TURN);
    }

    #[test]
    fn a_power_of_two_is_one() {
        for n in -1260..=1260 {
            let power = n as f32 / 10.0;
            let error = f64::from(exp2(power)) / f64::from(power).exp2() - 1.0;
            assert!(error.abs() < 3e-7, "{power}: {error}");
        }
        assert!((gain_of(-110.0) - 10f32.powf(-5.5)).abs() < 1e-11);
    }
}
