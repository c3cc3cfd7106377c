//! Draws each view alone into PNG files, without a screen or a GPU, to be looked at.
//!
//! `cargo run -p plugin-ui --example views -- FOLDER [NAME PART]`

use std::path::Path;
use std::{fs, io};

use plugin_ui::layout::Tab;
use plugin_ui::{ModelView, Status, param};

#[path = "../tests/common/film.rs"]
mod film;
#[path = "../tests/common/raster.rs"]
mod raster;
#[path = "../tests/common/scene.rs"]
mod scene;

use egui::pos2;
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
    scenes
}
