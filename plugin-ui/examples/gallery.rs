//! Draws the window with a fake plugin into PNG files, without a screen or a GPU, to be looked at.
//!
//! `cargo run -p plugin-ui --example gallery -- FOLDER`

use std::collections::HashMap;
use std::path::Path;
use std::{fs, io};

use egui::{ColorImage, Context, Event, Modifiers, Pos2, RawInput, Rect, Vec2, pos2, vec2};
use plugin_ui::fake::{self, FakeParams};
use plugin_ui::{EngineState, ModelView, Session, Status, Trouble, Window, install_theme, param};

#[path = "../tests/common/raster.rs"]
mod raster;

use raster::{apply_textures, png, rasterise};

/// Frames drawn before the picture, enough for a full trail.
const FRAMES: usize = 180;
const FRAME_S: f64 = 1.0 / 60.0;

/// One picture: what the window is given and what the musician does.
struct Scene {
    name: &'static str,
    size: Vec2,
    pixels_per_point: f32,
    model: ModelView,
    change_status: fn(&mut Status),
    params: FakeParams,
    pointer: Option<Pos2>,
    /// Events of single frames.
    events: fn(usize) -> Vec<Event>,
}

impl Scene {
    fn new(name: &'static str, width: f32, height: f32) -> Self {
        Self {
            name,
            size: vec2(width, height),
            pixels_per_point: 1.0,
            model: fake::model(),
            change_status: |_| (),
            params: FakeParams::default(),
            pointer: None,
            events: |_| Vec::new(),
        }
    }
}

fn main() -> io::Result<()> {
    let folder = std::env::args().nth(1).unwrap_or_else(|| "target/gallery".to_owned());
    fs::create_dir_all(&folder)?;
    for scene in scenes() {
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
        let message = "This project plays the model \u{201c}cello\u{201d}, but no model of that name is installed. The folders \
                       searched hold none.";
        let remedy = "Copy the model's folder into the folder \u{201c}models\u{201d} of the plugin, then open the project again.";
        status.state = EngineState::Missing(Trouble { message: message.into(), remedy: remedy.into() });
        (status.is_running, status.points) = (false, Vec::new());
        (status.input_level_db, status.output_level_db) = (f32::NEG_INFINITY, f32::NEG_INFINITY);
    };
    let overload = |status: &mut Status| {
        (status.underruns, status.load, status.output_level_db) = (1284, 1.12, 2.0);
    };
    let typing = |frame: usize| match frame {
        170 => click(pos2(751.0, 170.0)),
        _ => Vec::new(),
    };
    let tabs = |frame: usize| match frame {
        100 | 110 | 120 => key(egui::Key::Tab),
        _ => Vec::new(),
    };
    vec![
        Scene { params: tuned.clone(), ..Scene::new("playing-900x600", 900.0, 600.0) },
        Scene { params: tuned.clone(), ..Scene::new("playing-640x420", 640.0, 420.0) },
        Scene { params: tuned.clone(), pixels_per_point: 2.0, ..Scene::new("playing-900x600-at-2", 900.0, 600.0) },
        Scene { params: tuned.clone(), ..Scene::new("playing-2560x1440", 2560.0, 1440.0) },
        Scene { pointer: Some(pos2(200.0, 250.0)), events: tabs, ..Scene::new("hover-900x600", 900.0, 600.0) },
        Scene { change_status: overload, events: typing, ..Scene::new("overload-900x600", 900.0, 600.0) },
        Scene { change_status: overload, ..Scene::new("overload-640x420", 640.0, 420.0) },
        Scene { change_status: missing, ..Scene::new("missing-900x600", 900.0, 600.0) },
        Scene { change_status: missing, model: ModelView::default(), ..Scene::new("missing-640x420", 640.0, 420.0) },
        Scene {
            change_status: |status| *status = Status::default(),
            model: ModelView::default(),
            ..Scene::new("loading-640x420", 640.0, 420.0)
        },
    ]
}

fn click(pos: Pos2) -> Vec<Event> {
    let button = |pressed| Event::PointerButton {
        pos,
        button: egui::PointerButton::Primary,
        pressed,
        modifiers: Modifiers::NONE,
    };
    vec![Event::PointerMoved(pos), button(true), button(false), Event::PointerGone]
}

fn key(key: egui::Key) -> Vec<Event> {
    let event = |pressed| Event::Key { key, physical_key: None, pressed, repeat: false, modifiers: Modifiers::NONE };
    vec![event(true), event(false)]
}

fn draw(mut scene: Scene) -> ColorImage {
    let ctx = Context::default();
    install_theme(&ctx);
    let mut window = Window::default();
    let mut textures = HashMap::new();
    let mut last = None;
    for frame in 0..FRAMES {
        let now_s = frame as f64 * FRAME_S;
        let mut status = fake::playing(now_s, 1 + frame % 2);
        (scene.change_status)(&mut status);
        let mut events = (scene.events)(frame);
        events.extend(scene.pointer.map(Event::PointerMoved));
        let mut input = RawInput {
            screen_rect: Some(Rect::from_min_size(Pos2::ZERO, scene.size)),
            time: Some(now_s),
            focused: true,
            events,
            ..RawInput::default()
        };
        let viewport = input.viewport_id;
        input.viewports.entry(viewport).or_default().native_pixels_per_point = Some(scene.pixels_per_point);
        let mut output = ctx.run_ui(input, |ui| {
            window.ui(ui, &status, &scene.model, &Session::default(), &mut scene.params, &mut Vec::new());
        });
        apply_textures(&mut textures, std::mem::take(&mut output.textures_delta));
        last = Some(output);
    }
    let output = last.expect("there is at least one frame");
    let primitives = ctx.tessellate(output.shapes, output.pixels_per_point);
    rasterise(&primitives, &textures, scene.size, output.pixels_per_point)
}
