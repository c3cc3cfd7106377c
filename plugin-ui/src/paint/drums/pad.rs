//! The plane of a kind of drum: all that it can be as a cloud, and where the track's hit lies, to be moved.

use egui::accesskit::Role;
use egui::{CursorIcon, Id, Rect, Sense, Stroke, Ui, Vec2, pos2};

use super::{Scene, ink, kinds};
use crate::drums::{TRACKS, param};
use crate::paint::control::{focus_ring, info, react_in_plane};
use crate::paint::{PaintContext, theme};
use crate::pair::{Grip, Plane};
use crate::{ParamBackend, ParamId};

/// The cloud is shown as far as this from its middle.
const REACH: f32 = 3.4;
/// What an arrow key moves by.
const STEP: f32 = 0.1;

/// The two parameters of a track's pad.
#[derive(Clone, Copy, Debug, Default)]
pub struct Pad {
    track: usize,
}

impl Plane for Pad {
    fn ids(&self) -> [ParamId; 2] {
        [param::PAD_X[self.track], param::PAD_Y[self.track]]
    }

    fn at(&self, params: &dyn ParamBackend) -> [f32; 2] {
        self.ids().map(|id| params.plain(id, params.normalised(id)))
    }

    fn ends(&self, axis: usize, params: &dyn ParamBackend) -> [f32; 2] {
        [0.0, 1.0].map(|end| params.plain(self.ids()[axis], end))
    }

    fn normalised(&self, axis: usize, place: f32, params: &dyn ParamBackend) -> f32 {
        params.normalise(self.ids()[axis], place)
    }

    fn step(&self) -> [f32; 2] {
        [STEP; 2]
    }
}

/// Draws the pad of a track into `rect`.
pub fn paint(ui: &Ui, rect: Rect, track: usize, grip: &mut Grip<Pad>, scene: &Scene, cx: &mut PaintContext) {
    let metrics = cx.metrics;
    let pad = Pad { track: track.min(TRACKS - 1) };
    let id = Id::unique("timbreloom drum pad");
    let response = ui.interact(rect, id, Sense::click_and_drag());
    let unit = rect.size() * 0.5 / REACH;
    react_in_plane(ui, &response, pad, grip, |way| [way.x / unit.x, -way.y / unit.y], cx.params);

    let is_idle = cx.why_idle(param::PAD_X[track]).is_some();
    let painter = ui.painter_at(rect);
    painter.rect_filled(rect, 4.0, theme::BACKGROUND);
    painter.vline(rect.center().x, rect.y_range(), Stroke::new(1.0, theme::LINE));
    painter.hline(rect.x_range(), rect.center().y, Stroke::new(1.0, theme::LINE));
    let place = |at: [f32; 2]| rect.center() + Vec2::new(at[0], -at[1]) * unit;
    let share = cx.params.normalised(param::BLEND[track]);
    let kinds = [(param::CLASS[track], 1.0 - share), (param::CLASS_B[track], share)];
    for (id, strength) in kinds.into_iter().filter(|&(_, strength)| strength > 0.0) {
        let class = kinds::chosen(id, cx.params);
        let fill = ink::of(class).gamma_multiply(if is_idle { 0.2 } else { 0.15 + 0.35 * strength });
        for &at in scene.kit.classes.get(class).map_or(&[][..], |class| &class.cloud) {
            let at = place(at);
            if at.is_finite() {
                painter.circle_filled(at, metrics.fine(1.6), fill);
            }
        }
    }
    let origin = scene.status.tracks[track].at.map(|at| if at.is_finite() { at } else { 0.0 });
    let moved = pad.at(cx.params);
    let (from, to) = (place(origin), place([origin[0] + moved[0], origin[1] + moved[1]]));
    let edge = rect.shrink(metrics.px(8.0));
    let at = pos2(to.x.clamp(edge.left(), edge.right()), to.y.clamp(edge.top(), edge.bottom()));
    if moved != [0.0; 2] {
        painter.line_segment([from, at], Stroke::new(1.0, theme::TEXT_QUIET));
        painter.circle_stroke(from, metrics.fine(3.5), Stroke::new(1.2, theme::TEXT_QUIET));
    }
    let colour = if is_idle { theme::IDLE } else { ink::of(kinds::chosen(param::CLASS[track], cx.params)) };
    let radius = metrics.fine(if grip.is_held() || response.hovered() { 8.0 } else { 6.5 });
    painter.circle(at, radius, colour, Stroke::new(metrics.fine(2.0), theme::TEXT));
    if !edge.contains(to) {
        // Beyond what is shown.
        painter.circle_stroke(at, radius + 3.0, Stroke::new(1.0, theme::WARNING));
    }
    let told = format!("{:.2} across, {:.2} up", moved[0], moved[1]);
    response.widget_info(|| info(Role::Slider, format!("Pad of track {}", track + 1), &told));
    focus_ring(ui, &response, rect.expand(2.0), 5.0);
    if !grip.is_held() {
        let why = cx.why_idle(param::PAD_X[track]).unwrap_or_default();
        let text = format!("All that this drum can be. Drag: moves the hit. Double-click: back to its place\n{why}");
        response.on_hover_cursor(CursorIcon::Grab).on_hover_text_at_pointer(text.trim_end());
    }
}
