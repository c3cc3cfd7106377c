//! In the place of the views: the model that the project asks for is not there, or does not run.

use egui::{Button, Label, ScrollArea, Ui};

use super::{PaintContext, notice, panel, theme};
use crate::layout::Panel;
use crate::session::{ChosenModel, MissingModel, ModelCard, Request, Slot};
use crate::summary::Tone;

/// What is typed of another model's path.
#[derive(Debug, Default)]
pub struct Relink {
    path: String,
}

/// The model that is missing, the first one first.
pub fn of<'a>(cx: &PaintContext<'a>) -> Option<(Slot, &'a ChosenModel, &'a MissingModel)> {
    let session = cx.session;
    [(Slot::First, &session.first), (Slot::Second, &session.second)]
        .into_iter()
        .find_map(|(slot, chosen)| Some((slot, chosen, chosen.missing.as_ref()?)))
}

/// Fills `rect` with what is missing, where it was looked for, and the ways out.
pub fn paint(
    ui: &mut Ui,
    rect: egui::Rect,
    state: &mut Relink,
    (slot, chosen, missing): (Slot, &ChosenModel, &MissingModel),
    open: &mut Option<Panel>,
    opening: &mut panel::Opening,
    cx: &mut PaintContext,
) {
    let metrics = cx.metrics;
    ui.painter().rect_filled(rect, 6.0, theme::PANEL);
    panel::room(ui, rect.shrink(metrics.px(18.0)), "missing", metrics, |ui| {
        ScrollArea::vertical().id_salt("missing").auto_shrink(false).show(ui, |ui| {
            let [model, _] = cx.product.model;
            let which = if slot == Slot::First { format!("The {model}") } else { format!("The second {model}") };
            let is_it = |card: &&ModelCard| match chosen.hash.is_empty() {
                true => card.name == missing.name,
                false => card.hash == chosen.hash,
            };
            let held = cx.session.models.iter().find(|card| card.is_quarantined && is_it(card));
            // It may be there, and what runs it is not.
            let is_there = cx.session.models.iter().any(|card| is_it(&card));
            let is = match held {
                Some(_) => "is in quarantine",
                None if is_there => "cannot be played",
                None => "is missing",
            };
            ui.horizontal(|ui| {
                let (_, place) = ui.allocate_space(egui::Vec2::splat(metrics.px(22.0)));
                notice::sign(ui, place.center(), metrics.px(8.0), Tone::Trouble);
                ui.heading(format!("{which} \u{201c}{}\u{201d} {is}", missing.name));
            });
            ui.add(Label::new(&missing.reason).wrap());
            ui.label(theme::quiet(cx.product.until_then));
            if let Some(card) = held {
                ui.add_space(metrics.px(4.0));
                let response = ui.button("Try it again");
                if response.on_hover_text("Lets the model out of quarantine and loads it").clicked() {
                    cx.requests.push(Request::ReleaseQuarantine { name: card.name.clone() });
                }
            } else if !missing.looked.is_empty() && !is_there {
                ui.add_space(metrics.px(4.0));
                ui.label(theme::quiet("It was looked for in"));
                for folder in &missing.looked {
                    ui.add(Label::new(format!("\u{2022}  {}", folder.display())).wrap());
                }
            }
            ui.add_space(metrics.px(8.0));
            ui.separator();
            ui.horizontal_wrapped(|ui| {
                let response =
                    ui.add(Button::new(format!("Choose an installed {model}\u{2026}")).fill(theme::ACCENT_DIM));
                if response.clicked() {
                    opening.toggle(Panel::Models, response.id, open, ui);
                }
                if ui.button("Look again").on_hover_text("Reads the folders again").clicked() {
                    cx.requests.push(Request::Rescan);
                }
                if chosen.can_undo_relink && ui.button("Undo the relink").clicked() {
                    cx.requests.push(Request::UndoRelink(slot));
                }
                if slot == Slot::Second && ui.button("Go without it").clicked() {
                    let (name, hash) = Default::default();
                    cx.requests.push(Request::ChooseModel { slot, name, hash });
                }
            });
            ui.add_space(metrics.px(6.0));
            ui.label(
                "Or put another in its place: drop its folder or zip archive on the window, or paste its path here.",
            );
            let names = ["Path of a model's folder or zip archive", "/path/to/model or model.zip"];
            if let Some(path) = panel::path_field(ui, "relink", &mut state.path, names, "Relink") {
                cx.requests.push(Request::Relink { slot, path });
            }
        });
    });
}
