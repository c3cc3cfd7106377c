//! The histogram of a descriptor over the codes, upright: its axis is the scale of the map's colours.

use egui::accesskit::Role;
use egui::{Align2, Color32, Rect, Sense, Stroke, Ui, pos2, vec2};

use super::Scene;
use crate::codes::histogram::{BINS, Spread};
use crate::codes::{Descriptor, TARGETS};
use crate::paint::control::info;
use crate::paint::plot::chip;
use crate::paint::theme::{self, Metrics};
use crate::palette;
use crate::summary::signed;

/// The colour of a value, and in which size its code is drawn, 0 to 1.
pub fn tint(spread: &Spread, perceived: f32) -> (Color32, f32) {
    let tint = spread.tint(perceived);
    let [red, green, blue] = palette::colour(tint);
    (Color32::from_rgb(red, green, blue), tint)
}

/// Draws it into `rect`.
pub fn paint(ui: &Ui, rect: Rect, spread: &Spread, scene: &Scene, metrics: Metrics) {
    let descriptor = spread.descriptor;
    let response = ui.interact(rect, ui.scope_id().with("histogram"), Sense::hover());
    let name = format!("Histogram of {}", descriptor.name);
    response.widget_info(|| info(Role::Image, &name, spoken(spread, scene)));
    let head = metrics.px(18.0);
    let axis = metrics.px(36.0);
    let bars = Rect::from_min_max(rect.min + vec2(axis, head), rect.max - vec2(metrics.px(2.0), head));
    if bars.height() < 40.0 || bars.width() < 30.0 {
        return;
    }
    let painter = ui.painter();
    painter.rect_filled(bars, 0.0, theme::BACKGROUND);
    let unit = descriptor.unit;
    painter.text(
        pos2(bars.left(), rect.top()),
        Align2::LEFT_TOP,
        if unit.is_empty() { "0 to 1" } else { unit },
        metrics.small(),
        theme::TEXT_QUIET,
    );
    let y = |perceived: f32| bars.bottom() - bars.height() * spread.share(perceived);
    let most = spread.bins.iter().copied().max().unwrap_or(1).max(1) as f32;
    // The end of each bar is free: the target's mark stands there.
    let full = bars.width() - metrics.px(14.0);
    let bin_height = bars.height() / BINS as f32;
    let mut mesh = egui::Mesh::default();
    for (bin, &count) in spread.bins.iter().enumerate() {
        let middle = spread.ends[0] + (spread.ends[1] - spread.ends[0]) * (bin as f32 + 0.5) / BINS as f32;
        // Whole points, so that all gaps are alike.
        let [top, bottom] = [bin + 1, bin].map(|edge| (bars.bottom() - bin_height * edge as f32).round());
        if count > 0 {
            let left = (bars.left() + metrics.px(6.0)).round();
            let right = left + ((full - metrics.px(6.0)) * count as f32 / most).round().max(2.0);
            let bar = Rect::from_min_max(pos2(left, top + 1.0), pos2(right, bottom));
            mesh.add_colored_rect(bar, tint(spread, middle).0);
        }
    }
    painter.add(egui::Shape::mesh(mesh));
    for (at, text) in descriptor.ticks(spread.ends[0], spread.ends[1], (bars.height() / metrics.px(26.0)) as usize) {
        painter.hline(bars.left() - 4.0..=bars.left(), y(at), Stroke::new(1.0, theme::LINE_STRONG));
        painter.text(pos2(bars.left() - 6.0, y(at)), Align2::RIGHT_CENTER, text, metrics.small(), theme::TEXT_QUIET);
    }
    // The bracket of the range that 0 to 100 % of a target mean.
    let [low, high] = spread.range.map(y);
    let stroke = Stroke::new(1.5, theme::NEUTRAL);
    let x = bars.left() + metrics.px(2.0);
    painter.vline(x, high..=low, stroke);
    for end in [low, high] {
        painter.hline(x..=x + metrics.px(6.0), end, stroke);
    }
    let foot = format!("5\u{2013}95 %: {}", between(descriptor, spread.range));
    let foot = crate::paint::notice::one_line(ui, &foot, metrics.small(), theme::TEXT_QUIET, rect.width());
    ui.painter().galley(pos2(rect.right() - foot.size().x, rect.bottom() - foot.size().y), foot, theme::TEXT_QUIET);
    marks(ui, bars, spread, scene, metrics);
    pointed(ui, bars, spread, metrics);
}

/// Where each voice's target is: a triangle at the right edge, and the loudest one's value.
fn marks(ui: &Ui, bars: Rect, spread: &Spread, scene: &Scene, metrics: Metrics) {
    let Some(target) = target_of(spread.descriptor, scene) else { return };
    let voices = scene.status.voices.iter().enumerate();
    let mut loudest: Option<(f32, usize, f32, f32)> = None;
    for (index, voice) in voices.filter_map(|(index, voice)| Some((index, voice.as_ref()?))) {
        let Some(wanted) = spread.descriptor.perceived(voice.wanted[target]) else { continue };
        let y = bars.bottom() - bars.height() * spread.share(wanted);
        let reach = metrics.fine(5.0);
        let tip = pos2(bars.right() - reach * 2.0, y);
        let corners = vec![tip, tip + vec2(reach * 2.0, -reach), tip + vec2(reach * 2.0, reach)];
        ui.painter().add(egui::Shape::convex_polygon(corners, theme::WARNING, Stroke::NONE));
        if loudest.is_none_or(|(amplitude, ..)| voice.amplitude > amplitude) {
            loudest = Some((voice.amplitude, index, y, voice.wanted[target]));
        }
    }
    if let Some((_, index, y, wanted)) = loudest {
        ui.painter().hline(bars.left()..=bars.right() - metrics.fine(10.0), y, Stroke::new(1.0, theme::WARNING));
        let text = format!("Voice {} wants {}", index + 1, spread.descriptor.text(wanted));
        let at = pos2(bars.right() - metrics.px(14.0), y - metrics.px(3.0));
        chip(ui, bars, at, Align2::RIGHT_BOTTOM, &text, theme::WARNING, metrics);
    }
}

/// A range on one short line.
fn between(descriptor: Descriptor, range: [f32; 2]) -> String {
    let [low, high] = range.map(|end| descriptor.plain(end));
    match descriptor.unit {
        "" => format!("{low:.2} to {high:.2}"),
        "Hz" => format!("{low:.0}\u{2013}{high:.0} Hz"),
        unit => format!("{} to {} {unit}", signed(low, 0), signed(high, 0)),
    }
}

/// The first target that wants a descriptor.
pub fn target_of(descriptor: Descriptor, scene: &Scene) -> Option<usize> {
    (0..TARGETS).find(|&target| scene.wants[target] == descriptor)
}

/// How many codes are in the bin under the pointer.
fn pointed(ui: &Ui, bars: Rect, spread: &Spread, metrics: Metrics) {
    let Some(at) = ui.input(|input| input.pointer.hover_pos()).filter(|at| bars.contains(*at)) else { return };
    let bin = (((bars.bottom() - at.y) / bars.height() * BINS as f32) as usize).min(BINS - 1);
    let edge = |bin: usize| {
        let perceived = spread.ends[0] + (spread.ends[1] - spread.ends[0]) * bin as f32 / BINS as f32;
        spread.descriptor.text(spread.descriptor.plain(perceived))
    };
    let text = format!("{} codes\n{} to {}", spread.bins[bin], edge(bin), edge(bin + 1));
    let within = bars.expand2(vec2(metrics.px(30.0), 0.0));
    chip(ui, within, at - vec2(0.0, 8.0), Align2::CENTER_BOTTOM, &text, theme::TEXT, metrics);
}

fn spoken(spread: &Spread, scene: &Scene) -> String {
    let descriptor = spread.descriptor;
    let [low, high] = spread.range.map(|end| descriptor.text(descriptor.plain(end)));
    let mut text = format!("{} codes, 90 % of them from {low} to {high}.", spread.count);
    let voice = scene.status.voices.iter().flatten().next();
    if let Some((target, voice)) = target_of(descriptor, scene).zip(voice) {
        text += &format!(" The target is at {}.", descriptor.text(voice.wanted[target]));
    }
    text
}
