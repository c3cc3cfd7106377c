//! What this is: name and version, what runs the models, and where the manual and the licences lie.

use std::path::Path;

use egui::{Label, Ui, vec2};

use super::{quiet, section};
use crate::paint::{PaintContext, logo, theme};

/// How large the logo is, points on each side of its centre.
const LOGO: f32 = 22.0;

/// Adds the group to the settings.
pub fn paint(ui: &mut Ui, cx: &PaintContext) {
    let (metrics, about) = (cx.metrics, &cx.session.about);
    section(ui, "About", cx);
    ui.horizontal(|ui| {
        let radius = metrics.fine(LOGO);
        let (_, place) = ui.allocate_space(vec2(radius, radius) * 2.0);
        logo::paint(ui.painter(), place.center(), radius, theme::PANEL);
        ui.add_space(metrics.px(4.0));
        ui.vertical(|ui| {
            ui.heading(cx.product.name);
            quiet(ui, concat!("Version ", env!("CARGO_PKG_VERSION")));
        });
    });
    let runs = match cx.session.provider.running.as_str() {
        "" => "ONNX Runtime runs the models.".to_owned(),
        provider => format!("ONNX Runtime runs the models, here on the {provider}."),
    };
    ui.add(Label::new(runs.replace("the models", &format!("the {}", cx.product.model[1]))).wrap());
    place(ui, "The manual:", about.manual.as_deref(), "No manual lies beside the plugin.", "Copy the manual's path");
    ui.add(Label::new("Free to use, change and pass on: MIT or Apache-2.0, as you like.").wrap());
    place(
        ui,
        "What comes from others:",
        about.third_party.as_deref(),
        "THIRD-PARTY.md, which lists what comes from others, does not lie beside the plugin.",
        "Copy the path of the licences",
    );
}

/// Where something lies, to be opened elsewhere: the window opens nothing by itself.
fn place(ui: &mut Ui, what: &str, path: Option<&Path>, missing: &str, name: &str) {
    let Some(path) = path else { return quiet(ui, missing) };
    let path = path.display().to_string();
    let is_asked = ui.horizontal_wrapped(|ui| {
        ui.label(what);
        ui.button("Copy path").accessible_name(name).clicked()
    });
    quiet(ui, &path);
    if is_asked.inner {
        ui.ctx().copy_text(path);
    }
}
