//! What floats over the views: passing messages, and faults with their sign in the bar.

use std::collections::BTreeMap;

use egui::accesskit::Role;
use egui::{Pos2, Rect, vec2};
use egui_kittest::Harness;
use egui_kittest::kittest::{NodeT, Queryable};
use plugin_ui::layout::{Layout, Panel, Tab};
use plugin_ui::session::{MissingModel, Notice, Request};
use plugin_ui::{EngineState, Tone, fake, param};

use crate::hand::{centre, drag, pointer};
use crate::{App, open, open_with, press, requests};

const SAVED: &str = "\u{201c}Mine\u{201d} is saved.";

fn tell(harness: &mut Harness<'_, App>, tone: Tone, text: &str) {
    harness.state_mut().session.notice = Some(Notice { tone, text: text.to_owned() });
    harness.run();
}

fn alerts(harness: &Harness<'_, App>) -> Vec<String> {
    harness.query_all_by_role(Role::Alert).filter_map(|node| node.accesskit_node().label()).collect()
}

/// Where everything lies that the keyboard can reach, by role and name.
fn places(harness: &Harness<'_, App>) -> BTreeMap<String, Rect> {
    let roles = [Role::Slider, Role::Button, Role::Tab, Role::RadioGroup, Role::ComboBox, Role::Meter];
    let nodes = roles.into_iter().flat_map(|role| harness.query_all_by_role(role));
    nodes
        .map(|node| (format!("{:?} {:?}", node.accesskit_node().role(), node.accesskit_node().label()), node.rect()))
        .collect()
}

fn sign<'h>(harness: &'h Harness<'_, App>) -> Option<egui_kittest::Node<'h>> {
    harness
        .query_all_by_role(Role::Button)
        .find(|node| node.accesskit_node().label().is_some_and(|name| name.starts_with("What is wrong")))
}

fn press_sign(harness: &mut Harness<'_, App>) {
    sign(harness).expect("something is wrong").click();
    harness.run();
}

fn without_a_model(size: [f32; 2]) -> Harness<'static, App> {
    let mut session = fake::session();
    let (name, reason) = ("oboe".to_owned(), "It is not installed.".to_owned());
    session.first.name = name.clone();
    session.first.hash = String::new();
    session.first.missing = Some(MissingModel { name, reason, looked: Vec::new() });
    let mut harness = open_with(session, size);
    harness.state_mut().status.state = EngineState::Missing("It is not installed.".into());
    harness.run();
    harness
}

#[test]
fn no_message_and_no_fault_moves_the_layout() {
    for size in [[800.0, 500.0], [1100.0, 700.0], [1500.0, 900.0]] {
        for left in Tab::ALL {
            let mut harness = open_with(fake::session(), size);
            harness.state_mut().window.set_layout(Layout { left, ..Layout::default() });
            harness.run();
            let before = places(&harness);
            assert!(before.len() > 20);
            let app = harness.state_mut();
            app.session.midi.learning = Some(param::STABILITY);
            app.session.busy = "Examining flute.zip \u{2026}".to_owned();
            app.session.needs_restart = true;
            (app.status.underruns, app.status.held) = (1284, "3 samples were no numbers.".into());
            tell(&mut harness, Tone::Trouble, &"It was not installed. ".repeat(6));
            harness.run_steps(40);
            let after = places(&harness);
            assert!(alerts(&harness).len() >= 3, "{:?}", alerts(&harness));
            for (name, place) in &before {
                assert_eq!(after.get(name), Some(place), "{name} in {left:?} at {size:?}");
            }
        }
    }
}

#[test]
fn what_was_done_is_told_for_some_seconds_and_goes() {
    let mut harness = open();
    tell(&mut harness, Tone::Good, SAVED);
    harness.run_steps(60);
    assert_eq!((alerts(&harness), requests(&mut harness)), (vec![SAVED.to_owned()], vec![]));
    harness.run_steps(300);
    assert_eq!((alerts(&harness), requests(&mut harness)), (vec![], vec![Request::Dismiss]));
    harness.run_steps(300);
    assert_eq!(requests(&mut harness), [], "it is dismissed once");
}

#[test]
fn a_click_anywhere_on_a_message_dismisses_it_and_nothing_below() {
    let mut harness = open();
    tell(&mut harness, Tone::Trouble, "It was not installed.");
    let at = harness.get_by_role(Role::Alert).rect().left_center() + vec2(6.0, 0.0);
    pointer(&mut harness, at, true);
    pointer(&mut harness, at, false);
    harness.run();
    assert_eq!((alerts(&harness), requests(&mut harness)), (vec![], vec![Request::Dismiss]));
    assert_eq!(harness.state().params.gestures.len(), 0, "the bias lies below");
}

#[test]
fn a_message_makes_way_for_the_hand_that_drags_below_it() {
    let mut harness = open();
    let from = centre(&harness, "Bias of dimensions 1 and 2");
    tell(&mut harness, Tone::Good, SAVED);
    let place = harness.get_by_role(Role::Alert).rect();
    harness.state_mut().session.notice = None;
    harness.run();
    pointer(&mut harness, from, true);
    let drag_to = |harness: &mut Harness<'_, App>, to: Pos2| {
        harness.hover_at(to);
        harness.run_steps(3);
    };
    drag_to(&mut harness, place.center());
    tell(&mut harness, Tone::Good, SAVED);
    harness.run_steps(20);
    assert!(alerts(&harness).is_empty(), "the hand is where it would be");
    let value = |harness: &Harness<'_, App>| harness.state().params.gestures.len();
    let before = value(&harness);
    drag_to(&mut harness, place.center() + vec2(30.0, -4.0));
    assert!(value(&harness) > before, "the drag goes on");
    // Far from both the hand and where it began, it may be there.
    drag_to(&mut harness, from);
    harness.run_steps(20);
    assert_eq!(alerts(&harness), [SAVED]);
    pointer(&mut harness, from, false);
    assert_eq!(requests(&mut harness), []);
}

#[test]
fn a_fault_stands_in_the_bar_whatever_is_open() {
    let mut harness = without_a_model([800.0, 500.0]);
    let mut layouts = Tab::ALL.map(|left| Layout { left, ..Layout::default() }).to_vec();
    for panel in [Panel::Models, Panel::Presets, Panel::Settings] {
        layouts.push(Layout { panel: Some(panel), ..Layout::default() });
    }
    for is_folded in [false, true] {
        for layout in &layouts {
            harness.state_mut().window.set_layout(layout.clone());
            harness.run();
            let rect = sign(&harness).expect("it is there").rect();
            assert!(rect.bottom() < 80.0 && rect.width() >= 20.0, "{rect:?} in {layout:?}");
            let is_told = alerts(&harness).iter().any(|text| text.contains("It is not installed."));
            assert_eq!(is_told, !is_folded && layout.panel.is_none(), "{layout:?}");
        }
        harness.state_mut().window.set_layout(Layout::default());
        harness.run();
        if !is_folded {
            press(&mut harness, "Fold it into the sign in the bar");
        }
    }
}

#[test]
fn a_folded_fault_gives_the_keyboard_to_its_sign_and_comes_back_by_it() {
    let mut harness = without_a_model([1100.0, 700.0]);
    press(&mut harness, "Fold it into the sign in the bar");
    assert!(sign(&harness).is_some_and(|sign| sign.is_focused()));
    assert!(harness.query_by_label("Relink").is_none(), "the views are seen");
    press_sign(&mut harness);
    assert!(harness.query_by_label("Relink").is_some());
    // Over a panel the sign leads to what it tells of.
    harness.state_mut().window.set_layout(Layout { panel: Some(Panel::Settings), ..Layout::default() });
    harness.run();
    press_sign(&mut harness);
    assert_eq!(harness.state().window.layout().panel, None);
    assert!(harness.query_by_label("Relink").is_some());
}

#[test]
fn dropouts_are_told_in_every_view_and_then_by_the_bar_alone() {
    let mut harness = open();
    harness.state_mut().window.set_layout(Layout { left: Tab::Sound, ..Layout::default() });
    harness.state_mut().status.underruns = 7;
    harness.run_steps(60);
    assert!(alerts(&harness).iter().any(|text| text.contains("too late 7 times")), "{:?}", alerts(&harness));
    harness.run_steps(60 * 13);
    assert!(alerts(&harness).is_empty() && sign(&harness).is_some());
    press_sign(&mut harness);
    assert_eq!(alerts(&harness).len(), 1);
}

#[test]
fn all_is_well_without_a_sign() {
    assert!(sign(&open()).is_none());
}

#[test]
fn what_is_under_a_slip_does_not_feel_the_pointer() {
    let mut harness = open();
    harness.state_mut().window.set_layout(Layout { left: Tab::Lanes, ..Layout::default() });
    harness.state_mut().status.underruns = 7;
    harness.run_steps(20);
    let slip = harness.get_by_role(Role::Alert).rect();
    let rails = harness.query_all_by_role(Role::Slider).map(|node| node.rect().center());
    let below: Vec<Pos2> = rails.filter(|&at| slip.shrink(2.0).contains(at)).collect();
    assert!(below.len() >= 2, "{below:?} in {slip:?}");
    for at in below {
        drag(&mut harness, at, vec2(12.0, 0.0));
    }
    assert_eq!(harness.state().params.gestures.len(), 0);
}

#[test]
fn two_faults_never_cover_more_than_there_is_room_for() {
    let mut harness = without_a_model([800.0, 500.0]);
    harness.state_mut().session.needs_restart = true;
    harness.state_mut().status.underruns = 3;
    harness.run_steps(30);
    let tabs = harness.get_by_role_and_label(Role::Tab, "Lanes").rect();
    let name = sign(&harness).and_then(|sign| sign.accesskit_node().label()).unwrap_or_default();
    assert_eq!(name.matches(';').count(), 2, "{name}");
    let slips: Vec<Rect> = harness.query_all_by_role(Role::Alert).map(|node| node.rect()).collect();
    assert!(!slips.is_empty() && slips.iter().all(|slip| slip.top() > tabs.bottom()), "{slips:?}");
    // One is folded, and another takes its place.
    press(&mut harness, "Fold it into the sign in the bar");
    harness.run_steps(30);
    assert!(alerts(&harness).iter().any(|text| text.contains("Dropouts")), "{:?}", alerts(&harness));
}
