//! What the plots of the views share: what they show without a model, labels in them, and their traces.

use std::sync::Arc;

use egui::{Align2, Color32, CornerRadius, Galley, Pos2, Rangef, Rect, Ui, Vec2, pos2, vec2};

use super::ribbon::{Knot, Pen};
use super::theme::{self, Metrics};
use super::{PaintContext, notice};
use crate::{EngineState, Status};

/// How much of what lies below a text's ground covers.
const GROUND: f32 = 0.85;

/// The share of a dash with its gap that is line.
const DASH: f64 = 0.55;

/// Fills a view's panel; returns the room in it.
pub fn ground(ui: &Ui, panel: Rect, metrics: Metrics) -> Rect {
    ui.painter().rect_filled(panel, CornerRadius::same(6), theme::PANEL);
    panel.shrink(metrics.px(8.0))
}

/// Says in `rect` what it is that there is nothing to show of, above a slip that says why; returns whether there is nothing.
pub fn stand_in(ui: &Ui, rect: Rect, status: &Status, cx: &PaintContext) -> bool {
    let [loading, missing, stopped, _] = status.product.stand_in;
    let text = match &status.state {
        EngineState::Loading => loading,
        EngineState::Missing(_) => missing,
        EngineState::Faulted(_) => stopped,
        EngineState::Ready => return false,
    };
    let covered = cx.covered.filter(|covered| covered.intersects(rect));
    let free = covered.map_or(rect, |covered| rect.with_max_y(covered.top()));
    if free.height() > cx.metrics.px(40.0) {
        notice::hint(ui, free, text, cx.metrics);
    }
    true
}

/// Whether a plot is too small for anything to be drawn: a host may give a window less than its least size for a moment.
pub fn is_too_small(rect: Rect) -> bool {
    rect.width() < 100.0 || rect.height() < 60.0
}

/// A sentence of what will be seen here, over as many lines as it needs, in the middle of `rect`.
pub fn empty(ui: &Ui, rect: Rect, text: &str, metrics: Metrics) {
    let width = (rect.width() - metrics.px(24.0)).clamp(40.0, metrics.px(420.0));
    let mut job = egui::text::LayoutJob::simple(text.to_owned(), metrics.body(), theme::TEXT_QUIET, width);
    job.halign = egui::Align::Center;
    let galley = ui.painter().layout_job(job);
    let ground = Rect::from_center_size(rect.center(), galley.size()).expand(metrics.px(6.0));
    ui.painter().rect_filled(ground, 4.0, theme::BACKGROUND.gamma_multiply(GROUND));
    let at = pos2(rect.center().x, rect.center().y - galley.size().y * 0.5);
    ui.painter().galley(at, galley, theme::TEXT_QUIET);
}

/// A text on a dark ground, moved so that it stays inside `within`; returns the ground.
pub fn chip(ui: &Ui, within: Rect, at: Pos2, align: Align2, text: &str, ink: Color32, metrics: Metrics) -> Rect {
    let chip = Chip::new(ui, within, at, align, text, ink, metrics);
    chip.paint(ui);
    chip.ground
}

/// Names in the middle of what they name, as [`chip`]s. Where two would lie upon each other the later one makes way, up or down.
pub fn chips<'a>(ui: &Ui, within: Rect, names: impl Iterator<Item = (Pos2, &'a str, Color32)>, metrics: Metrics) {
    let mut taken: Vec<Rect> = Vec::new();
    for (at, name, ink) in names {
        let mut chip = Chip::new(ui, within, at, Align2::CENTER_CENTER, name, ink, metrics);
        chip.ground = free(chip.ground, within, &taken);
        chip.paint(ui);
        taken.push(chip.ground);
    }
}

/// The nearest place above or below in which nothing lies yet; the place itself where there is none.
fn free(ground: Rect, within: Rect, taken: &[Rect]) -> Rect {
    let step = ground.height() + 1.0;
    // Each of them can be in the way of two lines, and all of these may lie on the side where there is no room.
    let ways = (0..=4 * taken.len()).map(|n| {
        let lines = n.div_ceil(2) as f32;
        ground.translate(vec2(0.0, if n % 2 == 1 { -step * lines } else { step * lines }))
    });
    let mut free = ways
        .filter(|place| within.contains_rect(*place) && taken.iter().all(|other| !other.intersects(place.shrink(0.5))));
    free.next().unwrap_or(ground)
}

/// Text on a ground that sets it off.
struct Chip {
    ground: Rect,
    galley: Arc<Galley>,
    ink: Color32,
}

impl Chip {
    fn new(ui: &Ui, within: Rect, at: Pos2, align: Align2, text: &str, ink: Color32, metrics: Metrics) -> Self {
        let galley = ui.painter().layout_no_wrap(text.to_owned(), metrics.small(), ink);
        let ground = align.anchor_size(at, galley.size() + vec2(10.0, 4.0));
        let most = (within.max - ground.size()).max(within.min);
        let ground = Rect::from_min_size(ground.min.clamp(within.min, most), ground.size());
        Self { ground, galley, ink }
    }

    fn paint(&self, ui: &Ui) {
        ui.painter().rect_filled(self.ground, 3.0, theme::BACKGROUND.gamma_multiply(GROUND));
        ui.painter().galley(self.ground.min + vec2(5.0, 2.0), Arc::clone(&self.galley), self.ink);
    }
}

/// Text beside a point, on whichever side has room.
pub fn beside(ui: &Ui, within: Rect, at: Pos2, text: &str, metrics: Metrics) {
    let gap = Vec2::new(metrics.px(12.0), 0.0);
    let width = ui.painter().layout_no_wrap(text.to_owned(), metrics.small(), theme::TEXT).size().x + 10.0;
    let (at, align) = if at.x + gap.x + width <= within.right() {
        (at + gap, Align2::LEFT_CENTER)
    } else {
        (at - gap, Align2::RIGHT_CENTER)
    };
    chip(ui, within, at, align, text, theme::TEXT, metrics);
}

/// Says below a plot of the last seconds how long ago a place in it was, at each `step` of them; returns these places.
pub fn time_axis(ui: &Ui, plot: Rangef, top: f32, (span_s, step): (f64, usize), metrics: Metrics) -> Vec<f32> {
    let tick = |ago_s: i32| {
        let x = plot.max - plot.span() * ago_s as f32 / span_s as f32;
        let (text, align) = match ago_s {
            0 => ("now".to_owned(), Align2::RIGHT_TOP),
            _ if f64::from(ago_s) == span_s => (format!("\u{2212}{ago_s} s"), Align2::LEFT_TOP),
            _ => (format!("\u{2212}{ago_s} s"), Align2::CENTER_TOP),
        };
        ui.painter().text(pos2(x, top), align, text, metrics.small(), theme::TEXT_QUIET);
        x
    };
    (0..=span_s as i32).step_by(step).map(tick).collect()
}

/// How a trace over time is drawn; the input's and the output's differ by more than their colour.
#[derive(Clone, Copy, Debug)]
pub struct Style {
    pub width: f32,
    pub colour: Color32,
    /// Seconds of line and gap together; half of it is line. `None`: unbroken.
    pub dash_s: Option<f64>,
}

/// Adds values over time to `pen`, oldest first. A place of `None` breaks the line.
///
/// Dashes are fixed in time, so that they travel with the sound; they begin and end between two values too, so that a line
/// of few values is as clear as one of many.
pub fn trace(pen: &mut Pen, places: impl Iterator<Item = (f64, Option<Pos2>)>, style: Style) {
    let knot = |at| Knot { at, half_width: style.width * 0.5, colour: style.colour };
    let mut knots: Vec<Knot> = Vec::with_capacity(places.size_hint().0);
    let mut before: Option<(f64, Pos2)> = None;
    for (at_s, place) in places {
        let since = std::mem::replace(&mut before, place.map(|at| (at_s, at)));
        match (since, place, style.dash_s) {
            (_, None, _) => {
                pen.stroke(&knots);
                knots.clear();
            }
            (_, Some(at), None) => knots.push(knot(at)),
            (None, Some(_), Some(_)) => {}
            (Some((from_s, from)), Some(to), Some(dash_s)) => {
                for dash in dashes([from_s, at_s], dash_s) {
                    let [start, end] = dash.map(|share| if share < 1.0 { from.lerp(to, share) } else { to });
                    if knots.last().is_none_or(|last| last.at != start) {
                        pen.stroke(&knots);
                        knots.clear();
                        knots.push(knot(start));
                    }
                    knots.push(knot(end));
                }
            }
        }
    }
    pen.stroke(&knots);
}

/// Where in a stretch of time there is line, as shares of it.
fn dashes([from_s, to_s]: [f64; 2], dash_s: f64) -> impl Iterator<Item = [f32; 2]> {
    let (first, last) = ((from_s / dash_s).floor(), (to_s / dash_s).floor());
    // More than these are none that anybody sees, or time is no number.
    let count = (last - first).clamp(0.0, 100.0) as usize;
    let share = move |at_s: f64| ((at_s - from_s) / (to_s - from_s)).clamp(0.0, 1.0) as f32;
    let dash = move |n: usize| {
        let start_s = (first + n as f64) * dash_s;
        [share(start_s), share(start_s + DASH * dash_s)]
    };
    (0..=count).map(dash).filter(|[start, end]| start < end)
}

/// A short sample of a style for a legend, from `at` to the right.
pub fn sample(ui: &Ui, at: Pos2, length: f32, style: Style) {
    let mut pen = Pen::default();
    let (parts, share) = if style.dash_s.is_some() { (3, 0.6) } else { (1, 1.0) };
    let part = length / parts as f32;
    for index in 0..parts {
        let left = at + vec2(part * index as f32, 0.0);
        let ends = [left, left + vec2(part * share, 0.0)];
        pen.stroke(&ends.map(|at| Knot { at, half_width: style.width * 0.5, colour: style.colour }));
    }
    pen.paint(ui.painter());
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::paint::theme::tests::contrast;
    use crate::palette;

    #[test]
    fn dashes_are_where_they_are_however_many_values_a_line_has() {
        let few: Vec<[f32; 2]> = dashes([0.0, 4.0], 1.0).collect();
        assert_eq!(few, [[0.0, 0.1375], [0.25, 0.3875], [0.5, 0.6375], [0.75, 0.8875]]);
        let lit = |parts: usize| -> f32 {
            let step = 4.0 / parts as f64;
            let ends = |n: usize| [0.3 + n as f64 * step, 0.3 + (n + 1) as f64 * step];
            let shares = (0..parts).flat_map(|n| dashes(ends(n), 1.0));
            shares.map(|[start, end]| (end - start) / parts as f32).sum()
        };
        for parts in [1, 2, 7, 400] {
            assert!((lit(parts) - DASH as f32).abs() < 1e-3, "{parts}: {}", lit(parts));
        }
        for odd in [[f64::NAN, 1.0], [1.0, 1.0], [2.0, 1.0], [0.0, f64::INFINITY]] {
            assert!(dashes(odd, 1.0).count() < 200);
        }
    }

    #[test]
    fn text_in_plots_can_be_read_over_whatever_is_drawn() {
        let [red, green, blue] = palette::colour(1.0);
        for below in [Color32::from_rgb(red, green, blue), theme::ACCENT, theme::CLOUD, theme::TEXT] {
            let ground = below.blend(theme::BACKGROUND.gamma_multiply(GROUND));
            for ink in [theme::TEXT, theme::TEXT_QUIET] {
                let contrast = contrast(ink, ground);
                assert!(contrast >= 4.5, "{ink:?} over {below:?}: {contrast}");
            }
        }
    }

    #[test]
    fn names_that_would_lie_upon_each_other_make_way_and_stay_inside() {
        let within = Rect::from_min_size(pos2(0.0, 0.0), vec2(200.0, 60.0));
        let ground = |x: f32, y: f32| Rect::from_center_size(pos2(x, y), vec2(50.0, 12.0));
        let mut taken = Vec::new();
        for wanted in [ground(60.0, 30.0), ground(80.0, 32.0), ground(60.0, 30.0), ground(180.0, 30.0)] {
            let place = free(wanted, within, &taken);
            assert!(within.contains_rect(place) || place == wanted, "{place}");
            assert!(taken.iter().all(|other: &Rect| !other.intersects(place.shrink(0.5))), "{place}, {taken:?}");
            taken.push(place);
        }
        assert_eq!((taken[0], taken[3]), (ground(60.0, 30.0), ground(180.0, 30.0)));
        let low = free(ground(60.0, 54.0), within, &[ground(60.0, 50.0)]);
        assert!(within.contains_rect(low) && low.bottom() <= 45.0, "{low}");
        // Where there is no room they lie upon each other.
        let crowd = [within; 3];
        assert_eq!(free(ground(60.0, 30.0), within, &crowd), ground(60.0, 30.0));
    }
}
