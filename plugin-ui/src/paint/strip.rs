//! The strip of controls, in groups that fold; it scrolls where the window is low.

use egui::accesskit::Role;
use egui::{Align2, CornerRadius, Id, Rect, ScrollArea, Sense, Ui, WidgetInfo, pos2, vec2};

use super::control::{Place, focus_ring};
use super::icon::{self, Icon};
use super::theme::Metrics;
use super::{PaintContext, bar, button, fade, knob, movement, notice, pitch, switch, theme};
use crate::control::set_once;
use crate::fit::Fit;
use crate::layout::{Group, Layout};
use crate::param::{self, ParamId};
use crate::session::Request;
use crate::{Status, summary};

/// What is shown beside the parameters.
pub struct Scene<'a> {
    pub status: &'a Status,
    pub fit: &'a mut Fit,
}

/// A knob with the short label that fits under its group's title.
pub type Knob = (ParamId, &'static str);

/// The groups as they stand from above.
const GROUPS: [Group; 8] = [
    Group::Play,
    Group::Pitch,
    Group::Movement,
    Group::Loudness,
    Group::Blend,
    Group::Feedback,
    Group::SideChain,
    Group::Stereo,
];

/// The width of one column.
pub const COLUMN: f32 = 290.0;
/// The width of each of two.
pub const NARROW_COLUMN: f32 = 270.0;
const TITLE: f32 = 27.0;
const MARGIN: f32 = 6.0;
/// Between two groups.
pub const GAP: f32 = 5.0;

/// The height of what is in a group when it is open.
fn content(group: Group, metrics: Metrics) -> f32 {
    let row = knob::height(metrics);
    match group {
        Group::Play => row * 2.0 + metrics.px(4.0),
        Group::Pitch => pitch::height(metrics),
        Group::Loudness | Group::Feedback | Group::SideChain => row,
        Group::Movement => movement::height(metrics),
        Group::Blend => metrics.px(38.0),
        Group::Stereo => metrics.px(20.0),
    }
}

/// The height of a group's card.
fn height(group: Group, layout: &Layout, metrics: Metrics) -> f32 {
    card_height((!layout.is_folded(group)).then(|| content(group, metrics)), metrics)
}

/// The height of some groups one under the other.
fn stack(groups: &[Group], layout: &Layout, metrics: Metrics) -> f32 {
    let gaps = metrics.px(GAP) * groups.len().saturating_sub(1) as f32;
    groups.iter().map(|&group| height(group, layout, metrics)).sum::<f32>() + gaps
}

/// Whether one column of so many points shows all groups.
pub fn fits(height: f32, layout: &Layout, metrics: Metrics) -> bool {
    stack(&GROUPS, layout, metrics) <= height
}

/// How many groups go into the first of two columns, so that neither is much longer than the other.
fn split(layout: &Layout, metrics: Metrics) -> usize {
    let longer = |count: usize| {
        let [left, right] = [&GROUPS[..count], &GROUPS[count..]].map(|groups| stack(groups, layout, metrics));
        left.max(right)
    };
    (1..GROUPS.len()).min_by(|&one, &two| longer(one).total_cmp(&longer(two))).unwrap_or(GROUPS.len())
}

/// Fills `ui` with the groups, in two columns if so asked; they scroll where they do not fit.
pub fn paint(ui: &mut Ui, layout: &mut Layout, scene: &mut Scene, columns: usize, cx: &mut PaintContext) {
    let metrics = cx.metrics;
    let first = if columns == 2 { split(layout, metrics) } else { GROUPS.len() };
    let height = stack(&GROUPS[..first], layout, metrics).max(stack(&GROUPS[first..], layout, metrics));
    let mut width = ui.available_width();
    if height > ui.available_height() {
        width -= ui.spacing().scroll.allocated_width();
    } else {
        // Nothing scrolls: no room is kept for a bar.
        ui.spacing_mut().scroll.floating_allocated_width = 0.0;
    }
    let gap = metrics.px(8.0) * (columns - 1) as f32;
    let width = (width - gap) / columns as f32;
    let list = ScrollArea::vertical().id_salt("controls").auto_shrink(false).show(ui, |ui| {
        let (_, all) = ui.allocate_space(vec2(ui.available_width(), height));
        let mut at = all.min;
        for (index, group) in GROUPS.into_iter().enumerate() {
            if index == first {
                at = pos2(all.left() + width + gap, all.top());
            }
            let place = Rect::from_min_size(at, vec2(width, self::height(group, layout, metrics)));
            at.y = place.bottom() + metrics.px(GAP);
            let card = card(ui, place, group.name(), Some(!layout.is_folded(group)), cx);
            if card.is_toggled {
                layout.fold(group);
            }
            beside_title(ui, place, group, scene, cx);
            if let Some(inner) = card.inner {
                inside(ui, inner, group, cx);
            }
        }
    });
    fade::paint(ui, &list, theme::BACKGROUND, metrics);
}

/// The control of a group that is there when it is folded, too.
fn beside_title(ui: &Ui, card: Rect, group: Group, scene: &mut Scene, cx: &mut PaintContext) {
    match group {
        Group::Loudness => switch::segments(ui, corner(card, 120.0, cx), Place::Strip, param::LOUDNESS_MODE, cx),
        Group::Blend => switch::segments(ui, corner(card, 152.0, cx), Place::Strip, param::SECOND_SOURCE, cx),
        Group::Feedback => {
            let place = corner(card, 96.0, cx);
            label_of(ui, place, "Sync", cx);
            switch::list(ui, place, Place::Strip, param::FEEDBACK_SYNC, cx);
        }
        Group::Stereo => switch::list(ui, corner(card, 116.0, cx), Place::Strip, param::CHANNELS, cx),
        Group::Pitch => {
            let place = corner(card, 136.0, cx);
            label_of(ui, place, "Octave", cx);
            switch::segments(ui, place, Place::Strip, param::OCTAVE, cx);
        }
        Group::Movement => movement::target(ui, corner(card, 122.0, cx), cx),
        Group::Play => {
            let place = corner(card, 198.0, cx);
            let third = place.width() / 3.0;
            let [first, second, last] = [0.0, 1.0, 2.0]
                .map(|n| Rect::from_min_size(place.min + vec2(n * third, 0.0), vec2(third, place.height())));
            let gap = cx.metrics.px(4.0);
            fit(ui, first.with_max_x(first.right() - gap), scene.fit, cx);
            match_wet(ui, second.with_max_x(second.right() - gap), scene.status, cx);
            switch::toggle(ui, last, param::LIMITER, cx);
        }
        Group::SideChain => {}
    }
}

/// What a group has within, while it is open.
fn inside(ui: &mut Ui, inner: Rect, group: Group, cx: &mut PaintContext) {
    match group {
        Group::Play => play(ui, inner, cx),
        Group::Pitch => pitch::paint(ui, inner, cx),
        Group::Movement => movement::paint(ui, inner, cx),
        Group::Loudness => {
            let knobs = [
                (param::LOUDNESS_RANGE, "Range"),
                (param::LOUDNESS_OFFSET, "Offset"),
                (param::GATE, "Gate"),
                (param::LOUDNESS_LEVEL, "Level"),
            ];
            knob_row(ui, inner, &[1.0; 4], &knobs, cx);
        }
        Group::Blend => blend(ui, inner, cx),
        Group::Feedback => {
            let knobs = [
                (param::FEEDBACK_AMOUNT, "Amount"),
                (param::FEEDBACK_FREQUENCY, "Frequency"),
                (param::FEEDBACK_Q, "Q"),
                (param::FEEDBACK_DELAY, "Delay"),
            ];
            knob_row(ui, inner, &[1.0; 4], &knobs, cx);
        }
        Group::SideChain => {
            let knobs =
                [(param::SIDE_LATENT, "Latent"), (param::SIDE_PITCH, "Pitch"), (param::SIDE_LOUDNESS, "Loudness")];
            knob_row(ui, inner, &[1.0; 3], &knobs, cx);
        }
        Group::Stereo => {
            let (small, start) = (cx.metrics.small(), inner.left() + cx.metrics.px(52.0));
            ui.painter().text(inner.left_center(), Align2::LEFT_CENTER, "Width", small, theme::TEXT);
            bar::paint(ui, inner.with_min_x(start), param::WIDTH, cx);
        }
    }
}

fn play(ui: &mut Ui, inner: Rect, cx: &mut PaintContext) {
    let upper =
        [(param::MIX, "Mix"), (param::INPUT_GAIN, "Input"), (param::WET_GAIN, "Wet"), (param::OUTPUT_GAIN, "Output")];
    let lower = [(param::AMOUNT, "Timbre"), (param::STABILITY, "Stability"), (param::SMOOTHING, "Smoothing")];
    // The first label is the longest.
    let widths = [1.2, 0.88, 0.98, 0.94];
    knob_row(ui, inner, &widths, &upper, cx);
    let below = inner.translate(vec2(0.0, knob::height(cx.metrics) + cx.metrics.px(4.0)));
    knob_row(ui, below, &widths, &lower, cx);
    switch::toggle(ui, last_cell(below, cx), param::FREEZE, cx);
}

/// The button that listens, and lets the input lie where the model plays well.
fn fit(ui: &Ui, place: Rect, fit: &mut Fit, cx: &mut PaintContext) {
    let session = cx.session;
    let card = session.models.iter().find(|card| card.name == cx.model.name);
    let names = ["Fit", "Fit the input to the model"];
    let (text, about) = match fit.left_s() {
        Some(left_s) => (format!("{left_s:.1} s"), "Play as you will play. Click to give it up."),
        None => (
            names[0].to_owned(),
            "Listens to you for four seconds, and sets Transpose, Range and Offset so that you play where the model is at home.",
        ),
    };
    let id = Id::unique("timbreloom fit");
    let response = button::word(ui, place, id, [&text, names[1]], card.is_none(), cx.metrics);
    if response.on_hover_text(about).clicked() {
        fit.toggle();
    }
    let settings = card.and_then(|card| fit.take(card, &*cx.params));
    if let Some(settings) = settings {
        let read = |(id, text): (ParamId, String)| Some((id, cx.params.parse(id, &text)?));
        let values = settings.into_iter().filter_map(read).collect();
        cx.requests.push(Request::Set { name: names[1], values });
    }
}

/// The button that makes wet and dry equally loud.
fn match_wet(ui: &Ui, place: Rect, status: &Status, cx: &mut PaintContext) {
    let above_db = status.wet_above_dry_db.filter(|_| status.is_running);
    let names = ["Match", "Match the model's loudness to your own sound's"];
    let response = button::word(ui, place, Id::unique("timbreloom match"), names, above_db.is_none(), cx.metrics);
    let about = above_db.map_or_else(
        || "Sets Wet so that the model is as loud as your own sound. Play for a second first.".to_owned(),
        |db| format!("Sets Wet to {} dB: there the model is as loud as your own sound.", summary::signed(-db, 1)),
    );
    let is_clicked = response.on_hover_text(about).clicked();
    let id = param::WET_GAIN;
    if let Some(share) = above_db.filter(|_| is_clicked).and_then(|db| cx.params.parse(id, &format!("{:.1} dB", -db))) {
        set_once(cx.params, id, share);
    }
}

fn blend(ui: &mut Ui, inner: Rect, cx: &mut PaintContext) {
    let metrics = cx.metrics;
    let names = Rect::from_min_size(inner.min, vec2(inner.width(), metrics.px(18.0)));
    let half = names.width() * 0.5 - metrics.px(8.0);
    notice::line(ui, names.left_center(), &cx.session.first.name, metrics.small(), theme::TEXT, half);
    let second = &cx.session.second.name;
    let (text, ink) = match second.is_empty() {
        true => ("No second model", theme::TEXT_QUIET),
        false => (second.as_str(), theme::TEXT),
    };
    let text = notice::one_line(ui, text, metrics.small(), ink, half);
    let right = names.right() - metrics.px(44.0);
    ui.painter().galley(pos2(right - text.size().x, names.center().y - text.size().y * 0.5), text, ink);
    let rail = Rect::from_min_max(pos2(inner.left(), names.bottom()), inner.max);
    bar::paint(ui, rail, param::BLEND, cx);
}

/// A group's ground.
pub struct Card {
    /// The room inside for the controls, if it is open.
    pub inner: Option<Rect>,
    /// Whether the musician folds or unfolds it.
    pub is_toggled: bool,
}

/// The height of a card with content so high, or folded without.
pub fn card_height(content: Option<f32>, metrics: Metrics) -> f32 {
    metrics.px(TITLE) + content.map_or(0.0, |content| content + metrics.px(MARGIN))
}

/// Draws a card with a title that folds it; `is_open` is `None` of one that has no more than its title.
pub fn card(ui: &mut Ui, card: Rect, title: &str, is_open: Option<bool>, cx: &PaintContext) -> Card {
    let metrics = cx.metrics;
    let (margin, title_height) = (metrics.px(8.0), metrics.px(TITLE));
    let (can_fold, is_open) = (is_open.is_some(), is_open.unwrap_or(false));
    let mut is_toggled = false;
    ui.painter().rect_filled(card, CornerRadius::same(6), theme::PANEL);
    let mut left = card.left() + metrics.px(10.0);
    let middle = card.top() + title_height * 0.5;
    if can_fold {
        let arrow = if is_open { Icon::Down } else { Icon::Next };
        icon::paint(ui.painter(), pos2(left + 3.0, middle), metrics.fine(4.5), arrow, theme::TEXT_QUIET);
        left += metrics.px(14.0);
    }
    let drawn = ui.painter().text(pos2(left, middle), Align2::LEFT_CENTER, title, metrics.heading(), theme::TEXT);
    if can_fold {
        let name = Rect::from_min_max(card.min, pos2(drawn.right() + metrics.px(6.0), card.top() + title_height));
        let response = ui.interact(name, Id::unique(("timbreloom group", title)), Sense::click());
        if response.clicked() {
            response.request_focus();
            is_toggled = true;
        }
        response.widget_info(|| WidgetInfo::labeled(Role::Button, true, format!("{title} controls")));
        ui.ctx().accesskit_node_builder(response.id, |node| node.set_expanded(is_open));
        focus_ring(ui, &response, name.shrink(3.0), 5.0);
    }
    let inner = Rect::from_min_max(
        pos2(card.left() + margin, card.top() + title_height),
        card.max - vec2(margin, metrics.px(MARGIN)),
    );
    Card { inner: is_open.then_some(inner), is_toggled }
}

/// Room for a switch at the right of a card's title.
pub fn corner(card: Rect, width: f32, cx: &PaintContext) -> Rect {
    let metrics = cx.metrics;
    let right = card.right() - metrics.px(8.0);
    let (top, bottom) = (card.top() + metrics.px(3.0), card.top() + metrics.px(24.0));
    Rect::from_min_max(pos2(right - metrics.px(width), top), pos2(right, bottom))
}

/// A quiet label to the left of what stands in the corner.
pub fn label_of(ui: &Ui, place: Rect, text: &str, cx: &PaintContext) {
    let at = place.left_center() - vec2(cx.metrics.px(7.0), 0.0);
    ui.painter().text(at, Align2::RIGHT_CENTER, text, cx.metrics.small(), theme::TEXT_QUIET);
}

/// The last of four cells, for a button as high as a dial's middle.
pub fn last_cell(inner: Rect, cx: &PaintContext) -> Rect {
    let metrics = cx.metrics;
    let width = inner.width() * 0.25;
    let centre = pos2(inner.right() - width * 0.5, inner.top() + metrics.px(33.5));
    Rect::from_center_size(centre, vec2(width - metrics.px(4.0), metrics.px(26.0)))
}

/// Knobs side by side, in cells of these shares of the width.
pub fn knob_row(ui: &mut Ui, inner: Rect, widths: &[f32], knobs: &[Knob], cx: &mut PaintContext) {
    let unit = inner.width() / widths.iter().sum::<f32>();
    let mut left = inner.left();
    for (&(id, label), width) in knobs.iter().zip(widths) {
        let cell = Rect::from_min_size(pos2(left, inner.top()), vec2(unit * width, knob::height(cx.metrics)));
        left = cell.right();
        knob::paint(ui, cell, id, label, cx);
    }
}
