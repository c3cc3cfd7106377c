//! The browser of models, what is imported, and what is missing.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use egui::accesskit::Role;
use egui::{DroppedFile, Event, Key};
use egui_kittest::Harness;
use egui_kittest::kittest::{NodeT, Queryable};
use plugin_ui::fake;
use plugin_ui::layout::Panel;
use plugin_ui::param::BLEND;
use plugin_ui::session::{MissingModel, Request, Slot};
use plugin_ui::{EngineState, ParamBackend};

use crate::{App, MODELS, key, open, open_panel, open_with, panel, press, requests, rows, write};

#[test]
fn a_model_is_found_by_typing_and_played_with_enter() {
    let mut harness = open_panel(MODELS);
    harness.event(Event::Text("french".to_owned()));
    harness.run();
    assert_eq!(rows(&harness), ["horn, blended in"]);
    harness.get_by_role(Role::ListBox).focus();
    harness.run();
    key(&mut harness, Key::Enter);
    let chosen = |slot, index: usize, name: &str| Request::ChooseModel {
        slot,
        name: name.to_owned(),
        hash: format!("{index:016x}"),
    };
    assert_eq!(requests(&mut harness), [chosen(Slot::First, 6, "horn")]);
    press(&mut harness, "Play");
    press(&mut harness, "Remove horn");
    let none = Request::ChooseModel { slot: Slot::Second, name: String::new(), hash: String::new() };
    assert_eq!(requests(&mut harness), [chosen(Slot::First, 6, "horn"), none]);
}

#[test]
fn arrow_keys_walk_through_the_models() {
    let mut harness = open_panel(MODELS);
    harness.get_by_role(Role::ListBox).focus();
    harness.run();
    for _ in 0..4 {
        key(&mut harness, Key::ArrowDown);
    }
    assert_eq!(harness.get_by_role(Role::ListBox).value().as_deref(), Some("flute"));
    press(&mut harness, "Blend in");
    let asked = requests(&mut harness);
    assert!(
        matches!(&asked[..], [Request::ChooseModel { slot: Slot::Second, name, .. }] if name == "flute"),
        "{asked:?}"
    );
}

#[test]
fn a_model_that_is_blended_in_is_heard() {
    let mut harness = open_panel(MODELS);
    let blend = |harness: &Harness<'_, App>| harness.state().params.normalised(BLEND);
    for (before, after) in [(0.0, 0.5), (0.2, 0.2)] {
        harness.state_mut().params.put(BLEND, before);
        harness.get_by_role(Role::ListBox).focus();
        harness.run();
        for _ in 0..2 {
            key(&mut harness, Key::ArrowDown);
        }
        press(&mut harness, "Blend in");
        assert_eq!(blend(&harness), after);
    }
}

#[test]
fn a_broken_model_is_not_played_and_one_in_quarantine_is_let_out() {
    let mut harness = open_panel(MODELS);
    harness.event(Event::Text("whale".to_owned()));
    harness.run();
    harness.get_by_role(Role::ListBox).focus();
    harness.run();
    key(&mut harness, Key::Enter);
    press(&mut harness, "Play");
    assert_eq!(requests(&mut harness), [], "it ended the host");
    press(&mut harness, "Let out of quarantine");
    assert_eq!(requests(&mut harness), [Request::ReleaseQuarantine { name: "whale".to_owned() }]);
}

#[test]
fn stars_and_their_filter_work() {
    let mut harness = open_panel(MODELS);
    harness.get_by_role_and_label(Role::CheckBox, "Favourite: choir").click();
    harness.run();
    let asked = requests(&mut harness);
    assert_eq!(asked, [Request::SetFavourite { name: "choir".to_owned(), is_favourite: true }]);
    harness.get_by_role_and_label(Role::CheckBox, "Favourites").click();
    harness.run();
    assert_eq!(rows(&harness), ["horn, blended in", "strings"]);
}

#[test]
fn a_typed_path_is_imported() {
    let mut harness = open_panel(MODELS);
    write(&mut harness, "Path of a model to import", "\"/tmp/my flute.zip\"");
    key(&mut harness, Key::Enter);
    assert_eq!(requests(&mut harness), [Request::ImportPackage(PathBuf::from("/tmp/my flute.zip"))]);
    // Should nothing come of it, the musician mends what was typed.
    press(&mut harness, "Import");
    assert_eq!(requests(&mut harness), [Request::ImportPackage(PathBuf::from("/tmp/my flute.zip"))]);
}

#[derive(Debug)]
struct Dropped(PathBuf);

impl DroppedFile for Dropped {
    fn path(&self) -> &Path {
        &self.0
    }

    fn bytes(&self) -> Result<Vec<u8>, String> {
        Err("The window does not read files.".to_owned())
    }
}

#[test]
fn a_dropped_file_is_taken_for_what_it_is_and_relinks_what_is_missing() {
    let mut harness = open();
    let preset = PathBuf::from("Fog.JSON");
    harness.input_mut().dropped_files.push(Arc::new(Dropped(preset.clone())));
    harness.step();
    assert_eq!(requests(&mut harness), [Request::ImportPresets(preset)]);
    let zip = PathBuf::from("/tmp/flute.zip");
    harness.input_mut().dropped_files.push(Arc::new(Dropped(zip.clone())));
    harness.step();
    assert_eq!(requests(&mut harness), [Request::ImportPackage(zip.clone())]);
    harness.state_mut().session.first.missing = Some(MissingModel::default());
    harness.input_mut().dropped_files.push(Arc::new(Dropped(zip.clone())));
    harness.step();
    assert_eq!(requests(&mut harness), [Request::Relink { slot: Slot::First, path: zip }]);
}

/// What the slip of a missing model says.
fn told(harness: &Harness<'_, App>) -> String {
    harness.get_by_role(Role::Alert).accesskit_node().label().unwrap_or_default()
}

#[test]
fn a_model_in_quarantine_can_be_tried_again_where_it_is_missed() {
    let mut session = fake::session();
    let held = session.models.iter().find(|card| card.is_quarantined).unwrap().clone();
    session.first.name = held.name.clone();
    session.first.hash = held.hash;
    session.first.missing =
        Some(MissingModel { name: held.name.clone(), reason: held.problem, looked: vec![PathBuf::from("/a/models")] });
    let mut harness = open_with(session, [800.0, 500.0]);
    assert!(told(&harness).contains("is in quarantine"));
    assert!(harness.query_by_label_contains("/a/models").is_none(), "it is not lost");
    press(&mut harness, "Try it again");
    assert_eq!(requests(&mut harness), [Request::ReleaseQuarantine { name: held.name }]);
}

#[test]
fn a_missing_model_says_where_it_was_looked_for_and_can_be_relinked() {
    let mut session = fake::session();
    session.first.missing = Some(MissingModel {
        name: "cello".to_owned(),
        reason: "It is not installed.".to_owned(),
        looked: vec![PathBuf::from("/a/models")],
    });
    session.first.can_undo_relink = true;
    session.models.retain(|card| card.name != "cello");
    let mut harness = open_with(session, [800.0, 500.0]);
    harness.get_by_label("It is not installed.");
    harness.get_by_label_contains("/a/models");
    write(&mut harness, "Path of a model's folder or zip archive", "/b/cello");
    press(&mut harness, "Relink");
    press(&mut harness, "Undo the relink");
    let path = PathBuf::from("/b/cello");
    assert_eq!(requests(&mut harness), [Request::Relink { slot: Slot::First, path }, Request::UndoRelink(Slot::First)]);
    press(&mut harness, "Choose an installed model\u{2026}");
    assert_eq!(panel(&harness), Some(Panel::Models));
}

#[test]
fn a_model_that_is_there_and_does_not_run_is_not_called_missing() {
    let mut session = fake::session();
    let card = session.models.iter().find(|card| card.problem.is_empty()).expect("one is sound").clone();
    (session.first.name, session.first.hash) = (card.name.clone(), card.hash.clone());
    session.first.missing = Some(MissingModel {
        name: card.name.clone(),
        reason: "ONNX Runtime is not there.".to_owned(),
        looked: vec![PathBuf::from("/a/models")],
    });
    let mut harness = open_with(session, [800.0, 500.0]);
    harness.get_by_label("ONNX Runtime is not there.");
    assert!(told(&harness).starts_with(&format!("The model \u{201c}{}\u{201d} cannot be played", card.name)));
    assert!(harness.query_by_label_contains("/a/models").is_none(), "it was found");
    // Nor in the bar.
    harness.state_mut().status.state = EngineState::Missing("ONNX Runtime is not there.".into());
    harness.run();
    let said = harness.get_by_role(Role::Status).accesskit_node().label().unwrap_or_default();
    assert!(said.contains("Dry sound") && !said.contains("missing"), "{said}");
}
