//! The drawn curve as projects and scenes hold it.

use nih_plug::params::persist::PersistentField;
use serde_json::Value;

use crate::preset::{Extra, ExtraValue};
use crate::synth::curve::{Curve, MAX_POINTS, Points};

/// Its id among the extras.
pub const CURVE: &str = "curve";

/// As scenes hold it: the shortest numbers that give the same points again.
pub fn to_json(points: &Points) -> Value {
    // 0.0 and not -0.0
    let number = |value: f32| Value::from(value.to_string().parse::<f64>().unwrap_or_default() + 0.0);
    points.0.iter().map(|&(place, value)| Value::from(vec![number(place), number(value)])).collect()
}

/// The nearest curve; `None` for what is none.
pub fn from_json(value: &Value) -> Option<Points> {
    serde_json::from_value(value.clone()).ok().map(Points::repaired)
}

/// For the instrument's table.
pub(super) fn extra() -> Extra {
    const { assert!(MAX_POINTS == 256, "the words below name it") };
    Extra {
        id: CURVE,
        expected: "a list of up to 256 pairs [place, value], each from 0 to 1",
        default: to_json(&Points::default()).into(),
        read,
        is_kept: false,
    }
}

/// As [`from_json`], in the shortest numbers, and whether points were moved or left out.
fn read(value: &ExtraValue) -> Option<(ExtraValue, bool)> {
    let points: Points = serde_json::from_value(value.json()?.clone()).ok()?;
    let is_other = points.needs_mending();
    Some((to_json(&points.repaired()).into(), is_other))
}

impl PersistentField<'_, Points> for Curve {
    fn set(&self, new_value: Points) {
        self.draw(new_value);
    }

    fn map<F, R>(&self, f: F) -> R
    where
        F: Fn(&Points) -> R,
    {
        f(&self.points())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_curve_comes_back_to_the_bit_from_few_digits() {
        let points = Points((0..MAX_POINTS).map(|n| (n as f32 / 255.0, (n as f32 * 0.37).sin().abs())).collect());
        let json = to_json(&points);
        assert_eq!(from_json(&serde_json::from_str(&json.to_string()).unwrap()), Some(points));
        assert_eq!(to_json(&Points(vec![(0.0, 0.3), (1.0, 1.0 / 3.0)])).to_string(), "[[0.0,0.3],[1.0,0.33333334]]");
        assert_eq!(from_json(&serde_json::json!([[7, -1]])), Some(Points(vec![(1.0, 0.0)])));
        for nonsense in ["null", "7", "{}", "[[1]]", r#"[["a", 1]]"#] {
            assert_eq!(from_json(&serde_json::from_str(nonsense).unwrap()), None, "{nonsense}");
        }
    }
}
