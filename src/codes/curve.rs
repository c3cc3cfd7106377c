//! Shapes that a value takes over time.

/// How bent `exp` and `log` are: their steepest slope over their mean one is about this.
const BEND: f32 = 4.0;

/// A curve between 0 and 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CurveShape {
    /// Low, high, low: cycles of a cosine.
    Sine,
    /// Rises slowly, then quickly.
    Exp,
    /// Rises quickly, then slowly.
    Log,
    /// Rises evenly.
    Ramp,
}

impl CurveShape {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Sine, Self::Exp, Self::Log, Self::Ramp];

    /// As users write it.
    pub fn name(self) -> &'static str {
        ["sine", "exp", "log", "ramp"][self as usize]
    }

    /// 0 to 1 at a moment in cycles; a new cycle begins at every whole number, and the last one ends with its end.
    ///
    /// # Realtime
    /// Wait-free, no allocation.
    pub fn at(self, cycles: f32) -> f32 {
        let part = if cycles > 0.0 && cycles.fract() == 0.0 { 1.0 } else { cycles.rem_euclid(1.0) };
        match self {
            Self::Sine => 0.5 - 0.5 * (std::f32::consts::TAU * part).cos(),
            Self::Exp => (BEND * part).exp_m1() / BEND.exp_m1(),
            Self::Log => (BEND.exp_m1() * part).ln_1p() / BEND,
            Self::Ramp => part,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shapes_run_from_nothing_to_all_and_the_sine_comes_back() {
        for shape in CurveShape::ALL {
            assert!(shape.at(0.0).abs() < 1e-6, "{shape:?}");
            let end = if shape == CurveShape::Sine { 0.0 } else { 1.0 };
            for cycles in [1.0, 3.0] {
                assert!((shape.at(cycles) - end).abs() < 1e-6, "{shape:?}");
            }
            assert!((0..1000).all(|n| (0.0..=1.0).contains(&shape.at(n as f32 * 0.0037))), "{shape:?}");
        }
        assert!(CurveShape::Exp.at(0.5) < 0.2 && CurveShape::Log.at(0.5) > 0.8);
        assert!((CurveShape::Sine.at(0.5) - 1.0).abs() < 1e-6);
    }
}
