//! The window under a real egui, driven as a musician and a screen reader would; a fake stands for the plugin.

use egui::accesskit::Role;
use egui::{Event, Key, Modifiers, vec2};
use egui_kittest::Harness;
use egui_kittest::kittest::{NodeT, Queryable};
use plugin_ui::fake::{self, Gesture};
use plugin_ui::layout::{Layout, Panel, Tab};
use plugin_ui::param::{BYPASS, LOUDNESS_MODE, MACRO, MIX, TRANSPOSE};
use plugin_ui::{EngineState, ParamBackend, Repaint, Session, Status};

#[path = "common/effect.rs"]
#[allow(dead_code, reason = "each test needs a part of it")]
mod effect;
#[path = "common/hand.rs"]
#[allow(dead_code, reason = "each test needs a part of it")]
mod hand;

use effect::{App, still};
use hand::{centre, double_click, drag, is_one_gesture, pointer, type_value, wheel};

fn open(status: Status, size: [f32; 2]) -> Harness<'static, App> {
    effect::open(status, Session::default(), size)
}

fn kinds(harness: &Harness<'_, App>) -> String {
    harness.state().params.gestures.iter().map(Gesture::kind).collect()
}

#[test]
fn dragging_a_knob_down_lowers_it_in_one_gesture() {
    let mut harness = open(still(), [900.0, 600.0]);
    let at = centre(&harness, "Mix");
    drag(&mut harness, at, vec2(0.0, 60.0));
    let params = &harness.state().params;
    let fallen = 1.0 - params.normalised(MIX);
    assert!((0.2..=0.31).contains(&fallen), "60 of 200 points moved the knob by {fallen}");
    let kinds = kinds(&harness);
    assert!(is_one_gesture(&kinds), "{kinds}");
}

#[test]
fn the_macros_that_a_model_has_are_turned_above_the_views_and_the_others_are_not_there() {
    for size in [[800.0, 500.0], [1100.0, 700.0], [1920.0, 1080.0]] {
        let mut harness = open(still(), size);
        let at = centre(&harness, "Bright");
        let tabs = harness.get_all_by_label("Lanes").map(|tab| tab.rect().top()).fold(f32::MAX, f32::min);
        assert!(at.y < tabs && at.x < centre(&harness, "Mix").x, "{at:?}");
        drag(&mut harness, at, vec2(0.0, -50.0));
        let turned = harness.state().params.normalised(MACRO[0]);
        assert!((0.69..=0.76).contains(&turned), "50 of 200 points turned it to {turned}");
        assert!(is_one_gesture(&kinds(&harness)), "{}", kinds(&harness));
        double_click(&mut harness, at);
        assert_eq!(harness.state().params.normalised(MACRO[0]), 0.5);
        // The fake model has neither Warm nor Boom.
        assert!(harness.query_by_label("Air").is_some() && harness.query_by_label("Boom").is_none());
    }
}

#[test]
fn shift_makes_a_drag_fine() {
    let mut harness = open(still(), [900.0, 600.0]);
    let at = centre(&harness, "Mix");
    harness.event(Event::ModifiersChanged(Modifiers::SHIFT));
    drag(&mut harness, at, vec2(0.0, 60.0));
    let fallen = 1.0 - harness.state().params.normalised(MIX);
    assert!((0.02..=0.031).contains(&fallen), "{fallen}");
}

#[test]
fn keys_step_a_focused_knob_and_do_not_move_the_focus() {
    let mut harness = open(still(), [900.0, 600.0]);
    harness.get_by_role_and_label(Role::Slider, "Transpose").focus();
    harness.run();
    for key in [Key::ArrowUp, Key::ArrowRight, Key::ArrowUp, Key::ArrowDown] {
        harness.key_press(key);
        harness.run();
    }
    let params = &harness.state().params;
    assert!((params.plain(TRANSPOSE, params.normalised(TRANSPOSE)) - 2.0).abs() < 1e-4);
    assert!(harness.get_by_role_and_label(Role::Slider, "Transpose").is_focused());
    harness.key_press(Key::Backspace);
    harness.run();
    let params = &harness.state().params;
    assert_eq!(params.normalised(TRANSPOSE), params.default_normalised(TRANSPOSE));
}

#[test]
fn double_click_resets() {
    let mut harness = open(still(), [900.0, 600.0]);
    harness.state_mut().params.put(MIX, 0.3);
    let at = centre(&harness, "Mix");
    double_click(&mut harness, at);
    assert_eq!(harness.state().params.normalised(MIX), 1.0);
    assert_eq!(kinds(&harness), "bse");
}

#[test]
fn the_wheel_turns_the_knob_under_the_pointer() {
    let mut harness = open(still(), [900.0, 600.0]);
    let at = centre(&harness, "Mix");
    wheel(&mut harness, at, -2.0);
    assert!((harness.state().params.normalised(MIX) - 0.98).abs() < 1e-4);
    assert_eq!(centre(&harness, "Mix"), at, "the list may not scroll away under a knob being turned");
}

#[test]
fn a_screen_reader_finds_name_value_and_changes_it() {
    let mut harness = open(still(), [900.0, 600.0]);
    let mix = harness.get_by_role_and_label(Role::Slider, "Mix");
    assert_eq!(mix.value().as_deref(), Some("100 %"));
    assert_eq!(mix.accesskit_node().numeric_value(), Some(1.0));
    mix.set_value_accesskit(0.25);
    harness.run();
    assert_eq!(harness.get_by_role_and_label(Role::Slider, "Mix").value().as_deref(), Some("25 %"));
    assert_eq!(kinds(&harness), "bse");
    harness.get_by_role_and_label(Role::Slider, "Transpose").increment_accesskit();
    harness.run();
    assert_eq!(harness.get_by_role_and_label(Role::Slider, "Transpose").value().as_deref(), Some("1 st"));
    let said = harness.get_by_role(Role::Status).accesskit_node().label().unwrap_or_default();
    assert!(said.contains("cello") && said.contains("53.4 ms (2563 samples)"), "{said}");
}

#[test]
fn every_parameter_can_be_reached_by_name() {
    let mut harness = open(still(), [1100.0, 1500.0]);
    harness.state_mut().model.has_macro = [true; 8];
    let mut unseen: Vec<_> = plugin_ui::param::all().collect();
    // Views beside each of the sources of movement.
    let views = [Tab::Lanes, Tab::Paths, Tab::Plane, Tab::Space, Tab::Sound];
    for (left, source) in views.into_iter().zip(["Drift", "LFO 1", "LFO 2", "Loud", "Pitch"]) {
        harness.state_mut().window.set_layout(Layout { left, folded: Vec::new(), ..Layout::default() });
        harness.get_by_role_and_label(Role::RadioButton, source).click();
        harness.run();
        unseen.retain(|&id| harness.query_all_by_label(&harness.state().params.name(id)).next().is_none());
    }
    harness.state_mut().window.set_layout(Layout { panel: Some(Panel::Settings), ..Layout::default() });
    harness.run();
    unseen.retain(|&id| harness.query_all_by_label(&harness.state().params.name(id)).next().is_none());
    assert!(unseen.is_empty(), "{unseen:?}");
}

#[test]
fn typed_values_are_taken_on_enter_and_dropped_on_escape() {
    let mut harness = open(still(), [900.0, 600.0]);
    type_value(&mut harness, "Mix", "40", Key::Enter);
    assert!((harness.state().params.normalised(MIX) - 0.4).abs() < 1e-6);
    assert!(harness.get_by_role_and_label(Role::Slider, "Mix").is_focused(), "the keyboard goes on where it was");
    type_value(&mut harness, "Mix", "90", Key::Escape);
    assert!((harness.state().params.normalised(MIX) - 0.4).abs() < 1e-6);
}

#[test]
fn bad_text_leaves_the_value_and_the_field_open() {
    let mut harness = open(still(), [900.0, 600.0]);
    type_value(&mut harness, "Mix", "loud", Key::Enter);
    assert_eq!(kinds(&harness), "");
    assert!(harness.query_by_role(Role::TextInput).is_some());
    harness.key_press(Key::Escape);
    harness.run();
    assert!(harness.query_by_role(Role::TextInput).is_none());
    assert_eq!(harness.state().params.normalised(MIX), 1.0);
}

#[test]
fn text_that_means_nothing_is_said_not_to_be_understood_until_it_is_mended() {
    let mut harness = open(still(), [900.0, 600.0]);
    let is_said = |harness: &Harness<'_, App>| harness.query_by_label_contains("is not understood").is_some();
    type_value(&mut harness, "Mix", "loud", Key::Enter);
    harness.run();
    assert!(is_said(&harness));
    harness.event(Event::Text("40".to_owned()));
    harness.run();
    assert!(!is_said(&harness));
}

#[test]
fn a_click_on_the_value_opens_the_field() {
    let mut harness = open(still(), [900.0, 600.0]);
    let below = centre(&harness, "Transpose");
    let value = centre(&harness, "Mix") + vec2(0.0, 25.0);
    harness.hover_at(value);
    harness.drag_at(value);
    harness.drop_at(value);
    harness.run();
    assert!(harness.query_by_role(Role::TextInput).is_some());
    assert_eq!(centre(&harness, "Transpose"), below, "what lies below may not move");
}

#[test]
fn switches_switch() {
    let mut harness = open(still(), [900.0, 600.0]);
    harness.get_by_label("Bypass").click();
    harness.run();
    let said = harness.get_by_role(Role::Status).accesskit_node().label().unwrap_or_default();
    assert!(said.contains("Bypassed"), "{said}");
    assert_eq!(harness.state().params.normalised(BYPASS), 1.0);
    harness.get_by_label("Loudness mode").focus();
    harness.run();
    harness.key_press(Key::ArrowRight);
    harness.run();
    assert_eq!(harness.state().params.normalised(LOUDNESS_MODE), 1.0);
}

#[test]
fn a_drag_cut_off_by_a_failing_model_still_ends() {
    for (left, name) in [
        (Tab::Space, "Bias of dimensions 1 and 2"),
        (Tab::Lanes, "Bias 1"),
        (Tab::Feedback, "Feedback frequency and amount"),
    ] {
        let mut harness = open(still(), [900.0, 600.0]);
        harness.state_mut().window.set_layout(Layout { left, ..Layout::default() });
        harness.run();
        let at = centre(&harness, name);
        pointer(&mut harness, at, true);
        for step in 1..4 {
            harness.hover_at(at + vec2(20.0 * step as f32, 0.0));
            harness.step();
        }
        harness.state_mut().status.state = EngineState::Faulted("It failed.".into());
        harness.step();
        harness.drop_at(at + vec2(60.0, 0.0));
        harness.run();
        let kinds = kinds(&harness);
        let count = |kind: char| kinds.matches(kind).count();
        assert!(kinds.contains('s') && kinds.ends_with('e') && count('b') == count('e'), "{left:?}: {kinds}");
    }
}

#[test]
fn asks_for_frames_only_while_something_moves() {
    let mut harness = open(still(), [900.0, 600.0]);
    assert_eq!(harness.state().repaint, Some(Repaint::OnChange));
    harness.state_mut().status = fake::playing(1.0, 2);
    harness.step();
    assert_eq!(harness.state().repaint, Some(Repaint::EveryFrame));
    harness.state_mut().status = still();
    harness.step();
    assert_eq!(harness.state().repaint, Some(Repaint::EveryFrame), "the trail and the meters still fade");
    harness.run_steps(60);
    harness.run_steps(400);
    assert_eq!(harness.state().repaint, Some(Repaint::OnChange));
}

#[test]
fn every_size_and_state_can_be_drawn() {
    let trouble = || "No model \u{201c}cello\u{201d}. Install it.".into();
    for size in [[800.0, 500.0], [900.0, 600.0], [2560.0, 1440.0], [60.0, 40.0]] {
        for state in
            [EngineState::Loading, EngineState::Ready, EngineState::Missing(trouble()), EngineState::Faulted(trouble())]
        {
            let harness = open(Status { state, underruns: 3, ..still() }, size);
            assert!(harness.query_by_role(Role::Status).is_some());
        }
    }
}
