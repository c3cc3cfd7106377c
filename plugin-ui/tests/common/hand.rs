//! A window under test, what a hand does in it, and what a screen reader finds there.

use std::fmt::Debug;

use egui::accesskit::{Action, Role};
use egui::{Event, Key, Modifiers, MouseWheelSource, MouseWheelUnit, PointerButton, Pos2, TouchPhase, Ui, Vec2, vec2};
use egui_kittest::Harness;
use egui_kittest::kittest::{NodeT, Queryable};
use plugin_ui::install_theme;

/// Opens it and lets it come to rest.
pub fn open<A: 'static>(size: [f32; 2], app: A, paint: fn(&mut Ui, &mut A)) -> Harness<'static, A> {
    let mut harness = Harness::builder()
        .with_size(size)
        .with_step_dt(1.0 / 60.0)
        .with_max_steps(60)
        .with_context_setup(install_theme)
        .build_ui_state(paint, app);
    harness.run();
    harness
}

/// The middle of a knob or another control with a value.
pub fn centre<A>(harness: &Harness<'_, A>, name: &str) -> Pos2 {
    harness.get_by_role_and_label(Role::Slider, name).rect().center()
}

pub fn drag<A>(harness: &mut Harness<'_, A>, from: Pos2, by: Vec2) {
    harness.hover_at(from);
    harness.step();
    harness.drag_at(from);
    harness.step();
    for part in 1..=10 {
        harness.hover_at(from + by * (part as f32 / 10.0));
        harness.step();
    }
    harness.drop_at(from + by);
    harness.run();
}

/// Moves the pointer and presses or releases its first button.
pub fn pointer<A>(harness: &mut Harness<'_, A>, at: Pos2, pressed: bool) {
    harness.hover_at(at);
    let button = PointerButton::Primary;
    harness.event(Event::PointerButton { pos: at, button, pressed, modifiers: Modifiers::NONE });
    harness.step();
}

pub fn double_click<A>(harness: &mut Harness<'_, A>, at: Pos2) {
    for _ in 0..2 {
        pointer(harness, at, true);
        pointer(harness, at, false);
    }
    harness.run();
}

/// Presses and releases a button within one frame, the pointer moving on the way.
pub fn quick<A>(harness: &mut Harness<'_, A>, button: PointerButton, from: Pos2, by: Vec2) {
    harness.hover_at(from);
    harness.step();
    let press = |pos, pressed| Event::PointerButton { pos, button, pressed, modifiers: Modifiers::NONE };
    // Not one after the other, a frame each, as the harness would.
    let events = &mut harness.input_mut().events;
    events.push(press(from, true));
    if by != Vec2::ZERO {
        events.push(Event::PointerMoved(from + by));
    }
    events.push(press(from + by, false));
    harness.run();
}

/// Turns the wheel over a place, long after it was turned last.
pub fn wheel<A>(harness: &mut Harness<'_, A>, at: Pos2, notches: f32) {
    harness.run_steps(60);
    harness.hover_at(at);
    harness.step();
    harness.event(Event::MouseWheel {
        unit: MouseWheelUnit::Line,
        delta: vec2(0.0, notches),
        phase: TouchPhase::Move,
        source: MouseWheelSource::Wheel,
        modifiers: Modifiers::NONE,
    });
    harness.run();
}

/// Types a value into a control's field and leaves it by a key.
pub fn type_value<A>(harness: &mut Harness<'_, A>, name: &str, text: &str, end: Key) {
    harness.get_by_role_and_label(Role::Slider, name).focus();
    harness.run();
    harness.key_press(Key::Enter);
    harness.run();
    harness.event(Event::Text(text.to_owned()));
    harness.run();
    harness.key_press(end);
    harness.run();
}

/// Presses keys on a control that has been given the keyboard.
pub fn press_keys<A>(harness: &mut Harness<'_, A>, name: &str, keys: &[Key]) {
    harness.get_by_label(name).focus();
    harness.run();
    for &key in keys {
        harness.key_press(key);
        harness.run();
    }
}

/// Calls on a parameter as `bsse`: begun, moved, ended, each once but for the moves.
pub fn is_one_gesture(kinds: &str) -> bool {
    kinds.starts_with("bs") && kinds.ends_with("se") && kinds.matches(['b', 'e']).count() == 2
}

/// How many controls take the keyboard; each of them has a name.
pub fn named_controls<A>(harness: &Harness<'_, A>, shown: &impl Debug) -> usize {
    let mut seen = 0;
    let mut nodes: Vec<_> = harness.root().children().collect();
    while let Some(node) = nodes.pop() {
        nodes.extend(node.children());
        let node = node.accesskit_node();
        if node.data().supports_action(Action::Focus) {
            seen += 1;
            let name = node.label().unwrap_or_default();
            let place = node.bounding_box();
            assert!(!name.trim().is_empty(), "{:?} at {place:?} has no name in {shown:?}", node.role());
        }
    }
    seen
}
