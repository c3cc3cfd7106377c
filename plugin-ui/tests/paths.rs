//! The view of latent paths under a real egui, driven as a musician and a screen reader would; a fake stands for the plugin.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use egui::accesskit::Role;
use egui::{Color32, Event, Key, Modifiers, PointerButton, Pos2, Rect, UiBuilder, Vec2, pos2, vec2};
use egui_kittest::Harness;
use egui_kittest::kittest::{NodeT, Queryable};
use plugin_ui::fake::alone::Alone;
use plugin_ui::fake::{self, FakeParams};
use plugin_ui::layout::Tab;
use plugin_ui::paths::{
    AxisSet, PathAxis, PathRequest, PathsStatus, PathsView, RecordLength, RecordStart, RecordWish, Recording, StepKind,
    StepView,
};
use plugin_ui::{ModelView, ParamBackend, ParamId, Request, Status, install_theme, param};

#[path = "common/hand.rs"]
#[allow(dead_code, reason = "each test needs a part of it")]
mod hand;

use hand::{double_click, drag, is_one_gesture, named_controls, pointer, press_keys, quick, wheel};

const CURVE: &str = "Path curve";
/// The colour of the line where the sound is.
const PLAYHEAD: Color32 = Color32::from_rgb(0xff, 0xb8, 0x5c);

/// A file as a host drops it.
#[derive(Debug)]
struct Dropped(PathBuf);

impl egui::DroppedFile for Dropped {
    fn path(&self) -> &Path {
        &self.0
    }

    fn bytes(&self) -> Result<Vec<u8>, String> {
        Ok(Vec::new())
    }
}

struct App {
    alone: Alone,
    status: Status,
    model: ModelView,
    params: FakeParams,
}

fn open_with(size: [f32; 2], paths: PathsStatus) -> Harness<'static, App> {
    let mut status = fake::playing(1.0, 0);
    (status.is_running, status.paths) = (false, paths);
    let app = App { alone: Alone::default(), status, model: fake::model(), params: FakeParams::default() };
    hand::open(size, app, |ui, app| {
        let App { alone, status, model, params } = app;
        alone.ui(ui, Tab::Paths, status, model, params);
    })
}

fn open() -> Harness<'static, App> {
    open_with([1000.0, 640.0], fake::paths())
}

/// With the second path shown, which nothing bends.
fn open_plain() -> Harness<'static, App> {
    let mut harness = open();
    press_keys(&mut harness, "Paths", &[Key::ArrowRight]);
    harness
}

fn asked(harness: &mut Harness<'_, App>) -> Vec<PathRequest> {
    let requests = std::mem::take(&mut harness.state_mut().alone.requests);
    requests
        .into_iter()
        .map(|request| match request {
            Request::Path(request) => request,
            other => panic!("{other:?}"),
        })
        .collect()
}

/// Steps, label and whether it is done, of each request for other steps.
fn sets(harness: &mut Harness<'_, App>) -> Vec<(Vec<StepView>, String, bool)> {
    let of_set = |request| match request {
        PathRequest::SetSteps { steps, label, is_done, .. } => (steps, label, is_done),
        other => panic!("{other:?}"),
    };
    asked(harness).into_iter().map(of_set).collect()
}

fn press(harness: &mut Harness<'_, App>, name: &str) {
    harness.get_by_role_and_label(Role::Button, name).click();
    harness.run();
}

fn curve(harness: &Harness<'_, App>) -> Rect {
    harness.get_by_label(CURVE).rect()
}

fn said(harness: &Harness<'_, App>, name: &str) -> String {
    harness.get_by_label(name).value().unwrap_or_default()
}

#[test]
fn a_freehand_stroke_ends_in_one_step_of_undo() {
    let mut harness = open_plain();
    harness.get_by_label("Freehand").click();
    harness.run();
    let place = curve(&harness);
    drag(&mut harness, place.center() - vec2(80.0, 0.0), vec2(160.0, -60.0));
    let all = sets(&mut harness);
    let done: Vec<_> = all.iter().filter(|(.., is_done)| *is_done).collect();
    assert_eq!((done.len(), all.last().unwrap().2), (1, true));
    let (steps, label, _) = done[0];
    assert_eq!((steps.len(), steps[0].kind, label.as_str()), (1, StepKind::Draw, "Draw 1"));
    let (first, last) = (steps[0].points[0], steps[0].points[steps[0].points.len() - 1]);
    // 60 of the plot's points are so many of its six standard deviations.
    let rise = 60.0 / place.height() * 6.0;
    assert!(last[0] > first[0] && (last[1] - first[1] - rise).abs() < 0.2, "{first:?} {last:?} {rise}");
}

#[test]
fn a_dragged_point_is_heard_at_once_and_done_when_let_go() {
    let mut harness = open();
    harness.get_by_label("Points").click();
    harness.run();
    let place = curve(&harness);
    // The second point of the line: 2 s of 8, at 1.8 of 3.
    let length_s = harness.state().status.paths.view.slots[0].as_ref().unwrap().length_s() as f32;
    let at = pos2(place.left() + place.width() * 2.0 / length_s, place.center().y - place.height() * 0.5 * 1.8 / 3.0);
    drag(&mut harness, at, vec2(0.0, 50.0));
    let all = sets(&mut harness);
    assert!(all.len() > 3 && all[..all.len() - 1].iter().all(|(.., is_done)| !is_done));
    let (steps, _, is_done) = all.last().unwrap();
    let moved = steps[0].points[1];
    assert!(*is_done && moved[0] == 2.0, "{moved:?}");
    assert!((moved[1] - (1.8 - 50.0 / place.height() * 6.0)).abs() < 0.1, "{moved:?}");
    assert_eq!(steps[0].points[2], [3.2, -1.1], "the others stay");
}

#[test]
fn a_click_within_one_frame_is_one_action() {
    let mut harness = open_plain();
    let place = curve(&harness);
    drag(&mut harness, place.center(), vec2(100.0, 0.0));
    assert!(said(&harness, CURVE).contains("selected"));
    quick(&mut harness, PointerButton::Primary, place.center() - vec2(90.0, 0.0), Vec2::ZERO);
    assert!(!said(&harness, CURVE).contains("selected"), "{}", said(&harness, CURVE));
    quick(&mut harness, PointerButton::Primary, place.center(), vec2(100.0, 0.0));
    assert!(said(&harness, CURVE).contains("selected"), "a whole drag, too");
    harness.get_by_label("Points").click();
    harness.run();
    for (count, x) in [(1, -90.0), (2, 0.0)] {
        quick(&mut harness, PointerButton::Primary, place.center() + vec2(x, 20.0), Vec2::ZERO);
        let all = sets(&mut harness);
        assert_eq!((all.len(), all[0].0[0].points.len(), all[0].2), (1, count, true));
        harness.run_steps(60);
    }
    quick(&mut harness, PointerButton::Secondary, place.center() + vec2(0.0, 20.0), Vec2::ZERO);
    let all = sets(&mut harness);
    assert_eq!((all.len(), all[0].0[0].points.len()), (1, 1), "the point that was added last");
    harness.get_by_label("Line").click();
    harness.run();
    quick(&mut harness, PointerButton::Primary, place.center(), vec2(80.0, 30.0));
    let all = sets(&mut harness);
    assert!(all.len() == 1 && all[0].2, "{all:?}");
}

#[test]
fn a_double_click_adds_a_point_or_deletes_one_and_never_both() {
    let mut harness = open_plain();
    harness.get_by_label("Points").click();
    harness.run();
    let there = curve(&harness).center() + vec2(30.0, 20.0);
    double_click(&mut harness, there);
    assert!(said(&harness, CURVE).contains("point 1 of 1"), "{}", said(&harness, CURVE));
    harness.run_steps(60);
    double_click(&mut harness, there);
    assert!(said(&harness, CURVE).contains("0 points"), "{}", said(&harness, CURVE));
    harness.run_steps(60);
    quick(&mut harness, PointerButton::Primary, there, Vec2::ZERO);
    quick(&mut harness, PointerButton::Primary, there, Vec2::ZERO);
    assert!(said(&harness, CURVE).contains("point 1 of 1"), "{}", said(&harness, CURVE));
}

#[test]
fn a_quick_right_click_opens_the_menu_of_its_slot() {
    let mut harness = open();
    let cell = harness.get_by_label_contains("Path 2: Spoken").rect();
    quick(&mut harness, PointerButton::Secondary, cell.center(), Vec2::ZERO);
    press(&mut harness, "Clear");
    assert_eq!(asked(&mut harness), [PathRequest::Clear { slot: 1 }]);
}

#[test]
fn points_are_added_moved_and_deleted_by_keys() {
    let mut harness = open_plain();
    press_keys(&mut harness, CURVE, &[Key::Num2, Key::Insert]);
    assert_eq!(sets(&mut harness)[0].0[0].points.len(), 1);
    press_keys(&mut harness, CURVE, &[Key::ArrowUp, Key::ArrowRight]);
    let all = sets(&mut harness);
    assert!(all.last().unwrap().2 && harness.get_by_label(CURVE).is_focused());
    assert!(said(&harness, CURVE).contains("point 1 of 1"), "{}", said(&harness, CURVE));
    press_keys(&mut harness, CURVE, &[Key::Delete]);
    assert!(sets(&mut harness).last().unwrap().0.is_empty());
    press_keys(&mut harness, CURVE, &[Key::PageDown, Key::PageDown, Key::PageUp]);
    assert!(said(&harness, CURVE).starts_with("Axis 2"), "{}", said(&harness, CURVE));
}

#[test]
fn a_range_is_selected_by_hand_and_by_keys_and_steps_act_in_it() {
    let mut harness = open_plain();
    let place = curve(&harness);
    drag(&mut harness, place.center(), vec2(100.0, 0.0));
    assert!(said(&harness, CURVE).contains("selected"), "{}", said(&harness, CURVE));
    press(&mut harness, "Add Bias");
    let (steps, label, _) = sets(&mut harness).remove(0);
    let [from, to] = steps[0].range_s.unwrap();
    assert!(from > 2.0 && to - from > 0.4 && label == "Bias 1", "{from} {to} {label}");
    press_keys(&mut harness, CURVE, &[Key::Escape]);
    assert!(harness.get_by_label(CURVE).is_focused() && !said(&harness, CURVE).contains("selected"));
    harness.key_press_modifiers(Modifiers::SHIFT, Key::ArrowRight);
    harness.run();
    assert!(said(&harness, CURVE).contains("selected: 0.00 to"), "{}", said(&harness, CURVE));
    harness.key_press_modifiers(Modifiers::COMMAND, Key::A);
    harness.run();
    press_keys(&mut harness, CURVE, &[Key::Delete]);
    let (steps, label, _) = sets(&mut harness).remove(0);
    assert_eq!((label.as_str(), steps[1].points[0]), ("Zero 1", [0.0, 0.0]));
}

#[test]
fn wheel_keys_and_overview_choose_what_is_in_sight() {
    let mut harness = open();
    let bar = "Part of the path in sight";
    let place = curve(&harness);
    assert_eq!(said(&harness, bar), "The whole path");
    harness.event(Event::ModifiersChanged(Modifiers::CTRL));
    wheel(&mut harness, place.center(), 3.0);
    harness.event(Event::ModifiersChanged(Modifiers::NONE));
    let zoomed = said(&harness, bar);
    assert!(zoomed.contains(" to "), "{zoomed}");
    wheel(&mut harness, place.center(), -2.0);
    assert_ne!(said(&harness, bar), zoomed);
    let middle = harness.get_by_label(bar).rect().center();
    drag(&mut harness, middle, vec2(-400.0, 0.0));
    assert!(said(&harness, bar).starts_with("0.00 to"), "{}", said(&harness, bar));
    double_click(&mut harness, middle);
    assert_eq!(said(&harness, bar), "The whole path");
    press_keys(&mut harness, CURVE, &[Key::Plus]);
    assert_ne!(said(&harness, bar), "The whole path");
    press_keys(&mut harness, CURVE, &[Key::Home]);
    assert_eq!(said(&harness, bar), "The whole path");
}

/// The slot that is chosen to play, from 1.
fn plays(harness: &Harness<'_, App>) -> f32 {
    plain(harness, param::PATH_SLOT)
}

fn plain(harness: &Harness<'_, App>, id: ParamId) -> f32 {
    let params = &harness.state().params;
    params.plain(id, params.normalised(id)).round()
}

#[test]
fn a_slot_is_marked_only_while_it_is_heard() {
    let mut harness = open();
    let marked = |harness: &Harness<'_, App>| {
        let cells = harness.query_all_by_label_contains(", plays");
        cells.filter_map(|cell| cell.accesskit_node().label()).collect::<Vec<_>>()
    };
    assert!(marked(&harness).is_empty(), "paths are off");
    for (mode, plane, slot, expected) in [
        (1.0, 0.0, 1.0, &["Path 1: Sung phrase, 8.0 s, plays"][..]),
        (2.0, 0.0, 2.0, &["Path 2: Spoken, 5.0 s, plays"]),
        (1.0, 1.0, 1.0, &[]),
        (1.0, 0.0, 3.0, &[]),
        // It is of another model.
        (1.0, 0.0, 4.0, &[]),
    ] {
        for (id, value) in [(param::PATH_MODE, mode), (param::PLANE, plane), (param::PATH_SLOT, slot)] {
            harness.state_mut().params.put_plain(id, value);
        }
        harness.run();
        assert_eq!(marked(&harness), expected, "{mode} {plane} {slot}");
    }
}

#[test]
fn what_plays_a_path_switches_paths_on() {
    let by_menu = |harness: &mut Harness<'_, App>| {
        press(harness, "Menu of path 2");
        press(harness, "Play");
    };
    let by_line = |harness: &mut Harness<'_, App>| press(harness, "Play it");
    let by_double_click = |harness: &mut Harness<'_, App>| {
        let cell = harness.get_by_label_contains("Path 2: Spoken").rect();
        double_click(harness, cell.center());
    };
    let ways: [fn(&mut Harness<'_, App>); 3] = [by_menu, by_line, by_double_click];
    for play in ways {
        let mut harness = open_plain();
        play(&mut harness);
        assert_eq!([plays(&harness), plain(&harness, param::PATH_MODE)], [2.0, 1.0]);
        let kinds: String = harness.state().params.gestures.iter().map(fake::Gesture::kind).collect();
        assert_eq!(kinds, "bsebse", "one gesture each");
        assert!(harness.query_by_label("Play it").is_none());
    }
    // Add stays as it is.
    let mut harness = open_plain();
    harness.state_mut().params.put_plain(param::PATH_MODE, 2.0);
    harness.run();
    by_double_click(&mut harness);
    assert_eq!([plays(&harness), plain(&harness, param::PATH_MODE)], [2.0, 2.0]);
    press_keys(&mut harness, "Paths", &[Key::ArrowRight]);
    harness.state_mut().params.put_plain(param::PATH_MODE, 0.0);
    harness.run();
    assert!(harness.query_by_label("Play it").is_none(), "the slot is empty");
}

#[test]
fn what_plays_a_slot_leaves_the_plane() {
    let by_line = |harness: &mut Harness<'_, App>| press(harness, "Play paths");
    let by_enter = |harness: &mut Harness<'_, App>| press_keys(harness, "Paths", &[Key::Enter]);
    let by_triangle = |harness: &mut Harness<'_, App>| press(harness, "Play path 2");
    let ways: [fn(&mut Harness<'_, App>); 3] = [by_line, by_enter, by_triangle];
    for (play, slot) in ways.into_iter().zip([1.0, 2.0, 2.0]) {
        let mut harness = open_plain();
        harness.state_mut().params.put_plain(param::PATH_MODE, 2.0);
        harness.state_mut().params.put_plain(param::PLANE, 3.0);
        harness.run();
        play(&mut harness);
        let now = [param::PLANE, param::PATH_MODE, param::PATH_SLOT].map(|id| plain(&harness, id));
        assert_eq!(now, [0.0, 2.0, slot]);
        assert!(harness.query_by_label("Play paths").is_none());
    }
}

#[test]
fn nothing_moves_when_a_line_comes_and_goes() {
    for size in [[500.0, 400.0], [1000.0, 640.0], [1900.0, 1200.0]] {
        let mut harness = open_with(size, fake::paths());
        let off = curve(&harness);
        press(&mut harness, "Play it");
        assert_eq!(curve(&harness), off);
        harness.state_mut().status.paths.recording = Recording::Running { slot: 0, elapsed_s: 1.5, length_s: None };
        harness.run();
        assert_eq!(curve(&harness), off);
    }
}

#[test]
fn the_slot_that_is_morphed_to_has_the_playhead_too() {
    let mut harness = open();
    harness.state_mut().params.put_plain(param::PATH_MODE, 1.0);
    harness.state_mut().params.put_plain(param::PATH_MORPH_SLOT, 2.0);
    press_keys(&mut harness, "Paths", &[Key::ArrowRight]);
    let has_playhead = |harness: &Harness<'_, App>| {
        harness.output().shapes.iter().any(|clipped| match &clipped.shape {
            egui::Shape::LineSegment { points, stroke } => {
                stroke.color == PLAYHEAD && (points[0].y - points[1].y).abs() > 100.0
            }
            _ => false,
        })
    };
    assert!(!has_playhead(&harness));
    harness.state_mut().params.put(param::PATH_MORPH, 0.3);
    harness.run();
    assert!(has_playhead(&harness));
}

#[test]
fn a_drag_beyond_a_rail_sets_its_end() {
    let mut harness = open();
    harness.state_mut().params.put_plain(param::PATH_MODE, 1.0);
    harness.run();
    for (by, end) in [(300.0, 1.0), (-300.0, 0.0)] {
        let rail = harness.get_by_label("Path morph").rect();
        let from = rail.center();
        // The last part of the way comes with the release.
        harness.hover_at(from);
        harness.step();
        pointer(&mut harness, from, true);
        harness.hover_at(from + vec2(by * 0.05, 0.0));
        harness.step();
        let pos = from + vec2(by, 0.0);
        let (button, modifiers) = (PointerButton::Primary, Modifiers::NONE);
        let events = [Event::PointerMoved(pos), Event::PointerButton { pos, button, pressed: false, modifiers }];
        harness.input_mut().events.extend(events);
        harness.run();
        assert_eq!(harness.state().params.normalised(param::PATH_MORPH), end);
    }
}

#[test]
fn a_name_in_a_list_is_one_line() {
    let mut harness = open();
    for (id, value) in [(param::PATH_MODE, 1.0), (param::PATH_PLAY, 1.0)] {
        harness.state_mut().params.put_plain(id, value);
    }
    harness.run();
    harness.get_by_role_and_label(Role::ComboBox, "Path length").click();
    harness.run();
    let height = |name| harness.get_by_role_and_label(Role::Button, name).rect().height();
    assert_eq!(height("As Recorded"), height("1/4"));
}

#[test]
fn an_armed_recording_says_what_it_waits_for() {
    let waiting = |harness: &mut Harness<'_, App>, slot| {
        harness.state_mut().status.paths.recording = Recording::Waiting { slot };
        harness.run();
        harness.get_by_role(Role::Status).accesskit_node().label().unwrap_or_default()
    };
    let mut harness = open();
    assert_eq!(waiting(&mut harness, 2), "Armed: path 3 waits to begin. Escape cancels.", "nobody asked here");
    harness.state_mut().status.paths.recording = Recording::Off;
    harness.run();
    press_keys(&mut harness, "Paths", &[Key::ArrowLeft, Key::ArrowLeft]);
    press(&mut harness, "How it is recorded");
    harness.get_by_label("First sound").click();
    harness.run();
    harness.key_press(Key::Escape);
    harness.run();
    press(&mut harness, "Record");
    assert_eq!(waiting(&mut harness, 2), "Armed: path 3 begins with the first sound. Escape cancels.");
}

#[test]
fn what_is_no_latent_dimension_is_chosen_alone() {
    let mut harness = open_plain();
    harness.get_by_label("Steps act on all latent dimensions").click();
    harness.run();
    harness.get_by_label("Axis 3").click();
    harness.run();
    press(&mut harness, "Put the axis at zero");
    assert_eq!(sets(&mut harness).remove(0).0[0].axes, AxisSet::LATENT);
    harness.get_by_label_contains("Step 1: Hold 0.00 sd on all latents");
    harness.get_by_label("Axis Loudness").click();
    harness.run();
    press(&mut harness, "Silence the axis");
    assert_eq!(sets(&mut harness).remove(0).0[1].axes, AxisSet::one(PathAxis::Loudness));
    harness.get_by_label_contains("Step 2: Hold \u{2212}60 dB on loudness");
}

#[test]
fn escape_gives_up_a_stroke_then_the_recording_then_the_selection() {
    let mut harness = open_plain();
    let place = curve(&harness);
    drag(&mut harness, place.center(), vec2(100.0, 0.0));
    let has_selection = |harness: &Harness<'_, App>| said(harness, CURVE).contains("selected");
    harness.state_mut().status.paths.recording = Recording::Running { slot: 2, elapsed_s: 1.5, length_s: None };
    harness.run();
    // It shows the slot that is recorded; back to the one before.
    press_keys(&mut harness, "Paths", &[Key::ArrowLeft]);
    drag(&mut harness, place.center(), vec2(100.0, 0.0));
    harness.get_by_label("Line").click();
    harness.run();
    pointer(&mut harness, place.left_center(), true);
    harness.hover_at(place.center());
    harness.run();
    asked(&mut harness);
    harness.key_press(Key::Escape);
    harness.run();
    assert!(!asked(&mut harness).contains(&PathRequest::CancelRecording), "the stroke comes first");
    pointer(&mut harness, place.center(), false);
    asked(&mut harness);
    press_keys(&mut harness, CURVE, &[Key::Num1, Key::Escape]);
    assert_eq!(asked(&mut harness), [PathRequest::CancelRecording]);
    assert!(has_selection(&harness), "{}", said(&harness, CURVE));
    harness.state_mut().status.paths.recording = Recording::Off;
    harness.run();
    harness.key_press(Key::Escape);
    harness.run();
    assert!(asked(&mut harness).is_empty() && !has_selection(&harness));
}

#[test]
fn escape_that_closes_a_menu_or_a_field_leaves_the_recording_alone() {
    let mut harness = open();
    harness.state_mut().status.paths.recording = Recording::Waiting { slot: 2 };
    harness.run();
    press_keys(&mut harness, "Paths", &[Key::ArrowLeft, Key::ArrowLeft]);
    press(&mut harness, "How it is recorded");
    harness.key_press(Key::Escape);
    harness.run();
    assert!(harness.query_by_label("Next bar").is_none() && asked(&mut harness).is_empty());
    hand::type_value(&mut harness, "Amount of step 2", "1", Key::Escape);
    assert!(asked(&mut harness).is_empty());
    harness.key_press(Key::Escape);
    harness.run();
    assert_eq!(asked(&mut harness), [PathRequest::CancelRecording]);
}

#[test]
fn escape_leaves_an_envelope_wherever_the_keyboard_is() {
    let mut harness = open_plain();
    press(&mut harness, "Add a step");
    press(&mut harness, "Envelope");
    press_keys(&mut harness, CURVE, &[Key::Num2]);
    assert!(said(&harness, CURVE).contains("2 points"), "{}", said(&harness, CURVE));
    harness.get_by_label_contains("Step 1: Envelope").focus();
    harness.run();
    harness.key_press(Key::Escape);
    harness.run();
    assert!(said(&harness, CURVE).contains("0 points"), "{}", said(&harness, CURVE));
}

#[test]
fn an_axis_is_put_at_zero_and_a_loudness_at_silence_once() {
    let mut harness = open_plain();
    for (axis, button, label) in
        [("Axis 1", "Put the axis at zero", "Zero 1"), ("Axis Loudness", "Silence the axis", "Silence loudness")]
    {
        harness.get_by_label(axis).click();
        harness.run();
        press(&mut harness, button);
        assert_eq!(sets(&mut harness).remove(0).1, label);
        press(&mut harness, button);
        assert!(asked(&mut harness).is_empty(), "{label} once more");
    }
    harness.get_by_label("Axis Pitch").click();
    harness.run();
    assert!(harness.get_by_label("Put the axis at zero").accesskit_node().is_disabled());
}

#[test]
fn a_narrow_view_cuts_no_axis_off() {
    for width in [380.0, 407.0, 500.0] {
        let mut harness = open_with([width, 640.0], fake::paths());
        harness.get_by_label("Curve").click();
        harness.run();
        for axis in ["1", "16", "Loudness", "Pitch", "Voicing"] {
            let place = harness.get_by_label(&format!("Axis {axis}")).rect();
            let least = 6.0 * axis.len() as f32;
            assert!(place.width() >= least && place.right() <= width, "{axis} of {width}: {place:?}");
        }
    }
}

#[test]
fn slots_are_shown_and_played() {
    let mut harness = open();
    assert!(said(&harness, "Paths").contains("Sung phrase"));
    press_keys(&mut harness, "Paths", &[Key::ArrowRight]);
    assert!(said(&harness, "Paths").contains("Spoken"));
    assert_eq!(plays(&harness), 1.0);
    press_keys(&mut harness, "Paths", &[Key::Enter]);
    assert_eq!(plays(&harness), 2.0);
    let cell = harness.get_by_label_contains("Path 1: Sung phrase").rect();
    double_click(&mut harness, cell.center());
    assert_eq!(plays(&harness), 1.0);
    let kinds: String = harness.state().params.gestures.iter().map(fake::Gesture::kind).collect();
    assert_eq!(kinds, "bsebsebse", "the first of them switches paths on");
    harness.get_by_label_contains("Path 4: Horn call").click();
    harness.run();
    harness.get_by_role_and_label(Role::Status, "It is of \u{201c}horn\u{201d}, and \u{201c}cello\u{201d} plays.");
    assert!(asked(&mut harness).is_empty());
}

#[test]
fn the_menu_renames_copies_and_makes_paths() {
    let mut harness = open();
    let open_menu = |harness: &mut Harness<'_, App>| {
        harness.get_by_label("Paths").focus();
        harness.run();
        harness.key_press_modifiers(Modifiers::SHIFT, Key::F10);
        harness.run();
    };
    open_menu(&mut harness);
    press(&mut harness, "Rename\u{2026}");
    harness.key_press_modifiers(Modifiers::COMMAND, Key::A);
    harness.event(Event::Text("Aria".into()));
    harness.run();
    harness.key_press(Key::Enter);
    harness.run();
    assert_eq!(asked(&mut harness), [PathRequest::Rename { slot: 0, name: "Aria".into() }]);
    open_menu(&mut harness);
    press(&mut harness, "Copy to\u{2026}");
    press(&mut harness, "3  empty");
    assert_eq!(asked(&mut harness), [PathRequest::Copy { from: 0, to: 2 }]);
    open_menu(&mut harness);
    press(&mut harness, "Interpolate with 2 into 3");
    assert_eq!(asked(&mut harness), [PathRequest::Interpolate { first: 0, second: 1, to: 2 }]);
    open_menu(&mut harness);
    press(&mut harness, "Random walk of 8 s in its place");
    assert!(matches!(asked(&mut harness)[..], [PathRequest::DrawRandom { slot: 0, seconds: 8.0, .. }]));
    open_menu(&mut harness);
    press(&mut harness, "Export\u{2026}");
    harness.event(Event::Text("/tmp/aria.npz".into()));
    harness.run();
    harness.key_press(Key::Enter);
    harness.run();
    assert_eq!(asked(&mut harness), [PathRequest::Export { slot: 0, to: "/tmp/aria.npz".into() }]);
    // By a right click, on the slot that is clicked.
    harness.get_by_label_contains("Path 2: Spoken").click_button(PointerButton::Secondary);
    harness.run();
    press(&mut harness, "Clear");
    assert_eq!(asked(&mut harness), [PathRequest::Clear { slot: 1 }]);
}

#[test]
fn an_empty_slot_offers_what_can_be_done_with_it() {
    let mut harness = open();
    press_keys(&mut harness, "Paths", &[Key::ArrowRight, Key::ArrowRight]);
    press(&mut harness, "Menu of path 3");
    let is_enabled = |name: &str| !harness.get_by_label(name).accesskit_node().is_disabled();
    assert!(is_enabled("Import\u{2026}") && is_enabled("Random walk of 8 s here"));
    assert!(["Rename\u{2026}", "Flatten", "Clear"].map(is_enabled) == [false; 3]);
    assert!(harness.query_by_label(CURVE).is_none());
}

#[test]
fn the_record_button_arms_and_stops() {
    let mut harness = open();
    let wish = |slot, start, length| RecordWish { slot, start, length, pre_roll_s: 0.0 };
    press(&mut harness, "Record");
    let now = wish(2, RecordStart::Now, RecordLength::Open);
    assert_eq!(asked(&mut harness), [PathRequest::Record(now)], "the first slot that is free");
    press(&mut harness, "How it is recorded");
    harness.get_by_label("Next bar").click();
    harness.run();
    harness.get_by_label("4 bars").click();
    harness.run();
    harness.key_press(Key::Escape);
    harness.run();
    press_keys(&mut harness, CURVE, &[Key::R]);
    let bars = wish(2, RecordStart::Bar, RecordLength::Bars(4));
    assert_eq!(asked(&mut harness), [PathRequest::Record(bars)]);
    harness.state_mut().status.paths.recording = Recording::Waiting { slot: 2 };
    harness.run();
    harness.key_press(Key::Escape);
    harness.run();
    assert_eq!(asked(&mut harness), [PathRequest::CancelRecording]);
    harness.state_mut().status.paths.recording = Recording::Running { slot: 2, elapsed_s: 1.5, length_s: None };
    harness.run();
    harness.get_by_role_and_label(Role::Status, "Recording path 3: 1.5 s. Escape cancels.");
    press(&mut harness, "Stop recording");
    assert_eq!(asked(&mut harness), [PathRequest::StopRecording]);
}

#[test]
fn keys_record_only_while_the_keyboard_is_here_and_nothing_is_typed() {
    let mut harness = open();
    harness.key_press(Key::R);
    harness.run();
    assert!(asked(&mut harness).is_empty());
    press(&mut harness, "Set the axis to a value");
    harness.event(Event::Text("1r".into()));
    harness.key_press(Key::R);
    harness.run();
    assert!(asked(&mut harness).is_empty());
}

#[test]
fn a_step_is_switched_dragged_typed_moved_and_deleted() {
    let mut harness = open();
    let at = harness.get_by_role_and_label(Role::Slider, "Amount of step 2").rect().center();
    drag(&mut harness, at, vec2(30.0, 0.0));
    let all = sets(&mut harness);
    assert!(all.last().unwrap().2 && all.iter().filter(|(.., is_done)| *is_done).count() == 1);
    let amount = all.last().unwrap().0[1].amount;
    assert!((1.0..1.2).contains(&amount) && all.last().unwrap().1 == "Bias 3", "{amount}");
    hand::type_value(&mut harness, "Amount of step 2", "-1.5", Key::Enter);
    let (steps, _, is_done) = sets(&mut harness).remove(0);
    assert!(is_done && steps[1].amount == -1.5);
    harness.get_by_role_and_label(Role::CheckBox, "Step 3 is on").click();
    harness.run();
    let (steps, label, _) = sets(&mut harness).remove(0);
    assert!(!steps[2].is_off && label == "Switch on Smooth all latents", "{label}");
    harness.get_by_label_contains("Step 2: Bias 3").focus();
    harness.run();
    harness.key_press_modifiers(Modifiers::ALT, Key::ArrowUp);
    harness.run();
    let (steps, ..) = sets(&mut harness).remove(0);
    assert_eq!(steps[0].kind, StepKind::Bias);
    assert!(harness.get_by_label_contains("Step 1: Bias 3").is_focused(), "the keyboard goes with it");
    harness.key_press(Key::Delete);
    harness.run();
    assert_eq!(sets(&mut harness).remove(0).0.len(), 2);
    press(&mut harness, "Delete step 2");
    assert_eq!(sets(&mut harness).remove(0).0.len(), 1);
}

#[test]
fn an_amount_and_a_value_that_mean_nothing_are_said_not_to_be_understood() {
    let is_said = |harness: &Harness<'_, App>| harness.query_by_label_contains("is not understood").is_some();
    let mut harness = open();
    hand::type_value(&mut harness, "Amount of step 2", "far", Key::Enter);
    harness.run();
    assert!(is_said(&harness) && sets(&mut harness).is_empty());
    harness.key_press(Key::Escape);
    harness.run();
    assert!(!is_said(&harness));

    press(&mut harness, "Set the axis to a value");
    harness.event(Event::Text("1 far".to_owned()));
    harness.run();
    assert!(!is_said(&harness), "it is still being typed");
    press(&mut harness, "Set");
    assert!(is_said(&harness) && sets(&mut harness).is_empty());
    harness.get_by_label("Value to set").focus();
    harness.run();
    for _ in " far".chars() {
        harness.key_press(Key::Backspace);
        harness.run();
    }
    assert!(!is_said(&harness));
    press(&mut harness, "Set");
    assert_eq!(sets(&mut harness).len(), 1);
}

#[test]
fn where_a_step_acts_is_changed_in_its_menu() {
    let mut harness = open();
    harness.get_by_label_contains("Where step 2 acts").click();
    harness.run();
    press(&mut harness, "On all latents");
    let (steps, ..) = sets(&mut harness).remove(0);
    assert_eq!(steps[1].axes, AxisSet::LATENT);
    harness.get_by_label_contains("Where step 2 acts").click();
    harness.run();
    press(&mut harness, "Everywhere");
    assert_eq!(sets(&mut harness).remove(0).0[1].range_s, None);
}

#[test]
fn operators_act_on_the_axis_shown_or_on_all() {
    let mut harness = open_plain();
    harness.get_by_label("Axis Loudness").click();
    harness.run();
    press(&mut harness, "Add Scale");
    let (steps, label, _) = sets(&mut harness).remove(0);
    assert_eq!((steps[0].axes, label.as_str()), (AxisSet::one(PathAxis::Loudness), "Scale loudness"));
    harness.get_by_label("Steps act on all latent dimensions").click();
    harness.run();
    press(&mut harness, "Add Random");
    let (steps, ..) = sets(&mut harness).remove(0);
    assert_eq!(steps[1].axes, AxisSet::LATENT);
    press(&mut harness, "Throw the dice of step 2");
    assert_ne!(sets(&mut harness).remove(0).0[1].seed, steps[1].seed);
    press(&mut harness, "Reset the axis");
    let (steps, label, _) = sets(&mut harness).remove(0);
    assert_eq!((steps.len(), label.as_str()), (1, "Reset all latents"));
    press(&mut harness, "Add a step");
    press(&mut harness, "Stretch");
    let (steps, label, _) = sets(&mut harness).remove(0);
    assert_eq!((steps[1].kind, label.as_str()), (StepKind::Stretch, "Stretch"));
}

#[test]
fn how_a_path_is_played_is_a_gesture_of_the_host() {
    let mut harness = open();
    harness.state_mut().params.put_plain(param::PATH_MODE, 1.0);
    harness.run();
    let at = hand::centre(&harness, "Path amount");
    drag(&mut harness, at, vec2(-40.0, 0.0));
    press_keys(&mut harness, "Path play", &[Key::ArrowRight]);
    let params = &harness.state().params;
    let kinds =
        |id| params.gestures.iter().filter(|gesture| gesture.id() == id).map(fake::Gesture::kind).collect::<String>();
    assert!(is_one_gesture(&kinds(param::PATH_AMOUNT)) && kinds(param::PATH_PLAY) == "bse");
    assert!(params.normalised(param::PATH_AMOUNT) < 0.9);
}

#[test]
fn a_low_view_shows_one_thing_after_the_other() {
    let mut harness = open_with([500.0, 400.0], fake::paths());
    assert!(harness.query_by_label("Amount of step 2").is_some() && harness.query_by_label("Path amount").is_none());
    let low = curve(&harness).height();
    assert!(low >= 60.0, "{low}");
    harness.get_by_label("Playing").click();
    harness.run();
    assert!(harness.query_by_label("Amount of step 2").is_none() && harness.query_by_label("Path pitch").is_some());
    harness.get_by_label("Curve").click();
    harness.run();
    assert!(curve(&harness).height() > low + 60.0);
}

#[test]
fn everything_that_takes_the_keyboard_has_a_name() {
    for size in [[500.0, 400.0], [1000.0, 640.0], [1900.0, 1200.0]] {
        let harness = open_with(size, fake::paths());
        assert!(named_controls(&harness, &size) > 15);
    }
}

#[test]
fn dropped_files_become_paths() {
    let drop_one = |slot: usize| {
        let mut harness = open();
        press_keys(&mut harness, "Paths", &vec![Key::ArrowRight; slot]);
        for name in ["take.WAV", "path.json", "model.zip"] {
            harness.input_mut().dropped_files.push(Arc::new(Dropped(PathBuf::from(name))));
        }
        harness.run();
        asked(&mut harness)
    };
    let import = |slot, name: &str| PathRequest::Import { slot, path: name.into() };
    assert_eq!(drop_one(0), [import(None, "take.WAV"), import(None, "path.json")]);
    assert_eq!(drop_one(2), [import(Some(2), "take.WAV"), import(None, "path.json")]);
}

/// Draws the view into a part of a screen, and tells what was drawn.
fn drawn(at: Rect, screen: Vec2, paths: &PathsStatus) -> Vec<egui::epaint::ClippedShape> {
    let context = egui::Context::default();
    install_theme(&context);
    let (mut alone, model, mut params) = (Alone::default(), fake::model(), FakeParams::default());
    let mut status = fake::playing(1.0, 0);
    status.paths = paths.clone();
    let mut shapes = Vec::new();
    for frame in 0..4 {
        let screen_rect = Some(Rect::from_min_size(Pos2::ZERO, screen));
        let input = egui::RawInput { screen_rect, time: Some(f64::from(frame) / 60.0), ..Default::default() };
        let mut output = context.run_ui(input, |ui| {
            ui.scope_builder(UiBuilder::new().max_rect(at), |ui| {
                alone.ui(ui, Tab::Paths, &status, &model, &mut params);
            });
        });
        output.textures_delta.clear();
        shapes = output.shapes;
    }
    shapes
}

#[test]
fn nothing_is_drawn_outside_of_a_small_view() {
    for size in [[380.0, 300.0], [500.0, 400.0], [800.0, 420.0]] {
        let at = Rect::from_min_size(pos2(100.0, 80.0), Vec2::from(size));
        for clipped in drawn(at, vec2(1100.0, 700.0), &fake::paths()) {
            let seen = clipped.shape.visual_bounding_rect().intersect(clipped.clip_rect);
            assert!(
                !seen.is_positive() || at.expand(1.0).contains_rect(seen),
                "{size:?}: {seen:?}: {:?}",
                clipped.shape
            );
        }
    }
}

fn with_path(hops: usize) -> PathsStatus {
    let mut view = PathsView::default();
    view.slots[0] = Some(Arc::new(fake::path("Long", 16, hops, 1)));
    PathsStatus { view: Arc::new(view), ..fake::paths() }
}

#[test]
fn what_is_drawn_does_not_grow_with_the_paths_length() {
    let at = Rect::from_min_size(Pos2::ZERO, vec2(1000.0, 640.0));
    let vertices = |hops: usize| -> usize {
        let of = |shape: &egui::Shape| if let egui::Shape::Mesh(mesh) = shape { mesh.vertices.len() } else { 0 };
        drawn(at, at.size(), &with_path(hops)).iter().map(|clipped| of(&clipped.shape)).sum()
    };
    // Ten seconds, where hops can still be told apart, and ten minutes.
    let (short, long) = (vertices(860), vertices(51_680));
    assert!(short > 1000 && long < short * 2, "{short} {long}");
    assert!(long < 100_000, "{long}");
}

#[test]
fn a_press_elsewhere_leaves_a_stroke_alone() {
    let mut harness = open_plain();
    harness.get_by_label("Line").click();
    harness.run();
    let place = curve(&harness);
    // Pressed outside of the curve and drawn over it.
    pointer(&mut harness, place.left_top() - vec2(60.0, -20.0), true);
    pointer(&mut harness, place.center(), false);
    harness.run();
    assert!(asked(&mut harness).is_empty());
}
