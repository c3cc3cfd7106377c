//! What is wanted against what is achieved, scrolling.

use egui::accesskit::Role;
use egui::{Align2, Id, Pos2, Rect, Sense, Stroke, Ui, pos2, vec2};

use super::Scene;
use crate::codes::Descriptor;
use crate::codes::follow::{FollowView, SPAN_S};
use crate::codes::histogram::Spread;
use crate::codes::layout::Layout;
use crate::codes::map::MapView;
use crate::paint::button::{self, Row};
use crate::paint::control::info;
use crate::paint::plot::{Style, chip, empty, sample, trace};
use crate::paint::ribbon::Pen;
use crate::paint::theme::{self, Metrics};
use crate::paint::{PaintContext, notice};
use crate::summary::signed;

/// Draws the view into `inner`.
pub fn paint(
    ui: &Ui,
    inner: Rect,
    view: &FollowView,
    map: &MapView,
    layout: &mut Layout,
    scene: &Scene,
    cx: &PaintContext,
) {
    let metrics = cx.metrics;
    let head = inner.with_max_y(inner.top() + metrics.px(22.0));
    let row = Row {
        id: Id::unique("timbreloom shown target"),
        name: "Shown target",
        roles: [Role::RadioGroup, Role::RadioButton],
        options: &["Target 1", "Target 2", "Target 3"],
    };
    let place = head.with_max_x(head.left() + metrics.px(186.0));
    if let Some(next) = button::row(ui, place, row, layout.target, metrics) {
        layout.target = next;
    }
    let target = layout.target.min(scene.wants.len() - 1);
    let descriptor = scene.wants[target];
    let rect = Rect::from_min_max(
        pos2(inner.left() + metrics.px(42.0), head.bottom() + metrics.px(10.0)),
        inner.max - vec2(metrics.px(8.0), metrics.px(20.0)),
    );
    if rect.height() < 40.0 {
        return;
    }
    let response = ui.interact(rect, ui.scope_id().with("follow"), Sense::hover());
    let name = format!("{} wanted and achieved", descriptor.label());
    response.widget_info(|| info(Role::Image, &name, spoken(view, target, descriptor)));
    let points_per_s = f64::from(rect.width()) / SPAN_S;
    let dash_s = f64::from(metrics.fine(12.0)) / points_per_s;
    let wanted = Style { width: metrics.fine(1.8), colour: theme::WARNING, dash_s: Some(dash_s) };
    let achieved = Style { width: metrics.fine(2.0), colour: theme::ACCENT, dash_s: None };
    let range = map.spread.as_ref().filter(|spread| spread.descriptor == descriptor).map(|spread| spread.range);
    let range = range.or_else(|| Spread::of(scene.book, descriptor).map(|spread| spread.range));
    let [low, high] = view.ends(target, descriptor, range);
    let y = |value: f32| {
        let share = (descriptor.perceived(value)? - low) / (high - low);
        Some(rect.bottom() - rect.height() * share.clamp(0.0, 1.0))
    };
    let x = |at_s: f64| rect.right() - ((scene.now_s - at_s) * points_per_s) as f32;

    ui.painter().rect_filled(rect, 0.0, theme::BACKGROUND);
    axes(ui, rect, descriptor, [low, high], metrics);
    if let Some(range) = range {
        let edge = |perceived: f32| rect.bottom() - rect.height() * (perceived - low) / (high - low);
        for end in range {
            let ends = [pos2(rect.left(), edge(end)), pos2(rect.right(), edge(end))];
            ui.painter().extend(egui::Shape::dashed_line(
                &ends,
                Stroke::new(1.0, theme::TEXT_QUIET.gamma_multiply(0.6)),
                2.0,
                4.0,
            ));
        }
    }
    for (style, pick) in [(achieved, 1), (wanted, 0)] {
        let mut pen = Pen::default();
        // A break where another note begins: a moment without a place before the first of its own.
        let places = view.moments().flat_map(|moment| {
            let value = if pick == 0 { moment.wanted[target] } else { moment.achieved[target] };
            let place: Option<Pos2> = y(value).map(|y| pos2(x(moment.at_s), y));
            let gap = (!moment.is_joined).then_some((moment.at_s, None));
            gap.into_iter().chain([(moment.at_s, place)])
        });
        trace(&mut pen, places, style);
        pen.paint(&ui.painter_at(rect));
    }
    legend(
        ui,
        head.with_min_x(place.right() + metrics.px(12.0)),
        view,
        [wanted, achieved],
        (target, descriptor),
        metrics,
    );
    let title = match descriptor.unit {
        "" => descriptor.label(),
        unit => format!("{}, {unit}", descriptor.label()),
    };
    chip(ui, rect, rect.left_top() + vec2(4.0, 4.0), Align2::LEFT_TOP, &title, theme::TEXT, metrics);
    if !view.is_moving() {
        let text = "Play a note: what the target asks for and what the codes give appear here, one over the other.";
        empty(ui, rect, text, metrics);
    }
}

fn axes(ui: &Ui, rect: Rect, descriptor: Descriptor, [low, high]: [f32; 2], metrics: Metrics) {
    let painter = ui.painter();
    let ticks = descriptor.ticks(low, high, (rect.height() / metrics.px(24.0)) as usize);
    for (at, text) in ticks {
        let y = rect.bottom() - rect.height() * (at - low) / (high - low);
        painter.hline(rect.x_range(), y, Stroke::new(1.0, theme::LINE));
        painter.text(pos2(rect.left() - 5.0, y), Align2::RIGHT_CENTER, text, metrics.small(), theme::TEXT_QUIET);
    }
    for ago_s in (0..=SPAN_S as i32).step_by(2) {
        let at = pos2(rect.right() - rect.width() * ago_s as f32 / SPAN_S as f32, rect.bottom());
        painter.vline(at.x, rect.y_range(), Stroke::new(1.0, theme::LINE));
        let (text, align) = match ago_s {
            0 => ("now".to_owned(), Align2::RIGHT_TOP),
            _ => (format!("{} s", signed(-ago_s as f32, 0)), Align2::CENTER_TOP),
        };
        let at = at.max(pos2(rect.left() + metrics.px(4.0), at.y)) + vec2(0.0, 4.0);
        painter.text(at, align, text, metrics.small(), theme::TEXT_QUIET);
    }
}

/// Both lines by name with their present values, then what is shown and how near it is; what has no room is left out.
fn legend(
    ui: &Ui,
    row: Rect,
    view: &FollowView,
    [wanted, achieved]: [Style; 2],
    (target, descriptor): (usize, Descriptor),
    metrics: Metrics,
) {
    // Both names in any case; their values where there is room for both.
    let has_room = row.width() > metrics.px(300.0);
    let newest = view.newest().filter(|_| view.voice().is_some() && has_room);
    let value = |pick: fn(&crate::codes::follow::Moment) -> [f32; 3]| {
        newest.map_or(String::new(), |moment| format!(" {}", descriptor.text(pick(moment)[target])))
    };
    let mut x = row.left();
    let y = row.center().y;
    let items = [
        (Some(wanted), format!("Wanted{}", value(|moment| moment.wanted))),
        (Some(achieved), format!("Achieved{}", value(|moment| moment.achieved))),
        (
            None,
            match view.mean_error(target) {
                Some(error) => format!("Off by {} on average", descriptor.text(error)),
                None => String::new(),
            },
        ),
        (None, view.voice().map_or(String::new(), |voice| format!("Voice {}", voice + 1))),
    ];
    for (style, text) in items {
        let indent = if style.is_some() { metrics.px(26.0) } else { 0.0 };
        let galley = notice::one_line(ui, &text, metrics.small(), theme::TEXT, row.right() - x - indent);
        if galley.elided || text.is_empty() {
            continue;
        }
        if let Some(style) = style {
            sample(ui, pos2(x, y), metrics.px(20.0), style);
        }
        // As wide as the widest value, so that what stands beside it does not tremble.
        let width = galley.size().x.max(if style.is_some() && newest.is_some() { metrics.px(98.0) } else { 0.0 });
        ui.painter().galley(pos2(x + indent, y - galley.size().y * 0.5), galley, theme::TEXT);
        x += indent + width + metrics.px(12.0);
    }
}

fn spoken(view: &FollowView, target: usize, descriptor: Descriptor) -> String {
    let Some(moment) = view.newest() else { return "Nothing sounds yet.".to_owned() };
    let [wanted, achieved] = [moment.wanted[target], moment.achieved[target]].map(|value| descriptor.text(value));
    format!("Wanted {wanted}, achieved {achieved}.")
}
