//! How a path is played: the host's parameters.

use egui::{Align2, Rect, Ui, pos2, vec2};

use crate::paint::control::Place;
use crate::paint::theme::{self, Metrics};
use crate::paint::{PaintContext, bar, switch};
use crate::{ParamId, param};

/// How a parameter is shown.
#[derive(Clone, Copy, PartialEq)]
enum Kind {
    /// All values side by side.
    Segments,
    /// The chosen value with a list.
    List,
    /// A rail with its value; it takes what room there is.
    Bar,
}

/// A parameter with its label, the width of the label and the least one of the control.
struct Item {
    id: ParamId,
    label: &'static str,
    kind: Kind,
    widths: [f32; 2],
}

const fn item(id: ParamId, label: &'static str, kind: Kind, widths: [f32; 2]) -> Item {
    Item { id, label, kind, widths }
}

/// All of them, in the order in which they are read.
const ITEMS: [Item; 14] = [
    item(param::PATH_MODE, "Path", Kind::Segments, [29.0, 156.0]),
    item(param::PATH_PLAY, "Play", Kind::Segments, [27.0, 194.0]),
    item(param::PATH_END, "End", Kind::List, [25.0, 70.0]),
    item(param::PATH_SLOT, "Slot", Kind::List, [25.0, 40.0]),
    item(param::PATH_LENGTH, "Length", Kind::List, [40.0, 96.0]),
    item(param::PATH_AMOUNT, "Amount", Kind::Bar, [51.0, 92.0]),
    item(param::PATH_RATE, "Rate", Kind::Bar, [32.0, 92.0]),
    item(param::PATH_START, "Start", Kind::Bar, [34.0, 92.0]),
    item(param::PATH_POSITION, "Position", Kind::Bar, [53.0, 92.0]),
    item(param::PATH_MORPH_SLOT, "Morph to", Kind::List, [53.0, 40.0]),
    item(param::PATH_MORPH, "", Kind::Bar, [0.0, 92.0]),
    item(param::PATH_LATENT, "Latent", Kind::Segments, [40.0, 82.0]),
    item(param::PATH_LOUDNESS, "Loudness", Kind::Segments, [56.0, 82.0]),
    item(param::PATH_PITCH, "Pitch", Kind::Segments, [32.0, 82.0]),
];

const ROW: f32 = 20.0;
const GAP: f32 = 4.0;
const BETWEEN: f32 = 10.0;

impl Item {
    fn width(&self, metrics: Metrics) -> f32 {
        let label = if self.label.is_empty() { 0.0 } else { metrics.px(self.widths[0]) };
        label + metrics.px(self.widths[1])
    }
}

/// How many items from this one on stay in one row: the morph's rail with its slot, and what is the path's and not the input's.
fn together(id: ParamId) -> usize {
    match id {
        param::PATH_MORPH_SLOT => 2,
        param::PATH_LATENT => 3,
        _ => 1,
    }
}

/// Which items stand in which row.
fn rows(width: f32, metrics: Metrics) -> Vec<Vec<&'static Item>> {
    let mut rows: Vec<Vec<&Item>> = vec![Vec::new()];
    let mut left = 0.0;
    for (index, item) in ITEMS.iter().enumerate() {
        let group = &ITEMS[index..index + together(item.id)];
        let gaps = metrics.px(BETWEEN) * (group.len() - 1) as f32;
        let least = group.iter().map(|item| item.width(metrics)).sum::<f32>() + gaps;
        if left > 0.0 && left + least > width {
            rows.push(Vec::new());
            left = 0.0;
        }
        left += item.width(metrics) + metrics.px(BETWEEN);
        rows.last_mut().expect("there is a first row").push(item);
    }
    rows
}

/// The height of all rows in so much width.
pub fn height(width: f32, metrics: Metrics) -> f32 {
    let count = rows(width, metrics).len() as f32;
    count * metrics.px(ROW) + (count - 1.0) * metrics.px(GAP)
}

/// Draws the controls into `rect`, in as many rows as they need; what does not fit is left out.
pub fn paint(ui: &mut Ui, rect: Rect, cx: &mut PaintContext) {
    let metrics = cx.metrics;
    let mut top = rect.top();
    for row in rows(rect.width(), metrics) {
        let line = Rect::from_min_size(pos2(rect.left(), top), vec2(rect.width(), metrics.px(ROW)));
        top = line.bottom() + metrics.px(GAP);
        if line.bottom() > rect.bottom() + 0.5 {
            return;
        }
        let taken: f32 = row.iter().map(|item| item.width(metrics)).sum();
        let gaps = metrics.px(BETWEEN) * (row.len() - 1) as f32;
        let bars = row.iter().filter(|item| item.kind == Kind::Bar).count();
        let spare = (line.width() - taken - gaps).max(0.0);
        // Rails share what is left, but none gets longer than helps.
        let more = if bars > 0 { (spare / bars as f32).min(metrics.px(160.0)) } else { 0.0 };
        let mut left = line.left();
        for item in row {
            if !item.label.is_empty() {
                let is_idle = cx.why_idle(item.id).is_some();
                let ink = if is_idle { theme::IDLE } else { theme::TEXT_QUIET };
                let at = pos2(left, line.center().y);
                ui.painter().text(at, Align2::LEFT_CENTER, item.label, metrics.small(), ink);
                left += metrics.px(item.widths[0]);
            }
            let width = metrics.px(item.widths[1]) + if item.kind == Kind::Bar { more } else { 0.0 };
            let place = Rect::from_min_size(pos2(left, line.top()), vec2(width, line.height()));
            left = place.right() + metrics.px(BETWEEN);
            match item.kind {
                Kind::Segments => switch::segments(ui, place, Place::View, item.id, cx),
                Kind::List => switch::list(ui, place, Place::View, item.id, cx),
                Kind::Bar => bar::paint(ui, place, item.id, cx),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_fits_its_width_and_shows_all_there_is() {
        for width in [360.0, 484.0, 700.0, 1090.0, 1880.0] {
            let metrics = Metrics::for_size(vec2(width + 300.0, width));
            let rows = rows(width, metrics);
            assert_eq!(rows.iter().map(Vec::len).sum::<usize>(), ITEMS.len());
            for row in &rows {
                let taken: f32 = row.iter().map(|item| item.width(metrics)).sum();
                assert!(taken + metrics.px(BETWEEN) * (row.len() - 1) as f32 <= width + 1.0, "{width}");
            }
        }
        assert!(rows(484.0, Metrics::for_size(vec2(800.0, 500.0))).len() <= 4);
    }
}
