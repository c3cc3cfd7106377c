//! The window of Timbreloom Codes under a real egui, driven as a musician would.

use egui::accesskit::Role;
use egui::{Event, Key, Modifiers, Rect, vec2};
use egui_kittest::Harness;
use egui_kittest::kittest::{NodeT, Queryable};
use plugin_ui::codes::layout::Tab;
use plugin_ui::codes::{CodebookView, CodesRequest, CodesStatus, CurvePoint, Layout, Window, param};
use plugin_ui::fake::{self, FakeParams};
use plugin_ui::layout::Panel;
use plugin_ui::session::{MissingModel, Request};
use plugin_ui::{EngineState, ParamBackend, Repaint, Session};

#[path = "common/hand.rs"]
#[allow(dead_code, reason = "each test needs a part of it")]
mod hand;

use hand::{named_controls, pointer, press_keys};

struct App {
    window: Window,
    status: CodesStatus,
    book: CodebookView,
    session: Session,
    params: FakeParams,
    requests: Vec<CodesRequest>,
    repaint: Repaint,
}

/// An instrument at rest.
fn resting() -> CodesStatus {
    let mut status = fake::codes_playing(1.0, &fake::codebook(), &fake::codes_params());
    (status.voices, status.curve_at) = ([None; 8], None);
    (status.plugin.output_level_db, status.plugin.is_running) = (f32::NEG_INFINITY, false);
    status
}

/// Models and presets; a controller holds the output gain.
fn session() -> Session {
    let mut session = fake::session();
    session.midi.mapped.truncate(1);
    session.midi.mapped[0].param = param::OUTPUT_GAIN;
    session
}

fn open_with(status: CodesStatus, session: Session, size: [f32; 2]) -> Harness<'static, App> {
    let (params, book) = (fake::codes_params(), fake::codebook());
    let (window, requests, repaint) = (Window::default(), Vec::new(), Repaint::EveryFrame);
    let app = App { window, status, book, session, params, requests, repaint };
    hand::open(size, app, |ui, app| {
        let App { window, status, book, session, params, requests, repaint } = app;
        *repaint = window.ui(ui, status, book, session, params, requests);
    })
}

/// The window with a view at first place.
fn open(tab: Tab) -> Harness<'static, App> {
    let mut harness = open_with(resting(), Session::default(), [1100.0, 700.0]);
    let mut layout = Layout::default();
    layout.show(0, tab);
    harness.state_mut().window.set_layout(layout);
    harness.run();
    harness
}

fn asked(harness: &mut Harness<'_, App>) -> Vec<CodesRequest> {
    std::mem::take(&mut harness.state_mut().requests)
}

fn place(harness: &Harness<'_, App>, name: &str) -> Rect {
    harness.get_by_label(name).rect()
}

fn key_event(harness: &mut Harness<'_, App>, key: Key, pressed: bool) {
    harness.event(Event::Key { key, physical_key: None, pressed, repeat: false, modifiers: Modifiers::NONE });
    harness.step();
}

fn click(harness: &mut Harness<'_, App>, name: &str) {
    harness.get_by_role_and_label(Role::Button, name).click();
    harness.run();
}

/// What was drawn last, and whether its gesture has ended.
fn drawn(harness: &mut Harness<'_, App>) -> (Vec<CurvePoint>, bool) {
    match asked(harness).pop() {
        Some(CodesRequest::DrawCurve { points, is_done }) => (points, is_done),
        other => panic!("no curve, but {other:?}"),
    }
}

const MAP: &str = "Map of the codes";
const CURVE: &str = "Target curve";

#[test]
fn a_drag_over_the_map_plays_its_codes_until_it_is_let_go() {
    let mut harness = open(Tab::Map);
    let map = place(&harness, MAP);
    pointer(&mut harness, map.center(), true);
    let first = asked(&mut harness);
    assert!(matches!(first[..], [CodesRequest::PlayCode { .. }]), "{first:?}");
    for step in 1..=10 {
        harness.hover_at(map.center() - vec2(14.0 * step as f32, 0.0));
        harness.step();
    }
    let along = asked(&mut harness);
    assert!(along.len() >= 4 && along.iter().all(|one| matches!(one, CodesRequest::PlayCode { .. })), "{along:?}");
    assert!(along.windows(2).all(|pair| pair[0] != pair[1]), "each is asked for once: {along:?}");
    pointer(&mut harness, map.left_center(), false);
    assert_eq!(asked(&mut harness).last(), Some(&CodesRequest::StopCode));
    assert_eq!(harness.state().params.gestures, [], "no parameter is moved");
}

#[test]
fn the_keyboard_walks_from_code_to_code_and_plays_while_enter_is_held() {
    let mut harness = open(Tab::Map);
    press_keys(&mut harness, MAP, &[]);
    let told = |harness: &Harness<'_, App>| harness.get_by_label(MAP).value().unwrap();
    let start = told(&harness);
    assert!(start.contains("Centroid") && start.contains("Hz"), "{start}");
    press_keys(&mut harness, MAP, &[Key::ArrowRight]);
    assert_ne!(told(&harness), start);
    key_event(&mut harness, Key::Enter, true);
    harness.step();
    let code = match asked(&mut harness)[..] {
        [CodesRequest::PlayCode { code }] => code,
        ref other => panic!("{other:?}"),
    };
    assert!(told(&harness).starts_with(&format!("Code {code}.")));
    // Another code while Enter is held: it glides on.
    key_event(&mut harness, Key::ArrowLeft, true);
    assert!(matches!(asked(&mut harness)[..], [CodesRequest::PlayCode { code: next }] if next != code));
    key_event(&mut harness, Key::Enter, false);
    assert_eq!(asked(&mut harness), [CodesRequest::StopCode]);
}

#[test]
fn a_closed_window_leaves_no_note_sounding() {
    let mut harness = open(Tab::Map);
    let map = place(&harness, MAP);
    pointer(&mut harness, map.center(), true);
    asked(&mut harness);
    let App { window, params, requests, .. } = harness.state_mut();
    window.release(params, requests);
    assert_eq!(asked(&mut harness), [CodesRequest::StopCode]);
}

#[test]
fn the_maps_descriptor_is_chosen_and_the_histogram_follows() {
    let mut harness = open(Tab::Map);
    harness.get_by_label("Histogram of centroid");
    press_keys(&mut harness, "Map coloured by", &[Key::ArrowRight, Key::ArrowRight, Key::ArrowRight]);
    assert_eq!(harness.state().window.layout().descriptor.as_deref(), Some("fundamental"));
    let told = harness.get_by_label("Histogram of fundamental").value().unwrap();
    assert!(told.starts_with("448 codes"), "those without pitch do not count: {told}");
    // Without a choice it is what the first target wants.
    press_keys(&mut harness, "Map coloured by", &[Key::ArrowLeft, Key::ArrowLeft, Key::ArrowLeft]);
    harness.state_mut().params.put_plain(param::DESCRIPTOR[0], 4.0);
    harness.run();
    harness.get_by_label("Histogram of flatness");
}

#[test]
fn points_of_the_curve_are_added_dragged_and_deleted_by_the_pointer() {
    let mut harness = open(Tab::Curve);
    let plot = place(&harness, CURVE).shrink(7.0);
    let at = |place: f32, value: f32| plot.left_bottom() + vec2(plot.width() * place, -plot.height() * value);
    pointer(&mut harness, at(0.13, 0.6), true);
    let (points, is_done) = drawn(&mut harness);
    assert!(!is_done && points.len() == 7);
    assert_eq!(points[1].place, 0.125, "it is on the grid");
    for step in 1..=10 {
        harness.hover_at(at(0.13 + 0.006 * step as f32, 0.6 - 0.02 * step as f32));
        harness.step();
    }
    pointer(&mut harness, at(0.19, 0.4), false);
    let (points, is_done) = drawn(&mut harness);
    assert!(is_done && points[1].place == 0.1875 && (points[1].value - 0.4).abs() < 0.01, "{points:?}");
    harness.run_steps(60);
    for _ in 0..2 {
        pointer(&mut harness, at(0.1875, 0.4), true);
        pointer(&mut harness, at(0.1875, 0.4), false);
    }
    let (points, is_done) = drawn(&mut harness);
    assert!(is_done && points.len() == 6, "{points:?}");
}

#[test]
fn the_curve_is_drawn_by_keys_alone() {
    let mut harness = open(Tab::Curve);
    let told = |harness: &Harness<'_, App>| harness.get_by_label(CURVE).value().unwrap();
    press_keys(&mut harness, CURVE, &[Key::PageDown]);
    assert_eq!(told(&harness), "Point 2 of 6: 25.0 % of the loop, 90 %");
    press_keys(&mut harness, CURVE, &[Key::ArrowRight, Key::ArrowDown]);
    assert_eq!(told(&harness), "Point 2 of 6: 31.2 % of the loop, 89 %");
    press_keys(&mut harness, CURVE, &[Key::Insert]);
    assert!(told(&harness).starts_with("Point 3 of 7"));
    press_keys(&mut harness, CURVE, &[Key::Delete, Key::Delete]);
    let (points, is_done) = drawn(&mut harness);
    assert!(is_done && points.len() == 5);
}

#[test]
fn an_arrow_key_held_down_is_one_stroke_of_the_curve() {
    let mut harness = open(Tab::Curve);
    press_keys(&mut harness, CURVE, &[Key::PageDown]);
    asked(&mut harness);
    for _ in 0..3 {
        key_event(&mut harness, Key::ArrowDown, true);
    }
    harness.step();
    key_event(&mut harness, Key::ArrowDown, false);
    let strokes: Vec<_> = asked(&mut harness)
        .into_iter()
        .map(|request| match request {
            CodesRequest::DrawCurve { points, is_done } => ((points[1].value * 100.0).round(), is_done),
            other => panic!("no curve, but {other:?}"),
        })
        .collect();
    assert_eq!(strokes, [(89.0, false), (88.0, false), (87.0, false), (87.0, true)]);
}

#[test]
fn a_shape_starts_over_and_the_plugins_answer_changes_nothing() {
    let mut harness = open(Tab::Curve);
    click(&mut harness, "Start over with ramp");
    let (points, _) = drawn(&mut harness);
    assert_eq!(points.len(), 2);
    harness.state_mut().status.curve = points.into();
    harness.run();
    assert_eq!(asked(&mut harness), []);
    assert!(harness.get_by_label(CURVE).value().unwrap().starts_with("Point 1 of 2"));
}

#[test]
fn a_curve_that_nothing_follows_says_so_and_offers_the_first_target() {
    let mut harness = open(Tab::Curve);
    assert!(harness.query_by_label("Let target 1 follow it").is_none());
    for id in [param::FROM_CURVE[0], param::WEIGHT[0]] {
        harness.state_mut().params.put_plain(id, 0.0);
    }
    harness.run();
    click(&mut harness, "Let target 1 follow it");
    let params = &harness.state().params;
    assert_eq!([param::FROM_CURVE[0], param::WEIGHT[0]].map(|id| params.normalised(id)), [1.0; 2]);
    assert!(harness.query_by_label("Let target 1 follow it").is_none());
}

#[test]
fn keys_are_played_by_pointer_and_by_keyboard_and_let_go() {
    let mut harness = open(Tab::Map);
    let board = place(&harness, "Keyboard");
    pointer(&mut harness, board.left_bottom() + vec2(4.0, -3.0), true);
    pointer(&mut harness, board.left_bottom() + vec2(4.0, -3.0), false);
    let asked_for = asked(&mut harness);
    assert!(
        matches!(asked_for[..], [CodesRequest::NoteOn { key: 36, velocity }, CodesRequest::NoteOff { key: 36 }] if velocity > 0.9),
        "{asked_for:?}"
    );
    press_keys(&mut harness, "Keyboard", &[Key::ArrowRight, Key::ArrowRight]);
    assert_eq!(harness.get_by_label("Keyboard").value().as_deref(), Some("D2"));
    key_event(&mut harness, Key::Space, true);
    harness.step();
    assert!(matches!(asked(&mut harness)[..], [CodesRequest::NoteOn { key: 38, .. }]));
    key_event(&mut harness, Key::Space, false);
    assert_eq!(asked(&mut harness), [CodesRequest::NoteOff { key: 38 }]);
    click(&mut harness, "Octave down");
    assert_eq!(harness.state().window.layout().low_key, 24);
}

#[test]
fn the_sound_has_a_pitch_while_one_voice_plays_and_a_side_chain_while_one_is_heard() {
    let mut harness = open(Tab::Sound);
    let mut told = |voices: usize, has_side: bool, at_s: f64| {
        let playing = fake::codes_playing(1.0, &fake::codebook(), &fake::codes_params());
        let status = &mut harness.state_mut().status;
        status.voices = std::array::from_fn(|n| playing.voices[n].filter(|_| n < voices));
        status.plugin.sound = fake::sound(at_s, at_s + 0.05);
        for column in &mut status.plugin.sound {
            (column.output_hz, column.input_hz) = (Some(220.0), None);
            column.input_loudness_db = if has_side { -20.0 } else { f32::NEG_INFINITY };
        }
        harness.step();
        harness.get_by_label("Sound heard").value().unwrap()
    };
    let said = told(1, false, 1.0);
    assert!(said.starts_with("Output: 220 Hz (A3"), "{said}");
    let said = told(3, false, 1.1);
    assert!(said.starts_with("Output: no pitch"), "{said}");
    let said = told(1, true, 1.2);
    assert!(said.starts_with("Side-chain: no pitch") && said.contains("Output: 220 Hz"), "{said}");
}

#[test]
fn voices_and_targets_are_told_in_words() {
    let mut harness = open(Tab::Target);
    assert_eq!(harness.get_by_label("Voices").value().as_deref(), Some("All rest."));
    harness.state_mut().status = fake::codes_playing(1.0, &fake::codebook(), &fake::codes_params());
    harness.step();
    let told = harness.get_by_label("Voices").value().unwrap();
    assert!(told.contains("voice 1: C3, code ") && told.contains("voice 4: D5"), "{told}");
    let told = harness.get_by_label("Centroid wanted and achieved").value().unwrap();
    assert!(told.contains("Wanted") && told.contains("Hz"), "{told}");
    harness.get_by_role_and_label(Role::RadioButton, "Target 3").click();
    harness.step();
    harness.step();
    harness.get_by_label("Flatness wanted and achieved");
}

#[test]
fn the_window_moves_while_anything_sounds_and_rests_afterwards() {
    let mut harness = open(Tab::Map);
    assert_eq!(harness.state().repaint, Repaint::OnChange);
    harness.state_mut().status = fake::codes_playing(1.0, &fake::codebook(), &fake::codes_params());
    harness.step();
    assert_eq!(harness.state().repaint, Repaint::EveryFrame);
    harness.state_mut().status = resting();
    harness.run_steps(60);
    assert_eq!(harness.state().repaint, Repaint::EveryFrame, "paths and curves still move out of sight");
    harness.run_steps(9 * 60);
    assert_eq!(harness.state().repaint, Repaint::OnChange);
}

#[test]
fn the_bar_asks_as_in_the_other_window_without_bypass_and_input() {
    let mut harness = open_with(resting(), session(), [1100.0, 700.0]);
    click(&mut harness, "Undo");
    assert_eq!(asked(&mut harness), [CodesRequest::Session(Request::Undo)]);
    assert!(harness.query_by_role_and_label(Role::CheckBox, "Bypass").is_none());
    harness.get_by_label("Next preset");
    click(&mut harness, "Model: horn-codes");
    assert_eq!(harness.state().window.layout().panel, Some(Panel::Models));
    assert!(harness.query_by_label("Blend in").is_none(), "there is no second model");
    harness.key_press(Key::Escape);
    harness.run();
    assert_eq!(harness.state().window.layout().panel, None);
    harness.key_press_modifiers(Modifiers::COMMAND, Key::Num3);
    harness.run();
    assert_eq!(harness.state().window.layout().views[0], Tab::Target);
}

#[test]
fn nothing_counts_latents_of_a_codebook_that_is_played_by_notes() {
    let mut harness = open_with(resting(), session(), [1100.0, 700.0]);
    let counts = |harness: &Harness<'_, App>| harness.query_by_label_contains("latent dimensions").is_some();
    assert!(!counts(&harness));
    click(&mut harness, "Model: horn-codes");
    harness.get_by_role(Role::ListBox).focus();
    harness.run();
    harness.key_press(Key::ArrowDown);
    harness.run();
    harness.get_by_label_contains(" MB");
    assert!(!counts(&harness));
}

#[test]
fn a_missing_package_is_told_and_can_be_replaced() {
    let mut session = session();
    let (name, reason) = ("horn-codes".to_owned(), "It is not installed.".to_owned());
    session.first.missing = Some(MissingModel { name, reason, looked: Vec::new() });
    let mut status = resting();
    status.plugin.state = EngineState::Missing("It is not installed.".into());
    let mut harness = open_with(status, session, [800.0, 500.0]);
    harness.get_by_label("It is not installed.");
    click(&mut harness, "Choose an installed codebook\u{2026}");
    assert_eq!(harness.state().window.layout().panel, Some(Panel::Models));
}

#[test]
fn broken_data_is_drawn_without_harm() {
    for tab in Tab::ALL {
        let mut harness = open(tab);
        let app = harness.state_mut();
        app.status = fake::codes_playing(1.0, &app.book, &app.params);
        for voice in app.status.voices.iter_mut().flatten() {
            (voice.code, voice.key, voice.amplitude) = (usize::MAX, 255, f32::NAN);
            (voice.wanted, voice.achieved) = ([f32::NAN; 3], [f32::INFINITY; 3]);
        }
        app.status.curve = [CurvePoint { place: f32::NAN, value: 1.0 }].into();
        (app.status.curve_at, app.status.curve_beats) = (Some(f32::NAN), Some(f32::INFINITY));
        app.book.generation = 2;
        for code in &mut app.book.codes {
            (code.at, code.values) = ([f32::NAN; 2], [f32::NAN; 7]);
        }
        harness.run_steps(3);
        harness.state_mut().book = CodebookView { generation: 3, ..CodebookView::default() };
        harness.run_steps(3);
        harness.set_size(vec2(120.0, 90.0));
        harness.run_steps(3);
    }
}

#[test]
fn every_parameter_of_the_window_has_a_control() {
    let mut harness = open_with(resting(), Session::default(), [1100.0, 2400.0]);
    harness.state_mut().window.set_layout(Layout { folded: Vec::new(), ..Layout::default() });
    harness.run();
    let (mut names, mut nodes) = (Vec::new(), harness.root().children().collect::<Vec<_>>());
    while let Some(node) = nodes.pop() {
        nodes.extend(node.children());
        names.extend(node.accesskit_node().label());
    }
    for id in param::all() {
        let name = harness.state().params.name(id);
        assert!(names.contains(&name), "{name} is nowhere");
    }
}

#[test]
fn everything_that_takes_the_keyboard_has_a_name() {
    let mut layouts: Vec<Layout> = Vec::new();
    for tab in Tab::ALL {
        let mut layout = Layout { folded: Vec::new(), ..Layout::default() };
        layout.show(0, tab);
        layouts.push(layout);
    }
    for panel in [Panel::Models, Panel::Presets, Panel::Settings] {
        layouts.push(Layout { panel: Some(panel), ..Layout::default() });
    }
    for layout in layouts {
        for size in [[800.0, 500.0], [1500.0, 1400.0]] {
            let mut harness = open_with(resting(), session(), size);
            harness.state_mut().window.set_layout(layout.clone());
            harness.run();
            let seen = named_controls(&harness, &layout);
            assert!(seen >= 12, "{seen} controls in {layout:?}");
        }
    }
}
