//! The view of the plane under a real egui, driven as a musician and a screen reader would; a fake stands for the plugin.

use std::sync::Arc;

use egui::accesskit::{Role, Toggled};
use egui::{Event, Key, Modifiers, PointerButton, Pos2, Rect, UiBuilder, Vec2, pos2, vec2};
use egui_kittest::Harness;
use egui_kittest::kittest::{NodeT, Queryable};
use plugin_ui::fake::alone::Alone;
use plugin_ui::fake::{self, FakeParams, Gesture};
use plugin_ui::layout::Tab;
use plugin_ui::param::{
    PATH_LATENT, PATH_LOUDNESS, PATH_MODE, PATH_PITCH, PLANE, PLANE_MPE, PLANE_WALK, PLANE_X, PLANE_Y,
};
use plugin_ui::paths::{MarkerView, PathRequest, PathsView, SourceView};
use plugin_ui::{ModelView, ParamBackend, ParamId, Request, Status, install_theme};

#[path = "common/hand.rs"]
#[allow(dead_code, reason = "each test needs a part of it")]
mod hand;

use hand::{double_click, drag, is_one_gesture, named_controls, pointer, press_keys, quick};

const PLACE: &str = "Place on the plane";
const OFF: f32 = 0.0;
const LINES: f32 = 1.0;
const DISCS: f32 = 2.0;
const TERRAIN: f32 = 3.0;

struct App {
    alone: Alone,
    status: Status,
    model: ModelView,
    params: FakeParams,
}

fn params(plane: f32) -> FakeParams {
    let mut params = FakeParams::default();
    params.put_plain(PLANE, plane);
    params.put_plain(PATH_MODE, if plane > OFF { 1.0 } else { 0.0 });
    params
}

fn status() -> Status {
    let mut status = fake::playing(1.0, 0);
    (status.is_running, status.paths) = (false, fake::paths());
    status
}

fn open_at(plane: f32, size: [f32; 2]) -> Harness<'static, App> {
    let app = App { alone: Alone::default(), status: status(), model: fake::model(), params: params(plane) };
    hand::open(size, app, |ui, app| {
        let App { alone, status, model, params } = app;
        alone.ui(ui, Tab::Plane, status, model, params);
    })
}

fn open(plane: f32) -> Harness<'static, App> {
    open_at(plane, [900.0, 700.0])
}

fn plane(harness: &Harness<'_, App>) -> Rect {
    harness.get_by_role_and_label(Role::Slider, PLACE).rect()
}

/// A place of the plane on the screen.
fn at(harness: &Harness<'_, App>, [across, up]: [f32; 2]) -> Pos2 {
    let plane = plane(harness);
    pos2(plane.left() + plane.width() * across, plane.bottom() - plane.height() * up)
}

fn place(harness: &Harness<'_, App>) -> [f32; 2] {
    [PLANE_X, PLANE_Y].map(|id| harness.state().params.normalised(id))
}

fn is_near(one: [f32; 2], two: [f32; 2]) -> bool {
    (one[0] - two[0]).hypot(one[1] - two[1]) < 0.005
}

/// All calls on one parameter, as `bsse`.
fn kinds(harness: &Harness<'_, App>, id: ParamId) -> String {
    let gestures = harness.state().params.gestures.iter();
    gestures.filter(|gesture| gesture.id() == id).map(Gesture::kind).collect()
}

/// What was asked for of paths since the last call.
fn asked(harness: &mut Harness<'_, App>) -> Vec<PathRequest> {
    let requests = std::mem::take(&mut harness.state_mut().alone.requests);
    let path = |request| match request {
        Request::Path(request) => request,
        other => panic!("{other:?}"),
    };
    requests.into_iter().map(path).collect()
}

/// The plugin tells of a changed plane.
fn change(harness: &mut Harness<'_, App>, change: impl FnOnce(&mut PathsView)) {
    change(Arc::make_mut(&mut harness.state_mut().status.paths.view));
    harness.run();
}

fn click(harness: &mut Harness<'_, App>, role: Role, name: &str) {
    harness.get_by_role_and_label(role, name).click();
    harness.run();
}

fn ctrl(harness: &mut Harness<'_, App>, key: Key) {
    harness.event(Event::ModifiersChanged(Modifiers::COMMAND));
    harness.event(Event::Key { key, physical_key: None, pressed: true, repeat: false, modifiers: Modifiers::COMMAND });
    harness.event(Event::ModifiersChanged(Modifiers::NONE));
    harness.run();
}

#[test]
fn a_drag_puts_the_place_under_the_pointer_in_one_gesture_of_both() {
    for size in [[500.0, 400.0], [900.0, 700.0], [1900.0, 1200.0]] {
        let mut harness = open_at(LINES, size);
        let from = at(&harness, [0.2, 0.3]);
        let to = at(&harness, [0.8, 0.9]);
        drag(&mut harness, from, to - from);
        assert!(is_near(place(&harness), [0.8, 0.9]), "{:?}", place(&harness));
        for id in [PLANE_X, PLANE_Y] {
            assert!(is_one_gesture(&kinds(&harness, id)), "{}", kinds(&harness, id));
        }
        assert_eq!(asked(&mut harness), []);
        let said = harness.get_by_label(PLACE).value();
        assert_eq!(said.as_deref(), Some("80 % across, 90 % up"));
    }
}

#[test]
fn a_click_that_comes_in_one_slow_frame_is_a_gesture_too() {
    let mut harness = open(LINES);
    let there = at(&harness, [0.7, 0.6]);
    quick(&mut harness, PointerButton::Primary, there, Vec2::ZERO);
    assert!(is_near(place(&harness), [0.7, 0.6]), "{:?}", place(&harness));
    assert_eq!([PLANE_X, PLANE_Y].map(|id| kinds(&harness, id)), ["bse"; 2]);
}

#[test]
fn a_quick_click_takes_hold_of_a_marker_and_not_of_the_place() {
    let mut harness = open(TERRAIN);
    let marker = at(&harness, [0.75, 0.2]);
    quick(&mut harness, PointerButton::Primary, marker, Vec2::ZERO);
    harness.get_by_role_and_label(Role::ComboBox, "Marker 2 of 5");
    assert_eq!(asked(&mut harness), []);
    let to = at(&harness, [0.85, 0.4]);
    quick(&mut harness, PointerButton::Primary, marker, to - marker);
    assert_eq!(harness.state().params.gestures, [], "nor does a whole drag");
    let other = at(&harness, [0.6, 0.8]);
    quick(&mut harness, PointerButton::Secondary, other, Vec2::ZERO);
    harness.get_by_role_and_label(Role::ComboBox, "Marker 3 of 5");
    harness.get_by_label_contains("Remove the marker");
    assert_eq!(harness.state().params.gestures, []);
}

#[test]
fn nothing_moves_when_the_plane_is_switched_on_or_gets_its_first_marker() {
    for size in [[500.0, 400.0], [1100.0, 700.0]] {
        let mut harness = open_at(OFF, size);
        let places = |harness: &Harness<'_, App>| {
            [PLACE, "Record walk", "Path loudness"].map(|name| harness.get_by_label(name).rect())
        };
        let off = places(&harness);
        click(&mut harness, Role::Button, "Play the plane");
        assert_eq!(places(&harness), off, "{size:?}");
        let mut harness = open_at(TERRAIN, size);
        let with_markers = places(&harness);
        change(&mut harness, |view| view.plane.markers.clear());
        assert_eq!(places(&harness), with_markers, "{size:?}");
    }
}

#[test]
fn a_button_that_captures_is_nearer_to_its_corner_than_any_label() {
    for width in [900.0, 1100.0, 1900.0] {
        let harness = open_at(LINES, [width, 700.0]);
        let plane = plane(&harness);
        let capture = |corner: &str| harness.get_by_label(&format!("Capture {corner}")).rect();
        let [left, right] = ["above left", "above right"].map(capture);
        assert!(left.left() - plane.left() < 1.0 && plane.right() - right.right() < 1.0, "{left:?} {right:?}");
        let label = harness.get_by_label("Corner above left").rect();
        assert!(label.left() > left.right() && label.left() - left.right() < 10.0, "{label:?}");
    }
}

#[test]
fn a_marker_under_the_pointer_has_its_name_once() {
    let mut harness = open(TERRAIN);
    let marker = at(&harness, [0.75, 0.2]);
    quick(&mut harness, PointerButton::Primary, marker, Vec2::ZERO);
    let names = |harness: &Harness<'_, App>| {
        let is_name = |shape: &egui::Shape| match shape {
            egui::Shape::Text(text) => text.galley.text() == "2  Spoken" && plane(harness).contains(text.pos),
            _ => false,
        };
        harness.output().shapes.iter().filter(|clipped| is_name(&clipped.shape)).count()
    };
    assert_eq!(names(&harness), 1);
}

#[test]
fn a_drag_beyond_the_plane_ends_at_its_edge_and_loses_nothing() {
    let mut harness = open(DISCS);
    let from = at(&harness, [0.5, 0.5]);
    pointer(&mut harness, from, true);
    harness.hover_at(from + vec2(4000.0, -4000.0));
    harness.step();
    assert_eq!(place(&harness), [1.0, 1.0]);
    let back = at(&harness, [0.9, 0.1]);
    harness.hover_at(back);
    harness.step();
    pointer(&mut harness, back, false);
    assert!(is_near(place(&harness), [0.9, 0.1]), "{:?}", place(&harness));
}

#[test]
fn shift_moves_a_tenth_of_the_way() {
    let mut harness = open(LINES);
    let from = at(&harness, [0.5, 0.5]);
    pointer(&mut harness, from, true);
    harness.event(Event::ModifiersChanged(Modifiers::SHIFT));
    let to = at(&harness, [0.7, 0.5]);
    harness.hover_at(to);
    harness.step();
    assert!(is_near(place(&harness), [0.52, 0.5]), "{:?}", place(&harness));
    pointer(&mut harness, to, false);
}

#[test]
fn keys_move_the_place_and_a_double_click_brings_it_to_the_middle() {
    let mut harness = open(LINES);
    press_keys(&mut harness, PLACE, &[Key::ArrowRight, Key::ArrowRight, Key::ArrowDown]);
    assert!(is_near(place(&harness), [0.52, 0.49]), "{:?}", place(&harness));
    assert!(harness.get_by_label(PLACE).is_focused(), "arrows do not move the focus");
    assert_eq!(harness.get_by_label(PLACE).value().as_deref(), Some("52 % across, 49 % up"));
    let there = at(&harness, [0.1, 0.9]);
    double_click(&mut harness, there);
    assert_eq!(place(&harness), [0.5, 0.5]);
    press_keys(&mut harness, PLACE, &[Key::ArrowUp, Key::Home]);
    assert_eq!(place(&harness), [0.5, 0.5]);
    let both = [PLANE_X, PLANE_Y].map(|id| kinds(&harness, id));
    assert!(both.iter().all(|kinds| kinds.matches('b').count() == kinds.matches('e').count()), "{both:?}");
}

#[test]
fn number_keys_capture_into_the_corners() {
    let mut harness = open(LINES);
    press_keys(&mut harness, PLACE, &[Key::Num1, Key::Num2, Key::Num3, Key::Num4]);
    let corners = [0, 1, 2, 3].map(|corner| PathRequest::CaptureCorner { corner });
    assert_eq!(asked(&mut harness), corners);
    ctrl(&mut harness, Key::Num2);
    assert_eq!(asked(&mut harness), [], "with Ctrl a digit chooses a view");
    harness.state_mut().params.put_plain(PLANE, TERRAIN);
    harness.run();
    press_keys(&mut harness, PLACE, &[Key::Num1]);
    assert_eq!(asked(&mut harness), [], "no corner is seen there");
}

#[test]
fn a_corner_says_what_is_in_it_and_its_menu_puts_something_else_there() {
    let mut harness = open_at(LINES, [500.0, 400.0]);
    let corner = |harness: &Harness<'_, App>, name: &str| {
        harness.get_by_role_and_label(Role::ComboBox, name).value().unwrap_or_default()
    };
    assert_eq!(corner(&harness, "Corner below left"), "1 Sung phrase, 26 %");
    assert_eq!(corner(&harness, "Corner above right"), "Random 7, 21 %");
    for (item, wanted) in [
        ("2  Spoken", PathRequest::SetCorner { corner: 3, source: Some(SourceView::Slot(1)) }),
        ("Input, as it is played", PathRequest::SetCorner { corner: 3, source: Some(SourceView::Live) }),
        ("Empty", PathRequest::SetCorner { corner: 3, source: None }),
        ("Capture this moment 4", PathRequest::CaptureCorner { corner: 3 }),
    ] {
        click(&mut harness, Role::ComboBox, "Corner above right");
        click(&mut harness, Role::Button, item);
        assert_eq!(asked(&mut harness), [wanted]);
    }
    press_keys(&mut harness, "Corner above right", &[Key::Enter]);
    let dice = harness.get_by_label_contains("throw the dice again");
    dice.click();
    harness.run();
    match &asked(&mut harness)[..] {
        [PathRequest::SetCorner { corner: 3, source: Some(SourceView::Random(seed)) }] => assert_ne!(*seed, 7),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_double_click_adds_a_marker_whose_menu_opens_once_it_is_there() {
    let mut harness = open(TERRAIN);
    let there = at(&harness, [0.85, 0.6]);
    double_click(&mut harness, there);
    let added = asked(&mut harness);
    let [PathRequest::AddMarker(marker)] = &added[..] else { panic!("{added:?}") };
    assert!(is_near(marker.place, [0.85, 0.6]) && marker.source == SourceView::Slot(0), "{marker:?}");
    assert!(harness.query_by_label_contains("Remove the marker").is_none());
    let marker = marker.clone();
    change(&mut harness, |view| view.plane.markers.push(marker));
    harness.get_by_label("Input, as it is played").click();
    harness.run();
    let set = asked(&mut harness);
    let [PathRequest::SetMarker { number: 5, marker, is_done: true }] = &set[..] else { panic!("{set:?}") };
    assert_eq!(marker.source, SourceView::Live);
}

#[test]
fn a_marker_is_dragged_in_one_step_of_undo_and_the_place_stays() {
    let mut harness = open(TERRAIN);
    let (from, to) = (at(&harness, [0.75, 0.2]), at(&harness, [0.85, 0.4]));
    drag(&mut harness, from, to - from);
    let moves = asked(&mut harness);
    let done: Vec<bool> = moves
        .iter()
        .map(|request| match request {
            PathRequest::SetMarker { number: 1, is_done, .. } => *is_done,
            other => panic!("{other:?}"),
        })
        .collect();
    assert!(done.len() > 3 && done.iter().filter(|&&is_done| is_done).count() == 1 && done[done.len() - 1], "{done:?}");
    let Some(PathRequest::SetMarker { marker, .. }) = moves.last() else { panic!() };
    assert!(is_near(marker.place, [0.85, 0.4]), "{marker:?}");
    assert_eq!(harness.state().params.gestures, []);
    harness.get_by_role_and_label(Role::ComboBox, "Marker 2 of 5");
}

#[test]
fn keys_choose_move_add_capture_and_remove_markers() {
    let mut harness = open(TERRAIN);
    press_keys(&mut harness, PLACE, &[Key::PageDown, Key::PageDown, Key::PageDown, Key::PageUp]);
    let said = harness.get_by_label(PLACE).value().unwrap_or_default();
    assert_eq!(said, "50 % across, 50 % up. Marker 3 of 5: Random 3");
    ctrl(&mut harness, Key::ArrowLeft);
    let moved = MarkerView { place: [0.59, 0.8], source: SourceView::Random(3) };
    match &asked(&mut harness)[..] {
        [PathRequest::SetMarker { number: 2, marker, is_done: true }] => assert!(is_near(marker.place, moved.place)),
        other => panic!("{other:?}"),
    }
    assert_eq!(place(&harness), [0.5, 0.5], "the place stays");
    press_keys(&mut harness, PLACE, &[Key::Delete]);
    assert_eq!(asked(&mut harness), [PathRequest::RemoveMarker { number: 2 }]);
    press_keys(&mut harness, PLACE, &[Key::C, Key::Insert]);
    let heard = harness.state().status.paths.place;
    let added = MarkerView { place: heard, source: SourceView::Slot(0) };
    assert_eq!(
        asked(&mut harness),
        [PathRequest::CaptureMarker { place: heard, number: None }, PathRequest::AddMarker(added)]
    );
    press_keys(&mut harness, PLACE, &[Key::Enter]);
    harness.get_by_label_contains("Remove the marker").click();
    harness.run();
    assert_eq!(asked(&mut harness), [PathRequest::RemoveMarker { number: 2 }]);
}

#[test]
fn without_markers_the_terrain_shows_the_corners() {
    let mut harness = open(TERRAIN);
    assert!(harness.query_by_label("Corner below left").is_none());
    change(&mut harness, |view| view.plane.markers.clear());
    harness.get_by_label("Corner below left");
    click(&mut harness, Role::Button, "Add marker");
    assert!(matches!(asked(&mut harness)[..], [PathRequest::AddMarker(_)]));
}

#[test]
fn a_walk_is_recorded_from_the_first_movement_to_the_release() {
    let mut harness = open(LINES);
    harness.state_mut().params.put_plain(PLANE_WALK, 1.0);
    click(&mut harness, Role::Button, "Record walk");
    assert_eq!(harness.state().params.normalised(PLANE_WALK), 0.0, "the hand is heard while it records");
    let (from, to) = (at(&harness, [0.2, 0.2]), at(&harness, [0.8, 0.2]));
    drag(&mut harness, from, to - from);
    let walk = asked(&mut harness);
    let [PathRequest::SetWalk(points)] = &walk[..] else { panic!("{walk:?}") };
    let (first, last) = (points[0], points[points.len() - 1]);
    assert!(first.time_s == 0.0 && is_near(first.place, [0.2, 0.2]) && is_near(last.place, [0.8, 0.2]), "{points:?}");
    assert!((0.1..0.4).contains(&last.time_s) && points.windows(2).all(|pair| pair[0].time_s < pair[1].time_s));
    drag(&mut harness, to, from - to);
    assert_eq!(asked(&mut harness), [], "it has ended");
}

#[test]
fn keys_record_a_walk_and_buttons_play_and_clear_it() {
    let mut harness = open_at(LINES, [500.0, 400.0]);
    press_keys(&mut harness, PLACE, &[Key::W, Key::ArrowRight, Key::ArrowUp, Key::W]);
    let walk = asked(&mut harness);
    assert!(matches!(&walk[..], [PathRequest::SetWalk(points)] if points.len() >= 2), "{walk:?}");
    press_keys(&mut harness, PLACE, &[Key::W, Key::W]);
    assert_eq!(asked(&mut harness), [], "nothing was walked");
    click(&mut harness, Role::CheckBox, "Plane walk");
    assert_eq!(kinds(&harness, PLANE_WALK), "bse");
    assert_eq!(harness.get_by_label("Plane walk").accesskit_node().toggled(), Some(Toggled::True));
    click(&mut harness, Role::Button, "Clear walk");
    assert_eq!(asked(&mut harness), [PathRequest::SetWalk(Vec::new())]);
}

#[test]
fn a_plane_that_is_off_says_so_and_is_switched_on() {
    let mut harness = open(OFF);
    click(&mut harness, Role::Button, "Play the plane");
    let plain = |id: ParamId| harness.state().params.plain(id, harness.state().params.normalised(id));
    assert_eq!([PLANE, PATH_MODE].map(plain), [LINES, 1.0]);
    assert!(harness.query_by_label("Play the plane").is_none());
}

#[test]
fn what_is_taken_from_the_plane_is_switched() {
    let mut harness = open(LINES);
    click(&mut harness, Role::CheckBox, "Path loudness");
    assert_eq!(harness.state().params.normalised(PATH_LOUDNESS), 1.0);
    press_keys(&mut harness, "Path loudness", &[Key::Space]);
    assert_eq!(
        (harness.state().params.normalised(PATH_LOUDNESS), kinds(&harness, PATH_LOUDNESS)),
        (0.0, "bsebse".into())
    );
}

#[test]
fn each_parameter_of_the_plane_is_reached_by_name() {
    let taken = [PATH_LATENT, PATH_LOUDNESS, PATH_PITCH];
    for size in [[500.0, 400.0], [1100.0, 700.0]] {
        let harness = open_at(LINES, size);
        for id in [PLANE, PLANE_X, PLANE_Y, PLANE_WALK, PLANE_MPE].into_iter().chain(taken) {
            let name = harness.state().params.name(id);
            harness.get_by_label(&name);
        }
    }
}

#[test]
fn everything_that_takes_the_keyboard_has_a_name() {
    for size in [[500.0, 400.0], [1100.0, 700.0]] {
        // Place, mode, two values, MPE, three of the walk, three that are taken; corners, or a marker and its tools.
        let common = 11;
        let captures = if size[0] > 1000.0 { 4 } else { 0 };
        assert_eq!(named_controls(&open_at(LINES, size), &size), common + 4 + captures);
        assert_eq!(named_controls(&open_at(TERRAIN, size), &size), common + 4);
    }
}

#[test]
fn a_view_of_any_size_draws_nothing_outside_of_it() {
    for plane in [OFF, LINES, DISCS, TERRAIN] {
        for size in [[60.0, 40.0], [150.0, 90.0], [220.0, 160.0], [380.0, 300.0], [700.0, 200.0], [300.0, 800.0]] {
            let ctx = egui::Context::default();
            install_theme(&ctx);
            let (mut alone, mut params) = (Alone::default(), params(plane));
            let (status, model) = (status(), fake::model());
            let rect = Rect::from_min_size(pos2(400.0, 300.0), size.into());
            let input = egui::RawInput {
                screen_rect: Some(Rect::from_min_size(Pos2::ZERO, vec2(1600.0, 1200.0))),
                ..egui::RawInput::default()
            };
            let mut output = ctx.run_ui(input, |ui| {
                ui.scope_builder(UiBuilder::new().max_rect(rect), |ui| {
                    alone.ui(ui, Tab::Plane, &status, &model, &mut params);
                });
            });
            output.textures_delta.clear();
            for shape in &output.shapes {
                let drawn = shape.shape.visual_bounding_rect();
                let is_something = drawn.is_finite() && drawn.is_positive();
                let drawn = drawn.intersect(shape.clip_rect);
                let is_inside = !is_something || !drawn.is_positive() || rect.expand(2.0).contains_rect(drawn);
                assert!(is_inside, "{plane} {size:?}: {drawn:?} of {:?}", shape.shape);
            }
        }
    }
}

#[test]
fn nonsense_from_the_plugin_is_drawn_without_harm() {
    let mut harness = open(TERRAIN);
    let paths = &mut harness.state_mut().status.paths;
    (paths.place, paths.weights) = ([f32::NAN, f32::INFINITY], vec![f32::NAN; 5]);
    change(&mut harness, |view| {
        view.plane.markers[0].place = [f32::NAN, 9.0];
        view.plane.markers[1].source = SourceView::Slot(99);
        view.plane.walk[3].place = [f32::NAN; 2];
    });
    harness.state_mut().params.put_plain(PLANE, LINES);
    harness.run();
}
