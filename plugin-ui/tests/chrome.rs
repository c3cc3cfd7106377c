//! The frame around the views under a real egui: bar, browsers, settings, menus, messages; driven as a musician would.

use std::path::PathBuf;

use egui::accesskit::Role;
use egui::{Event, Key, Modifiers};
use egui_kittest::Harness;
use egui_kittest::kittest::{NodeT, Queryable};
use plugin_ui::layout::{Layout, Panel, Tab};
use plugin_ui::session::{Notice, Request};
use plugin_ui::{ParamBackend, Session, Tone, fake, param};

#[path = "common/effect.rs"]
#[allow(dead_code, reason = "each test needs a part of it")]
mod effect;
#[path = "common/hand.rs"]
#[allow(dead_code, reason = "each test needs a part of it")]
mod hand;
#[path = "chrome/menus.rs"]
mod menus;
#[path = "chrome/messages.rs"]
mod messages;
#[path = "chrome/models.rs"]
mod models;
#[path = "chrome/presets.rs"]
mod presets;

use effect::App;
use hand::named_controls;

fn open_with(session: Session, size: [f32; 2]) -> Harness<'static, App> {
    effect::open(effect::still(), session, size)
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
fn messages_are_read_out_and_dismissed() {
    let mut session = fake::session();
    session.busy = "Examining flute.zip \u{2026}".to_owned();
    session.notice = Some(Notice { tone: Tone::Trouble, text: "It was not installed.".to_owned() });
    let mut harness = open_with(session, [800.0, 500.0]);
    // Work that is soon done is not told.
    harness.run_steps(30);
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
    for (size, columns) in [([1800.0, 900.0], 2), ([1920.0, 1080.0], 1), ([1440.0, 800.0], 1)] {
        let harness = open_with(fake::session(), size);
        let place = |name: &str| harness.get_by_role_and_label(Role::Slider, name).rect();
        let (mix, width) = (place("Mix"), place("Width"));
        let is_beside = width.left() > mix.right() + 200.0;
        assert_eq!(is_beside, columns == 2, "{size:?}: {mix:?} {width:?}");
        assert_eq!(width.bottom() <= size[1], size[0] > 1700.0, "{size:?}: {width:?}");
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
    press(&mut other, "Play controls");
    assert!(other.query_by_role_and_label(Role::Slider, "Mix").is_some());
}

#[test]
fn a_new_roll_is_another_roll() {
    let mut harness = open();
    press(&mut harness, "Roll again: another drift");
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
            let seen = named_controls(&harness, &layout);
            assert!(seen >= 15, "{seen} controls in {layout:?}");
        }
    }
}
