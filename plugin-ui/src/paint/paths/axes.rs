//! Which axis is drawn on, and whether steps act on it or on all latent dimensions.

use egui::accesskit::Role;
use egui::{Id, Rect, Sense, Ui, WidgetInfo, pos2, vec2};

use super::chips;
use crate::paint::control::{arrows, focus_ring, info};
use crate::paint::theme::Metrics;
use crate::paths::PathAxis;
use crate::paths::editor::{PathsEditor, scale};

const ROW: f32 = 20.0;
const GAP: f32 = 2.0;
/// The chip for all of them, and the gap behind it.
const ALL: [f32; 2] = [30.0, 8.0];
/// Loudness, pitch and voicing.
const OTHERS: [f32; 3] = [58.0, 42.0, 52.0];
/// Two digits have room in so much.
const LEAST: f32 = 16.0;

/// The width of a dimension's chip, with the other axes in the same row or without.
fn narrow(width: f32, dims: usize, has_others: bool, metrics: Metrics) -> f32 {
    let (count, others) =
        if has_others { (dims + 3, OTHERS.map(|width| metrics.px(width)).iter().sum()) } else { (dims, 0.0) };
    let all = metrics.px(ALL[0]) + metrics.px(ALL[1]);
    let spare = width - all - others - GAP * count as f32;
    (spare / dims.max(1) as f32).clamp(8.0, metrics.px(30.0))
}

/// Whether all of them have room in one row.
fn is_one_row(width: f32, dims: usize, metrics: Metrics) -> bool {
    narrow(width, dims, true, metrics) >= metrics.px(LEAST)
}

/// The height of the chips in so much width: where that is scarce, what is no dimension has a row of its own.
pub fn height(width: f32, dims: usize, metrics: Metrics) -> f32 {
    let one = metrics.px(ROW);
    if is_one_row(width, dims, metrics) { one } else { 2.0 * one + GAP }
}

/// Draws the chips into `rect`.
pub fn paint(ui: &Ui, rect: Rect, editor: &mut PathsEditor, metrics: Metrics) {
    let row = rect.with_max_y(rect.top() + metrics.px(ROW));
    let all = Rect::from_min_size(row.min, vec2(metrics.px(ALL[0]), row.height()));
    let names = ["All", "Steps act on all latent dimensions"];
    let response = chips::check(ui, all, Id::unique("timbreloom path all"), names, editor.is_all, metrics);
    let tooltip = "On: steps, Zero, Set and Reset act on all latent dimensions. Off: on the axis that is chosen";
    if response.on_hover_text(tooltip).clicked() {
        editor.is_all ^= true;
    }

    let dims = editor.dims();
    let has_one_row = is_one_row(rect.width(), dims, metrics);
    let narrow = narrow(rect.width(), dims, has_one_row, metrics);
    let id = Id::unique("timbreloom path axes");
    let first = all.right() + metrics.px(ALL[1]);
    let chips_rect = rect.with_min_x(first);
    let whole = ui.interact(chips_rect, id, Sense::focusable_noninteractive());
    if whole.has_focus() {
        let [right, up] = arrows(ui, id);
        editor.step_axis((right - up) as isize);
    }
    let (mut left, mut right, mut top) = (first, first, row.top());
    let mut chosen = None;
    for axis in PathAxis::all(dims) {
        let is_latent = matches!(axis, PathAxis::Latent(_));
        if axis == PathAxis::Loudness && !has_one_row {
            (left, top) = (first, row.bottom() + GAP);
        }
        let width = if is_latent { narrow } else { metrics.px(OTHERS[axis.index(dims) - dims]) };
        let cell = Rect::from_min_size(pos2(left, top), vec2(width, row.height()));
        left = cell.right() + GAP;
        right = cell.right().max(right);
        let response = ui.interact(cell, id.with(axis), Sense::CLICK);
        if response.clicked() {
            chosen = Some(axis);
        }
        let name = scale::name(axis);
        let is_on = axis == editor.axis();
        response.widget_info(|| WidgetInfo::selected(Role::RadioButton, true, is_on, format!("Axis {name}")));
        chips::face(ui, cell, &name, is_on, response.hovered(), metrics);
        let tooltip = match axis {
            PathAxis::Latent(dim) => format!("Latent dimension {}. Page keys: the next one", dim + 1),
            PathAxis::Loudness => "How loud it is, dB".into(),
            PathAxis::Pitch => "How high it is; gaps have no pitch".into(),
            PathAxis::Voicing => "How much of it is tone and not noise".into(),
        };
        response.on_hover_text(tooltip);
    }
    if let Some(axis) = chosen {
        whole.request_focus();
        editor.set_axis(axis);
    }
    whole.widget_info(|| info(Role::RadioGroup, "Axis", scale::name(editor.axis())));
    focus_ring(ui, &whole, chips_rect.with_max_x(right).expand(2.0), 5.0);
}
