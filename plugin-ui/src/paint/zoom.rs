//! Brings a window to its zoom, and back where it has no room for it.

use egui::{Context, ViewportCommand, vec2};

use crate::zoom::Zoom;

/// A host that was asked for a larger window gives it within this time, or not at all, seconds.
const GROWS_S: f64 = 1.0;

/// What is known between frames.
#[derive(Debug, Default)]
pub struct Zoomed {
    wanted: Option<Zoom>,
    /// egui's factor in the last frame.
    factor: Option<f32>,
    grows_until_s: f64,
}

impl Zoomed {
    /// Once for each frame, before anything is laid out.
    ///
    /// A zoom that is chosen makes a window larger only where it has to be; one that the musician makes smaller is drawn smaller
    /// then. The framework makes a window larger or smaller by as much as its zoom: what is sent after it holds it.
    pub fn keep(&mut self, ctx: &Context, wanted: Zoom, now_s: f64) {
        let factor = ctx.zoom_factor();
        // In the system's points.
        let size = ctx.content_rect().size() * factor;
        if self.wanted.replace(wanted).is_some_and(|before| before != wanted) {
            self.grows_until_s = now_s + GROWS_S;
        }
        let has_room = wanted.fitting(size.into()) == wanted;
        if has_room {
            self.grows_until_s = 0.0;
        }
        let grows = now_s < self.grows_until_s;
        if self.factor.replace(factor).is_some_and(|before| before != factor) {
            let [width, height] = wanted.least_size();
            let held = if grows { size.max(vec2(width, height)) } else { size };
            ctx.send_viewport_cmd(ViewportCommand::InnerSize(held / factor));
        }
        let next = if grows { wanted } else { wanted.fitting(size.into()) };
        if next.factor() != factor {
            ctx.set_zoom_factor(next.factor());
        }
    }
}
