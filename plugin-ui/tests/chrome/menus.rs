//! A control's menu, and the settings.

use egui::accesskit::Role;
use egui::{Event, Key, Modifiers, OutputCommand, PointerButton};
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable;
use plugin_ui::session::{AboutView, OscView, Request, Slot};
use plugin_ui::{ParamBackend, Zoom, fake, param};

use crate::{App, key, open, open_panel, open_with, press, requests};

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
fn learning_is_told_of_only_where_there_is_something_to_learn() {
    for is_offered in [true, false] {
        let mut session = fake::session();
        session.midi.is_offered = is_offered;
        let mut harness = open_with(session, [1100.0, 700.0]);
        press(&mut harness, "Settings");
        assert_eq!(harness.query_by_label_contains("learning").is_some(), is_offered);
        harness.get_by_label_contains("closes what is open");
    }
}

#[test]
fn osc_is_switched_and_its_ports_are_typed_in_the_settings() {
    let mut harness = open_panel("Settings");
    harness.get_by_label("1204 messages taken, 2 refused, 0 too many.");
    harness.get_by_label_contains("Refused last: /timbreloom/plane");
    harness.get_by_role_and_label(Role::CheckBox, "Listen to OSC").click();
    harness.run();
    assert_eq!(requests(&mut harness), [Request::SetOsc { is_on: false, port: 9000, send_port: 9001 }]);
    let enter = |harness: &mut Harness<'_, App>, field: &str, text: &str| {
        harness.get_by_label(field).focus();
        harness.run();
        harness.key_press_modifiers(Modifiers::COMMAND, Key::A);
        harness.event(Event::Text(text.to_owned()));
        harness.run();
        key(harness, Key::Enter);
        requests(harness)
    };
    let (listen, answer) = ("Port for OSC that comes in", "Port for OSC that goes out");
    let set = |port, send_port| Request::SetOsc { is_on: true, port, send_port };
    assert_eq!(enter(&mut harness, listen, "9100"), [set(9100, 9001)]);
    assert_eq!(enter(&mut harness, answer, "0"), [set(9000, 0)], "at the sender's own port");
    for wrong in ["0", "80", "70000", "nine"] {
        assert_eq!(enter(&mut harness, listen, wrong), [], "{wrong}");
        harness.get_by_label_contains("That is no port.");
    }
    assert_eq!(enter(&mut harness, listen, "65535"), [set(65535, 9001)]);
    assert!(harness.query_by_label_contains("That is no port.").is_none());
}

#[test]
fn osc_says_why_it_does_not_listen_and_is_shown_only_where_it_is_offered() {
    let mut session = fake::session();
    session.osc.problem = "Port 9000 is taken. Choose another one.".to_owned();
    let mut harness = open_with(session, [1100.0, 700.0]);
    press(&mut harness, "Settings");
    harness.get_by_label("Port 9000 is taken. Choose another one.");
    assert!(harness.query_by_label_contains("messages taken").is_none());
    harness.state_mut().session.osc = OscView::default();
    harness.run();
    assert!(harness.query_by_label_contains("OSC").is_none());
}

#[test]
fn the_zoom_is_chosen_in_the_settings() {
    let mut harness = open_panel("Settings");
    harness.get_by_role_and_label(Role::ComboBox, "Zoom of the window").click();
    harness.run();
    for percent in ["75 %", "90 %", "110 %", "125 %", "150 %", "175 %", "200 %"] {
        harness.get_by_role_and_label(Role::Button, percent);
    }
    press(&mut harness, "125 %");
    assert_eq!(requests(&mut harness), [Request::SetZoom(Zoom::nearest(125))]);
}

#[test]
fn about_says_what_this_is_and_copies_where_things_lie() {
    let mut harness = open_with(fake::session(), [1100.0, 1200.0]);
    press(&mut harness, "Settings");
    harness.get_by_label("Timbreloom");
    harness.get_by_label(concat!("Version ", env!("CARGO_PKG_VERSION")));
    harness.get_by_label("ONNX Runtime runs the models, here on the CPU.");
    for (button, path) in
        [("Copy the manual's path", "docs/manual.md"), ("Copy the path of the licences", "THIRD-PARTY.md")]
    {
        harness.get_by_label_contains(path);
        harness.get_by_role_and_label(Role::Button, button).click();
        harness.step();
        let copied = harness
            .output()
            .platform_output
            .commands
            .iter()
            .any(|command| matches!(command, OutputCommand::CopyText(text) if text.ends_with(path)));
        assert!(copied, "{button}");
        harness.run();
    }
    harness.state_mut().session.about = AboutView::default();
    harness.run();
    harness.get_by_label("No manual lies beside the plugin.");
    assert!(harness.query_by_label("Copy the manual's path").is_none());
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
