//! Presets, and what is done with whole settings: undo, A/B, chance, copies between instances. Knows no toolkit and no host.
//!
//! A [`Scene`] holds all settings of a moment, a [`Document`] is the same for people and files, and a [`Desk`] is
//! where both come from and go to. All of it is for the window and the program; nothing here is called while sound is
//! processed.

pub mod compare;
mod desk;
mod document;
mod error;
mod extra;
mod history;
mod library;
mod plugin;
mod randomise;
mod scene;
mod sides;
mod table;

pub use desk::Desk;
pub use document::{Document, FORMAT, Remark};
pub use error::PresetError;
pub use extra::{Extra, ExtraValue};
pub use history::History;
pub use library::{Entry, Library, Origin, factory, find, installed};
pub use plugin::Plugin;
pub use randomise::{Chance, randomise};
pub use scene::Scene;
pub use sides::{Compare, Side};
pub use table::{Drawn, Kind, Parameter, Table};

/// Loads a preset as one step of undo; -> what it sets, and what it says that could not be followed. The models come first.
///
/// # Errors
/// When it is another plugin's; nothing is changed then.
pub fn load(
    document: &Document,
    table: &Table,
    desk: &mut dyn Desk,
    history: &mut History,
) -> Result<(Scene, Vec<Remark>), PresetError> {
    document.check_is_of(table, &format!("the preset “{}”", document.name))?;
    let (mut target, remarks) = document.scene(table, &document.name);
    target.keep_models(&desk.models());
    desk.let_go_of_controllers();
    history.change(desk, format!("Preset “{}”", document.name), &target);
    Ok((target, remarks))
}

/// All settings as text for the clipboard.
pub fn copy(table: &Table, desk: &dyn Desk) -> String {
    Document::of(&Scene::take(table, desk), table, "Copy", "").text()
}

/// Takes settings from text that came by the clipboard, as one step of undo; -> what could not be followed.
///
/// # Errors
/// When it is no preset, or another plugin's; nothing is changed then.
pub fn paste(
    text: &str,
    table: &Table,
    desk: &mut dyn Desk,
    history: &mut History,
) -> Result<Vec<Remark>, PresetError> {
    let place = "the clipboard";
    let document = Document::parse(text.as_bytes(), place)?;
    document.check_is_of(table, place)?;
    let (mut target, remarks) = document.scene(table, place);
    target.keep_models(&desk.models());
    desk.let_go_of_controllers();
    history.change(desk, "Paste".into(), &target);
    Ok(remarks)
}
