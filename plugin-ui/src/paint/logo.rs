//! The logo: a wave woven through the threads of a loom.

use egui::{Color32, Painter, Pos2, Rect, Shape, Stroke, pos2, vec2};

use super::theme;

/// Where the threads stand, in halves of the logo's width from its middle.
const THREADS: [f32; 3] = [-0.6, 0.0, 0.6];
/// Whether the wave goes over each of them.
const IS_OVER: [bool; 3] = [true, false, true];
/// How far the wave swings to each side.
const SWING: f32 = 0.46;
/// Where its ends are.
const END: f32 = 0.9;
/// How thick it is.
const WAVE: f32 = 0.19;
/// Points of its line.
const STEPS: usize = 48;

/// How high the wave is at a place: at its crest over a thread, at its trough under one.
fn height(x: f32) -> f32 {
    -SWING * (std::f32::consts::PI * x / THREADS[2]).cos()
}

/// Draws it with so many points on each side of its centre, upon a ground that shows where one passes under the other.
pub fn paint(painter: &Painter, centre: Pos2, radius: f32, ground: Color32) {
    let at = |x: f32, y: f32| centre + vec2(x, -y) * radius;
    let (thread, wave) = ((radius * 0.13).max(1.0), (radius * WAVE).max(1.8));
    let gap = (radius * 0.08).max(0.8);
    // Upright lines on whole points are sharp at every size.
    let upright = |x: f32, low: f32, high: f32, width: f32, colour| {
        let middle = (at(x, 0.0).x - thread * 0.5).round() + thread * 0.5;
        let (top, bottom) = (at(0.0, high).y, at(0.0, low).y);
        let rect = Rect::from_min_max(pos2(middle - width * 0.5, top), pos2(middle + width * 0.5, bottom));
        painter.rect_filled(rect, thread * 0.5, colour);
    };
    for x in THREADS {
        upright(x, -1.0, 1.0, thread, theme::TEXT_QUIET);
    }
    let line: Vec<Pos2> = (0..=STEPS)
        .map(|step| {
            let x = END * (2.0 * step as f32 / STEPS as f32 - 1.0);
            at(x, height(x))
        })
        .collect();
    painter.add(Shape::line(line.clone(), Stroke::new(wave + 2.0 * gap, ground)));
    painter.add(Shape::line(line.clone(), Stroke::new(wave, theme::ACCENT)));
    for end in [line[0], line[STEPS]] {
        painter.circle_filled(end, wave * 0.5, theme::ACCENT);
    }
    for (x, _) in THREADS.into_iter().zip(IS_OVER).filter(|(_, is_over)| !is_over) {
        let (y, half) = (height(x), (wave * 0.5 + gap) / radius);
        upright(x, y - half, y + half, thread + 2.0 * gap, ground);
        upright(x, y - half - 0.1, 1.0, thread, theme::TEXT_QUIET);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_wave_goes_over_and_under_in_turn() {
        for (x, is_over) in THREADS.into_iter().zip(IS_OVER) {
            assert_eq!(height(x), if is_over { SWING } else { -SWING }, "what lies above is a crest");
        }
        assert!(IS_OVER.windows(2).all(|pair| pair[0] != pair[1]));
    }

    #[test]
    fn nothing_of_it_leaves_its_square() {
        assert!([SWING, END].into_iter().all(|far| far + WAVE * 0.5 <= 1.0));
    }
}
