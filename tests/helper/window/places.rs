//! Where the windows have their controls: looked up in the same windows without a host.

use egui::{Pos2, Rect};
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable;
use plugin_ui::codes::{self, layout::Tab};
use plugin_ui::drums;
use plugin_ui::fake::{self, FakeParams};
use plugin_ui::{Session, Window, install_theme};

/// All of the effect's controls with such a name, in logical pixels.
pub fn in_effect(size: [u32; 2], is_it: impl Fn(&str) -> bool) -> Vec<Rect> {
    let (mut window, mut params, model) = (Window::default(), FakeParams::default(), fake::model());
    found(size, is_it, move |ui| {
        window.ui(ui, &fake::playing(1.0, 0), &model, &Session::default(), &mut params, &mut Vec::new());
    })
}

/// All of the instrument's controls with such a name while a view is shown, in logical pixels.
pub fn in_codes(size: [u32; 2], tab: Tab, is_it: impl Fn(&str) -> bool) -> Vec<Rect> {
    let (mut window, mut params, book) = (codes::Window::default(), fake::codes_params(), fake::codebook());
    let mut layout = codes::Layout::default();
    layout.show(0, tab);
    window.set_layout(layout);
    let status = fake::codes_playing(1.0, &book, &params);
    found(size, is_it, move |ui| {
        window.ui(ui, &status, &book, &Session::default(), &mut params, &mut Vec::new());
    })
}

/// All of the drum machine's controls with such a name while a view is shown and a walk plays, in logical pixels.
pub fn in_drums(size: [u32; 2], tab: drums::layout::Tab, is_it: impl Fn(&str) -> bool) -> Vec<Rect> {
    let (mut window, mut params, kit) = (drums::Window::default(), fake::drums_params(), fake::kit());
    window.set_layout(drums::Layout { tab, ..drums::Layout::default() });
    let status = fake::drums_playing(1.0, &params);
    found(size, is_it, move |ui| {
        window.ui(ui, &status, &kit, &Session::default(), &mut params, &mut Vec::new());
    })
}

fn found(size: [u32; 2], is_it: impl Fn(&str) -> bool, paint: impl FnMut(&mut egui::Ui)) -> Vec<Rect> {
    let mut harness =
        Harness::builder().with_size(size.map(|side| side as f32)).with_context_setup(install_theme).build_ui(paint);
    harness.step();
    harness.query_all_by(|node| node.label().is_some_and(|name| is_it(&name))).map(|node| node.rect()).collect()
}

/// The middle of a place, in pixels of a screen without scale.
pub fn middle(place: Rect) -> [i16; 2] {
    pixel(place.center())
}

/// A point in pixels of a screen without scale.
pub fn pixel(at: Pos2) -> [i16; 2] {
    [at.x.round() as i16, at.y.round() as i16]
}
