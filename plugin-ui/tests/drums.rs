//! The window of Timbreloom Drums under a real egui, driven as a musician would; a fake does what it asks for.

use std::sync::Arc;

use egui::accesskit::Role;
use egui::{Event, Key, Modifiers, PointerButton, Pos2, Rect, Vec2, pos2, vec2};
use egui_kittest::Harness;
use egui_kittest::kittest::{NodeT, Queryable};
use plugin_ui::drums::layout::Tab;
use plugin_ui::drums::{
    DrumsRequest, DrumsStatus, HitPicture, HitState, KitView, Layout, Line, Patterns, Playing, STEPS, Step, TRACKS,
    Walk, WalkKind, WalkLength, Window, param,
};
use plugin_ui::fake::{self, FakeParams};
use plugin_ui::layout::Panel;
use plugin_ui::session::{MissingModel, Request};
use plugin_ui::{EngineState, ParamBackend, ParamId, Repaint, Session};

#[path = "common/hand.rs"]
#[allow(dead_code, reason = "each test needs a part of it")]
mod hand;

use hand::{double_click, drag, is_one_gesture, named_controls, pointer, press_keys, quick, wheel};

const GRID: &str = "Steps";
const PLANE: &str = "Plane of grains";

struct App {
    window: Window,
    status: DrumsStatus,
    kit: KitView,
    session: Session,
    params: FakeParams,
    requests: Vec<DrumsRequest>,
    repaint: Repaint,
}

/// Models and presets; a controller holds the output gain.
fn session() -> Session {
    let mut session = fake::session();
    session.midi.mapped.truncate(1);
    session.midi.mapped[0].param = param::OUTPUT_GAIN;
    session
}

fn open_with(status: DrumsStatus, session: Session, size: [f32; 2]) -> Harness<'static, App> {
    let (params, kit) = (fake::drums_params(), fake::kit());
    let (window, requests, repaint) = (Window::default(), Vec::new(), Repaint::EveryFrame);
    let app = App { window, status, kit, session, params, requests, repaint };
    hand::open(size, app, |ui, app| {
        let App { window, status, kit, session, params, requests, repaint } = app;
        let known = requests.len();
        *repaint = window.ui(ui, status, kit, session, params, requests);
        for request in &requests[known..] {
            fake::obey(request, status, params);
        }
    })
}

/// The window at its usual size, with an empty beat.
fn open() -> Harness<'static, App> {
    let mut status = fake::drums_resting(&fake::drums_params());
    status.patterns = Arc::default();
    open_with(status, Session::default(), [1000.0, 640.0])
}

fn open_grains() -> Harness<'static, App> {
    let mut harness = open();
    harness.state_mut().status.walk = Arc::default();
    harness.state_mut().window.set_layout(Layout { tab: Tab::Grains, ..Layout::default() });
    harness.run();
    harness
}

fn asked(harness: &mut Harness<'_, App>) -> Vec<DrumsRequest> {
    std::mem::take(&mut harness.state_mut().requests)
}

/// What undo would call each step that was made since the last call.
fn steps_of_undo(harness: &mut Harness<'_, App>) -> Vec<&'static str> {
    let label = |request| match request {
        DrumsRequest::SetPatterns { label, is_done, .. } | DrumsRequest::SetWalk { label, is_done, .. } => {
            is_done.then_some(label)
        }
        other => panic!("{other:?}"),
    };
    asked(harness).into_iter().filter_map(label).collect()
}

fn place(harness: &Harness<'_, App>, name: &str) -> Rect {
    harness.get_by_label(name).rect()
}

fn click(harness: &mut Harness<'_, App>, name: &str) {
    harness.get_by_role_and_label(Role::Button, name).click();
    harness.run();
}

fn said(harness: &Harness<'_, App>, name: &str) -> String {
    harness.get_by_label(name).value().unwrap_or_default()
}

/// The middle of a cell.
fn cell(harness: &Harness<'_, App>, track: usize, step: usize) -> Pos2 {
    let rect = place(harness, GRID);
    let (end, gap) = (8.0, 5.0);
    let pitch = (rect.width() - end - 3.0 * gap) / STEPS as f32;
    let x = rect.left() + pitch * (step as f32 + 0.5) + gap * (step / 4) as f32;
    pos2(x, rect.top() + rect.height() / TRACKS as f32 * (track as f32 + 0.45))
}

fn line(harness: &Harness<'_, App>, track: usize) -> Line {
    harness.state().status.patterns.patterns[0].lines[track]
}

/// The steps of a track that sound.
fn on(harness: &Harness<'_, App>, track: usize) -> Vec<usize> {
    let line = line(harness, track);
    (0..STEPS).filter(|&step| line.steps[step].is_on()).collect()
}

fn plain(harness: &Harness<'_, App>, id: ParamId) -> f32 {
    let params = &harness.state().params;
    params.plain(id, params.normalised(id))
}

fn key_event(harness: &mut Harness<'_, App>, key: Key, pressed: bool) {
    harness.event(Event::Key { key, physical_key: None, pressed, repeat: false, modifiers: Modifiers::NONE });
    harness.step();
}

#[test]
fn a_click_takes_a_step_in_and_another_one_out() {
    let mut harness = open();
    let at = cell(&harness, 2, 5);
    for (expected, label) in [(vec![5], "Steps In"), (vec![], "Steps Out")] {
        pointer(&mut harness, at, true);
        pointer(&mut harness, at, false);
        harness.run();
        assert_eq!(on(&harness, 2), expected);
        assert_eq!(steps_of_undo(&mut harness), [label]);
    }
    assert_eq!(harness.state().window.layout().track, 2, "its track is the selected one");
}

#[test]
fn quick_clicks_between_two_frames_are_not_lost() {
    let mut harness = open();
    for step in [0, 3, 9, 15] {
        let at = cell(&harness, 4, step);
        quick(&mut harness, PointerButton::Primary, at, Vec2::ZERO);
    }
    assert_eq!(on(&harness, 4), [0, 3, 9, 15]);
    assert_eq!(steps_of_undo(&mut harness), ["Steps In"; 4]);
    let (from, to) = (cell(&harness, 5, 2), cell(&harness, 5, 13));
    quick(&mut harness, PointerButton::Primary, from, to - from);
    assert_eq!(on(&harness, 5), (2..=13).collect::<Vec<_>>(), "a whole stroke, too");
}

#[test]
fn a_drag_paints_steps_and_one_that_begins_on_a_step_wipes_them() {
    let mut harness = open();
    let (from, to) = (cell(&harness, 3, 1), cell(&harness, 3, 10));
    drag(&mut harness, from, to - from);
    assert_eq!(on(&harness, 3), (1..=10).collect::<Vec<_>>());
    assert_eq!(steps_of_undo(&mut harness), ["Steps In"], "one stroke is one step of undo");
    let (from, to) = (cell(&harness, 3, 10), cell(&harness, 3, 4));
    drag(&mut harness, from, to - from);
    assert_eq!(on(&harness, 3), [1, 2, 3]);
    assert_eq!(steps_of_undo(&mut harness), ["Steps Out"]);
}

#[test]
fn a_drag_up_or_down_and_the_wheel_set_the_velocity() {
    let mut harness = open();
    let at = cell(&harness, 1, 4);
    drag(&mut harness, at, vec2(0.0, 40.0));
    assert_eq!(line(&harness, 1).steps[4].velocity, 60);
    assert_eq!(steps_of_undo(&mut harness), ["Step Velocity"]);
    wheel(&mut harness, at, 2.0);
    harness.run_steps(60);
    assert_eq!(line(&harness, 1).steps[4].velocity, 68);
    assert_eq!(steps_of_undo(&mut harness), ["Step Velocity"]);
    // New steps are as loud as the last one was set.
    let at = cell(&harness, 1, 8);
    quick(&mut harness, PointerButton::Primary, at, Vec2::ZERO);
    assert_eq!(line(&harness, 1).steps[8].velocity, 68);
}

#[test]
fn the_end_of_a_line_is_dragged() {
    let mut harness = open();
    let end = pos2(place(&harness, GRID).right() - 6.0, cell(&harness, 6, 0).y);
    let to = cell(&harness, 6, 6) + vec2(12.0, 0.0);
    drag(&mut harness, end, to - end);
    assert_eq!(line(&harness, 6).length, 7);
    assert_eq!(steps_of_undo(&mut harness), ["Line Length"]);
    let beyond = cell(&harness, 6, 12);
    quick(&mut harness, PointerButton::Primary, beyond, Vec2::ZERO);
    assert_eq!(on(&harness, 6), [], "beyond its end there is nothing to take in");
}

#[test]
fn a_beat_is_made_by_keys_alone() {
    let mut harness = open();
    press_keys(&mut harness, GRID, &[Key::Enter, Key::ArrowDown, Key::ArrowRight, Key::ArrowRight, Key::Space]);
    assert_eq!([on(&harness, 0), on(&harness, 1)], [vec![0], vec![2]]);
    press_keys(&mut harness, GRID, &[Key::Num9, Key::Minus, Key::R, Key::R, Key::P, Key::Comma]);
    let step = line(&harness, 1).steps[2];
    assert_eq!(step, Step { velocity: 123, probability: 75, ratchet: 3, shift: -5 });
    assert!(said(&harness, GRID).ends_with("velocity 123, probability 75 %, ratchet x3, timing \u{2212}5 %"));
    press_keys(&mut harness, GRID, &[Key::OpenBracket, Key::OpenBracket, Key::CloseBracket]);
    assert_eq!(line(&harness, 1).length, 15);
    press_keys(&mut harness, GRID, &[Key::Delete]);
    assert_eq!(on(&harness, 1), []);
    assert!(said(&harness, GRID).starts_with("Snare, step 3 of 15"), "{}", said(&harness, GRID));
}

#[test]
fn the_space_bar_is_the_hosts_own_until_the_keyboard_is_used() {
    let mut harness = open();
    let at = cell(&harness, 0, 3);
    quick(&mut harness, PointerButton::Primary, at, Vec2::ZERO);
    for _ in 0..2 {
        harness.key_press(Key::Space);
        harness.run();
    }
    assert_eq!(on(&harness, 0), [3], "who clicks steps starts and stops the song with it");
    for key in [Key::ArrowRight, Key::Space] {
        harness.key_press(key);
        harness.run();
    }
    assert_eq!(on(&harness, 0), [3, 4]);
}

#[test]
fn a_line_is_copied_and_pasted_by_the_systems_keys() {
    let mut harness = open();
    press_keys(&mut harness, GRID, &[Key::Enter]);
    harness.event(Event::Copy);
    harness.run();
    press_keys(&mut harness, GRID, &[Key::ArrowDown]);
    harness.event(Event::Paste("x...............".to_owned()));
    harness.run();
    assert_eq!(on(&harness, 1), [0]);
    harness.event(Event::Cut);
    harness.run();
    assert_eq!([on(&harness, 0), on(&harness, 1)], [vec![0], vec![]]);
}

#[test]
fn a_press_beside_an_open_menu_only_closes_it() {
    let mut harness = open();
    let at = cell(&harness, 3, 2);
    quick(&mut harness, PointerButton::Secondary, at, Vec2::ZERO);
    harness.get_by_label("Clear line");
    let beside = cell(&harness, 0, 1);
    pointer(&mut harness, beside, true);
    pointer(&mut harness, beside, false);
    harness.run();
    assert!(harness.query_by_label("Clear line").is_none());
    assert_eq!(on(&harness, 0), []);
}

#[test]
fn keys_of_the_row_reach_its_track() {
    let mut harness = open();
    press_keys(&mut harness, GRID, &[Key::ArrowDown, Key::M, Key::S, Key::L, Key::D, Key::D]);
    for id in [param::MUTE, param::SOLO, param::LOCK] {
        assert_eq!([0, 1].map(|track| plain(&harness, id[track])), [0.0, 1.0]);
    }
    assert_eq!(plain(&harness, param::DRAW[1]).round(), 2.0);
    assert_eq!(asked(&mut harness), []);
    press_keys(&mut harness, GRID, &[Key::V, Key::H]);
    let requests = asked(&mut harness);
    assert!(
        matches!(&requests[0], DrumsRequest::SetParams { label, values } if label == "Vary Track 2" && values.len() == 2)
    );
    assert_eq!(requests[1], DrumsRequest::PlayHit { track: 1, velocity: 0.8 });
    assert!(plain(&harness, param::VARY[1]) > 0.0, "a first variation is heard");
}

#[test]
fn steps_that_are_selected_are_changed_together() {
    let mut harness = open();
    let (from, to) = (cell(&harness, 0, 0), cell(&harness, 0, 3));
    drag(&mut harness, from, to - from);
    press_keys(&mut harness, GRID, &[Key::Home]);
    for _ in 0..3 {
        harness.key_press_modifiers(Modifiers::SHIFT, Key::ArrowRight);
        harness.run();
    }
    asked(&mut harness);
    press_keys(&mut harness, GRID, &[Key::Num3]);
    assert_eq!(line(&harness, 0).steps[..5].iter().map(|step| step.velocity).collect::<Vec<_>>(), [42, 42, 42, 42, 0]);
    let at = cell(&harness, 0, 2);
    drag(&mut harness, at, vec2(0.0, -20.0));
    assert_eq!(line(&harness, 0).steps[..4].iter().map(|step| step.velocity).collect::<Vec<_>>(), [62; 4]);
    press_keys(&mut harness, GRID, &[Key::Delete]);
    assert_eq!(on(&harness, 0), []);
}

#[test]
fn a_key_held_down_is_one_step_of_undo() {
    let mut harness = open();
    press_keys(&mut harness, GRID, &[Key::Enter]);
    asked(&mut harness);
    for _ in 0..3 {
        key_event(&mut harness, Key::Minus, true);
    }
    harness.step();
    key_event(&mut harness, Key::Minus, false);
    assert_eq!(line(&harness, 0).steps[0].velocity, 88);
    assert_eq!(steps_of_undo(&mut harness), ["Step Velocity"]);
}

#[test]
fn the_selected_step_is_set_beneath_the_grid() {
    let mut harness = open();
    press_keys(&mut harness, GRID, &[Key::Enter]);
    for (name, keys) in [
        ("Velocity", vec![Key::End]),
        ("Probability", vec![Key::ArrowLeft, Key::ArrowLeft]),
        ("Ratchet", vec![Key::ArrowRight]),
        ("Timing", vec![Key::ArrowRight, Key::ArrowRight]),
    ] {
        press_keys(&mut harness, name, &keys);
    }
    assert_eq!(line(&harness, 0).steps[0], Step { velocity: 127, probability: 90, ratchet: 2, shift: 10 });
    let rail = place(&harness, "Timing");
    asked(&mut harness);
    drag(&mut harness, rail.left_center() + vec2(5.0, 0.0), vec2(rail.width() * 0.25, 0.0));
    let shift = line(&harness, 0).steps[0].shift;
    assert!((-26..=-18).contains(&shift), "{shift}");
    assert_eq!(steps_of_undo(&mut harness), ["Step Timing"]);
    double_click(&mut harness, rail.center());
    assert_eq!(line(&harness, 0).steps[0].shift, 0);
}

#[test]
fn a_line_is_filled_shifted_copied_and_cleared_from_its_menu() {
    let mut harness = open();
    let at = cell(&harness, 3, 7);
    quick(&mut harness, PointerButton::Secondary, at, Vec2::ZERO);
    assert_eq!(on(&harness, 3), [], "a right click takes nothing in");
    click(&mut harness, "Fill the line evenly");
    assert_eq!(on(&harness, 3), [0, 4, 8, 12]);
    click(&mut harness, "Shift right");
    click(&mut harness, "Shift right");
    assert_eq!(on(&harness, 3), [2, 6, 10, 14], "the menu stays open");
    click(&mut harness, "Copy line");
    press_keys(&mut harness, GRID, &[Key::ArrowDown]);
    click(&mut harness, "Menu of line 5");
    click(&mut harness, "Paste line");
    assert_eq!(on(&harness, 4), [2, 6, 10, 14]);
    press_keys(&mut harness, GRID, &[]);
    harness.key_press_modifiers(Modifiers::SHIFT, Key::F10);
    harness.run();
    click(&mut harness, "Clear line");
    assert_eq!(on(&harness, 4), []);
    asked(&mut harness);
    click(&mut harness, "Menu of line 5");
    click(&mut harness, "Bounce the hit to a file");
    assert_eq!(asked(&mut harness), [DrumsRequest::BounceHit { track: 4 }]);
}

#[test]
fn patterns_are_chosen_copied_and_cleared() {
    let mut harness = open();
    press_keys(&mut harness, GRID, &[Key::Enter]);
    click(&mut harness, "Menu of pattern 1");
    click(&mut harness, "Copy pattern");
    harness.get_by_role_and_label(Role::RadioButton, "Pattern 4, empty").click();
    harness.run();
    assert_eq!(plain(&harness, param::PATTERN).round(), 4.0, "one that is not in the chain is played");
    click(&mut harness, "Menu of pattern 4");
    click(&mut harness, "Paste pattern");
    let patterns = |harness: &Harness<'_, App>| harness.state().status.patterns.patterns;
    assert_eq!(patterns(&harness)[3], patterns(&harness)[0]);
    click(&mut harness, "Menu of pattern 4");
    click(&mut harness, "Clear pattern");
    assert!(patterns(&harness)[3].is_silent() && !patterns(&harness)[0].is_silent());
    // Within the chain a pattern is only shown.
    harness.state_mut().params.put_plain(param::CHAIN, 3.0);
    harness.run();
    press_keys(&mut harness, GRID, &[Key::PageDown]);
    assert_eq!(plain(&harness, param::PATTERN).round(), 4.0);
    harness.get_by_label("Menu of pattern 5");
    // The host plays another one.
    harness.state_mut().params.put_plain(param::PATTERN, 2.0);
    harness.run();
    harness.get_by_label("Menu of pattern 2");
}

#[test]
fn the_pattern_that_sounds_is_shown_if_so_wished() {
    let mut harness = open();
    harness.state_mut().params.put_plain(param::CHAIN, 2.0);
    harness.state_mut().status.playing = Some(Playing { pattern: 1, ..Playing::default() });
    harness.step();
    harness.get_by_label("Menu of pattern 1");
    harness.state_mut().window.set_layout(Layout { is_following: true, ..Layout::default() });
    harness.step();
    harness.step();
    harness.get_by_label("Menu of pattern 2");
}

#[test]
fn a_waveform_is_heard_as_it_is_pressed_and_harder_near_the_top() {
    let mut harness = open();
    let wave = place(&harness, "Hear track 3");
    let mut velocity = |at: Pos2| {
        pointer(&mut harness, at, true);
        let [DrumsRequest::PlayHit { track: 2, velocity }] = asked(&mut harness)[..] else { panic!() };
        pointer(&mut harness, at, false);
        assert_eq!(asked(&mut harness), [], "the release is silent");
        velocity
    };
    let (hard, soft) = (velocity(wave.center_top() + vec2(0.0, 2.0)), velocity(wave.center_bottom() - vec2(0.0, 2.0)));
    assert!(hard > 0.9 && soft < 0.5, "{hard} {soft}");
    harness.get_by_label("Hear track 3").click();
    harness.run();
    assert_eq!(asked(&mut harness).len(), 1);
}

#[test]
fn the_heads_keys_lock_mute_and_throw() {
    let mut harness = open();
    for name in ["Lock 6", "Mute 6"] {
        harness.get_all_by_role_and_label(Role::CheckBox, name).next().unwrap().click();
        harness.run();
    }
    assert_eq!([param::LOCK[5], param::MUTE[5]].map(|id| plain(&harness, id)), [1.0; 2]);
    click(&mut harness, "Draw track 6");
    assert_eq!(plain(&harness, param::DRAW[5]).round(), 1.0, "who presses it means it, though it is locked");
    click(&mut harness, "Draw all");
    assert_eq!([0, 5, 7].map(|track| plain(&harness, param::DRAW[track]).round()), [1.0, 1.0, 1.0]);
    let [DrumsRequest::SetParams { values, .. }] = &asked(&mut harness)[..] else { panic!() };
    assert_eq!(values.len(), 7);
}

#[test]
fn the_pad_moves_the_hit_and_a_double_click_brings_it_back() {
    let mut harness = open();
    let pad = place(&harness, "Pad of track 1");
    drag(&mut harness, pad.center(), vec2(30.0, -20.0));
    let [x, y] = [param::PAD_X[0], param::PAD_Y[0]].map(|id| plain(&harness, id));
    assert!(x > 0.5 && y > 0.5, "{x} {y}");
    for id in [param::PAD_X[0], param::PAD_Y[0]] {
        let gestures = harness.state().params.gestures.iter().filter(|gesture| gesture.id() == id);
        assert!(is_one_gesture(&gestures.map(|gesture| gesture.kind()).collect::<String>()));
    }
    double_click(&mut harness, pad.center());
    let back = [param::PAD_X[0], param::PAD_Y[0]].map(|id| plain(&harness, id));
    assert!(back.iter().all(|at| at.abs() < 1e-4), "{back:?}");
    press_keys(&mut harness, "Pad of track 1", &[Key::ArrowLeft]);
    assert!((plain(&harness, param::PAD_X[0]) + 0.1).abs() < 1e-4);
}

#[test]
fn another_kind_of_drum_is_chosen_by_the_packages_words() {
    let mut harness = open();
    press_keys(&mut harness, "Class 1", &[Key::ArrowRight, Key::ArrowRight]);
    assert_eq!(plain(&harness, param::CLASS[0]).round(), 2.0);
    assert_eq!(said(&harness, "Class 1"), "Clap");
    harness.get_by_label("Track 1: Clap");
    press_keys(&mut harness, "Class 1", &[Key::ArrowRight; 20]);
    assert_eq!(said(&harness, "Class 1"), "Percussion", "the last one that the package has");
}

#[test]
fn a_click_on_a_head_shows_the_controls_of_its_track() {
    let mut harness = open();
    let head = place(&harness, "Track 7: Rim");
    pointer(&mut harness, head.left_top() + vec2(30.0, 10.0), true);
    pointer(&mut harness, head.left_top() + vec2(30.0, 10.0), false);
    harness.run();
    harness.get_by_label("Pad of track 7");
    assert!(harness.get_by_label(GRID).is_focused(), "its keys are the track's own");
    for key in [Key::Space, Key::M] {
        harness.key_press(key);
        harness.run();
    }
    assert_eq!((on(&harness, 6), plain(&harness, param::MUTE[6])), (vec![], 1.0), "but for the space bar");
    assert_eq!(harness.state().window.layout().track, 6);
    click(&mut harness, "Hear the track");
    assert!(matches!(asked(&mut harness)[..], [DrumsRequest::PlayHit { track: 6, .. }]));
}

#[test]
fn a_walk_is_drawn_played_and_cleared() {
    let mut harness = open_grains();
    let plane = place(&harness, PLANE);
    harness.get_by_role_and_label(Role::RadioButton, "Free").click();
    harness.run();
    drag(&mut harness, plane.center(), vec2(90.0, 40.0));
    assert_eq!(steps_of_undo(&mut harness), ["Draw Walk"]);
    let walk = |harness: &Harness<'_, App>| Walk::clone(&harness.state().status.walk);
    assert!(walk(&harness).kind == WalkKind::Free && walk(&harness).points.len() > 5);
    click(&mut harness, "Play the walk");
    click(&mut harness, "Stop the walk");
    assert_eq!(asked(&mut harness), [DrumsRequest::PlayWalk, DrumsRequest::StopWalk]);
    harness.get_by_role_and_label(Role::RadioButton, "Circle").click();
    harness.run();
    quick(&mut harness, PointerButton::Primary, plane.center(), vec2(60.0, 0.0));
    assert!(walk(&harness).kind == WalkKind::Circle && walk(&harness).points.len() == 2, "within one frame");
    click(&mut harness, "Clear the walk");
    assert_eq!(walk(&harness).points.len(), 0);
    asked(&mut harness);
    click(&mut harness, "Play the walk");
    assert_eq!(asked(&mut harness), [], "there is nothing to play");
}

#[test]
fn a_walk_is_drawn_and_played_by_keys_alone() {
    let mut harness = open_grains();
    press_keys(&mut harness, "Form of the walk", &[Key::ArrowRight, Key::ArrowRight, Key::ArrowRight]);
    press_keys(&mut harness, PLANE, &[Key::Enter]);
    let walk = |harness: &Harness<'_, App>| Walk::clone(&harness.state().status.walk);
    let first = walk(&harness);
    assert_eq!(first.kind, WalkKind::Spiral);
    press_keys(&mut harness, PLANE, &[Key::ArrowUp, Key::Plus]);
    let reach = |walk: &Walk| walk.points[1][0] - walk.points[0][0];
    assert!(walk(&harness).points[0][1] > first.points[0][1] && reach(&walk(&harness)) > reach(&first));
    press_keys(&mut harness, "Turns", &[Key::ArrowRight]);
    press_keys(&mut harness, "Length of the walk", &[Key::ArrowRight]);
    press_keys(&mut harness, "At the end", &[Key::ArrowRight]);
    press_keys(&mut harness, "Kind of drum on the walk", &[Key::ArrowRight]);
    let set = walk(&harness);
    assert_eq!((set.turns, set.length, set.is_pendulum, set.class), (1.25, WalkLength::Beats(8.0), true, 1));
    press_keys(&mut harness, "Length in", &[Key::ArrowRight]);
    assert_eq!(walk(&harness).length, WalkLength::Seconds(2.0));
    asked(&mut harness);
    press_keys(&mut harness, PLANE, &[Key::Space, Key::Space]);
    assert_eq!(asked(&mut harness), [DrumsRequest::PlayWalk, DrumsRequest::StopWalk]);
    press_keys(&mut harness, PLANE, &[Key::Delete]);
    assert_eq!(said(&harness, PLANE), "No walk.");
}

#[test]
fn a_closed_window_ends_its_stroke() {
    let mut harness = open();
    let at = cell(&harness, 0, 0);
    pointer(&mut harness, at, true);
    asked(&mut harness);
    let App { window, params, requests, .. } = harness.state_mut();
    window.release(params, requests);
    assert_eq!(steps_of_undo(&mut harness), ["Steps In"]);
}

#[test]
fn the_window_moves_while_anything_sounds_or_is_made_and_rests_afterwards() {
    let mut harness = open();
    harness.run_steps(200);
    assert_eq!(harness.state().repaint, Repaint::OnChange);
    harness.state_mut().status.tracks[3].hit = HitState::Rendering;
    harness.step();
    assert_eq!(harness.state().repaint, Repaint::EveryFrame);
    harness.state_mut().status = fake::drums_playing(1.0, &fake::drums_params());
    harness.step();
    assert_eq!(harness.state().repaint, Repaint::EveryFrame);
    harness.state_mut().status = fake::drums_resting(&fake::drums_params());
    harness.run_steps(5 * 60);
    assert_eq!(harness.state().repaint, Repaint::OnChange);
}

#[test]
fn the_bar_asks_as_in_the_other_windows() {
    let status = fake::drums_resting(&fake::drums_params());
    let mut harness = open_with(status, session(), [1000.0, 640.0]);
    click(&mut harness, "Undo");
    assert_eq!(asked(&mut harness), [DrumsRequest::Session(Request::Undo)]);
    assert!(harness.query_by_role_and_label(Role::CheckBox, "Bypass").is_none());
    click(&mut harness, "Model: studio-drums");
    assert_eq!(harness.state().window.layout().panel, Some(Panel::Models));
    harness.key_press(Key::Escape);
    harness.run();
    assert_eq!(harness.state().window.layout().panel, None);
    harness.key_press_modifiers(Modifiers::COMMAND, Key::Num2);
    harness.run();
    assert_eq!(harness.state().window.layout().tab, Tab::Grains);
}

#[test]
fn a_missing_package_is_told_and_can_be_replaced() {
    let mut session = session();
    let (name, reason) = ("studio-drums".to_owned(), "It is not installed.".to_owned());
    session.first.missing = Some(MissingModel { name, reason, looked: Vec::new() });
    let mut status = fake::drums_resting(&fake::drums_params());
    status.plugin.state = EngineState::Missing("It is not installed.".into());
    let mut harness = open_with(status, session, [800.0, 500.0]);
    harness.get_by_label("It is not installed.");
    click(&mut harness, "Choose an installed drum kit\u{2026}");
    assert_eq!(harness.state().window.layout().panel, Some(Panel::Models));
}

#[test]
fn broken_data_is_drawn_without_harm() {
    for tab in Tab::ALL {
        let status = fake::drums_playing(1.0, &fake::drums_params());
        let mut harness = open_with(status, Session::default(), [1000.0, 640.0]);
        harness.state_mut().window.set_layout(Layout { tab, track: 99, ..Layout::default() });
        harness.step();
        let app = harness.state_mut();
        app.status.playing = Some(Playing { beats: f64::NAN, pattern: 0, steps: [usize::MAX; TRACKS] });
        let mut patterns = Patterns::default();
        patterns.patterns[0].lines[0].length = 0;
        patterns.patterns[0].lines[1].length = 255;
        patterns.patterns[0].lines[1].steps[0] = Step { velocity: 255, probability: 0, ratchet: 0, shift: 127 };
        app.status.patterns = Arc::new(patterns);
        for track in &mut app.status.tracks {
            (track.level_db, track.at) = (f32::NAN, [f32::NAN, f32::INFINITY]);
            track.picture = Arc::new(HitPicture { generation: 9, columns: vec![[f32::NAN, f32::INFINITY]; 3] });
        }
        let points = vec![[f32::NAN; 2], [f32::INFINITY; 2], [0.0; 2]];
        let length = WalkLength::Beats(f32::NAN);
        app.status.walk = Arc::new(Walk { points, length, step: f32::NAN, class: usize::MAX, ..Walk::default() });
        app.status.walk_at = Some(f32::NAN);
        app.kit.generation = 2;
        for grain in &mut app.kit.grains {
            (grain.at, grain.class) = ([f32::NAN; 2], usize::MAX);
        }
        app.kit.classes.iter_mut().for_each(|class| class.cloud = vec![[f32::NAN; 2]]);
        harness.run_steps(3);
        harness.state_mut().kit = KitView { generation: 3, ..KitView::default() };
        harness.run_steps(3);
        for size in [vec2(800.0, 500.0), vec2(120.0, 90.0)] {
            harness.set_size(size);
            harness.run_steps(3);
        }
    }
}

#[test]
fn every_parameter_of_the_window_has_a_control() {
    let mut harness = open_with(fake::drums_resting(&fake::drums_params()), Session::default(), [1000.0, 900.0]);
    let mut names = Vec::new();
    for track in 0..TRACKS {
        harness.state_mut().window.set_layout(Layout { track, ..Layout::default() });
        harness.run();
        let mut nodes: Vec<_> = harness.root().children().collect();
        while let Some(node) = nodes.pop() {
            nodes.extend(node.children());
            names.extend(node.accesskit_node().label());
        }
    }
    for id in param::all() {
        let name = harness.state().params.name(id);
        assert!(names.contains(&name), "{name} is nowhere");
    }
}

#[test]
fn everything_that_takes_the_keyboard_has_a_name() {
    let mut layouts: Vec<Layout> = Tab::ALL.map(|tab| Layout { tab, ..Layout::default() }).into();
    for panel in [Panel::Models, Panel::Presets, Panel::Settings] {
        layouts.push(Layout { panel: Some(panel), ..Layout::default() });
    }
    for layout in layouts {
        for size in [[800.0, 500.0], [1500.0, 900.0]] {
            let status = fake::drums_resting(&fake::drums_params());
            let mut harness = open_with(status, session(), size);
            harness.state_mut().window.set_layout(layout.clone());
            harness.run();
            let seen = named_controls(&harness, &layout);
            assert!(seen >= 12, "{seen} controls in {layout:?}");
        }
    }
}
