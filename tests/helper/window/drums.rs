//! Timbreloom Drums: a beat is made by hand in its window, and heard in the real host.

use std::iter::repeat;

use egui::{Pos2, Rect};
use plugin_ui::drums::layout::Tab;
use serde_json::json;
use test_host::{Instance, Pace, Take, Touch};
use timbreloom::drums::pattern::Patterns;
use timbreloom::drums::{STEPS, TRACKS};

use super::alone::{play, play_until};
use super::server::Screen;
use super::{SIZE, places};
use crate::common::plugin::{DRUMS, activate, fields, load_with, offline, ticking};
use crate::common::sounds::peak;

/// Frames of a beat in the host's song.
const BEAT: usize = 24_000;

/// The step that is clicked: the second beat.
const STEP: usize = 4;

const GRID: &str = "Steps";
const DRAW: &str = "Draw track 1";

/// What is heard of a bar, from the song's beginning.
fn bar(plugin: &mut Instance) -> Vec<f32> {
    plugin.reset().unwrap();
    let take = Take { alone_frames: Some(4 * BEAT), song_s: Some(0.0), ..Take::default() };
    plugin.play(&take, &mut repeat(512), Pace::Hurry).unwrap().swap_remove(0)
}

fn place(name: &str) -> Rect {
    places::in_drums(SIZE, Tab::Beat, |found| found == name)[0]
}

/// A step of the first track.
fn cell(step: usize) -> Pos2 {
    let (grid, gap) = (place(GRID), 5.0);
    let pitch = (grid.width() - 8.0 - 3.0 * gap) / STEPS as f32;
    let x = grid.left() + pitch * (step as f32 + 0.5) + gap * (step / 4) as f32;
    Pos2::new(x, grid.top() + 0.45 * grid.height() / TRACKS as f32)
}

fn click(screen: &Screen, plugin: &mut Instance, at: Pos2) {
    screen.move_to(places::pixel(at));
    play(plugin, 0.2);
    screen.press(true);
    play(plugin, 0.1);
    screen.press(false);
    play(plugin, 0.3);
}

pub fn play_by_hand() {
    let screen = Screen::open(SIZE);
    let mut plugin = offline(DRUMS);
    load_with(&mut plugin, &ticking());
    load_with(&mut plugin, &[("patterns", json!({}))]);
    activate(&mut plugin, 512);
    let draw = plugin.param("Track 1 Draw").unwrap();
    assert_eq!(plugin.open_window(screen.window()).unwrap(), SIZE);
    play_until(&mut plugin, "a picture", |_| screen.is_painted());
    screen.keep("drums open");
    assert_eq!(peak(&bar(&mut plugin)), 0.0, "there is no step");

    click(&screen, &mut plugin, cell(STEP));
    screen.keep("drums clicked");
    let own = bar(&mut plugin);
    let onset = own.iter().position(|sample| *sample != 0.0);
    assert!(onset.is_some_and(|frame| (BEAT..BEAT + 8).contains(&frame)), "the hit begins at {onset:?}");

    plugin.take_touches();
    click(&screen, &mut plugin, place(DRAW).center());
    screen.keep("drums drawn");
    let touches = plugin.take_touches();
    let last = match touches[..] {
        [Touch::Begin(first), .., Touch::Value(id, last), Touch::End(end)] if [first, id, end] == [draw.id; 3] => last,
        _ => panic!("not a gesture of {}: {touches:?}", draw.name),
    };
    assert!((plugin.value(draw.id).unwrap() - last).abs() < 1e-6, "the parameter is where the hand left it");
    assert_eq!(plugin.value_to_text(draw.id, last).unwrap(), "1");
    let drawn = bar(&mut plugin);
    assert!(peak(&drawn) > 0.0 && drawn != own, "another hit is heard");

    let saved = Patterns::read(&fields(&plugin.save_state().unwrap())["patterns"]).unwrap();
    let is_struck = |track: usize, step: usize| !saved.0[0].lines[track].steps[step].is_rest();
    let struck: Vec<[usize; 2]> = (0..TRACKS)
        .flat_map(|track| (0..STEPS).map(move |step| [track, step]))
        .filter(|&[track, step]| is_struck(track, step))
        .collect();
    assert_eq!(struck, [[0, STEP]]);

    plugin.close_window();
    assert!(bar(&mut plugin) == drawn, "it goes on without its window");
}
