//! The curve editor: all axes over time, the active one bright over the others, and what the tools do on it.

use egui::{Align2, Color32, CursorIcon, Pos2, Rect, Response, Sense, Stroke, StrokeKind, Ui, pos2, vec2};

use super::touch;
use super::trace::{self, Look, Plot};
use crate::paint::control::{focus_ring, shows_focus};
use crate::paint::plot::{beside, chip};
use crate::paint::ribbon::{Knot, Pen};
use crate::paint::theme::{self, Metrics};
use crate::paint::{PaintContext, notice};
use crate::paths::editor::scale::{self, Scale};
use crate::paths::editor::{PathsEditor, Target, Tool, chain, range_name};
use crate::paths::{PathAxis, PathView, PathsStatus};

/// Room to the left for the values of the scale.
pub const GUTTER: f32 = 40.0;

/// What is drawn of the song and of the sound.
#[derive(Clone, Copy)]
pub struct Scene<'a> {
    pub path: &'a PathView,
    pub status: &'a PathsStatus,
    /// Where the path shown sounds, seconds.
    pub playhead_s: Option<f32>,
}

/// Draws the plot of all axes, the lane of the loudness and the time axis into `rect`.
pub fn paint(ui: &mut Ui, rect: Rect, editor: &mut PathsEditor, scene: Scene, cx: &mut PaintContext) {
    let metrics = cx.metrics;
    let body = Rect::from_min_max(
        rect.min + vec2(metrics.px(GUTTER), 0.0),
        rect.max - vec2(metrics.px(4.0), metrics.px(15.0)),
    );
    if body.width() < 60.0 || body.height() < 30.0 {
        return;
    }
    let lane_height = (body.height() * 0.2).clamp(metrics.px(20.0), metrics.px(64.0));
    let has_lane = body.height() >= metrics.px(84.0);
    let bottom = if has_lane { body.bottom() - lane_height - metrics.px(3.0) } else { body.bottom() };
    let (window, scale) = (editor.window, editor.scale());
    let plot = Plot { rect: body.with_max_y(bottom), window, scale };
    let lane =
        Plot { rect: body.with_min_y(body.bottom() - lane_height), window, scale: Scale { low: -70.0, high: 0.0 } };

    let (response, hovered) = touch::react(ui, &plot, editor, scene.status, cx);
    let plot = Plot { window: editor.window, scale: editor.scale(), ..plot };
    ground(ui, &plot, editor, metrics);
    let ticks = time_ticks(&plot, editor, scene.status, metrics);
    grid(ui, &[plot.rect, lane.rect][..if has_lane { 2 } else { 1 }], &plot, &ticks, editor, scene.status);
    range_of_step(ui, &plot, editor);
    selection(ui, &plot, editor);
    traces(ui, &plot, editor, scene, metrics);
    if has_lane {
        loudness(ui, &Plot { window: editor.window, ..lane }, editor, scene, metrics);
        envelope(ui, lane.rect, editor, metrics);
    }
    times(ui, body, &plot, &ticks, metrics);
    drawn_line(ui, &plot, editor, hovered, shows_focus(ui, &response), metrics);
    playhead(ui, body, &plot, editor, scene, metrics);
    words(ui, &plot, editor, &response, hovered, metrics);
    focus_ring(ui, &response, plot.rect.expand(2.0), 4.0);
}

/// The ground, and the values of the scale beside it.
fn ground(ui: &Ui, plot: &Plot, editor: &PathsEditor, metrics: Metrics) {
    let painter = ui.painter();
    painter.rect_filled(plot.rect, 2.0, theme::BACKGROUND);
    let axis = if let Target::Envelope(_) = editor.target() { PathAxis::Voicing } else { editor.axis() };
    let most = (plot.rect.height() / metrics.px(20.0)).max(2.0) as usize;
    let ticks = plot.scale.ticks(axis, most);
    for (index, &value) in ticks.iter().enumerate() {
        let y = plot.y(value);
        let is_middle = value == 0.0 && matches!(axis, PathAxis::Latent(_));
        let ink = if is_middle { theme::LINE_STRONG.gamma_multiply(0.55) } else { theme::LINE };
        painter.hline(plot.rect.x_range(), y, Stroke::new(1.0, ink));
        let unit = match axis {
            _ if index + 1 < ticks.len() => "",
            PathAxis::Latent(_) => " sd",
            PathAxis::Loudness => " dB",
            _ => "",
        };
        let text = format!("{}{unit}", scale::tick(axis, value));
        let half = metrics.px(6.0);
        let y = y.clamp(plot.rect.top() + half, plot.rect.bottom() - half);
        let at = pos2(plot.rect.left() - metrics.px(5.0), y);
        painter.text(at, Align2::RIGHT_CENTER, text, metrics.small(), theme::TEXT_QUIET);
    }
}

/// Ticks of the time axis: bars while times snap to the song, else seconds.
fn time_ticks(plot: &Plot, editor: &PathsEditor, status: &PathsStatus, metrics: Metrics) -> Vec<(f32, String)> {
    let least_s = metrics.px(54.0) * plot.unit()[0];
    match editor.snap.step_s(status) {
        Some(_) => plot.window.bar_ticks(least_s, status.beat_s, status.bar_beats.max(1.0)),
        None => plot.window.ticks(least_s),
    }
}

fn grid(ui: &Ui, rects: &[Rect], plot: &Plot, ticks: &[(f32, String)], editor: &PathsEditor, status: &PathsStatus) {
    let line = |time_s: f32, ink: Color32| {
        for rect in rects {
            ui.painter().vline(plot.x(time_s), rect.y_range(), Stroke::new(1.0, ink));
        }
    };
    for rect in &rects[1..] {
        ui.painter().rect_filled(*rect, 2.0, theme::BACKGROUND);
    }
    if let Some(step_s) = editor.snap.step_s(status).filter(|step_s| step_s / plot.unit()[0] >= 6.0) {
        let first = (plot.window.start_s() / step_s).ceil() as usize;
        let last = (plot.window.end_s() / step_s).floor() as usize;
        (first..=last).for_each(|n| line(n as f32 * step_s, theme::LINE.gamma_multiply(0.55)));
    }
    for (time_s, _) in ticks {
        line(*time_s, theme::LINE);
    }
}

/// What the ticks are called, beneath all.
fn times(ui: &Ui, body: Rect, plot: &Plot, ticks: &[(f32, String)], metrics: Metrics) {
    for (time_s, text) in ticks {
        let galley = ui.painter().layout_no_wrap(text.clone(), metrics.small(), theme::TEXT_QUIET);
        let left = (plot.x(*time_s) - galley.size().x * 0.5)
            .clamp(body.left() - metrics.px(8.0), body.right() - galley.size().x);
        ui.painter().galley(pos2(left, body.bottom() + 2.0), galley, theme::TEXT_QUIET);
    }
}

/// Where the step acts that is selected in the list.
fn range_of_step(ui: &Ui, plot: &Plot, editor: &PathsEditor) {
    let step = editor.step().and_then(|step| editor.steps().get(step));
    if let Some([from, to]) = step.and_then(|step| step.range_s) {
        let span = Rect::from_x_y_ranges(plot.x(from)..=plot.x(to), plot.rect.y_range());
        let painter = ui.painter_at(plot.rect);
        painter.rect_filled(span, 0.0, Color32::from_white_alpha(8));
        painter.rect_filled(span.with_max_y(span.top() + 3.0), 0.0, theme::NEUTRAL.gamma_multiply(0.7));
    }
}

/// The selected range.
fn selection(ui: &Ui, plot: &Plot, editor: &PathsEditor) {
    let Some([from, to]) = editor.selection else { return };
    let band = Rect::from_x_y_ranges(plot.x(from)..=plot.x(to), plot.rect.y_range());
    let painter = ui.painter_at(plot.rect);
    painter.rect_filled(band, 0.0, theme::ACCENT.gamma_multiply(0.12));
    for x in [band.left(), band.right()] {
        painter.vline(x, band.y_range(), Stroke::new(1.0, theme::ACCENT.gamma_multiply(0.8)));
    }
}

fn traces(ui: &Ui, plot: &Plot, editor: &PathsEditor, scene: Scene, metrics: Metrics) {
    let mut pen = Pen::default();
    let path = scene.path;
    let is_envelope = matches!(editor.target(), Target::Envelope(_));
    let latent = Scale::of(PathAxis::Latent(0), path);
    let quiet = if editor.is_all { theme::ACCENT.gamma_multiply(0.36) } else { theme::LINE_STRONG.gamma_multiply(0.5) };
    let look = Look { half_width: metrics.fine(0.2), colour: quiet, column: 2.0 };
    let behind = Plot { scale: latent, ..*plot };
    for axis in (0..editor.dims()).map(PathAxis::Latent).filter(|&axis| axis != editor.axis()) {
        if let Some(course) = path.course(axis) {
            trace::add(&mut pen, &behind, course, path.hop_s, look);
        }
    }
    let colour = if is_envelope { theme::ACCENT_DIM } else { theme::ACCENT };
    let look = Look { half_width: metrics.fine(0.75), colour, column: 1.0 };
    // Beneath an envelope the axis keeps its own scale.
    let own = Plot { scale: if is_envelope { Scale::of(editor.axis(), path) } else { plot.scale }, ..*plot };
    if let Some(course) = path.course(editor.axis()) {
        trace::add(&mut pen, &own, course, path.hop_s, look);
    }
    pen.paint(&ui.painter_at(plot.rect));
}

/// The loudness has a lane of its own; a click draws on it.
fn loudness(ui: &Ui, lane: &Plot, editor: &mut PathsEditor, scene: Scene, metrics: Metrics) {
    let response = ui.interact(lane.rect, touch::canvas_id().with("loudness"), Sense::CLICK);
    if response.clicked() {
        editor.set_axis(PathAxis::Loudness);
    }
    let is_active = editor.axis() == PathAxis::Loudness;
    selection(ui, lane, editor);
    let painter = ui.painter_at(lane.rect);
    if let Some(course) = scene.path.course(PathAxis::Loudness) {
        let mut pen = Pen::default();
        let (line, fill) = match (is_active, response.hovered()) {
            (true, _) => (theme::ACCENT, 0.16),
            (false, true) => (theme::TEXT, 0.14),
            (false, false) => (theme::NEUTRAL, 0.1),
        };
        let columns = (lane.rect.width() / 2.0).ceil() as usize;
        let hop = |x: f32| (f64::from(lane.time(x).max(0.0)) / scene.path.hop_s.max(1e-6)) as usize;
        pen.fill((0..=columns).map(|n| {
            let x = lane.rect.left() + n as f32 * 2.0;
            let high = course.range(hop(x)..hop(x + 2.0) + 1).map_or(lane.scale.low, |[_, high]| high);
            let y = lane.y(high).clamp(lane.rect.top(), lane.rect.bottom());
            let ink = line.gamma_multiply(fill);
            [(pos2(x, y), ink), (pos2(x, lane.rect.bottom()), ink)]
        }));
        trace::add(
            &mut pen,
            lane,
            course,
            scene.path.hop_s,
            Look { half_width: metrics.fine(0.5), colour: line.gamma_multiply(0.85), column: 2.0 },
        );
        pen.paint(&painter);
    }
    let right = lane.rect.left() - metrics.px(5.0);
    if lane.rect.height() >= metrics.px(34.0) {
        for (value, align) in [(0.0, Align2::RIGHT_TOP), (-60.0, Align2::RIGHT_CENTER)] {
            let at = pos2(right, lane.y(value));
            ui.painter().text(at, align, scale::tick(PathAxis::Loudness, value), metrics.small(), theme::TEXT_QUIET);
        }
    } else {
        let at = pos2(right, lane.rect.center().y);
        ui.painter().text(at, Align2::RIGHT_CENTER, "dB", metrics.small(), theme::TEXT_QUIET);
    }
    response.on_hover_text("Loudness. Click: draw on it").on_hover_cursor(CursorIcon::PointingHand);
}

/// What is drawn on while that is an envelope: in the lane beneath, where it hides none of its points.
fn envelope(ui: &Ui, lane: Rect, editor: &PathsEditor, metrics: Metrics) {
    let Target::Envelope(step) = editor.target() else { return };
    let axes = chain::axes_name(editor.steps()[step].axes, editor.dims()).to_lowercase();
    let text = format!("Envelope of step {}, {axes} \u{00b7} Escape: back to the curve", step + 1);
    let at = lane.left_center() + vec2(4.0, 0.0);
    chip(ui, lane, at, Align2::LEFT_CENTER, &text, theme::TEXT, metrics);
}

/// The points of the drawn line, and the line between them.
fn drawn_line(
    ui: &Ui,
    plot: &Plot,
    editor: &PathsEditor,
    hovered: Option<usize>,
    is_at_keyboard: bool,
    metrics: Metrics,
) {
    let is_envelope = matches!(editor.target(), Target::Envelope(_));
    let is_points = editor.tool == Tool::Points;
    let is_drawing = editor.is_under_way() && editor.tool != Tool::Select;
    if !is_points && !is_envelope && !is_drawing {
        return;
    }
    let points = editor.points();
    let painter = ui.painter_at(plot.rect.expand(metrics.px(5.0)));
    let mut pen = Pen::default();
    // Only what is in sight, with one point on each side.
    let first = points.partition_point(|point| point[0] < plot.window.start_s()).saturating_sub(1);
    let last = (points.partition_point(|point| point[0] <= plot.window.end_s()) + 1).min(points.len());
    let seen = &points[first..last.max(first)];
    let knots: Vec<Knot> = seen
        .iter()
        .map(|&point| Knot { at: plot.at(point), half_width: metrics.fine(0.7), colour: theme::TEXT })
        .collect();
    // Straight parts one by one: a joint at a sharp corner would be too thin.
    for pair in knots.windows(2) {
        pen.stroke(pair);
    }
    pen.paint(&ui.painter_at(plot.rect));
    if !is_points && !is_envelope {
        return;
    }
    // Where they lie so close that one cannot be told from the next, they are dots.
    let gap = plot.rect.width() / seen.len().max(1) as f32;
    for (index, &point) in points.iter().enumerate().take(last).skip(first).filter(|(_, point)| plot.shows(point[0])) {
        let at = plot.at(point);
        let (is_chosen, is_hot) = (editor.selected.has(index), hovered == Some(index));
        let radius = metrics.fine(if gap < 8.0 { 2.0 } else { 3.8 } + if is_hot { 2.0 } else { 0.0 });
        let fill = if is_chosen { theme::TEXT } else { theme::PANEL };
        painter.circle(at, radius, fill, Stroke::new(metrics.fine(1.6), theme::TEXT));
        if is_chosen && is_at_keyboard && editor.selected.first() == Some(index) {
            painter.circle_stroke(at, radius + 4.0, Stroke::new(2.0, theme::FOCUS));
        }
    }
    if let Some([one, two]) = editor.marked_box() {
        let rect = Rect::from_two_pos(plot.at(one), plot.at(two)).intersect(plot.rect);
        painter.rect(rect, 0.0, Color32::from_white_alpha(12), Stroke::new(1.0, theme::TEXT_QUIET), StrokeKind::Inside);
    }
}

fn playhead(ui: &Ui, body: Rect, plot: &Plot, editor: &PathsEditor, scene: Scene, metrics: Metrics) {
    let Some(at_s) = scene.playhead_s.filter(|&at_s| plot.shows(at_s)) else { return };
    let x = plot.x(at_s);
    ui.painter().vline(x, body.y_range(), Stroke::new(1.5, theme::WARNING));
    let value = scene
        .path
        .course(editor.axis())
        .and_then(|course| course.values().get((f64::from(at_s) / scene.path.hop_s.max(1e-6)) as usize).copied());
    let is_line = matches!(editor.target(), Target::Line(_));
    if let Some(value) = value.filter(|value| value.is_finite() && is_line) {
        let at = pos2(x, plot.y(value).clamp(plot.rect.top(), plot.rect.bottom()));
        ui.painter().circle(at, metrics.fine(3.5), theme::WARNING, Stroke::new(1.0, theme::BACKGROUND));
    }
}

/// What is under the pointer, what is being drawn on, and which keys there are.
fn words(ui: &Ui, plot: &Plot, editor: &PathsEditor, response: &Response, hovered: Option<usize>, metrics: Metrics) {
    let inset = |corner: Pos2, x: f32, y: f32| corner + vec2(x, y);
    let points = editor.points();
    let is_at_keyboard = shows_focus(ui, response);
    let chosen = editor.selected.first().filter(|_| editor.tool == Tool::Points);
    let told = if editor.is_held() || is_at_keyboard { chosen } else { hovered };
    let pointer = ui.input(|input| input.pointer.hover_pos()).filter(|_| response.contains_pointer());
    if let Some(&point) = told.and_then(|index| points.get(index)) {
        let at = plot.at(point);
        // Above or beneath, where the pointer leaves it in sight.
        let lift = if at.y > plot.rect.center().y { -1.0 } else { 1.0 };
        let mut text = touch::place_text(editor, point);
        if editor.selected.count() > 1 && editor.selected.has(told.unwrap_or_default()) {
            text = format!("{text} (of {})", editor.selected.count());
        }
        beside(ui, plot.rect, at + vec2(0.0, lift * metrics.px(16.0)), &text, metrics);
    } else if let Some(at) = pointer.filter(|_| !is_at_keyboard) {
        let [time_s, value] = plot.from(at);
        let text = if editor.tool == Tool::Select && matches!(editor.target(), Target::Line(_)) {
            match editor.selection.filter(|_| editor.is_held()) {
                Some(range) => format!("{} ({:.2} s)", range_name(range), range[1] - range[0]),
                None => touch::place_text(editor, [time_s, editor.value_at(time_s)]),
            }
        } else {
            touch::place_text(editor, [time_s, value])
        };
        chip(ui, plot.rect, inset(plot.rect.right_top(), -4.0, 4.0), Align2::RIGHT_TOP, &text, theme::TEXT, metrics);
    }
    if is_at_keyboard {
        let text = match editor.tool {
            Tool::Points => {
                "Ctrl arrows: other point. Arrows: move. Insert, Delete. Page keys: axis. + and \u{2212}: zoom"
            }
            _ => "Shift arrows: select. Page keys: axis. + and \u{2212}: zoom. 1 to 4: tools. R: record",
        };
        let galley = notice::one_line(ui, text, metrics.small(), theme::TEXT_QUIET, plot.rect.width() - 12.0);
        if !galley.elided {
            let at = inset(plot.rect.left_bottom(), 4.0, -4.0);
            chip(ui, plot.rect, at, Align2::LEFT_BOTTOM, text, theme::TEXT_QUIET, metrics);
        }
    }
}
