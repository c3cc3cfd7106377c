//! Something painted frame by frame, and the last frame as a picture.

use std::collections::HashMap;

use egui::{ColorImage, Context, Pos2, RawInput, Rect, Ui, Vec2};
use plugin_ui::install_theme;

use super::raster::{apply_textures, rasterise};

/// From one frame to the next, seconds.
pub const FRAME_S: f64 = 1.0 / 60.0;

/// How much is filmed, and in which size.
pub struct Film {
    pub frames: usize,
    pub size: Vec2,
    pub pixels_per_point: f32,
}

impl Film {
    /// Paints all frames by their number and time, each with the events and files of its input.
    pub fn shoot(self, input: impl Fn(usize) -> RawInput, mut paint: impl FnMut(&mut Ui, usize, f64)) -> ColorImage {
        let ctx = Context::default();
        install_theme(&ctx);
        let mut textures = HashMap::new();
        let mut last = None;
        for frame in 0..self.frames {
            let now_s = frame as f64 * FRAME_S;
            let mut input = RawInput {
                screen_rect: Some(Rect::from_min_size(Pos2::ZERO, self.size)),
                time: Some(now_s),
                focused: true,
                ..input(frame)
            };
            let viewport = input.viewport_id;
            input.viewports.entry(viewport).or_default().native_pixels_per_point = Some(self.pixels_per_point);
            let mut output = ctx.run_ui(input, |ui| paint(ui, frame, now_s));
            apply_textures(&mut textures, std::mem::take(&mut output.textures_delta));
            last = Some(output);
        }
        let output = last.expect("there is at least one frame");
        let primitives = ctx.tessellate(output.shapes, output.pixels_per_point);
        rasterise(&primitives, &textures, self.size, output.pixels_per_point)
    }
}
