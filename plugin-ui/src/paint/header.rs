//! The top bar: the model and its state, then latency, load, late hops, and the meters.

use egui::accesskit::Role;
use egui::{Align2, CornerRadius, Rect, Sense, Ui, WidgetInfo, pos2, vec2};

use super::notice::{one_line, sign};
use super::theme::{self, Metrics};
use crate::meter::Meter;
use crate::{ModelView, Status, summary};

/// What the bar shows.
pub struct Header<'a> {
    pub status: &'a Status,
    pub model: &'a ModelView,
    pub is_bypassed: bool,
    pub input: &'a Meter,
    pub output: &'a Meter,
}

/// Draws the bar into `rect`.
pub fn paint(ui: &Ui, rect: Rect, metrics: Metrics, header: &Header) {
    let status = header.status;
    ui.painter().rect_filled(rect, CornerRadius::same(6), theme::PANEL);
    let response = ui.interact(rect, ui.scope_id().with("status"), Sense::hover());
    let spoken = || summary::spoken(status, header.model, header.is_bypassed);
    response.widget_info(|| WidgetInfo::labeled(Role::Status, true, spoken()));

    let mut free = rect.shrink2(vec2(metrics.px(12.0), metrics.px(6.0)));
    let mut take = |width: f32| {
        let column = Rect::from_min_max(pos2(free.right() - metrics.px(width), free.top()), free.max);
        free.set_right(column.left() - metrics.px(12.0));
        column
    };
    meters(ui, take(160.0), metrics, header.input, header.output);
    let late = if status.underruns == 0 { "none".to_owned() } else { status.underruns.to_string() };
    stat(ui, take(58.0), metrics, ["Dropouts", &late, ""], status.underruns > 0);
    let load = summary::load(status);
    stat(
        ui,
        take(50.0),
        metrics,
        ["Load", load.as_deref().unwrap_or("\u{2013}"), ""],
        status.load > 1.0 && load.is_some(),
    );
    match summary::latency(status) {
        Some((time, frames)) => stat(ui, take(134.0), metrics, ["Latency", &time, &format!("({frames})")], false),
        None => stat(ui, take(134.0), metrics, ["Latency", "\u{2013}", ""], false),
    }
    title(ui, free, metrics, header);
}

fn title(ui: &Ui, rect: Rect, metrics: Metrics, header: &Header) {
    let name = one_line(ui, summary::name(header.status, header.model), metrics.title(), theme::TEXT, rect.width());
    ui.painter().galley(rect.left_top() - vec2(0.0, metrics.px(3.0)), name, theme::TEXT);
    let (tone, sentence) = summary::state(header.status, header.is_bypassed);
    let middle = rect.bottom() - metrics.px(8.0);
    sign(ui, pos2(rect.left() + metrics.px(6.0), middle), metrics.px(5.0), tone);
    let indent = metrics.px(18.0);
    let line = one_line(ui, &sentence, metrics.body(), theme::TEXT_QUIET, rect.width() - indent);
    let top = middle - line.size().y * 0.5;
    let is_cut = line.elided;
    ui.painter().galley(pos2(rect.left() + indent, top), line, theme::TEXT_QUIET);
    if is_cut {
        ui.interact(rect, ui.scope_id().with("state"), Sense::hover()).on_hover_text(sentence);
    }
}

/// A label over a value, and a quieter addition beside the value.
fn stat(ui: &Ui, column: Rect, metrics: Metrics, [label, value, more]: [&str; 3], is_warning: bool) {
    let painter = ui.painter();
    painter.text(column.left_top(), Align2::LEFT_TOP, label, metrics.small(), theme::TEXT_QUIET);
    let middle = column.bottom() - metrics.px(8.0);
    let mut left = column.left();
    if is_warning {
        sign(ui, pos2(left + metrics.px(6.0), middle), metrics.px(5.0), summary::Tone::Trouble);
        left += metrics.px(16.0);
    }
    let colour = if is_warning { theme::WARNING } else { theme::TEXT };
    let drawn = painter.text(pos2(left, middle), Align2::LEFT_CENTER, value, metrics.body(), colour);
    let beside = pos2(drawn.right() + metrics.px(4.0), middle);
    painter.text(beside, Align2::LEFT_CENTER, more, metrics.small(), theme::TEXT_QUIET);
}

fn meters(ui: &Ui, rect: Rect, metrics: Metrics, input: &Meter, output: &Meter) {
    let half = rect.height() * 0.5;
    for (index, (label, meter, colour)) in
        [("In", input, theme::NEUTRAL), ("Out", output, theme::ACCENT)].into_iter().enumerate()
    {
        let row = Rect::from_min_size(rect.left_top() + vec2(0.0, half * index as f32), vec2(rect.width(), half));
        let middle = row.center().y;
        ui.painter().text(row.left_center(), Align2::LEFT_CENTER, label, metrics.small(), theme::TEXT_QUIET);
        let bar = Rect::from_x_y_ranges(
            row.left() + metrics.px(26.0)..=row.right() - metrics.px(56.0),
            middle - metrics.px(3.0)..=middle + metrics.px(3.0),
        );
        let painter = ui.painter();
        painter.rect_filled(bar, 2.0, theme::RAISED);
        let x = |level_db: f32| bar.left() + bar.width() * Meter::share(level_db);
        painter.rect_filled(bar.with_max_x(x(meter.level_db)), 2.0, colour);
        let is_over = meter.peak_db > 0.0;
        if is_over {
            // What lies above full scale.
            let over = Rect::from_x_y_ranges(x(0.0)..=x(meter.level_db.max(0.0)), bar.y_range());
            painter.rect_filled(over, 0.0, theme::WARNING);
        }
        // Full scale.
        painter.vline(x(0.0), bar.y_range().expand(2.0), egui::Stroke::new(1.0, theme::LINE_STRONG));
        if meter.is_moving() {
            painter.vline(x(meter.peak_db), bar.y_range().expand(1.0), egui::Stroke::new(2.0, theme::TEXT));
        }
        let text = summary::level(meter.peak_db);
        let colour = if is_over { theme::WARNING } else { theme::TEXT };
        ui.painter().text(row.right_center(), Align2::RIGHT_CENTER, text, metrics.small(), colour);
    }
}
