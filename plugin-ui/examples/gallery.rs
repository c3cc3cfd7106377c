//! Draws the window with a fake plugin into PNG files, without a screen or a GPU, to be looked at.
//!
//! `cargo run -p plugin-ui --example gallery -- FOLDER [NAME PART]`

use std::path::Path;
use std::{fs, io};

use egui::{ColorImage, Event, Modifiers, Pos2, RawInput, Vec2, pos2, vec2};
use plugin_ui::fake::{self, FakeParams};
use plugin_ui::layout::{Layout, Panel, Tab};
use plugin_ui::session::{MissingModel, Notice};
use plugin_ui::{EngineState, ModelView, Session, Status, Tone, Window, param};

#[path = "../tests/common/film.rs"]
mod film;
#[path = "../tests/common/raster.rs"]
mod raster;

use film::{FRAME_S, Film};
use raster::png;

/// Frames drawn before the picture, enough for a full trail.
const FRAMES: usize = 180;

/// One picture: what the window is given and what the musician does.
struct Scene {
    name: String,
    size: Vec2,
    pixels_per_point: f32,
    model: ModelView,
    change_status: fn(&mut Status),
    session: Session,
    layout: Layout,
    /// Whether a file is held over the window.
    has_file: bool,
    params: FakeParams,
    pointer: Option<Pos2>,
    /// Events of single frames.
    events: fn(usize) -> Vec<Event>,
}

impl Scene {
    fn new(name: &str, width: f32, height: f32) -> Self {
        Self {
            name: name.to_owned(),
            size: vec2(width, height),
            pixels_per_point: 1.0,
            model: fake::model(),
            change_status: |_| (),
            session: fake::session(),
            layout: Layout::default(),
            has_file: false,
            params: FakeParams::default(),
            pointer: None,
            events: |_| Vec::new(),
        }
    }
}

fn main() -> io::Result<()> {
    let folder = std::env::args().nth(1).unwrap_or_else(|| "target/gallery".to_owned());
    fs::create_dir_all(&folder)?;
    let wanted = std::env::args().nth(2).unwrap_or_default();
    for scene in scenes().into_iter().filter(|scene| scene.name.contains(&wanted)) {
        let path = Path::new(&folder).join(format!("{}.png", scene.name));
        let image = draw(scene);
        fs::write(&path, png(&image))?;
        println!("{}", path.display());
    }
    Ok(())
}

fn scenes() -> Vec<Scene> {
    let mut tuned = FakeParams::default();
    for (id, plain) in [
        (param::BIAS[0], 1.4),
        (param::BIAS[1], -0.8),
        (param::BIAS[4], -2.0),
        (param::SCALE[2], 1.5),
        (param::MIX, 80.0),
        (param::INPUT_GAIN, 3.5),
        (param::TRANSPOSE, -12.0),
        (param::FEEDBACK_AMOUNT, 35.0),
    ] {
        tuned.put_plain(id, plain);
    }
    let missing = |status: &mut Status| {
        let trouble = "This project plays the model \u{201c}cello\u{201d}, but no model of that name is installed. Copy the \
                       model's folder into the folder \u{201c}models\u{201d} of the plugin, then open the project again.";
        status.state = EngineState::Missing(trouble.into());
        (status.is_running, status.points) = (false, Vec::new());
        (status.input_level_db, status.output_level_db) = (f32::NEG_INFINITY, f32::NEG_INFINITY);
    };
    let overload = |status: &mut Status| {
        (status.underruns, status.load, status.output_level_db) = (1284, 1.12, 2.0);
    };
    let typing = |frame: usize| match frame {
        170 => click(pos2(838.0, 181.0)),
        _ => Vec::new(),
    };
    let tabs = |frame: usize| match frame {
        100 | 110 | 120 | 130 => key(egui::Key::Tab),
        _ => Vec::new(),
    };
    let menu = |frame: usize| match frame {
        150 => press(pos2(845.0, 152.0), egui::PointerButton::Secondary),
        _ => Vec::new(),
    };
    let over = |panel: Panel| Layout { panel: Some(panel), ..Layout::default() };
    let mut lost = fake::session();
    lost.first.missing = Some(MissingModel {
        name: "cello".to_owned(),
        reason: "No package of this name and version is installed. Copy it into one of the folders, or put another in its place."
            .to_owned(),
        looked: ["/home/me/.local/share/timbreloom/models", "/usr/share/timbreloom/models"].map(Into::into).to_vec(),
    });
    lost.first.can_undo_relink = true;
    let mut held = fake::session();
    let card = held.models[11].clone();
    (held.first.name, held.first.hash) = (card.name.clone(), card.hash);
    let reason = "The model \u{201c}whale\u{201d} is in quarantine: twice, and last at 2026-05-03T21:14:05Z (process 4711), a program \
                  ended while it loaded this model, most likely crashed by it or out of memory. Install another copy of the \
                  model, or try this one again: let it out in the window (\u{201c}Try it again\u{201d}).";
    held.first.missing = Some(MissingModel { name: card.name, reason: reason.to_owned(), looked: Vec::new() });
    let mut talking = fake::session();
    talking.midi.learning = Some(param::STABILITY);
    talking.busy = "Examining flute.zip \u{2026}".to_owned();
    talking.notice = Some(Notice {
        tone: Tone::Trouble,
        text: "oboe.zip was not installed: its decoder has 3 inputs, expected 2. Export it again with format 1."
            .to_owned(),
    });
    let mut saved = fake::session();
    saved.notice = Some(Notice { tone: Tone::Good, text: "\u{201c}Warm Line\u{201d} is saved.".to_owned() });
    saved.second.missing = Some(MissingModel {
        name: "horn".to_owned(),
        reason: "ONNX Runtime could not make a session of its decoder. Install the model again.".to_owned(),
        looked: Vec::new(),
    });
    saved.needs_restart = true;
    let mut scenes = Vec::new();
    for [width, height] in [[800.0, 500.0], [1100.0, 700.0], [1500.0, 900.0], [1920.0, 1080.0]] {
        let scene = |name: &str| Scene {
            params: tuned.clone(),
            ..Scene::new(&format!("{name}-{width}x{height}"), width, height)
        };
        scenes.push(scene("playing"));
        scenes.push(Scene { layout: over(Panel::Models), ..scene("models") });
        scenes.push(Scene { layout: over(Panel::Presets), events: choose_first, ..scene("presets") });
        scenes.push(Scene { layout: over(Panel::Settings), ..scene("settings") });
        scenes.push(Scene { session: lost.clone(), change_status: missing, ..scene("missing") });
        scenes.push(Scene { session: talking.clone(), ..scene("messages") });
        scenes.push(Scene { session: saved.clone(), change_status: overload, ..scene("faults") });
    }
    let plain = |name| Scene { params: tuned.clone(), ..Scene::new(name, 1100.0, 700.0) };
    let low = |name| Scene { params: tuned.clone(), ..Scene::new(name, 800.0, 500.0) };
    scenes.extend([
        Scene { pixels_per_point: 2.0, ..plain("playing-1100x700-at-2") },
        Scene { pixels_per_point: 2.0, layout: over(Panel::Models), ..low("models-800x500-at-2") },
        Scene { params: tuned.clone(), ..Scene::new("playing-2560x1440", 2560.0, 1440.0) },
        Scene { params: tuned.clone(), ..Scene::new("playing-1440x800", 1440.0, 800.0) },
        Scene { pointer: Some(pos2(200.0, 350.0)), events: tabs, ..plain("focus-1100x700") },
        Scene { change_status: overload, events: typing, ..plain("overload-1100x700") },
        Scene { pointer: Some(pos2(845.0, 152.0)), events: menu, ..plain("menu-1100x700") },
        Scene { session: talking, layout: over(Panel::Models), ..low("messages-over-models-800x500") },
        Scene { session: held, change_status: missing, ..low("quarantine-800x500") },
        Scene { has_file: true, ..plain("drop-1100x700") },
        moving("movement-1100x700", |frame| if frame == 150 { click(pos2(883.0, 307.0)) } else { Vec::new() }),
        moving("movement-list-1100x700", |frame| match frame {
            150 => click(pos2(883.0, 307.0)),
            160 => click(pos2(1000.0, 281.0)),
            _ => Vec::new(),
        }),
        two_views("views", [1440.0, 800.0], [Tab::Paths, Tab::Plane], [1.0, 3.0]),
        two_views("paths", [800.0, 500.0], [Tab::Paths, Tab::Plane], [1.0, 0.0]),
        two_views("paths", [1100.0, 700.0], [Tab::Paths, Tab::Plane], [1.0, 0.0]),
        two_views("paths-off", [800.0, 500.0], [Tab::Paths, Tab::Plane], [0.0, 0.0]),
        two_views("plane", [800.0, 500.0], [Tab::Plane, Tab::Paths], [1.0, 1.0]),
        two_views("plane", [1100.0, 700.0], [Tab::Plane, Tab::Paths], [1.0, 2.0]),
        Scene {
            session: Session::default(),
            change_status: missing,
            model: ModelView::default(),
            ..low("no-model-800x500")
        },
        Scene {
            change_status: |status| *status = Status::default(),
            model: ModelView::default(),
            ..low("loading-800x500")
        },
    ]);
    scenes
}

/// The views of paths and the plane, with Path mode and Plane.
fn two_views(name: &str, [width, height]: [f32; 2], [left, right]: [Tab; 2], [mode, plane]: [f32; 2]) -> Scene {
    let mut scene = Scene {
        layout: Layout { left, right, ..Layout::default() },
        change_status: |status| status.paths = fake::paths(),
        ..Scene::new(&format!("{name}-{width}x{height}"), width, height)
    };
    scene.params.put_plain(param::PATH_MODE, mode);
    scene.params.put_plain(param::PLANE, plane);
    scene
}

/// An oscillator that swings Nasal, another that swings a dimension.
fn moving(name: &str, events: fn(usize) -> Vec<Event>) -> Scene {
    let mut scene = Scene { events, ..Scene::new(name, 1100.0, 700.0) };
    scene.params.put_plain(param::LFO_TARGET[0], 5.0);
    scene.params.put_plain(param::MACRO[4], 30.0);
    scene.params.put_plain(param::LFO_TARGET[1], 11.0);
    scene
}

/// Chooses the first preset of the list by keys.
fn choose_first(frame: usize) -> Vec<Event> {
    match frame {
        100 | 104 | 108 | 112 | 116 | 120 | 124 | 128 | 132 | 136 | 140 => key(egui::Key::Tab),
        150 | 155 => key(egui::Key::ArrowDown),
        _ => Vec::new(),
    }
}

fn click(pos: Pos2) -> Vec<Event> {
    press(pos, egui::PointerButton::Primary)
}

fn press(pos: Pos2, button: egui::PointerButton) -> Vec<Event> {
    let button = |pressed| Event::PointerButton { pos, button, pressed, modifiers: Modifiers::NONE };
    vec![Event::PointerMoved(pos), button(true), button(false), Event::PointerGone]
}

fn key(key: egui::Key) -> Vec<Event> {
    let event = |pressed| Event::Key { key, physical_key: None, pressed, repeat: false, modifiers: Modifiers::NONE };
    vec![event(true), event(false)]
}

fn draw(mut scene: Scene) -> ColorImage {
    let (pointer, events) = (scene.pointer, scene.events);
    let files = vec![egui::HoveredFile::default(); usize::from(scene.has_file)];
    let input = |frame: usize| {
        let events = events(frame).into_iter().chain(pointer.map(Event::PointerMoved)).collect();
        RawInput { hovered_files: files.clone(), events, ..RawInput::default() }
    };
    let mut window = Window::default();
    window.set_layout(scene.layout.clone());
    let film = Film { frames: FRAMES, size: scene.size, pixels_per_point: scene.pixels_per_point };
    film.shoot(input, |ui, frame, now_s| {
        let mut status = fake::playing(now_s, 1 + frame % 2);
        fake::wander(&mut status, now_s, &scene.params);
        status.sound = fake::sound(now_s - FRAME_S, now_s);
        (scene.change_status)(&mut status);
        window.ui(ui, &status, &scene.model, &scene.session, &mut scene.params, &mut Vec::new());
    })
}
