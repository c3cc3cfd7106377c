//! What a dimension is called: its number, and a word for what it moves most, where the model was measured.

use crate::ModelView;
use crate::format::capital;

/// What is heard at the two ends of what a word names.
const OPPOSITES: [[&str; 2]; 8] = [
    ["dark", "bright"],
    ["clean", "breath"],
    ["thin", "body"],
    ["full", "hollow"],
    ["open", "nasal"],
    ["cold", "warm"],
    ["lean", "boom"],
    ["dull", "air"],
];

/// “Dimension 3”, or “3 Bright”.
pub fn name(model: &ModelView, dim: usize) -> String {
    match word(model, dim) {
        "" => format!("Dimension {}", dim + 1),
        word => format!("{} {}", dim + 1, capital(word)),
    }
}

/// “3 Dark – Bright”: what an axis goes from and to.
pub fn axis(model: &ModelView, dim: usize) -> String {
    match ends(model, dim) {
        Some([low, high]) => format!("{} {} \u{2013} {}", dim + 1, capital(low), capital(high)),
        None => name(model, dim),
    }
}

/// The word alone, in small letters; empty without one.
pub fn word(model: &ModelView, dim: usize) -> &str {
    model.dimension_names.get(dim).map(String::as_str).unwrap_or_default()
}

/// What is heard at its low end and at its high end, where there are words for both.
pub fn ends(model: &ModelView, dim: usize) -> Option<[&'static str; 2]> {
    let word = word(model, dim);
    OPPOSITES.iter().find_map(|&[low, high]| match word {
        _ if word == high => Some([low, high]),
        _ if word == low => Some([high, low]),
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_measured_dimension_has_a_word_and_its_opposite_and_another_its_number() {
        let names = ["bright", "dull", "", "velvet"].map(String::from).to_vec();
        let model = ModelView { dimension_names: names, ..ModelView::default() };
        let of = |dim| (name(&model, dim), ends(&model, dim));
        assert_eq!(of(0), ("1 Bright".into(), Some(["dark", "bright"])));
        assert_eq!(of(1), ("2 Dull".into(), Some(["air", "dull"])));
        assert_eq!(of(2), ("Dimension 3".into(), None));
        assert_eq!(of(3), ("4 Velvet".into(), None));
        assert_eq!(of(9), ("Dimension 10".into(), None));
        assert_eq!([axis(&model, 1), axis(&model, 3)], ["2 Air \u{2013} Dull", "4 Velvet"]);
    }
}
