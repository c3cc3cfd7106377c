//! Draws the window of Timbreloom Drums with a fake machine into PNG files, to be looked at.
//!
//! `cargo run -p plugin-ui --example drums -- FOLDER [NAME PART]`

use std::path::Path;
use std::sync::Arc;
use std::{fs, io};

use egui::{Event, Key, Modifiers, PointerButton, pos2};
use plugin_ui::EngineState;
use plugin_ui::drums::layout::Tab;
use plugin_ui::drums::{DrumsStatus, HitState, KitView, Patterns, Walk, param};
use plugin_ui::layout::Panel;

#[path = "../tests/common/drums_scene.rs"]
mod drums_scene;
#[path = "../tests/common/film.rs"]
mod film;
#[path = "../tests/common/raster.rs"]
mod raster;

use drums_scene::DrumsScene;

fn main() -> io::Result<()> {
    let folder = std::env::args().nth(1).unwrap_or_else(|| "target/gallery".to_owned());
    fs::create_dir_all(&folder)?;
    let wanted = std::env::args().nth(2).unwrap_or_default();
    for scene in scenes().into_iter().filter(|scene| scene.name.contains(&wanted)) {
        let path = Path::new(&folder).join(format!("drums-{}.png", scene.name));
        fs::write(&path, raster::png(&scene.draw()))?;
        println!("{}", path.display());
    }
    Ok(())
}

fn resting(status: &mut DrumsStatus) {
    (status.playing, status.walk_at) = (None, None);
    (status.plugin.output_level_db, status.plugin.is_running) = (f32::NEG_INFINITY, false);
    status.tracks.iter_mut().for_each(|track| track.level_db = f32::NEG_INFINITY);
}

fn empty(status: &mut DrumsStatus) {
    resting(status);
    (status.patterns, status.walk) = (Arc::new(Patterns::default()), Arc::new(Walk::default()));
    status.tracks[0].hit = HitState::Rendering;
    status.tracks[1].hit = HitState::Missing;
}

fn missing(status: &mut DrumsStatus) {
    resting(status);
    let trouble = "This project plays \u{201c}studio-drums\u{201d}, but no package of that name is installed. Import it \
                   in the model browser, or choose another drum kit.";
    status.plugin.state = EngineState::Missing(trouble.into());
}

fn scenes() -> Vec<DrumsScene> {
    let mut scenes = Vec::new();
    for (width, height) in [(800.0, 500.0), (1000.0, 640.0), (1500.0, 900.0), (1920.0, 1080.0)] {
        for tab in Tab::ALL {
            let name = format!("{}-{width}x{height}", tab.name().to_lowercase());
            scenes.push(DrumsScene::new(&name, width, height, tab));
        }
    }
    let scene = |name: &str, tab| DrumsScene::new(name, 1000.0, 640.0, tab);
    let mut models = scene("models", Tab::Beat);
    models.layout.panel = Some(Panel::Models);
    let mut settings = scene("settings", Tab::Beat);
    settings.layout.panel = Some(Panel::Settings);
    let mut solo = scene("solo", Tab::Beat);
    solo.params.put(param::SOLO[3], 1.0);
    solo.params.put_plain(param::STEP, 3.0);
    solo.layout.track = 3;
    let mut path = scene("path", Tab::Beat);
    path.params.put(param::PATH[0], 1.0);
    let to_grid: fn(usize) -> Vec<Event> = |left| match left {
        // To the grid, some steps in it, and a selection.
        60..=75 => key(Key::Tab, Modifiers::NONE),
        40 => key(Key::ArrowDown, Modifiers::NONE),
        36 | 34 | 32 => key(Key::ArrowRight, Modifiers::SHIFT),
        _ => Vec::new(),
    };
    let menu: fn(usize) -> Vec<Event> = |left| match left {
        40 => click(PointerButton::Secondary, true),
        38 => click(PointerButton::Secondary, false),
        _ => Vec::new(),
    };
    let pull: fn(usize) -> Vec<Event> = |left| match left {
        40 => click(PointerButton::Primary, true),
        20 => vec![Event::PointerMoved(pos2(409.0, 290.0))],
        _ => Vec::new(),
    };
    scenes.extend([
        models,
        settings,
        solo,
        path,
        DrumsScene { change: resting, ..scene("resting", Tab::Beat) },
        DrumsScene { change: empty, ..scene("empty", Tab::Beat) },
        DrumsScene { change: empty, ..scene("empty-grains", Tab::Grains) },
        DrumsScene { change: missing, kit: KitView::default(), ..scene("missing", Tab::Beat) },
        DrumsScene { change: resting, events: to_grid, ..scene("focus", Tab::Beat) },
        DrumsScene { events: to_grid, ..scene("focus-grains", Tab::Grains) },
        DrumsScene { pointer: Some(pos2(409.0, 310.0)), events: menu, ..scene("menu", Tab::Beat) },
        DrumsScene { events: pull, ..scene("pull", Tab::Beat) },
        DrumsScene { pointer: Some(pos2(190.0, 300.0)), ..scene("hover", Tab::Beat) },
        DrumsScene { pixels_per_point: 2.0, ..scene("at-2", Tab::Beat) },
    ]);
    scenes
}

/// A button at the place of the menu's scene.
fn click(button: PointerButton, pressed: bool) -> Vec<Event> {
    let pos = pos2(409.0, 310.0);
    vec![Event::PointerMoved(pos), Event::PointerButton { pos, button, pressed, modifiers: Modifiers::NONE }]
}

/// A key that goes down and up.
fn key(key: Key, modifiers: Modifiers) -> Vec<Event> {
    let event = |pressed| Event::Key { key, physical_key: None, pressed, repeat: false, modifiers };
    vec![Event::ModifiersChanged(modifiers), event(true), event(false), Event::ModifiersChanged(Modifiers::NONE)]
}
