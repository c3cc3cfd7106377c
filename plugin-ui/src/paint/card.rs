//! A model's card: facts, then what came with it as Markdown.

use egui::text::LayoutJob;
use egui::{Align2, Color32, FontId, Grid, Label, RichText, Stroke, TextFormat, Ui, vec2};

use super::notice;
use super::theme::{self, Metrics};
use crate::format;
use crate::markdown::{Block, Run};
use crate::product::Product;
use crate::session::ModelCard;
use crate::summary::Tone;

/// The facts that the package itself tells.
pub fn facts(ui: &mut Ui, model: &ModelCard, product: Product, metrics: Metrics) {
    if !model.description.is_empty() {
        ui.add(Label::new(&model.description).wrap());
    }
    ui.add_space(metrics.px(4.0));
    let [low, high] = model.loudness_db;
    let load = match model.load {
        Some(load) => format!("{:.0} % of real time, measured here", load * 100.0),
        None => "not measured here yet: it is when it plays".to_owned(),
    };
    // Codes that are played by notes are a table: they cost a voice, not a model, and are late by nothing.
    let computed = |text: String| if product.hears_a_track { text } else { String::new() };
    let facts = [
        ("Stage", format::stage(&model.stage).to_owned()),
        ("Pitch", format::pitches(model.pitch_hz)),
        ("Loudness", format!("{low:.0} to {high:.0} dB(A)").replace('-', "\u{2212}")),
        ("Delay", computed(format!("{:.1} ms, part of the latency", model.delay_ms))),
        ("Cost", computed(load)),
        ("Size", format::size(model.size_bytes) + &computed(format!(", {} latent dimensions", model.dims))),
        ("Licence", model.licence.clone()),
        ("Made from", model.provenance.clone()),
    ];
    let label_width = metrics.px(72.0);
    for (label, value) in facts.into_iter().filter(|(_, value)| !value.is_empty()) {
        ui.horizontal_top(|ui| {
            let (_, place) = ui.allocate_space(vec2(label_width, metrics.px(16.0)));
            ui.painter().text(place.left_top(), Align2::LEFT_TOP, label, metrics.body(), theme::TEXT_QUIET);
            ui.add(Label::new(value).wrap());
        });
    }
}

/// Why a model cannot be played.
pub fn problem(ui: &mut Ui, model: &ModelCard, metrics: Metrics) {
    ui.horizontal_top(|ui| {
        let (_, place) = ui.allocate_space(vec2(metrics.px(20.0), metrics.px(20.0)));
        notice::sign(ui, place.center(), metrics.px(7.0), Tone::Trouble);
        let title = if model.is_quarantined { "In quarantine. " } else { "Cannot be played. " };
        ui.add(Label::new(RichText::new(format!("{title}{}", model.problem)).color(theme::WARNING)).wrap());
    });
}

/// A card without what the facts above it say already: the description, the licence, and what it was made from.
pub fn without_repeats(mut blocks: Vec<Block>, model: &ModelCard) -> Vec<Block> {
    let plain = |runs: &[Run]| runs.iter().map(|run| run.text.as_str()).collect::<String>().trim().to_owned();
    let told = [("licence", &model.licence), ("made from", &model.provenance)];
    let told = told.map(|(label, value)| (label, value.trim().to_owned()));
    for block in &mut blocks {
        if let Block::Table(rows) = block {
            rows.retain(|row| {
                let [label, value] = row.as_slice() else { return true };
                let (label, value) = (plain(label).to_lowercase(), plain(value));
                !told.iter().any(|(told, says)| *told == label && *says == value)
            });
        }
    }
    blocks.retain(|block| match block {
        Block::Paragraph(runs) => plain(runs) != model.description.trim(),
        _ => true,
    });
    blocks
}

/// Draws the blocks of a card one under the other.
pub fn markdown(ui: &mut Ui, blocks: &[Block], metrics: Metrics) {
    for (index, block) in blocks.iter().enumerate() {
        match block {
            // The first heading is the model's name, which stands above already.
            Block::Heading(1, _) if index == 0 => (),
            Block::Heading(level, runs) => {
                ui.add_space(metrics.px(6.0));
                let font = if *level <= 2 { metrics.heading() } else { metrics.body() };
                text(ui, runs, font, theme::ACCENT);
            }
            Block::Paragraph(runs) => text(ui, runs, metrics.body(), theme::TEXT),
            Block::Item(depth, mark, runs) => {
                ui.horizontal_top(|ui| {
                    ui.add_space(metrics.px(14.0) * *depth as f32);
                    let width = metrics.px(if mark.ends_with('.') { 20.0 } else { 12.0 });
                    ui.add_sized(vec2(width, metrics.px(16.0)), Label::new(mark));
                    text(ui, runs, metrics.body(), theme::TEXT);
                });
            }
            Block::Table(rows) => table(ui, rows, index, metrics),
            Block::Code(code) => {
                ui.add(Label::new(RichText::new(code.trim_end()).monospace()).wrap());
            }
            Block::Rule => drop(ui.separator()),
        }
    }
}

fn text(ui: &mut Ui, runs: &[Run], font: FontId, colour: Color32) {
    ui.add(Label::new(job(runs, &font, colour)).wrap());
}

/// Styled runs as one text. The one weight of the font makes strong text lighter in colour, and underlined.
fn job(runs: &[Run], font: &FontId, colour: Color32) -> LayoutJob {
    let mut job = LayoutJob::default();
    for run in runs {
        let mut format = TextFormat::simple(font.clone(), colour);
        if run.is_code {
            format.font_id = FontId::monospace(font.size * 0.95);
            format.background = theme::RAISED;
        }
        format.italics = run.is_emphasised;
        if run.is_strong {
            format.underline = Stroke::new(1.0, theme::TEXT_QUIET);
        }
        job.append(&run.text, 0.0, format);
    }
    job
}

/// Columns share the width by what is in them; cells wrap.
fn table(ui: &mut Ui, rows: &[Vec<Vec<Run>>], index: usize, metrics: Metrics) {
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    if columns == 0 {
        return;
    }
    let gap = metrics.px(12.0);
    let length = |column: usize| {
        let cells = rows.iter().filter_map(|row| row.get(column));
        let longest = cells.map(|cell| cell.iter().map(|run| run.text.chars().count()).sum::<usize>()).max();
        (longest.unwrap_or(0) as f32).clamp(5.0, 60.0)
    };
    let all: f32 = (0..columns).map(length).sum();
    let room = (ui.available_width() - gap * columns as f32).max(80.0);
    let longest_line = metrics.body().size * 0.55 * all;
    let share = |column: usize| length(column) / all * room.min(longest_line.max(200.0));
    Grid::new(("table", index)).spacing(vec2(gap, metrics.px(3.0))).striped(true).show(ui, |ui| {
        for (number, row) in rows.iter().enumerate() {
            let is_head = number == 0;
            if is_head && row.iter().all(Vec::is_empty) {
                continue;
            }
            for (column, cell) in row.iter().enumerate() {
                let colour = if is_head { theme::TEXT_QUIET } else { theme::TEXT };
                let width = share(column);
                ui.vertical(|ui| {
                    ui.set_min_width(width);
                    ui.set_max_width(width);
                    text(ui, cell, metrics.small(), colour);
                });
            }
            ui.end_row();
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::markdown;

    #[test]
    fn a_card_does_not_say_again_what_the_facts_say() {
        let card =
            "# cello\n\nA *bowed* cello.\n\nMore.\n\n|  |  |\n|---|---|\n| licence | MIT |\n| rate | 44.1 kHz |\n";
        let model =
            ModelCard { description: "A bowed cello.".to_owned(), licence: "MIT".to_owned(), ..ModelCard::default() };
        let left = format!("{:?}", without_repeats(markdown::blocks(card), &model));
        assert!(left.contains("More.") && left.contains("44.1 kHz"), "{left}");
        assert!(!left.contains("bowed") && !left.contains("MIT"), "{left}");
        // Another licence than the package's own is not kept back.
        let other = ModelCard { licence: "CC0".to_owned(), ..model };
        assert!(format!("{:?}", without_repeats(markdown::blocks(card), &other)).contains("MIT"));
    }
}
