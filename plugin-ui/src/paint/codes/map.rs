//! The map of the codes: coloured by a descriptor, the sounding ones lit with their paths; played by click, drag and keys.

use egui::accesskit::Role;
use egui::{Align2, CornerRadius, Key, Pos2, Rect, Sense, Stroke, Ui, Vec2, pos2, vec2};

use super::{Scene, histogram};
use crate::codes::layout::Layout;
use crate::codes::map::{self, MapView, PATH_S, Plane};
use crate::codes::{CodesRequest, Descriptor, keys};
use crate::paint::chooser::{self, Options};
use crate::paint::control::{focus_ring, info, lock_arrows, presses, shows_focus};
use crate::paint::plot::{chip, empty};
use crate::paint::ribbon::{Knot, Pen};
use crate::paint::theme::{self, Metrics};
use crate::paint::{PaintContext, notice};

/// A pointer further away than this from every code hovers over none, in points.
const HOVER_POINTS: f32 = 24.0;

/// The plane on the screen.
struct Plot {
    rect: Rect,
    plane: Plane,
}

impl Plot {
    fn at(&self, at: [f32; 2]) -> Pos2 {
        self.rect.min + Vec2::from(self.plane.to_screen(at))
    }
}

/// Draws the map and the histogram into `inner`.
pub fn paint(
    ui: &mut Ui,
    inner: Rect,
    view: &mut MapView,
    layout: &mut Layout,
    scene: &Scene,
    cx: &mut PaintContext,
    requests: &mut Vec<CodesRequest>,
) {
    let metrics = cx.metrics;
    let head = inner.with_max_y(inner.top() + metrics.px(22.0));
    let body = inner.with_min_y(head.bottom() + metrics.px(4.0));
    let split = body.right() - (body.width() * 0.3).clamp(metrics.px(130.0), metrics.px(230.0));
    let rect = body.with_max_x(split - metrics.px(10.0));
    choose(ui, head, layout, scene, cx);
    ui.painter().rect_filled(rect, CornerRadius::same(4), theme::BACKGROUND);
    if scene.book.codes.is_empty() {
        return empty(ui, rect, "This package has no codes.", metrics);
    }
    let plane = Plane::fit(rect.size().into(), view.bounds, metrics.px(14.0));
    let plot = Plot { rect, plane };
    let hovered = react(ui, &plot, view, scene, requests);
    if let Some(spread) = &view.spread {
        histogram::paint(ui, body.with_min_x(split), spread, scene, metrics);
    }
    dots(ui, &plot, view, scene, metrics);
    paths(ui, &plot, view, scene, metrics);
    sounding(ui, &plot, view, scene, metrics);
    match hovered {
        Some(code) => about(ui, &plot, code, scene, metrics),
        None => hints(ui, &plot, view, scene, metrics),
    }
}

/// Which descriptor colours the map.
fn choose(ui: &Ui, head: Rect, layout: &mut Layout, scene: &Scene, cx: &PaintContext) {
    let (metrics, descriptors) = (cx.metrics, &scene.book.descriptors);
    let first = format!("Target 1 ({})", scene.wants[0].name);
    let name = |index: usize| match index {
        0 => first.clone(),
        _ => descriptors[index - 1].label(),
    };
    let chosen = layout.descriptor.as_deref().and_then(|name| scene.book.named(name));
    let index = chosen.map_or(0, |descriptor| descriptor.index + 1);
    let label =
        ui.painter().text(head.left_center(), Align2::LEFT_CENTER, "Coloured by", metrics.small(), theme::TEXT_QUIET);
    let left = label.right() + metrics.px(8.0);
    let place = Rect::from_min_size(pos2(left, head.top() + 1.0), vec2(metrics.px(196.0), metrics.px(20.0)));
    let options = Options { count: descriptors.len() + 1, shown: &name, item: &name, columns: 1 };
    if let Some(next) = chooser::choose(ui, place, "Map coloured by", index, options, metrics) {
        layout.descriptor = next.checked_sub(1).map(|index| descriptors[index].name.to_owned());
    }
    let at = place.right() + metrics.px(12.0);
    let text = format!("{} codes on two principal components", scene.book.codes.len());
    let room = head.right() - at;
    notice::line(ui, pos2(at, head.center().y), &text, metrics.small(), theme::TEXT_QUIET, room);
}

/// Plays by pointer and keys; returns the code that is to be told about.
fn react(ui: &Ui, plot: &Plot, view: &mut MapView, scene: &Scene, requests: &mut Vec<CodesRequest>) -> Option<usize> {
    let id = ui.scope_id().with("map");
    let response = ui.interact(plot.rect, id, Sense::click_and_drag());
    let nearest = |at: Pos2| view.nearest((at - plot.rect.min).into(), plot.plane, scene.book);
    let pointer = ui.input(|input| input.pointer.interact_pos());
    let mut told = response.hovered().then_some(pointer).flatten().and_then(nearest);
    told = told.filter(|(_, far)| *far <= HOVER_POINTS);
    let mut told = told.map(|(code, _)| code);
    if response.is_pointer_button_down_on() {
        response.request_focus();
        if let Some((code, _)) = pointer.and_then(nearest) {
            view.play(code, requests);
            told = Some(code);
        }
    }
    if response.has_focus() {
        lock_arrows(ui, id);
        for (key, direction) in [
            (Key::ArrowRight, [1.0, 0.0]),
            (Key::ArrowLeft, [-1.0, 0.0]),
            (Key::ArrowUp, [0.0, 1.0]),
            (Key::ArrowDown, [0.0, -1.0]),
        ] {
            for _ in 0..presses(ui, key) as usize {
                view.step(direction, plot.plane, scene.book);
            }
        }
        if ui.input(|input| input.key_pressed(Key::Enter) || input.key_pressed(Key::Space)) {
            view.is_by_key = true;
        }
        if view.is_by_key {
            view.play(view.cursor, requests);
        }
    }
    let is_at_keyboard = shows_focus(ui, &response);
    if is_at_keyboard {
        told = Some(view.cursor);
    }
    response.widget_info(|| {
        let lines = facts(view.cursor, scene).into_iter().map(|(name, value)| format!("{name} {value}"));
        let value = format!("Code {}. {}", view.cursor, lines.collect::<Vec<_>>().join(", "));
        info(Role::Slider, "Map of the codes", value)
    });
    focus_ring(ui, &response, plot.rect.expand(1.0), 5.0);
    told
}

fn dots(ui: &Ui, plot: &Plot, view: &MapView, scene: &Scene, metrics: Metrics) {
    let painter = ui.painter_at(plot.rect);
    // As much ink at any size of the map and any number of codes.
    let room = (plot.rect.area() / scene.book.codes.len().max(1) as f32).sqrt();
    let unit = (room / metrics.fine(15.0)).clamp(0.7, 1.5);
    for (code, at) in scene.book.codes.iter().map(|code| plot.at(code.at)).enumerate() {
        if !at.is_finite() {
            continue;
        }
        let value =
            view.spread.as_ref().and_then(|spread| Some((spread, scene.book.perceived(code, spread.descriptor)?)));
        match value {
            Some((spread, value)) => {
                let (colour, tint) = histogram::tint(spread, value);
                painter.circle_filled(at, metrics.fine((0.3 + 3.4 * tint) * unit), colour);
            }
            // Of a code without a value there is only a ring.
            None => drop(painter.circle_stroke(at, metrics.fine(2.0 * unit), Stroke::new(1.0, theme::LINE_STRONG))),
        }
    }
}

/// Where each voice was in the last second.
fn paths(ui: &Ui, plot: &Plot, view: &MapView, scene: &Scene, metrics: Metrics) {
    let mut pen = Pen::default();
    for voice in 0..scene.status.voices.len() {
        let mut knots: Vec<Knot> = Vec::new();
        for step in view.path(voice) {
            if !step.is_joined {
                jumps(&mut pen, &knots);
                knots.clear();
            }
            let Some(code) = scene.book.codes.get(step.code) else { continue };
            let strength = (1.0 - (scene.now_s - step.until_s) / PATH_S).clamp(0.0, 1.0) as f32;
            let at = plot.at(code.at);
            if at.is_finite() {
                let half_width = metrics.fine(0.3 + 0.7 * strength * strength);
                knots.push(Knot {
                    at,
                    half_width,
                    colour: theme::WARNING.gamma_multiply(0.06 + 0.74 * strength * strength),
                });
            }
        }
        jumps(&mut pen, &knots);
    }
    pen.paint(&ui.painter_at(plot.rect));
}

/// Each jump by itself: a ribbon through a sharp turn has no width there, and a jump back none at all.
fn jumps(pen: &mut Pen, knots: &[Knot]) {
    for jump in knots.windows(2) {
        pen.stroke(jump);
    }
}

/// A ring around each code that sounds, with the numbers of the voices that play it; the keyboard's cursor.
fn sounding(ui: &Ui, plot: &Plot, view: &MapView, scene: &Scene, metrics: Metrics) {
    let painter = ui.painter_at(plot.rect.expand(1.0));
    let place = |code: usize| scene.book.codes.get(code).map(|code| plot.at(code.at)).filter(|at| at.is_finite());
    for ring in map::sounding(scene.status) {
        let Some(at) = place(ring.code) else { continue };
        let font = egui::FontId::proportional(metrics.px(11.0));
        let text = painter.layout_no_wrap(ring.voices, font, theme::TEXT);
        let strength = ring.amplitude.clamp(0.25, 1.0);
        let radius = metrics.fine(7.5).max(text.size().x * 0.5 + metrics.fine(3.0));
        painter.circle_filled(at, radius + metrics.fine(5.5), theme::WARNING.gamma_multiply(0.16 * strength));
        painter.circle(at, radius, theme::BACKGROUND, Stroke::new(metrics.fine(2.0), theme::WARNING));
        painter.galley(at - text.size() * 0.5, text, theme::TEXT);
    }
    if let Some(at) = view.held().and_then(place) {
        painter.circle_stroke(at, metrics.fine(10.5), Stroke::new(2.0, theme::TEXT));
    }
}

fn hints(ui: &Ui, plot: &Plot, view: &MapView, scene: &Scene, metrics: Metrics) {
    let is_quiet = scene.status.voices.iter().all(Option::is_none) && view.held().is_none();
    let texts = match is_quiet {
        true => ["Click or drag to play codes"; 2],
        false => [
            "Ring: sounding voice. Line: its last second. Click to play codes",
            "Ring: sounding voice. Line: its last second",
        ],
    };
    let at = plot.rect.left_bottom() + vec2(4.0, -4.0);
    let room = plot.rect.width() * 0.9;
    let fits = |text: &&str| !notice::one_line(ui, text, metrics.small(), theme::TEXT_QUIET, room).elided;
    if let Some(text) = texts.into_iter().find(fits) {
        chip(ui, plot.rect, at, Align2::LEFT_BOTTOM, text, theme::TEXT_QUIET, metrics);
    }
    if view.spread.as_ref().is_some_and(|spread| spread.count < scene.book.codes.len()) {
        let at = plot.rect.right_top() + vec2(-4.0, 4.0);
        let text = "    without a value";
        let ground = chip(ui, plot.rect, at, Align2::RIGHT_TOP, text, theme::TEXT_QUIET, metrics);
        let ring = pos2(ground.left() + metrics.px(10.0), ground.center().y);
        ui.painter().circle_stroke(ring, metrics.fine(3.0), Stroke::new(1.0, theme::TEXT_QUIET));
    }
}

/// The descriptors of a code with their units.
fn facts(code: usize, scene: &Scene) -> Vec<(String, String)> {
    let Some(view) = scene.book.codes.get(code) else { return Vec::new() };
    let value = |descriptor: Descriptor| match view.values[descriptor.index] {
        value if !descriptor.is_pitch => descriptor.text(value),
        _ if !view.is_pitched => "none".to_owned(),
        hz => format!("{} ({})", descriptor.text(hz), keys::name(keys::key_of(hz).clamp(0.0, 127.0).round() as u8)),
    };
    scene.book.descriptors.iter().map(|&descriptor| (descriptor.label(), value(descriptor))).collect()
}

/// A card with the number of a code and its descriptors.
fn about(ui: &Ui, plot: &Plot, code: usize, scene: &Scene, metrics: Metrics) {
    let Some(at) = scene.book.codes.get(code).map(|code| plot.at(code.at)).filter(|at| at.is_finite()) else { return };
    let painter = ui.painter();
    painter.circle_stroke(at, metrics.fine(6.0), Stroke::new(2.0, theme::TEXT));
    let rows = facts(code, scene);
    let (row, margin) = (metrics.px(16.0), metrics.px(8.0));
    let size = vec2(metrics.px(176.0), row * (rows.len() + 1) as f32 + 2.0 * margin);
    // In the corner furthest from the code: what lies around it stays in sight, and so does the way of a drag.
    let free = plot.rect.shrink(metrics.px(6.0));
    let min = pos2(
        if at.x < free.center().x { free.right() - size.x } else { free.left() },
        if at.y < free.center().y { free.bottom() - size.y } else { free.top() },
    );
    let card = Rect::from_min_size(min.max(plot.rect.min), size);
    painter.rect(
        card,
        4.0,
        theme::PANEL.gamma_multiply(0.96),
        Stroke::new(1.0, theme::LINE_STRONG),
        egui::StrokeKind::Inside,
    );
    let line = |n: usize| card.top() + margin + row * (n as f32 + 0.5);
    let title = format!("Code {code}");
    painter.text(pos2(card.left() + margin, line(0)), Align2::LEFT_CENTER, title, metrics.body(), theme::TEXT);
    for (n, (name, value)) in rows.into_iter().enumerate() {
        let ink = theme::TEXT_QUIET;
        painter.text(pos2(card.left() + margin, line(n + 1)), Align2::LEFT_CENTER, name, metrics.small(), ink);
        painter.text(
            pos2(card.right() - margin, line(n + 1)),
            Align2::RIGHT_CENTER,
            value,
            metrics.small(),
            theme::TEXT,
        );
    }
}
