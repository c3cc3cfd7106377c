//! The logo by itself, for pictures.

use egui::{Ui, pos2};

use crate::paint::{logo, theme};

/// Sizes that it is drawn in, from a list's to a page's, points.
pub const LOGO_SIZES: [f32; 5] = [16.0, 24.0, 32.0, 64.0, 128.0];

/// Draws it in all sizes side by side, 8 points apart.
pub fn logos(ui: &Ui) {
    let rect = ui.max_rect();
    ui.painter().rect_filled(rect, 0.0, theme::PANEL);
    let mut left = rect.left() + 8.0;
    for size in LOGO_SIZES {
        logo::paint(ui.painter(), pos2(left + size * 0.5, rect.top() + 8.0 + size * 0.5), size * 0.5, theme::PANEL);
        left += size + 8.0;
    }
}
