//! The views under a real egui, driven as a musician and a screen reader would; a fake stands for the plugin.

use egui::accesskit::Role;
use egui::{Event, Key, Modifiers, PointerButton, Pos2, pos2, vec2};
use egui_kittest::Harness;
use egui_kittest::kittest::{NodeT, Queryable};
use plugin_ui::fake::alone::Alone;
use plugin_ui::fake::{self, FakeParams, Gesture};
use plugin_ui::layout::Tab;
use plugin_ui::param::{
    BIAS, FEEDBACK_AMOUNT, FEEDBACK_DELAY, FEEDBACK_FREQUENCY, FEEDBACK_Q, FEEDBACK_SYNC, LOCK, SCALE, SOLO,
};
use plugin_ui::{EngineState, ModelView, ParamBackend, ParamId, Status, install_theme};

#[path = "common/hand.rs"]
#[allow(dead_code, reason = "each test needs a part of it")]
mod hand;

use hand::{centre, double_click, drag, is_one_gesture, pointer, press_keys, quick, type_value, wheel};

struct App {
    alone: Alone,
    view: Tab,
    status: Status,
    model: ModelView,
    params: FakeParams,
}

fn still() -> Status {
    let mut status = fake::playing(1.0, 0);
    status.is_running = false;
    status
}

fn open_with(view: Tab, size: [f32; 2], model: ModelView, params: FakeParams) -> Harness<'static, App> {
    let app = App { alone: Alone::default(), view, status: still(), model, params };
    hand::open(size, app, |ui, app| {
        let App { alone, view, status, model, params } = app;
        alone.ui(ui, *view, status, model, params);
        (status.points, status.raw_points, status.sound) = Default::default();
    })
}

fn open(view: Tab) -> Harness<'static, App> {
    open_with(view, [900.0, 900.0], fake::model(), FakeParams::default())
}

fn plain(harness: &Harness<'_, App>, id: ParamId) -> f32 {
    let params = &harness.state().params;
    params.plain(id, params.normalised(id))
}

/// All calls on one parameter, as `bsse`.
fn kinds(harness: &Harness<'_, App>, id: ParamId) -> String {
    let gestures = harness.state().params.gestures.iter();
    gestures.filter(|gesture| gesture.id() == id).map(Gesture::kind).collect()
}

#[test]
fn the_latent_point_sets_the_biases_of_the_dimensions_shown() {
    let mut harness = open(Tab::Space);
    press_keys(&mut harness, "Dimension across", &[Key::ArrowRight, Key::ArrowRight]);
    let at = centre(&harness, "Bias of dimensions 3 and 1");
    drag(&mut harness, at, vec2(120.0, -60.0));
    let [one, two, three] = [0, 1, 2].map(|dim| plain(&harness, BIAS[dim]));
    assert!(two == 0.0 && three > one && one > 0.2, "{one} {two} {three}");
    for dim in [0, 2] {
        assert!(is_one_gesture(&kinds(&harness, BIAS[dim])), "{}", kinds(&harness, BIAS[dim]));
    }
    let moved = centre(&harness, "Bias of dimensions 3 and 1") - at;
    assert!((moved - vec2(120.0, -60.0)).length() < 12.0, "{moved}");
    double_click(&mut harness, at + moved);
    assert_eq!([0, 2].map(|dim| plain(&harness, BIAS[dim])), [0.0; 2]);
}

#[test]
fn a_click_in_the_space_goes_there_and_a_drag_from_anywhere_carries_on() {
    let mut harness = open(Tab::Space);
    let name = "Bias of dimensions 1 and 2";
    let rest = centre(&harness, name);
    let there = rest + vec2(140.0, -90.0);
    quick(&mut harness, PointerButton::Primary, there, egui::Vec2::ZERO);
    assert!((centre(&harness, name) - there).length() < 1.0, "{} is not {there}", centre(&harness, name));
    assert!(is_one_gesture(&kinds(&harness, BIAS[0])), "{}", kinds(&harness, BIAS[0]));
    let elsewhere = rest + vec2(-120.0, 60.0);
    drag(&mut harness, elsewhere, vec2(30.0, 40.0));
    let end = elsewhere + vec2(30.0, 40.0);
    assert!((centre(&harness, name) - end).length() < 1.0, "{} is not {end}", centre(&harness, name));
    double_click(&mut harness, there);
    assert_eq!([0, 1].map(|dim| plain(&harness, BIAS[dim])), [0.0; 2]);
}

#[test]
fn a_drag_loses_no_way_though_frames_are_left_out() {
    let mut harness = open(Tab::Space);
    let name = "Bias of dimensions 1 and 2";
    let from = centre(&harness, name);
    pointer(&mut harness, from, true);
    // Few frames for all the way, the release within the last one: a window that is late.
    for share in [0.3, 0.6, 1.0] {
        harness.input_mut().events.push(Event::PointerMoved(from + share * vec2(150.0, -75.0)));
        if share == 0.6 {
            harness.step();
        }
    }
    let (pos, modifiers) = (from + vec2(150.0, -75.0), Modifiers::NONE);
    harness.input_mut().events.push(Event::PointerButton {
        pos,
        button: PointerButton::Primary,
        pressed: false,
        modifiers,
    });
    harness.run();
    assert!((centre(&harness, name) - pos).length() < 1.0, "{} is not {pos}", centre(&harness, name));
}

#[test]
fn the_wheel_zooms_the_space_and_a_double_click_shows_all_of_it_again() {
    let mut harness = open(Tab::Space);
    let name = "Bias of dimensions 1 and 2";
    let rest = centre(&harness, name);
    quick(&mut harness, PointerButton::Primary, rest + vec2(50.0, 0.0), egui::Vec2::ZERO);
    let bias = plain(&harness, BIAS[0]);
    wheel(&mut harness, rest + vec2(0.0, 90.0), 2.0);
    let away = centre(&harness, name).x - rest.x;
    assert!((away - 50.0 * 1.44).abs() < 1.5 && plain(&harness, BIAS[0]) == bias, "{away}");
    wheel(&mut harness, rest + vec2(0.0, 90.0), 50.0);
    assert!(centre(&harness, name).x - rest.x < 151.0);
    double_click(&mut harness, rest + vec2(0.0, 90.0));
    quick(&mut harness, PointerButton::Primary, rest + vec2(50.0, 0.0), egui::Vec2::ZERO);
    assert!((plain(&harness, BIAS[0]) - bias).abs() < 1e-4);
}

#[test]
fn keys_and_screen_readers_choose_dimensions_up_to_the_models_own() {
    let model = ModelView { dims: 4, ..fake::model() };
    let mut harness = open_with(Tab::Space, [700.0, 500.0], model, FakeParams::default());
    let up = harness.get_by_role_and_label(Role::SpinButton, "Dimension up");
    assert_eq!(up.value().as_deref(), Some("2 Dull"));
    up.increment_accesskit();
    harness.run();
    assert_eq!(harness.get_by_label("Dimension up").value().as_deref(), Some("3 Nasal"));
    press_keys(&mut harness, "Dimension up", &[Key::ArrowUp; 5]);
    assert_eq!(harness.get_by_label("Dimension up").value().as_deref(), Some("4 Body"));
    press_keys(&mut harness, "Dimension across", &[Key::ArrowRight; 3]);
    // Four across is four up no longer: they have changed places.
    assert_eq!(harness.get_by_label("Dimension across").value().as_deref(), Some("4 Body"));
    assert_eq!(harness.get_by_label("Dimension up").value().as_deref(), Some("3 Nasal"));
    assert!(harness.get_by_label("Dimension across").is_focused(), "arrows may not move the focus");
}

#[test]
fn a_click_on_the_chooser_opens_a_menu_of_all_dimensions() {
    let mut harness = open(Tab::Space);
    let at = harness.get_by_label("Dimension across").rect().center();
    harness.hover_at(at);
    harness.drag_at(at);
    harness.drop_at(at);
    harness.run();
    harness.get_by_role_and_label(Role::Button, "Dimension 13").click();
    harness.run();
    assert_eq!(harness.get_by_label("Dimension across").value().as_deref(), Some("Dimension 13"));
}

#[test]
fn a_lane_is_dragged_typed_stepped_and_reset() {
    let mut harness = open(Tab::Lanes);
    let at = centre(&harness, "Bias 5");
    drag(&mut harness, at, vec2(0.0, -50.0));
    assert!(plain(&harness, BIAS[4]) > 1.0, "{}", plain(&harness, BIAS[4]));
    assert!(is_one_gesture(&kinds(&harness, BIAS[4])), "{}", kinds(&harness, BIAS[4]));
    double_click(&mut harness, at);
    assert_eq!(plain(&harness, BIAS[4]), 0.0);
    type_value(&mut harness, "Scale 5", "2.5", Key::Enter);
    assert!((plain(&harness, SCALE[4]) - 2.5).abs() < 1e-4);
    press_keys(&mut harness, "Scale 5", &[Key::ArrowDown]);
    assert!((plain(&harness, SCALE[4]) - 2.46).abs() < 1e-3, "{}", plain(&harness, SCALE[4]));
    press_keys(&mut harness, "Bias 16", &[Key::PageUp, Key::ArrowUp]);
    assert!((plain(&harness, BIAS[15]) - 0.88).abs() < 1e-3, "{}", plain(&harness, BIAS[15]));
    press_keys(&mut harness, "Bias 16", &[Key::Delete]);
    assert_eq!(plain(&harness, BIAS[15]), 0.0);
}

#[test]
fn shift_and_wheel_move_a_lane_finely_and_by_notches() {
    let mut harness = open(Tab::Lanes);
    let at = centre(&harness, "Scale 2");
    wheel(&mut harness, at, 3.0);
    assert!((plain(&harness, SCALE[1]) - 1.12).abs() < 1e-3, "{}", plain(&harness, SCALE[1]));
    let at = centre(&harness, "Bias 2");
    harness.event(Event::ModifiersChanged(Modifiers::SHIFT));
    drag(&mut harness, at, vec2(0.0, -50.0));
    let moved = plain(&harness, BIAS[1]);
    assert!(moved > 0.1 && moved < 0.3, "{moved}");
}

#[test]
fn the_bands_edge_of_a_tall_lane_is_the_scale() {
    let model = ModelView { dims: 4, ..fake::model() };
    let mut harness = open_with(Tab::Lanes, [900.0, 700.0], model, FakeParams::default());
    let lane = harness.get_by_role_and_label(Role::Slider, "Bias 2").rect();
    // One standard deviation above the middle of 3 that are shown.
    let edge = pos2(lane.center().x, lane.center().y - lane.height() * 0.5 / 3.0);
    drag(&mut harness, edge, vec2(0.0, -20.0));
    assert!(plain(&harness, SCALE[1]) > 1.3, "{}", plain(&harness, SCALE[1]));
    assert_eq!((kinds(&harness, BIAS[1]).as_str(), is_one_gesture(&kinds(&harness, SCALE[1]))), ("", true));
}

#[test]
fn the_lowest_frequency_lies_on_the_plot_and_stays_while_the_amount_is_moved() {
    let mut params = FakeParams::default();
    params.put_plain(FEEDBACK_FREQUENCY, 20.0);
    let mut harness = open_with(Tab::Feedback, [900.0, 900.0], fake::model(), params);
    press_keys(&mut harness, "Feedback frequency and amount", &[Key::ArrowUp]);
    let at = centre(&harness, "Feedback frequency and amount");
    drag(&mut harness, at, vec2(0.0, -100.0));
    let (hz, amount) = (plain(&harness, FEEDBACK_FREQUENCY), plain(&harness, FEEDBACK_AMOUNT));
    assert!((hz - 20.0).abs() < 0.1 && amount > 10.0, "{hz} {amount}");
    harness.state_mut().params.put_plain(FEEDBACK_FREQUENCY, 40.0);
    harness.run();
    let octave = centre(&harness, "Feedback frequency and amount").x - at.x;
    assert!(octave > 40.0, "an octave above the lowest is {octave} points away from it");
}

#[test]
fn lock_and_solo_switch_and_say_so() {
    let mut harness = open(Tab::Lanes);
    harness.get_by_role_and_label(Role::CheckBox, "Lock 3").click();
    harness.run();
    press_keys(&mut harness, "Solo 7", &[Key::Space]);
    assert_eq!([LOCK[2], SOLO[6], LOCK[3]].map(|id| plain(&harness, id)), [1.0, 1.0, 0.0]);
    let is_on = |name: &str| harness.get_by_label(name).accesskit_node().toggled();
    assert_eq!(is_on("Lock 3"), Some(egui::accesskit::Toggled::True));
    assert_eq!(is_on("Solo 3"), Some(egui::accesskit::Toggled::False));
    assert_eq!(kinds(&harness, LOCK[2]), "bse");
}

#[test]
fn lanes_have_names_and_values_and_only_those_of_the_model() {
    let model = ModelView { dims: 8, ..fake::model() };
    let mut params = FakeParams::default();
    params.put_plain(BIAS[3], -1.5);
    let harness = open_with(Tab::Lanes, [380.0, 300.0], model, params);
    for dim in 1..=8 {
        for name in ["Bias", "Scale"] {
            harness.get_by_role_and_label(Role::Slider, &format!("{name} {dim}"));
        }
        for name in ["Lock", "Solo"] {
            harness.get_by_role_and_label(Role::CheckBox, &format!("{name} {dim}"));
        }
    }
    assert!(harness.query_by_label("Bias 9").is_none());
    let bias = harness.get_by_role_and_label(Role::Slider, "Bias 4");
    assert!(bias.value().is_some_and(|value| value.starts_with("-1.5")), "{:?}", bias.value());
}

#[test]
fn the_sound_is_told_in_words() {
    let mut harness = open(Tab::Sound);
    let said = |harness: &Harness<'_, App>| harness.get_by_role(Role::Image).value().unwrap_or_default();
    assert_eq!(said(&harness), "No sound yet.");
    harness.state_mut().status.sound = fake::sound(0.0, 1.0);
    harness.run();
    let text = said(&harness);
    assert!(text.contains("Input: 22") && text.contains("(A3") && text.contains("dB(A)"), "{text}");
}

#[test]
fn only_new_columns_go_to_the_texture() {
    let ctx = egui::Context::default();
    install_theme(&ctx);
    let (mut alone, model, mut params) = (Alone::default(), fake::model(), FakeParams::default());
    let mut sent = |sound| {
        let status = Status { sound, ..still() };
        let screen_rect = Some(egui::Rect::from_min_size(Pos2::ZERO, vec2(500.0, 400.0)));
        let input = egui::RawInput { screen_rect, ..Default::default() };
        let mut output = ctx.run_ui(input, |ui| {
            alone.ui(ui, Tab::Sound, &status, &model, &mut params);
        });
        let changes = output.textures_delta.set.iter().filter(|(id, _)| **id != egui::TextureId::default());
        let changes: Vec<(bool, usize)> = changes
            .flat_map(|(_, changes)| changes.iter().map(|change| (change.pos.is_none(), change.image.width())))
            .collect();
        output.textures_delta.clear();
        changes
    };
    assert!(sent(fake::sound(0.0, 4.0)).iter().any(|&(is_whole, _)| is_whole), "the first time");
    let changes = sent(fake::sound(4.0, 4.05));
    assert!(!changes.is_empty() && changes.iter().all(|&(is_whole, width)| !is_whole && width <= 6), "{changes:?}");
    assert_eq!(sent(Vec::new()), [], "nothing new, nothing sent");
}

#[test]
fn the_feedback_handle_sets_frequency_and_amount_in_one_gesture() {
    let mut harness = open(Tab::Feedback);
    let at = centre(&harness, "Feedback frequency and amount");
    drag(&mut harness, at, vec2(120.0, -200.0));
    let (hz, amount) = (plain(&harness, FEEDBACK_FREQUENCY), plain(&harness, FEEDBACK_AMOUNT));
    assert!((1500.0..3000.0).contains(&hz) && (40.0..90.0).contains(&amount), "{hz} {amount}");
    for id in [FEEDBACK_FREQUENCY, FEEDBACK_AMOUNT] {
        assert!(is_one_gesture(&kinds(&harness, id)), "{}", kinds(&harness, id));
    }
    let there = centre(&harness, "Feedback frequency and amount");
    assert!((there - at - vec2(120.0, -200.0)).length() < 14.0, "{}", there - at);
    wheel(&mut harness, there, 4.0);
    assert!(plain(&harness, FEEDBACK_Q) > 1.5, "{}", plain(&harness, FEEDBACK_Q));
    double_click(&mut harness, there);
    let values = [FEEDBACK_FREQUENCY, FEEDBACK_AMOUNT, FEEDBACK_Q].map(|id| plain(&harness, id).round());
    assert_eq!(values, [800.0, 0.0, 1.0]);
}

#[test]
fn keys_move_the_feedback_handle_by_half_tones_and_per_cents() {
    let mut harness = open(Tab::Feedback);
    press_keys(&mut harness, "Feedback frequency and amount", &[Key::ArrowRight, Key::ArrowUp, Key::ArrowUp]);
    let (hz, amount) = (plain(&harness, FEEDBACK_FREQUENCY), plain(&harness, FEEDBACK_AMOUNT));
    assert!((hz / 800.0 - 2f32.powf(1.0 / 12.0)).abs() < 0.01 && (amount - 4.0).abs() < 0.01, "{hz} {amount}");
    press_keys(&mut harness, "Feedback frequency and amount", &[Key::PageUp]);
    assert!(plain(&harness, FEEDBACK_Q) > 1.0);
}

#[test]
fn a_side_handle_pulled_outwards_lowers_q() {
    let mut params = FakeParams::default();
    params.put_plain(FEEDBACK_AMOUNT, 100.0);
    params.put_plain(FEEDBACK_Q, 10.0);
    let mut harness = open_with(Tab::Feedback, [900.0, 700.0], fake::model(), params);
    let peak = harness.get_by_label("Feedback frequency and amount").rect();
    // At -3 dB on the right flank: at 800 Hz times 1.0512, and 0.707 of the way up from the bottom, where off is.
    let plot = 900.0 - 90.0;
    harness.state_mut().params.put_plain(FEEDBACK_AMOUNT, 0.0);
    harness.run();
    let bottom = harness.get_by_label("Feedback frequency and amount").rect().center().y;
    harness.state_mut().params.put_plain(FEEDBACK_AMOUNT, 100.0);
    harness.run();
    let across = plot * 1.0512f32.ln() / 500f32.ln() + 3.0;
    let flank = pos2(peak.center().x + across, bottom + (peak.center().y - bottom) * 0.707);
    let before = plain(&harness, FEEDBACK_Q);
    drag(&mut harness, flank, vec2(40.0, 0.0));
    assert!(plain(&harness, FEEDBACK_Q) < before, "{}", plain(&harness, FEEDBACK_Q));
    assert!(is_one_gesture(&kinds(&harness, FEEDBACK_Q)), "{}", kinds(&harness, FEEDBACK_Q));
}

#[test]
fn feedback_values_are_typed_and_the_delay_follows_its_note() {
    let mut harness = open(Tab::Feedback);
    type_value(&mut harness, "Feedback frequency", "440 Hz", Key::Enter);
    type_value(&mut harness, "Feedback Q", "12", Key::Enter);
    type_value(&mut harness, "Feedback delay", "250", Key::Enter);
    let values = [FEEDBACK_FREQUENCY, FEEDBACK_Q, FEEDBACK_DELAY].map(|id| plain(&harness, id).round());
    assert_eq!(values, [440.0, 12.0, 250.0]);
    harness.state_mut().params.put_plain(FEEDBACK_SYNC, 4.0);
    harness.run();
    assert!(harness.query_by_label("Feedback delay").is_some(), "dimmed, but there");
    assert_eq!(harness.get_by_label("Feedback sync").value().as_deref(), Some("1/8"));
}

#[test]
fn the_loops_note_value_is_chosen_from_a_list() {
    let mut harness = open(Tab::Feedback);
    let at = harness.get_by_role_and_label(Role::ComboBox, "Feedback sync").rect().center();
    double_click(&mut harness, at);
    assert!(harness.query_by_role(Role::TextInput).is_none(), "nothing to type");
    harness.get_by_role_and_label(Role::ComboBox, "Feedback sync").click();
    harness.run();
    harness.get_by_role_and_label(Role::Button, "1/8").click();
    harness.run();
    assert_eq!(plain(&harness, FEEDBACK_SYNC), 4.0);
}

#[test]
fn the_guard_says_what_it_does() {
    let mut harness = open(Tab::Feedback);
    let said = |harness: &Harness<'_, App>| harness.get_by_role(Role::Meter).value().unwrap_or_default();
    assert_eq!(said(&harness), "Idle: nothing returns.");
    harness.state_mut().params.put_plain(FEEDBACK_AMOUNT, 150.0);
    harness.state_mut().status.guard_db = 6.2;
    harness.run();
    assert_eq!(said(&harness), "The guard holds the loop back by 6 dB.");
}

#[test]
fn every_view_can_be_drawn_at_every_size_in_every_state() {
    let trouble = || "No model \u{201c}cello\u{201d}. Install it.".into();
    for view in Tab::ALL {
        for size in [[380.0, 300.0], [1900.0, 1300.0], [60.0, 40.0]] {
            let states = [
                EngineState::Loading,
                EngineState::Ready,
                EngineState::Missing(trouble()),
                EngineState::Faulted(trouble()),
            ];
            for state in states {
                let mut model = fake::model();
                (model.dims, model.p01[0], model.cloud[0][1]) = (16, f32::NAN, f32::INFINITY);
                let mut harness = open_with(view, size, model, FakeParams::default());
                harness.state_mut().status.state = state;
                harness.state_mut().status.sound = fake::sound(0.0, 0.3);
                harness.state_mut().status.points = vec![[f32::NAN; 16], [1e9; 16]];
                harness.hover_at(pos2(size[0] * 0.5, size[1] * 0.4));
                harness.run_steps(2);
            }
        }
    }
}
