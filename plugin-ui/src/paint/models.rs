//! The model browser: search, list and card.

use egui::{Button, Id, Rect, RichText, ScrollArea, Ui, pos2, vec2};

use super::notice::{self, one_line};
use super::panel::{self, Rows};
use super::{PaintContext, card, theme};
use crate::browse::ModelSearch;
use crate::control::set_once;
use crate::markdown::{self, Block};
use crate::param::BLEND;
use crate::session::{ModelCard, Request, Slot};
use crate::summary::Tone;

/// The browser's state while the window is open.
#[derive(Debug, Default)]
pub struct ModelPanel {
    search: ModelSearch,
    import: String,
    /// The card that was taken apart last, so that this is not done at each frame.
    card: (String, Vec<Block>),
}

/// Fills `rect`; returns whether it shall close.
pub fn paint(ui: &mut Ui, rect: Rect, state: &mut ModelPanel, is_new: bool, cx: &mut PaintContext) -> bool {
    let metrics = cx.metrics;
    let (inner, is_closed) = panel::shell(ui, rect, "Models", metrics);
    let foot = Rect::from_min_max(pos2(inner.left(), inner.bottom() - metrics.px(30.0)), inner.max);
    let body = Rect::from_min_max(inner.min, pos2(inner.right(), foot.top() - metrics.px(8.0)));
    let split = body.left() + (body.width() * 0.4).clamp(metrics.px(230.0), metrics.px(380.0));
    let left = Rect::from_min_max(body.min, pos2(split, body.bottom()));
    let right = Rect::from_min_max(pos2(split + metrics.px(14.0), body.top()), body.max);
    panel::room(ui, left, "models", metrics, |ui| browse(ui, state, is_new, cx));
    panel::room(ui, right, "model", metrics, |ui| shown(ui, state, cx));
    panel::room(ui, foot, "import", metrics, |ui| {
        let names = ["Path of a model to import", "Import: paste the path of a model's folder or zip archive"];
        if let Some(path) = panel::path_field(ui, "import model", &mut state.import, names, "Import") {
            cx.requests.push(Request::ImportPackage(path));
        }
    });
    is_closed
}

fn browse(ui: &mut Ui, state: &mut ModelPanel, is_new: bool, cx: &mut PaintContext) {
    let (metrics, models) = (cx.metrics, &cx.session.models);
    let width = ui.available_width();
    let names = ["Search models", "Search"];
    let response = panel::field(ui, "search models", &mut state.search.query, names, width);
    if is_new {
        response.request_focus();
    }
    ui.horizontal(|ui| {
        let shown = state.search.domain.clone().unwrap_or_else(|| "All sounds".to_owned());
        let combo = panel::combo("domain", shown).width(width * 0.5).show_ui(ui, |ui| {
            ui.selectable_value(&mut state.search.domain, None, "All sounds");
            for domain in ModelSearch::domains(models) {
                ui.selectable_value(&mut state.search.domain, Some(domain.to_owned()), domain);
            }
        });
        combo.response.accessible_name("Kind of sound");
        ui.checkbox(&mut state.search.is_favourites, "Favourites");
    });
    let found = state.search.found(models);
    if found.is_empty() {
        let text =
            if models.is_empty() { "No models are installed. Import one below." } else { "No model fits the search." };
        ui.label(theme::quiet(text));
        return;
    }
    let selected =
        state.search.shown(models).and_then(|shown| found.iter().position(|model| std::ptr::eq(*model, shown)));
    let rows = Rows { name: "Models", count: found.len(), selected, height: panel::row_height(metrics) };
    let mut marked = None;
    let picked = panel::list(ui, rows, metrics, |ui, row, index| {
        let model = found[index];
        let id = Id::unique(("timbreloom star", &model.name, &model.hash));
        if panel::star(ui, row, id, &model.name, model.is_favourite, metrics) {
            marked = Some(model);
        }
        draw_row(ui, row, model, cx)
    });
    if let Some(model) = marked {
        let (name, is_favourite) = (model.name.clone(), !model.is_favourite);
        cx.requests.push(Request::SetFavourite { name, is_favourite });
    }
    if let Some(index) = picked.clicked {
        state.search.select(found[index]);
    }
    if let Some(index) = picked.entered {
        state.search.select(found[index]);
        play(found[index], Slot::First, cx);
    }
    if picked.step != 0 {
        state.search.step(picked.step, models);
    }
}

fn draw_row(ui: &Ui, row: Rect, model: &ModelCard, cx: &PaintContext) -> String {
    let metrics = cx.metrics;
    let left = row.left() + metrics.px(34.0);
    let right = row.right() - metrics.px(8.0);
    let state = match model {
        model if model.is_quarantined => "quarantine",
        model if !model.problem.is_empty() => "broken",
        model if is_in(model, Slot::First, cx) => "playing",
        model if is_in(model, Slot::Second, cx) => "blended in",
        _ => "",
    };
    let badge = ui.painter().layout_no_wrap(state.to_owned(), metrics.small(), theme::TEXT);
    let badge_width = badge.size().x + if model.problem.is_empty() { 0.0 } else { metrics.px(18.0) };
    let below = if model.domain.is_empty() {
        model.description.clone()
    } else {
        format!("{} \u{00b7} {}", model.domain, model.description)
    };
    let lines = notice::two_lines(ui, &below, metrics.small(), theme::TEXT_QUIET, right - left);
    let upper = pos2(left, panel::text_top(row, &lines, metrics));
    let name = one_line(ui, &model.name, metrics.body(), theme::TEXT, right - left - badge_width - metrics.px(8.0));
    ui.painter().galley(upper, name, theme::TEXT);
    let at = pos2(right - badge.size().x, upper.y);
    if !model.problem.is_empty() {
        notice::sign(ui, at + vec2(-metrics.px(10.0), badge.size().y * 0.5), metrics.px(5.0), Tone::Trouble);
    }
    ui.painter().galley(at, badge, theme::TEXT);
    ui.painter().galley(pos2(left, upper.y + metrics.px(panel::NAME)), lines, theme::TEXT_QUIET);
    if state.is_empty() { model.name.clone() } else { format!("{}, {state}", model.name) }
}

fn is_in(model: &ModelCard, slot: Slot, cx: &PaintContext) -> bool {
    let chosen = if slot == Slot::First { &cx.session.first } else { &cx.session.second };
    chosen.missing.is_none() && chosen.name == model.name && (chosen.hash.is_empty() || chosen.hash == model.hash)
}

fn play(model: &ModelCard, slot: Slot, cx: &mut PaintContext) {
    if model.problem.is_empty() {
        let (name, hash) = (model.name.clone(), model.hash.clone());
        cx.requests.push(Request::ChooseModel { slot, name, hash });
    }
}

fn shown(ui: &mut Ui, state: &mut ModelPanel, cx: &mut PaintContext) {
    let metrics = cx.metrics;
    let Some(model) = state.search.shown(&cx.session.models) else { return };
    ui.horizontal_wrapped(|ui| {
        ui.label(RichText::new(&model.name).font(metrics.title()));
        if !model.domain.is_empty() {
            ui.label(theme::quiet(&model.domain));
        }
    });
    ui.horizontal_wrapped(|ui| buttons(ui, model, cx));
    let list = ScrollArea::vertical().id_salt(("card", &model.name, &model.hash)).auto_shrink(false).show(ui, |ui| {
        ui.set_max_width(ui.available_width() - metrics.px(8.0));
        if !model.problem.is_empty() {
            card::problem(ui, model, metrics);
        }
        card::facts(ui, model, cx.product, metrics);
        if state.card.0 != model.card {
            state.card = (model.card.clone(), card::without_repeats(markdown::blocks(&model.card), model));
        }
        if !state.card.1.is_empty() {
            ui.separator();
            card::markdown(ui, &state.card.1, metrics);
        }
    });
    super::fade::paint(ui, &list, theme::PANEL, metrics);
}

fn buttons(ui: &mut Ui, model: &ModelCard, cx: &mut PaintContext) {
    let is_sound = model.problem.is_empty();
    let (plays, blends) = (is_in(model, Slot::First, cx), is_in(model, Slot::Second, cx));
    let play_button = Button::new(if plays { "Playing" } else { "Play" }).fill(theme::ACCENT_DIM);
    if ui.add_enabled(is_sound && !plays, play_button).on_hover_text("Plays this model. One step of undo").clicked() {
        play(model, Slot::First, cx);
    }
    if cx.product.hears_a_track {
        let blend = ui.add_enabled(is_sound && !blends, Button::new("Blend in"));
        if blend
            .on_hover_text(
                "Takes it as the second model, and sets Blend to half and half if it stood at the first alone",
            )
            .clicked()
        {
            play(model, Slot::Second, cx);
            // A model that is blended in shall be heard.
            if cx.params.normalised(BLEND) <= 0.0 {
                set_once(cx.params, BLEND, 0.5);
            }
        }
    }
    let second = &cx.session.second.name;
    if !second.is_empty() {
        let response = ui.button(format!("Remove {second}")).on_hover_text(format!("Lets {second} go"));
        if response.clicked() {
            let (name, hash) = Default::default();
            cx.requests.push(Request::ChooseModel { slot: Slot::Second, name, hash });
        }
    }
    if model.is_quarantined {
        let response = ui.button("Let out of quarantine");
        if response.on_hover_text("It is loaded again the next time it is played").clicked() {
            cx.requests.push(Request::ReleaseQuarantine { name: model.name.clone() });
        }
    }
    let text = if model.is_favourite { "Remove from favourites" } else { "Add to favourites" };
    if ui.button(text).on_hover_text(text).clicked() {
        let (name, is_favourite) = (model.name.clone(), !model.is_favourite);
        cx.requests.push(Request::SetFavourite { name, is_favourite });
    }
}
