//! Draws each view alone into PNG files, without a screen or a GPU, to be looked at.
//!
//! `cargo run -p plugin-ui --example views -- FOLDER [NAME PART]`

use std::path::Path;
use std::sync::Arc;
use std::{fs, io};

use plugin_ui::layout::Tab;
use plugin_ui::paths::{AxisSet, PathsStatus, PathsView, Recording, StepKind, StepView};
use plugin_ui::{ModelView, Status, fake, param};

#[path = "../tests/common/film.rs"]
mod film;
#[path = "../tests/common/raster.rs"]
mod raster;
#[path = "../tests/common/scene.rs"]
mod scene;

use egui::{Key, pos2};
use scene::Scene;

fn main() -> io::Result<()> {
    let mut arguments = std::env::args().skip(1);
    let folder = arguments.next().unwrap_or_else(|| "target/gallery".to_owned());
    let wanted = arguments.next().unwrap_or_default();
    fs::create_dir_all(&folder)?;
    for scene in scenes().into_iter().filter(|scene| scene.name.contains(&wanted)) {
        let path = Path::new(&folder).join(format!("{}.png", scene.name));
        let image = scene.draw();
        fs::write(&path, raster::png(&image))?;
        println!("{}", path.display());
    }
    Ok(())
}

fn scenes() -> Vec<Scene> {
    let silent: fn(&mut Status) = |status| {
        (status.points, status.raw_points, status.sound) = Default::default();
        (status.is_running, status.guard_db) = (false, 0.0);
    };
    let mut scenes = Vec::new();
    for (view, small, middle, large, twice, empty) in [
        (Tab::Space, "latent-500", "latent-1100", "latent-1900", "latent-at-2", "latent-empty"),
        (Tab::Lanes, "lanes-500", "lanes-1100", "lanes-1900", "lanes-at-2", "lanes-empty"),
        (Tab::Sound, "sound-500", "sound-1100", "sound-1900", "sound-at-2", "sound-empty"),
        (Tab::Feedback, "feedback-500", "feedback-1100", "feedback-1900", "feedback-at-2", "feedback-empty"),
    ] {
        scenes.push(Scene::new(small, view, 500.0, 400.0));
        scenes.push(Scene { pointer: Some(pos2(560.0, 200.0)), ..Scene::new(middle, view, 1100.0, 700.0) });
        scenes.push(Scene::new(large, view, 1900.0, 1200.0));
        scenes.push(Scene { pixels_per_point: 2.0, ..Scene::new(twice, view, 500.0, 400.0) });
        let mut scene = Scene { change: silent, seconds: 0.2, ..Scene::new(empty, view, 500.0, 400.0) };
        scene.params.put_plain(param::FEEDBACK_AMOUNT, 0.0);
        scenes.push(scene);
    }
    let four = |model: &mut ModelView| model.dims = 4;
    let mut lanes = Scene::new("lanes-least", Tab::Lanes, 380.0, 300.0);
    lanes.params.put(param::SOLO[2], 1.0);
    scenes.push(lanes);
    let mut lanes = Scene::new("lanes-four", Tab::Lanes, 800.0, 500.0);
    four(&mut lanes.model);
    lanes.keys = vec![egui::Key::Tab; 4];
    scenes.push(lanes);
    // Under the pointer, and with a value being typed.
    scenes.push(Scene { pointer: Some(pos2(268.0, 191.0)), ..Scene::new("feedback-hot", Tab::Feedback, 500.0, 400.0) });
    let mut lanes = Scene { pointer: Some(pos2(200.0, 127.0)), ..Scene::new("lanes-hot", Tab::Lanes, 500.0, 400.0) };
    lanes.keys = vec![egui::Key::Tab, egui::Key::Tab, egui::Key::Tab, egui::Key::Enter];
    scenes.push(lanes);
    scenes.push(Scene { pointer: Some(pos2(313.0, 160.0)), ..Scene::new("latent-hot", Tab::Space, 500.0, 400.0) });
    scenes.push(Scene { pointer: Some(pos2(330.0, 340.0)), ..Scene::new("sound-hot", Tab::Sound, 500.0, 400.0) });
    scenes.push(Scene::new("latent-least", Tab::Space, 380.0, 300.0));
    scenes.push(Scene::new("sound-least", Tab::Sound, 380.0, 300.0));
    scenes.push(Scene::new("feedback-least", Tab::Feedback, 380.0, 300.0));
    scenes.extend(planes());
    scenes.extend(paths());
    scenes
}

/// The plane: weighed in each way, on and off, with a marker's menu and without anything on it.
fn planes() -> Vec<Scene> {
    let moving: fn(&mut Status) = |status| {
        let mut paths = fake::paths();
        let at = status.output_level_db * 0.35;
        paths.place = [0.45 + 0.25 * at.sin(), 0.55 + 0.2 * (1.7 * at).cos()];
        paths.weights.clear();
        status.paths = paths;
    };
    let still: fn(&mut Status) = |status| status.paths = fake::paths();
    let bare: fn(&mut Status) = |status| {
        let mut paths = fake::paths();
        paths.view =
            Arc::new(PathsView { note: "Slot 5 of the project cannot be read.".into(), ..PathsView::default() });
        status.paths = paths;
    };
    let scene = |name, width, height, plane: f32, change| {
        let mut scene = Scene { change, seconds: 4.0, ..Scene::new(name, Tab::Plane, width, height) };
        scene.params.put_plain(param::PLANE, plane);
        scene.params.put_plain(param::PATH_MODE, 1.0);
        scene.params.put_plain(param::PLANE_X, 70.0);
        scene
    };
    let mut off = scene("plane-off-500", 500.0, 400.0, 0.0, still);
    off.params.put_plain(param::PATH_MODE, 0.0);
    let mut keys = scene("plane-keys-500", 500.0, 400.0, 3.0, still);
    keys.keys = vec![egui::Key::Tab, egui::Key::PageDown];
    // A menu fades in: keys that do nothing give it time.
    let mut menu = scene("plane-menu-500", 500.0, 400.0, 1.0, still);
    menu.keys = [vec![egui::Key::Tab; 4], vec![egui::Key::Enter], vec![egui::Key::F12; 30]].concat();
    let mut markers = scene("plane-marker-menu-1100", 1100.0, 700.0, 3.0, still);
    let opened = vec![egui::Key::Tab, egui::Key::PageDown, egui::Key::Enter];
    markers.keys = [opened, vec![egui::Key::F12; 30]].concat();
    let none: fn(&mut Status) = |status| {
        let mut paths = fake::paths();
        Arc::make_mut(&mut paths.view).plane.markers.clear();
        status.paths = paths;
    };
    vec![
        scene("plane-lines-500", 500.0, 400.0, 1.0, moving),
        scene("plane-lines-1100", 1100.0, 700.0, 1.0, moving),
        scene("plane-discs-500", 500.0, 400.0, 2.0, moving),
        Scene { pixels_per_point: 2.0, ..scene("plane-discs-at-2", 500.0, 400.0, 2.0, moving) },
        scene("plane-discs-1100", 1100.0, 700.0, 2.0, still),
        scene("plane-lines-1900", 1900.0, 1200.0, 1.0, moving),
        scene("plane-terrain-500", 500.0, 400.0, 3.0, moving),
        scene("plane-terrain-1100", 1100.0, 700.0, 3.0, moving),
        scene("plane-terrain-1900", 1900.0, 1200.0, 3.0, moving),
        scene("plane-least", 380.0, 300.0, 1.0, moving),
        scene("plane-terrain-least", 380.0, 300.0, 3.0, moving),
        scene("plane-empty-500", 500.0, 400.0, 1.0, bare),
        scene("plane-terrain-none-500", 500.0, 400.0, 3.0, none),
        off,
        keys,
        menu,
        markers,
    ]
}

/// The view of latent paths: bent by steps, in each arrangement, and what it says where there is nothing.
fn paths() -> Vec<Scene> {
    let bent: fn(&mut Status) = |status| status.paths = fake::paths();
    let long: fn(&mut Status) = |status| {
        status.paths = fake::paths();
        let mut view = PathsView::clone(&status.paths.view);
        view.slots[0] = Some(Arc::new(fake::path("Ten minutes", 16, 51_680, 4)));
        status.paths.view = Arc::new(view);
    };
    let envelope: fn(&mut Status) = |status| {
        status.paths = fake::paths();
        let mut view = PathsView::clone(&status.paths.view);
        let mut path = fake::path("Sung phrase", 16, 690, 1);
        let mut step = StepView::new(StepKind::Envelope, AxisSet::LATENT, Some([1.0, 6.0]));
        step.points = vec![[0.0, 0.0], [0.2, 1.0], [0.7, 0.6], [1.0, 0.0]].into();
        path.steps = vec![StepView::new(StepKind::Random, AxisSet::LATENT, None), step];
        view.slots[0] = Some(Arc::new(path));
        status.paths.view = Arc::new(view);
    };
    let recording: fn(&mut Status) = |status| {
        status.paths = fake::paths();
        status.paths.recording = Recording::Running { slot: 2, elapsed_s: 3.4, length_s: Some(8.0) };
    };
    let scene = |name, width, height| {
        let mut scene = Scene { change: bent, seconds: 0.9, ..Scene::new(name, Tab::Paths, width, height) };
        scene.params.put(param::PATH_MODE, 0.5);
        scene
    };
    let mut off = scene("paths-off-500", 500.0, 400.0);
    off.params.put(param::PATH_MODE, 0.0);
    // So many stops of the Tab key, then a key, and frames in which what it opens comes to rest. The first stops are the slots,
    // their menu, Record, its settings, the tools, the grid, Zero, Set, All and the axes; then comes the curve.
    let keys = |stops: usize, key: Key| {
        let mut keys = vec![Key::Tab; stops];
        // The keyboard has to be there before a key is pressed.
        keys.extend([Key::F20, key]);
        keys.extend([Key::F20; 20]);
        keys
    };
    // From the first axis around the end to the last but one.
    let mut pitch = vec![Key::Tab; 10];
    pitch.extend([Key::F20, Key::ArrowLeft, Key::ArrowLeft, Key::F20]);
    vec![
        scene("paths-500", 500.0, 400.0),
        off,
        Scene { keys: keys(11, Key::Num2), ..scene("paths-500-points", 500.0, 400.0) },
        scene("paths-700-tall", 690.0, 860.0),
        Scene { pointer: Some(pos2(400.0, 200.0)), ..scene("paths-1100", 1100.0, 700.0) },
        Scene { keys: keys(11, Key::Num2), ..scene("paths-1100-points", 1100.0, 700.0) },
        Scene { change: long, ..scene("paths-1100-long", 1100.0, 700.0) },
        scene("paths-1900", 1900.0, 1200.0),
        Scene { pixels_per_point: 2.0, ..scene("paths-at-2", 500.0, 400.0) },
        scene("paths-least", 380.0, 300.0),
        Scene { keys: keys(13, Key::ArrowRight), ..scene("paths-500-playing", 500.0, 400.0) },
        Scene { keys: keys(19, Key::ArrowDown), change: envelope, ..scene("paths-envelope", 1100.0, 700.0) },
        Scene { keys: keys(9, Key::Space), ..scene("paths-all", 800.0, 500.0) },
        Scene { keys: pitch, ..scene("paths-pitch", 800.0, 500.0) },
        Scene { keys: keys(2, Key::Space), ..scene("paths-menu", 500.0, 400.0) },
        Scene { keys: keys(4, Key::Space), ..scene("paths-record-settings", 500.0, 400.0) },
        Scene { keys: keys(8, Key::Space), ..scene("paths-set", 500.0, 400.0) },
        Scene { keys: keys(19, Key::Space), ..scene("paths-add", 500.0, 400.0) },
        Scene { change: recording, ..scene("paths-recording", 800.0, 500.0) },
        Scene { change: |status| status.paths = PathsStatus::default(), ..scene("paths-empty", 500.0, 400.0) },
    ]
}
