//! The frame around the views under a real egui: bar, browsers, settings, menus, messages; driven as a musician would.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use egui::accesskit::{Action, Role};
use egui::{DroppedFile, Event, Key, Modifiers, PointerButton};
use egui_kittest::Harness;
use egui_kittest::kittest::{NodeT, Queryable};
use plugin_ui::fake::{self, FakeParams};
use plugin_ui::layout::{Layout, Panel, Tab};
use plugin_ui::session::{MissingModel, Notice, Request, Slot};
use plugin_ui::{ModelView, ParamBackend, Session, Status, Tone, Window, install_theme, param};

struct App {
    window: Window,
    status: Status,
    model: ModelView,
    session: Session,
    params: FakeParams,
    requests: Vec<Request>,
}

fn open_with(session: Session, size: [f32; 2]) -> Harness<'static, App> {
    let mut status = fake::playing(1.0, 0);
    (status.input_level_db, status.output_level_db) = (f32::NEG_INFINITY, f32::NEG_INFINITY);
    status.is_running = false;
    let app = App {
        window: Window::default(),
        status,
        model: fake::model(),
        session,
        params: FakeParams::default(),
        requests: Vec::new(),
    };
    let mut harness = Harness::builder()
        .with_size(size)
        .with_step_dt(1.0 / 60.0)
        .with_max_steps(60)
        .with_context_setup(install_theme)
        .build_ui_state(
            |ui, app: &mut App| {
                let App { window, status, model, session, params, requests } = app;
                window.ui(ui, status, model, session, params, requests);
            },
            app,
        );
    harness.run();
    harness
}

fn open() -> Harness<'static, App> {
    open_with(fake::session(), [1100.0, 700.0])
}

/// The window with a panel opened by its button, as the keyboard would.
fn open_panel(button: &str) -> Harness<'static, App> {
    let mut harness = open();
    press(&mut harness, button);
    harness
}

fn press(harness: &mut Harness<'_, App>, button: &str) {
    harness.get_by_role_and_label(Role::Button, button).click();
    harness.run();
}

fn key(harness: &mut Harness<'_, App>, key: Key) {
    harness.key_press(key);
    harness.run();
}

fn write(harness: &mut Harness<'_, App>, field: &str, text: &str) {
    harness.get_by_label(field).focus();
    harness.run();
    harness.event(Event::Text(text.to_owned()));
    harness.run();
}

fn requests(harness: &mut Harness<'_, App>) -> Vec<Request> {
    std::mem::take(&mut harness.state_mut().requests)
}

fn panel(harness: &Harness<'_, App>) -> Option<Panel> {
    harness.state().window.layout().panel
}

fn rows(harness: &Harness<'_, App>) -> Vec<String> {
    let rows = harness.query_all_by_role(Role::ListBoxOption);
    rows.filter_map(|row| row.accesskit_node().label()).collect()
}

const MODELS: &str = "Model: cello";
const PRESETS: &str = "Preset: Warm Line, edited";

#[test]
fn the_bar_asks_for_undo_compare_and_the_next_preset() {
    let mut harness = open();
    press(&mut harness, "Undo");
    harness.get_by_role_and_label(Role::RadioButton, "B").click();
    harness.run();
    press(&mut harness, "Copy A to B");
    press(&mut harness, "Next preset");
    press(&mut harness, "Previous preset");
    let path = |name: &str| Request::LoadPreset(PathBuf::from(format!("presets/cello/{name}.json")));
    let expected = [Request::Undo, Request::SwitchSide, Request::CopyToOtherSide, path("Wild Bow"), path("Late Set")];
    assert_eq!(requests(&mut harness), expected);
    harness.key_press_modifiers(Modifiers::COMMAND, Key::Z);
    harness.run();
    assert_eq!(requests(&mut harness), [Request::Undo]);
    // There is nothing to do again.
    harness.key_press_modifiers(Modifiers::COMMAND | Modifiers::SHIFT, Key::Z);
    harness.run();
    assert_eq!(requests(&mut harness), []);
}

#[test]
fn a_panel_takes_the_keyboard_and_escape_gives_it_back() {
    for (button, field, kind) in [
        (MODELS, "Search models", Panel::Models),
        (PRESETS, "Search presets", Panel::Presets),
        ("Settings", "Execution provider", Panel::Settings),
    ] {
        let mut harness = open_panel(button);
        assert_eq!(panel(&harness), Some(kind));
        assert!(harness.get_by_label(field).is_focused(), "{field}");
        key(&mut harness, Key::Escape);
        assert_eq!(panel(&harness), None);
        assert!(harness.get_by_role_and_label(Role::Button, button).is_focused(), "{button}");
    }
}

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
    press(&mut harness, "Remove second");
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
fn a_dropped_file_is_imported_and_relinks_what_is_missing() {
    let mut harness = open();
    let zip = PathBuf::from("/tmp/flute.zip");
    harness.input_mut().dropped_files.push(Arc::new(Dropped(zip.clone())));
    harness.step();
    assert_eq!(requests(&mut harness), [Request::ImportPackage(zip.clone())]);
    harness.state_mut().session.first.missing = Some(MissingModel::default());
    harness.input_mut().dropped_files.push(Arc::new(Dropped(zip.clone())));
    harness.step();
    assert_eq!(requests(&mut harness), [Request::Relink { slot: Slot::First, path: zip }]);
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
    let comment = "Speech with a nervous bow. Turn Random amount.";
    assert!(harness.query_by_label(comment).is_none());
    let at = harness.get_by_label("Wild Bow, cello, factory").rect().center();
    harness.hover_at(at);
    harness.run();
    harness.get_by_label(comment);
    assert_eq!(requests(&mut harness), []);
}

#[test]
fn a_clip_is_told_for_two_seconds() {
    let mut harness = open();
    let said = |harness: &Harness<'_, App>| harness.get_by_label("Level of the output").value().unwrap_or_default();
    assert!(said(&harness).contains("does not clip"), "{}", said(&harness));
    harness.state_mut().status.output_level_db = 1.0;
    harness.step();
    harness.state_mut().status.output_level_db = f32::NEG_INFINITY;
    harness.run_steps(60);
    assert!(said(&harness).ends_with(", clips"), "{}", said(&harness));
    harness.run_steps(90);
    assert!(said(&harness).contains("does not clip"), "{}", said(&harness));
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

#[test]
fn a_right_click_resets_learns_and_forgets() {
    let mut harness = open();
    harness.state_mut().params.put(param::MIX, 0.25);
    harness.run();
    let menu = |harness: &mut Harness<'_, App>, name: &str| {
        harness.get_by_role_and_label(Role::Slider, name).click_button(PointerButton::Secondary);
        harness.run();
    };
    menu(&mut harness, "Mix");
    harness.get_by_label("CC 74, any channel");
    press(&mut harness, "MIDI forget");
    assert_eq!(requests(&mut harness), [Request::Unmap(param::MIX)]);
    menu(&mut harness, "Mix");
    press(&mut harness, "Reset to 100 %");
    assert_eq!(harness.state().params.normalised(param::MIX), 1.0);
    assert!(harness.get_by_role_and_label(Role::Slider, "Mix").is_focused());
    menu(&mut harness, "Stability");
    press(&mut harness, "MIDI learn");
    assert_eq!(requests(&mut harness), [Request::Learn(Some(param::STABILITY))]);
    harness.state_mut().session.midi.learning = Some(param::STABILITY);
    harness.run();
    harness.get_by_label_contains("Move a controller for Stability");
    key(&mut harness, Key::Escape);
    assert_eq!(requests(&mut harness), [Request::Learn(None)]);
}

#[test]
fn the_menu_opens_by_keyboard_and_takes_a_typed_value() {
    let mut harness = open();
    harness.get_by_role_and_label(Role::Slider, "Mix").focus();
    harness.run();
    harness.key_press_modifiers(Modifiers::SHIFT, Key::F10);
    harness.run();
    press(&mut harness, "Type a value\u{2026}");
    harness.event(Event::Text("40".to_owned()));
    harness.run();
    key(&mut harness, Key::Enter);
    assert!((harness.state().params.normalised(param::MIX) - 0.4).abs() < 1e-6);
}

#[test]
fn without_midi_nothing_of_it_is_shown() {
    let mut session = fake::session();
    session.midi.is_offered = false;
    let mut harness = open_with(session, [1100.0, 700.0]);
    harness.get_by_role_and_label(Role::Slider, "Mix").click_button(PointerButton::Secondary);
    harness.run();
    harness.get_by_label("Reset to 100 %");
    assert!(harness.query_by_label_contains("MIDI").is_none() && harness.query_by_label_contains("CC 74").is_none());
}

#[test]
fn settings_ask_for_what_they_show() {
    let mut harness = open_panel("Settings");
    harness.get_by_label("Save horn inside the project").click();
    harness.run();
    press(&mut harness, "Read the folders again");
    press(&mut harness, "Forget all controllers");
    harness.get_by_role_and_label(Role::CheckBox, "Soft takeover").click();
    harness.run();
    let expected = [
        Request::Embed { slot: Slot::Second, is_wanted: true },
        Request::Rescan,
        Request::UnmapAll,
        Request::SetSoftTakeover(true),
    ];
    assert_eq!(requests(&mut harness), expected);
}

#[test]
fn messages_are_read_out_and_dismissed() {
    let mut session = fake::session();
    session.busy = "Examining flute.zip \u{2026}".to_owned();
    session.notice = Some(Notice { tone: Tone::Trouble, text: "It was not installed.".to_owned() });
    let mut harness = open_with(session, [800.0, 500.0]);
    harness.get_by_role_and_label(Role::Alert, "Examining flute.zip \u{2026}");
    harness.get_by_role_and_label(Role::Alert, "It was not installed.");
    press(&mut harness, "Dismiss the message");
    assert_eq!(requests(&mut harness), [Request::Dismiss]);
}

#[test]
fn tabs_are_chosen_by_mouse_arrows_and_digits() {
    let mut harness = open();
    let left = |harness: &Harness<'_, App>| harness.state().window.layout().left;
    harness.get_by_role_and_label(Role::Tab, "Sound").click();
    harness.run();
    assert_eq!(left(&harness), Tab::Sound);
    key(&mut harness, Key::ArrowRight);
    assert_eq!(left(&harness), Tab::Feedback);
    harness.key_press_modifiers(Modifiers::COMMAND, Key::Num2);
    harness.run();
    assert_eq!(left(&harness), Tab::Lanes);
}

#[test]
fn a_wide_window_has_two_views_and_a_narrow_one_has_one() {
    let lists = |size| open_with(fake::session(), size).query_all_by_role(Role::TabList).count();
    assert_eq!([lists([1380.0, 800.0]), lists([1440.0, 800.0])], [1, 2]);
}

#[test]
fn a_wide_low_window_has_two_columns_of_controls_and_a_high_one_shows_all_in_one() {
    for (size, columns) in [([1440.0, 800.0], 2), ([1920.0, 1080.0], 1), ([1390.0, 800.0], 1)] {
        let harness = open_with(fake::session(), size);
        let place = |name: &str| harness.get_by_role_and_label(Role::Slider, name).rect();
        let (mix, latency) = (place("Mix"), place("Latency"));
        let is_beside = latency.left() > mix.right() + 200.0;
        assert_eq!(is_beside, columns == 2, "{size:?}: {mix:?} {latency:?}");
        assert_eq!(latency.bottom() <= size[1], size[0] > 1400.0, "{size:?}: {latency:?}");
    }
}

#[test]
fn a_group_folds_and_stays_folded() {
    let mut harness = open();
    press(&mut harness, "Play controls");
    assert!(harness.query_by_role_and_label(Role::Slider, "Mix").is_none());
    let layout = harness.state().window.layout().clone();
    let mut other = open();
    other.state_mut().window.set_layout(layout);
    other.run();
    assert!(other.query_by_role_and_label(Role::Slider, "Mix").is_none());
}

#[test]
fn a_new_take_is_another_take() {
    let mut harness = open();
    press(&mut harness, "New take of the random walk");
    let params = &harness.state().params;
    assert_eq!(params.plain(param::RANDOM_TAKE, params.normalised(param::RANDOM_TAKE)).round(), 2.0);
}

#[test]
fn everything_that_takes_the_keyboard_has_a_name() {
    let mut layouts: Vec<Layout> = Tab::ALL.map(|left| Layout { left, ..Layout::default() }).to_vec();
    for panel in [Panel::Models, Panel::Presets, Panel::Settings] {
        layouts.push(Layout { panel: Some(panel), ..Layout::default() });
    }
    for layout in layouts {
        for size in [[800.0, 500.0], [1500.0, 1400.0]] {
            let mut harness = open_with(fake::session(), size);
            harness.state_mut().window.set_layout(layout.clone());
            harness.run();
            let mut seen = 0;
            let root = harness.root();
            let mut nodes: Vec<_> = root.children().collect();
            while let Some(node) = nodes.pop() {
                nodes.extend(node.children());
                let node = node.accesskit_node();
                if node.data().supports_action(Action::Focus) {
                    seen += 1;
                    let name = node.label().unwrap_or_default();
                    let place = node.bounding_box();
                    assert!(!name.trim().is_empty(), "{:?} at {place:?} has no name in {layout:?}", node.role());
                }
            }
            assert!(seen >= 15, "{seen} controls in {layout:?}");
        }
    }
}
