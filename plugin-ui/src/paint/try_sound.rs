//! The button that lets a model be heard before anything is plugged in.

use egui::{Button, Id, Popup, Rect, TextWrapMode, Ui};

use super::button;
use super::icon::Icon;
use super::{PaintContext, theme};
use crate::session::Request;

/// Opens a list of sounds; while one plays, a click lets the input be heard again.
pub fn paint(ui: &Ui, place: Rect, cx: &mut PaintContext) {
    let id = Id::unique("timbreloom try a sound");
    if let Some(name) = cx.session.tried.and_then(|index| cx.session.sounds.get(index)) {
        let about = format!("{name} plays in the place of your input. Click to stop it.");
        if button::sign(ui, place, id, Icon::Stop, ["Stop the sound", &about], true).clicked() {
            cx.requests.push(Request::TrySound(None));
        }
        return;
    }
    let about = "Try a sound: hear the model without playing anything.";
    let response = button::sign(ui, place, id, Icon::Play, ["Try a sound", about], true);
    Popup::menu(&response).id(id.with("list")).show(|ui| {
        theme::scale(ui, cx.metrics);
        ui.style_mut().wrap_mode = Some(TextWrapMode::Extend);
        ui.label(theme::quiet("In the place of your input"));
        for (index, &name) in cx.session.sounds.iter().enumerate() {
            if ui.add(Button::selectable(false, name)).clicked() {
                cx.requests.push(Request::TrySound(Some(index)));
            }
        }
    });
}
