//! A colour for each kind of drum.

use egui::Color32;

/// As far from each other as dark grounds and one accent allow.
const KINDS: [Color32; 12] = [
    Color32::from_rgb(0xff, 0x8a, 0x7a),
    Color32::from_rgb(0xff, 0xd1, 0x66),
    Color32::from_rgb(0xf4, 0x9a, 0xc2),
    Color32::from_rgb(0x6f, 0xd3, 0xff),
    Color32::from_rgb(0x8f, 0xae, 0xff),
    Color32::from_rgb(0xc8, 0xa2, 0xff),
    Color32::from_rgb(0x9b, 0xe2, 0x7a),
    Color32::from_rgb(0xff, 0xb3, 0x8a),
    Color32::from_rgb(0x5f, 0xe0, 0xb0),
    Color32::from_rgb(0xe2, 0xe2, 0x7a),
    Color32::from_rgb(0xe0, 0xa8, 0x9c),
    Color32::from_rgb(0xa5, 0xc8, 0xd0),
];

/// The colour of a kind; further kinds have those of the first ones, paler.
pub fn of(class: usize) -> Color32 {
    let paler = (class / KINDS.len()).min(2) as f32 * 0.35;
    KINDS[class % KINDS.len()].lerp_to_gamma(Color32::WHITE, paler)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::drums::MAX_CLASSES;
    use crate::paint::theme::{self, tests::contrast};

    #[test]
    fn every_kind_can_be_read_and_is_not_another_one() {
        for class in 0..MAX_CLASSES {
            for ground in [theme::BACKGROUND, theme::PANEL, theme::RAISED, theme::RAISED_HOVER] {
                assert!(contrast(of(class), ground) >= 4.5, "{class} on {ground:?}");
            }
            assert!((0..class).all(|other| of(other) != of(class)), "{class}");
        }
    }
}
