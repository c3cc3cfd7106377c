//! Draws the window of Timbreloom Codes with a fake instrument into PNG files, to be looked at.
//!
//! `cargo run -p plugin-ui --example codes -- FOLDER [NAME PART]`

use std::path::Path;
use std::{fs, io};

use egui::{Event, Key, Modifiers, pos2};
use plugin_ui::codes::layout::Tab;
use plugin_ui::codes::{CodebookView, CodesStatus, param};
use plugin_ui::layout::Panel;
use plugin_ui::{EngineState, ParamBackend};

#[path = "../tests/common/codes_scene.rs"]
mod codes_scene;
#[path = "../tests/common/film.rs"]
mod film;
#[path = "../tests/common/raster.rs"]
mod raster;

use codes_scene::CodesScene;

fn main() -> io::Result<()> {
    let folder = std::env::args().nth(1).unwrap_or_else(|| "target/gallery".to_owned());
    fs::create_dir_all(&folder)?;
    let wanted = std::env::args().nth(2).unwrap_or_default();
    for scene in scenes().into_iter().filter(|scene| scene.name.contains(&wanted)) {
        let path = Path::new(&folder).join(format!("codes-{}.png", scene.name));
        fs::write(&path, raster::png(&scene.draw()))?;
        println!("{}", path.display());
    }
    Ok(())
}

fn silent(status: &mut CodesStatus) {
    (status.voices, status.curve_at) = ([None; 8], None);
    (status.plugin.output_level_db, status.plugin.is_running) = (f32::NEG_INFINITY, false);
    status.plugin.sound.clear();
}

fn missing(status: &mut CodesStatus) {
    silent(status);
    let trouble = "This project plays \u{201c}horn-codes\u{201d}, but no package of that name is installed. Import it in \
                   the model browser, or choose another codebook.";
    status.plugin.state = EngineState::Missing(trouble.into());
}

fn scenes() -> Vec<CodesScene> {
    let mut scenes = Vec::new();
    for (width, height) in [(800.0, 500.0), (1100.0, 700.0), (1920.0, 1080.0)] {
        for tab in Tab::ALL {
            let name = format!("{}-{width}x{height}", tab.name().to_lowercase());
            scenes.push(CodesScene::new(&name, width, height, tab));
        }
    }
    let scene = |name: &str, tab| CodesScene::new(name, 1100.0, 700.0, tab);
    let mut pitch = scene("fundamental", Tab::Map);
    pitch.layout.descriptor = Some("fundamental".to_owned());
    let mut unheard = CodesScene { change: silent, ..scene("unheard", Tab::Curve) };
    let none = unheard.params.normalise(param::FROM_CURVE[0], 0.0);
    unheard.params.put(param::FROM_CURVE[0], none);
    let mut models = scene("models", Tab::Map);
    models.layout.panel = Some(Panel::Models);
    let mut settings = scene("settings", Tab::Map);
    settings.layout.panel = Some(Panel::Settings);
    let to_map: fn(usize) -> Vec<Event> = |left| match left {
        // To the map, and some steps in it.
        60..=68 => key(Key::Tab),
        20 => key(Key::ArrowRight),
        16 => key(Key::ArrowUp),
        _ => Vec::new(),
    };
    let to_curve: fn(usize) -> Vec<Event> = |left| match left {
        60..=73 => key(Key::Tab),
        30 => key(Key::PageDown),
        20 => key(Key::ArrowRight),
        16 => key(Key::ArrowUp),
        _ => Vec::new(),
    };
    scenes.extend([
        pitch,
        unheard,
        models,
        settings,
        CodesScene { pointer: Some(pos2(210.0, 330.0)), ..scene("hover", Tab::Map) },
        CodesScene { pointer: Some(pos2(190.0, 300.0)), change: silent, ..scene("silent", Tab::Map) },
        CodesScene { change: silent, ..scene("silent-target", Tab::Target) },
        CodesScene { events: to_map, ..scene("focus-map", Tab::Map) },
        CodesScene { events: to_curve, ..scene("focus-curve", Tab::Curve) },
        CodesScene { change: missing, book: CodebookView::default(), ..scene("missing", Tab::Map) },
        CodesScene { pixels_per_point: 2.0, ..scene("map-at-2", Tab::Map) },
        CodesScene { pixels_per_point: 2.0, ..scene("curve-at-2", Tab::Curve) },
    ]);
    scenes
}

/// A key that goes down and up.
fn key(key: Key) -> Vec<Event> {
    let event = |pressed| Event::Key { key, physical_key: None, pressed, repeat: false, modifiers: Modifiers::NONE };
    vec![event(true), event(false)]
}
