//! The browser of presets, and what is done to all settings at once.

use std::path::PathBuf;

use egui::accesskit::Role;
use egui::{Event, Key};
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable;
use plugin_ui::Tone;
use plugin_ui::layout::Panel;
use plugin_ui::session::{Notice, Request};

use crate::{App, PRESETS, key, open_panel, panel, press, requests, rows, write};

#[test]
fn a_click_loads_a_preset_and_damaged_ones_are_left() {
    let mut harness = open_panel(PRESETS);
    harness.get_by_label("Wild Bow, cello, factory").click();
    harness.run();
    assert_eq!(requests(&mut harness), [Request::LoadPreset(PathBuf::from("presets/cello/Wild Bow.json"))]);
    for_all_models(&mut harness);
    harness.get_by_label("Rehearsal 3, horn, own, damaged").click();
    harness.run();
    assert_eq!(requests(&mut harness), []);
    assert_eq!(panel(&harness), Some(Panel::Presets), "the next one can be tried at once");
}

#[test]
fn a_preset_is_marked_by_its_star_and_the_marked_ones_are_found() {
    let mut harness = open_panel(PRESETS);
    harness.get_by_role_and_label(Role::CheckBox, "Favourite: Wild Bow").click();
    harness.run();
    let (model, name) = ("cello".to_owned(), "Wild Bow".to_owned());
    assert_eq!(requests(&mut harness), [Request::SetPresetFavourite { model, name, is_favourite: true }]);
    harness.get_by_role_and_label(Role::CheckBox, "Favourites").click();
    harness.run();
    assert_eq!(rows(&harness), ["Warm Line, cello, factory"]);
    harness.get_by_label("Warm Line, cello, factory").click();
    harness.run();
    requests(&mut harness);
    press(&mut harness, "Remove from favourites");
    let (model, name) = ("cello".to_owned(), "Warm Line".to_owned());
    assert_eq!(requests(&mut harness), [Request::SetPresetFavourite { model, name, is_favourite: false }]);
}

/// Takes the filter for the model that plays off.
fn for_all_models(harness: &mut Harness<'_, App>) {
    harness.get_by_role_and_label(Role::CheckBox, "For this model").click();
    harness.run();
}

#[test]
fn presets_are_those_of_the_model_that_plays_until_the_filter_is_taken_off() {
    let mut harness = open_panel(PRESETS);
    let shown = rows(&harness);
    assert!(shown.len() == 5 && shown.iter().all(|row| row.contains(", cello, ")), "{shown:?}");
    for_all_models(&mut harness);
    assert!(rows(&harness).iter().any(|row| row.contains(", horn, ")));
}

#[test]
fn a_preset_under_the_pointer_is_described_before_it_is_loaded() {
    let mut harness = open_panel(PRESETS);
    let comment = "Speech with a nervous bow. Turn the drift up.";
    assert!(harness.query_by_label(comment).is_none());
    let at = harness.get_by_label("Wild Bow, cello, factory").rect().center();
    harness.hover_at(at);
    harness.run();
    harness.get_by_label(comment);
    assert_eq!(requests(&mut harness), []);
}

#[test]
fn saving_over_ones_own_preset_asks_first() {
    let mut harness = open_panel(PRESETS);
    harness.state_mut().session.preset = "Late Set".to_owned();
    harness.run();
    press(&mut harness, "Save as\u{2026}");
    assert!(harness.get_by_label("Name of the preset").is_focused());
    press(&mut harness, "Save");
    assert_eq!(requests(&mut harness), []);
    press(&mut harness, "Replace");
    let asked = requests(&mut harness);
    assert!(
        matches!(&asked[..], [Request::SavePreset { name, may_replace: true, .. }] if name == "Late Set"),
        "{asked:?}"
    );
}

#[test]
fn a_preset_is_saved_from_the_bar_and_what_is_typed_takes_the_place_of_its_name() {
    let mut harness = crate::open();
    harness.state_mut().session.preset = "Warm Line".to_owned();
    press(&mut harness, "Save preset");
    assert_eq!(panel(&harness), Some(Panel::Presets));
    let field = harness.get_by_label("Name of the preset");
    assert!(field.is_focused());
    field.type_text("Mine");
    harness.run();
    press(&mut harness, "Save");
    let asked = requests(&mut harness);
    assert!(matches!(&asked[..], [Request::SavePreset { name, .. }] if name == "Mine"), "{asked:?}");
}

#[test]
fn escape_leaves_a_form_before_the_panel() {
    let mut harness = open_panel(PRESETS);
    harness.get_by_label("Late Set, cello, own").click();
    harness.run();
    requests(&mut harness);
    press(&mut harness, "Delete\u{2026}");
    key(&mut harness, Key::Escape);
    assert_eq!(panel(&harness), Some(Panel::Presets));
    press(&mut harness, "Delete\u{2026}");
    press(&mut harness, "Delete");
    assert_eq!(requests(&mut harness), [Request::DeletePreset(PathBuf::from("presets/cello/Late Set.json"))]);
    key(&mut harness, Key::Escape);
    assert_eq!(panel(&harness), None);
}

#[test]
fn a_path_that_could_not_be_imported_is_there_again() {
    let mut harness = open_panel(PRESETS);
    press(&mut harness, "Import\u{2026}");
    write(&mut harness, "Path of presets to import", "/tmp/fgo");
    press(&mut harness, "Import");
    assert_eq!(requests(&mut harness), [Request::ImportPresets(PathBuf::from("/tmp/fgo"))]);
    let notice = |tone| Some(Notice { tone, text: "It said something.".to_owned() });
    for (tone, shown) in [(Tone::Trouble, "/tmp/fgo"), (Tone::Good, "")] {
        harness.state_mut().session.notice = notice(tone);
        harness.run();
        press(&mut harness, "Import\u{2026}");
        assert_eq!(harness.get_by_label("Path of presets to import").value().unwrap_or_default(), shown);
        press(&mut harness, "Cancel");
    }
}

#[test]
fn settings_are_thrown_copied_pasted_and_put_back() {
    let mut harness = open_panel(PRESETS);
    harness.get_by_role(Role::ListBox).focus();
    harness.run();
    for button in ["Initialise", "Randomise", "Copy"] {
        press(&mut harness, button);
    }
    harness.event(Event::Paste("{}".to_owned()));
    harness.run();
    let expected = [
        Request::Initialise,
        Request::Randomise { strength: 0.4 },
        Request::CopySettings,
        Request::PasteSettings("{}".to_owned()),
    ];
    assert_eq!(requests(&mut harness), expected);
}
