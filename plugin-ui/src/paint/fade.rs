//! A fade where a list goes on beyond its edge: what is cut there is seen to be cut on purpose.

use egui::scroll_area::ScrollAreaOutput;
use egui::{Color32, Direction, Shape, Ui};

use super::theme::Metrics;

/// How far a fade reaches into the list, points.
const REACH: f32 = 36.0;

/// Lets what a list shows fade into `ground` at each edge beyond which there is more.
pub fn paint<R>(ui: &Ui, list: &ScrollAreaOutput<R>, ground: Color32, metrics: Metrics) {
    let place = list.inner_rect;
    let above = list.state.unclamped_offset().y;
    let below = list.content_size.y - place.height() - above;
    let reach = metrics.px(REACH).min(place.height() * 0.25);
    let edges = [
        (above, place.with_max_y(place.top() + reach), Direction::TopDown),
        (below, place.with_min_y(place.bottom() - reach), Direction::BottomUp),
    ];
    for (hidden, rect, direction) in edges {
        // A point or two are rounding.
        let strength = ((hidden - 2.0) / reach).clamp(0.0, 1.0);
        if strength > 0.0 {
            let colours = [ground.gamma_multiply(strength), Color32::TRANSPARENT];
            ui.painter().add(Shape::gradient_rect(rect, direction, colours));
        }
    }
}
