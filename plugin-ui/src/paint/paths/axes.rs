//! Which axis is drawn on, and whether steps act on it or on all latent dimensions.

use egui::accesskit::Role;
use egui::{Id, Rect, Sense, Ui, WidgetInfo, pos2, vec2};

use super::chips;
use crate::paint::control::{arrows, focus_ring, info};
use crate::paint::theme::Metrics;
use crate::paths::PathAxis;
use crate::paths::editor::{PathsEditor, scale};

/// Draws the chips into `row`.
pub fn paint(ui: &Ui, row: Rect, editor: &mut PathsEditor, metrics: Metrics) {
    let gap = 2.0;
    let all_width = metrics.px(30.0);
    let all = Rect::from_min_size(row.min, vec2(all_width, row.height()));
    let names = ["All", "Steps act on all latent dimensions"];
    let response = chips::check(ui, all, Id::unique("timbreloom path all"), names, editor.is_all, metrics);
    let tooltip = "On: steps, Clear, Set and Reset act on all latent dimensions. Off: on the axis that is chosen";
    if response.on_hover_text(tooltip).clicked() {
        editor.is_all ^= true;
    }

    let dims = editor.dims();
    let wide =
        if row.width() > metrics.px(460.0) { [58.0, 42.0, 52.0] } else { [34.0; 3] }.map(|width| metrics.px(width));
    let spare = row.width() - all_width - metrics.px(8.0) - wide.iter().sum::<f32>() - gap * (dims + 3) as f32;
    let narrow = (spare / dims.max(1) as f32).clamp(8.0, metrics.px(30.0));
    let id = Id::unique("timbreloom path axes");
    let chips_row = row.with_min_x(all.right() + metrics.px(8.0));
    let whole = ui.interact(chips_row, id, Sense::focusable_noninteractive());
    if whole.has_focus() {
        let [right, up] = arrows(ui, id);
        editor.step_axis((right - up) as isize);
    }
    let mut left = chips_row.left();
    let mut chosen = None;
    for axis in PathAxis::all(dims) {
        let is_latent = matches!(axis, PathAxis::Latent(_));
        let width = if is_latent { narrow } else { wide[axis.index(dims) - dims] };
        let cell = Rect::from_min_size(pos2(left, row.top()), vec2(width, row.height()));
        left += width + gap;
        let response = ui.interact(cell, id.with(axis), Sense::CLICK);
        if response.clicked() {
            chosen = Some(axis);
        }
        let name = scale::name(axis);
        let is_on = axis == editor.axis();
        response.widget_info(|| WidgetInfo::selected(Role::RadioButton, true, is_on, format!("Axis {name}")));
        let short = if !is_latent && width < metrics.px(40.0) { &name[..name.len().min(4)] } else { &name };
        chips::face(ui, cell, short, is_on, response.hovered(), metrics);
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
    focus_ring(ui, &whole, chips_row.with_max_x(left - gap).expand(2.0), 5.0);
}
