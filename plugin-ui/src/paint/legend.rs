//! Legends that lose no entry: where a row is narrow the words get shorter, and where that is not enough they wrap.

use std::sync::Arc;

use egui::{Color32, Galley, Pos2, Rect, Ui, pos2};

use super::theme::{self, Metrics};

/// Room for an entry's sign, and between its sign, its words and the next entry.
const SIGN: f32 = 16.0;
const GAPS: [f32; 2] = [5.0, 12.0];

/// A thing that a plot shows.
#[derive(Clone, Copy)]
pub struct Entry {
    /// Its name, from the longest wording to the shortest; all entries are shortened together.
    pub words: &'static [&'static str],
    /// Another wording that takes turns with this one: room is kept for the longer.
    pub other: &'static str,
    pub ink: Color32,
    /// Draws its sign, as wide as the points given, to the right of a place.
    pub sign: fn(&Ui, Pos2, f32, Metrics),
}

impl Entry {
    /// A quiet entry.
    pub fn new(words: &'static [&'static str], sign: fn(&Ui, Pos2, f32, Metrics)) -> Self {
        Self { words, other: "", ink: theme::TEXT_QUIET, sign }
    }
}

/// Where the entries go in so short a wording: from left to right, row by row; whether all have room.
fn place(
    ui: &Ui,
    rows: &[Rect],
    entries: &[Entry],
    level: usize,
    metrics: Metrics,
) -> (bool, Vec<(Pos2, Arc<Galley>)>) {
    let (mut row, mut x, mut has_room) = (0, rows[0].left(), true);
    let mut placed = Vec::with_capacity(entries.len());
    for entry in entries {
        let text = |word: &str| ui.painter().layout_no_wrap(word.to_owned(), metrics.small(), entry.ink);
        let galley = text(entry.words[level.min(entry.words.len() - 1)]);
        let width = metrics.px(SIGN + GAPS[0]) + galley.size().x.max(text(entry.other).size().x);
        if x + width > rows[row].right() && row + 1 < rows.len() {
            row += 1;
            x = rows[row].left();
        }
        has_room &= x + width <= rows[row].right();
        placed.push((pos2(x, rows[row].center().y), galley));
        x += width + metrics.px(GAPS[1]);
    }
    (has_room, placed)
}

/// The longest wording for which these rows have room.
pub fn fits(ui: &Ui, rows: &[Rect], entries: &[Entry], metrics: Metrics) -> Option<usize> {
    let levels = entries.iter().map(|entry| entry.words.len()).max().unwrap_or(1);
    (0..levels).find(|&level| place(ui, rows, entries, level, metrics).0)
}

/// Draws all entries into the rows, as long as these have room for.
pub fn paint(ui: &Ui, rows: &[Rect], entries: &[Entry], metrics: Metrics) {
    let level = fits(ui, rows, entries, metrics).unwrap_or(usize::MAX);
    let length = metrics.px(SIGN);
    for (entry, (at, galley)) in entries.iter().zip(place(ui, rows, entries, level, metrics).1) {
        (entry.sign)(ui, at, length, metrics);
        let at = pos2(at.x + length + metrics.px(GAPS[0]), at.y - galley.size().y * 0.5);
        ui.painter().galley(at, galley, entry.ink);
    }
}

#[cfg(test)]
mod tests {
    use egui::vec2;

    use super::*;

    #[test]
    fn words_get_shorter_and_wrap_and_none_is_left_out() {
        let entries = [
            Entry::new(&["Before scale, bias and random walk", "Before"], |_, _, _, _| ()),
            Entry::new(&["98 % of training sound", "98 %"], |_, _, _, _| ()),
        ];
        let metrics = Metrics::for_size(vec2(1100.0, 700.0));
        egui::__run_test_ui(|ui| {
            let row = |width: f32, top: f32| Rect::from_min_size(pos2(0.0, top), vec2(width, 20.0));
            assert_eq!(fits(ui, &[row(600.0, 0.0)], &entries, metrics), Some(0));
            assert_eq!(fits(ui, &[row(180.0, 0.0)], &entries, metrics), Some(1));
            assert_eq!(fits(ui, &[row(90.0, 0.0)], &entries, metrics), None);
            let two = [row(90.0, 0.0), row(90.0, 20.0)];
            assert_eq!(fits(ui, &two, &entries, metrics), Some(1));
            let (_, placed) = place(ui, &two, &entries, 1, metrics);
            assert_eq!(placed.len(), 2);
            assert!(placed[1].0.y > placed[0].0.y);
        });
    }
}
