//! A hit's waveform, small.

use egui::{Color32, Rect, Stroke, Ui, pos2};

use crate::drums::{HitPicture, HitState};
use crate::paint::ribbon::Pen;
use crate::paint::theme;

/// Of each column so much room is left above the loudest value.
const HEADROOM: f32 = 0.92;
/// How quickly a hit that is being made comes and goes, cycles a second.
const PULSE_HZ: f64 = 1.3;

/// Draws it into `rect`, brighter by `light`, 0 to 1.
pub fn paint(ui: &Ui, rect: Rect, picture: &HitPicture, state: HitState, colour: Color32, light: f32) {
    let painter = ui.painter();
    let middle = rect.center().y;
    if state == HitState::Missing || picture.columns.is_empty() {
        painter.hline(rect.x_range(), middle, Stroke::new(1.0, theme::LINE_STRONG));
        return;
    }
    let strength = match state {
        HitState::Rendering => {
            let turn = ui.input(|input| input.time) * PULSE_HZ * std::f64::consts::TAU;
            0.35 + 0.2 * turn.sin() as f32
        }
        _ => 0.75,
    };
    let ink = colour.gamma_multiply(strength).lerp_to_gamma(colour.lerp_to_gamma(Color32::WHITE, 0.4), light);
    let half = rect.height() * 0.5 * HEADROOM;
    let loudest = picture
        .columns
        .iter()
        .flatten()
        .filter(|value| value.is_finite())
        .fold(0.05, |most: f32, value| most.max(value.abs()));
    let count = (rect.width().ceil().max(2.0) as usize).min(picture.columns.len());
    let place =
        |value: f32| if value.is_finite() { middle - half * (value / loudest).clamp(-1.0, 1.0) } else { middle };
    let columns = (0..count).map(|n| {
        let of = |n: usize| n * picture.columns.len() / count;
        let within = &picture.columns[of(n)..of(n + 1).max(of(n) + 1)];
        let low = within.iter().map(|column| column[0]).fold(0.0, f32::min);
        let high = within.iter().map(|column| column[1]).fold(0.0, f32::max);
        let x = rect.left() + rect.width() * (n as f32 + 0.5) / count as f32;
        [(pos2(x, place(high) - 0.5), ink), (pos2(x, place(low) + 0.5), ink)]
    });
    let mut pen = Pen::default();
    pen.fill(columns);
    pen.paint(painter);
}
