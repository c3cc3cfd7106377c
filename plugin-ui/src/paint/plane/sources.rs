//! The menu of what can lie in a corner or on a marker.

use egui::{Button, Ui};

use super::Scene;
use crate::paint::theme::{self, Metrics};
use crate::paths::plane_editor::source::{slot_name, throw};
use crate::paths::{PATH_SLOTS, SourceView};

/// What a moment is that is captured.
pub const TAKEN: &str = "It is what the model hears of your playing now, not what the plane plays.";

/// What was chosen.
#[derive(Clone, Debug, PartialEq)]
pub enum Choice {
    /// Something else to be heard; `None`: nothing.
    Source(Option<SourceView>),
    /// The moment that is heard now.
    Capture,
    /// To take the marker away.
    Remove,
}

/// Whose menu it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The corner's, with the key that captures into it.
    Corner(&'static str),
    Marker,
}

/// Fills a menu; `takes_keyboard` gives the keyboard to its first item.
pub fn items(
    ui: &mut Ui,
    kind: Kind,
    now: Option<&SourceView>,
    takes_keyboard: bool,
    scene: &Scene,
    metrics: Metrics,
) -> Option<Choice> {
    theme::scale(ui, metrics);
    ui.spacing_mut().item_spacing.y = 1.0;
    ui.set_width(metrics.px(216.0));
    let mut chosen = None;
    let mut item = |ui: &mut Ui, text: &str, key: &str, is_chosen: bool, choice: Choice| {
        let button = Button::selectable(is_chosen, text).truncate();
        let response = ui.add(if key.is_empty() { button } else { button.shortcut_text(key) });
        if response.clicked() {
            chosen = Some(choice);
            ui.close();
        }
        response
    };
    let key = if let Kind::Corner(key) = kind { key } else { "" };
    let first = item(ui, "Capture this moment", key, false, Choice::Capture).on_hover_text(TAKEN);
    if takes_keyboard {
        first.request_focus();
    }
    ui.separator();
    for slot in 0..PATH_SLOTS {
        let text = slot_name(slot, &scene.paths.view);
        let source = SourceView::Slot(slot);
        item(ui, &text, "", now == Some(&source), Choice::Source(Some(source)));
    }
    ui.separator();
    let seed = throw(scene.now_s, now);
    let (is_random, text) = match now {
        Some(SourceView::Random(seed)) => (true, format!("Random {seed}: throw the dice again")),
        _ => (false, "Random: throw the dice".to_owned()),
    };
    item(ui, &text, "", is_random, Choice::Source(Some(SourceView::Random(seed))));
    let is_live = now == Some(&SourceView::Live);
    item(ui, "Input, as it is played", "", is_live, Choice::Source(Some(SourceView::Live)));
    match kind {
        Kind::Corner(_) => drop(item(ui, "Empty", "", now.is_none(), Choice::Source(None))),
        Kind::Marker => {
            ui.separator();
            item(ui, "Remove the marker", "Delete", false, Choice::Remove);
        }
    }
    chosen
}
