//! Each view on fixed data, compared with stored pictures.

use std::path::{Path, PathBuf};
use std::{env, fs};

use egui::{Color32, ColorImage, Key, RawInput, Rect, pos2, vec2};
use plugin_ui::codes::layout::Tab as CodesTab;
use plugin_ui::drums::layout::Tab as DrumsTab;
use plugin_ui::layout::Tab;
use plugin_ui::{Status, fake, param};

#[path = "common/codes_scene.rs"]
mod codes_scene;
#[path = "common/drums_scene.rs"]
mod drums_scene;
#[path = "common/film.rs"]
mod film;
#[path = "common/raster.rs"]
mod raster;
#[path = "common/scene.rs"]
mod scene;

use codes_scene::CodesScene;
use drums_scene::DrumsScene;
use film::Film;
use scene::Scene;

/// A channel may differ by so much without being looked at: rounding differs between processors.
const LEAST_DIFFERENCE: u8 = 24;
/// Share of the pixels that may differ by more.
const TOLERANCE: f64 = 0.002;

fn stored(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/pictures").join(format!("{name}.png"))
}

fn read(path: &Path) -> Option<ColorImage> {
    let mut reader = png::Decoder::new(fs::File::open(path).ok()?).read_info().ok()?;
    let mut bytes = vec![0; reader.output_buffer_size()];
    let info = reader.next_frame(&mut bytes).ok()?;
    let pixels = bytes.chunks_exact(3).map(|rgb| Color32::from_rgb(rgb[0], rgb[1], rgb[2])).collect();
    Some(ColorImage::new([info.width as usize, info.height as usize], pixels))
}

/// Share of the pixels that look different; 1 for another size.
fn difference(one: &ColorImage, two: &ColorImage) -> f64 {
    if one.size != two.size {
        return 1.0;
    }
    let differs = |(one, two): (&Color32, &Color32)| {
        one.to_array().iter().zip(two.to_array()).any(|(&one, two)| one.abs_diff(two) > LEAST_DIFFERENCE)
    };
    one.pixels.iter().zip(&two.pixels).filter(|pair| differs(*pair)).count() as f64 / one.pixels.len() as f64
}

fn looks_as_stored(scene: Scene) {
    let name = scene.name;
    is_as_stored(name, &scene.draw());
}

/// A part of the window of Timbreloom Codes at its least size.
fn codes_look_as_stored(scene: CodesScene, part: Rect) {
    let name = scene.name.clone();
    is_as_stored(&name, &scene.draw().region(&part, None));
}

fn is_as_stored(name: &str, drawn: &ColorImage) {
    let path = stored(name);
    if env::var_os("UPDATE_PICTURES").is_some() {
        fs::write(&path, raster::png(drawn)).expect("the folder of pictures can be written");
        return;
    }
    let share = read(&path).map_or(1.0, |stored| difference(&stored, drawn));
    if share > TOLERANCE {
        let new = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{name}.png"));
        fs::write(&new, raster::png(drawn)).expect("the folder for tests can be written");
        panic!(
            "{name}: {:.2} % of the pixels differ from {} (at most {:.2} %). The new picture is {}. Look at it; if it \
             is as it should be, accept it with UPDATE_PICTURES=1 cargo test -p plugin-ui --test pictures.",
            share * 100.0,
            path.display(),
            TOLERANCE * 100.0,
            new.display()
        );
    }
}

#[test]
fn the_latent_view_looks_as_stored() {
    looks_as_stored(Scene { pointer: Some(pos2(420.0, 120.0)), ..Scene::new("latent", Tab::Space, 560.0, 360.0) });
}

#[test]
fn the_lanes_look_as_stored() {
    let mut scene = Scene::new("lanes", Tab::Lanes, 560.0, 360.0);
    scene.params.put(param::SOLO[2], 1.0);
    scene.keys = vec![Key::Tab; 3];
    looks_as_stored(scene);
}

#[test]
fn the_sound_view_looks_as_stored() {
    let scene = Scene::new("sound", Tab::Sound, 380.0, 260.0);
    looks_as_stored(Scene { seconds: 4.5, pointer: Some(pos2(260.0, 60.0)), ..scene });
}

#[test]
fn the_feedback_view_looks_as_stored() {
    looks_as_stored(Scene::new("feedback", Tab::Feedback, 560.0, 360.0));
}

#[test]
fn feedback_that_is_off_looks_as_stored() {
    let mut scene = Scene { seconds: 0.2, ..Scene::new("feedback-off", Tab::Feedback, 560.0, 360.0) };
    scene.change = |status| status.sound.clear();
    scene.params.put(param::FEEDBACK_AMOUNT, 0.0);
    looks_as_stored(scene);
}

/// The plane, played, with the place on its way.
fn plane(name: &'static str, weighing: f32) -> Scene {
    let mut scene = Scene { seconds: 2.0, ..Scene::new(name, Tab::Plane, 560.0, 360.0) };
    scene.params.put_plain(param::PATH_MODE, 1.0);
    scene.params.put_plain(param::PLANE, weighing);
    scene.params.put_plain(param::PLANE_X, 70.0);
    scene.change = |status| {
        let turn = status.output_level_db * 0.3;
        status.paths = fake::paths();
        status.paths.place = [0.5 + 0.3 * turn.sin(), 0.5 + 0.3 * turn.cos()];
        status.paths.weights.clear();
    };
    scene
}

fn paths(name: &'static str, width: f32, height: f32) -> Scene {
    let change = |status: &mut Status| status.paths = fake::paths();
    let mut scene = Scene { seconds: 0.5, change, ..Scene::new(name, Tab::Paths, width, height) };
    scene.params.put_plain(param::PATH_MODE, 1.0);
    scene
}

#[test]
fn the_plane_looks_as_stored() {
    looks_as_stored(plane("plane", 2.0));
}

#[test]
fn the_terrain_looks_as_stored() {
    looks_as_stored(Scene { keys: vec![Key::Tab, Key::PageDown], ..plane("plane-terrain", 3.0) });
}

#[test]
fn the_paths_look_as_stored() {
    let mut scene = paths("paths", 500.0, 400.0);
    // The eleventh stop of the Tab key is the curve, and 2 chooses the points.
    scene.keys = vec![Key::Tab; 11];
    scene.keys.extend([Key::Num2, Key::F20]);
    looks_as_stored(scene);
}

#[test]
fn the_paths_of_a_wide_view_look_as_stored() {
    looks_as_stored(Scene { pointer: Some(pos2(400.0, 200.0)), ..paths("paths-wide", 800.0, 480.0) });
}

/// The view and what lies beneath it.
const VIEW: Rect = Rect { min: pos2(6.0, 110.0), max: pos2(522.0, 398.0) };
const PLAYED: Rect = Rect { min: pos2(6.0, 390.0), max: pos2(522.0, 500.0) };

#[test]
fn the_map_of_the_codes_looks_as_stored() {
    let scene = CodesScene::new("codes-map", 800.0, 500.0, CodesTab::Map);
    codes_look_as_stored(CodesScene { seconds: 1.5, pointer: Some(pos2(90.0, 250.0)), ..scene }, VIEW);
}

#[test]
fn the_curves_editor_looks_as_stored() {
    let scene = CodesScene::new("codes-curve", 800.0, 500.0, CodesTab::Curve);
    codes_look_as_stored(CodesScene { seconds: 0.5, ..scene }, VIEW);
}

#[test]
fn wanted_and_achieved_look_as_stored() {
    codes_look_as_stored(CodesScene::new("codes-target", 800.0, 500.0, CodesTab::Target), VIEW);
}

#[test]
fn voices_and_keys_look_as_stored() {
    let scene = CodesScene::new("codes-keys", 800.0, 500.0, CodesTab::Map);
    codes_look_as_stored(CodesScene { seconds: 0.5, ..scene }, PLAYED);
}

/// A part of the window of Timbreloom Drums at its least size.
fn drums_look_as_stored(scene: DrumsScene, part: Rect) {
    let name = scene.name.clone();
    is_as_stored(&name, &scene.draw().region(&part, None));
}

/// The view, and the strip of controls.
const DRUMS_VIEW: Rect = Rect { min: pos2(6.0, 110.0), max: pos2(522.0, 498.0) };
const DRUMS_STRIP: Rect = Rect { min: pos2(522.0, 80.0), max: pos2(798.0, 498.0) };

#[test]
fn the_grid_of_steps_looks_as_stored() {
    drums_look_as_stored(DrumsScene::new("drums-beat", 800.0, 500.0, DrumsTab::Beat), DRUMS_VIEW);
}

#[test]
fn the_plane_of_grains_looks_as_stored() {
    drums_look_as_stored(DrumsScene::new("drums-grains", 800.0, 500.0, DrumsTab::Grains), DRUMS_VIEW);
}

#[test]
fn the_controls_of_a_track_look_as_stored() {
    drums_look_as_stored(DrumsScene::new("drums-strip", 800.0, 500.0, DrumsTab::Beat), DRUMS_STRIP);
}

#[test]
fn the_logo_looks_as_stored() {
    let size = vec2(fake::LOGO_SIZES.iter().sum::<f32>() + 48.0, 144.0);
    let film = Film { frames: 2, size, pixels_per_point: 1.0 };
    is_as_stored("logo", &film.shoot(|_| RawInput::default(), |ui, _, _| fake::logos(ui)));
}

#[test]
fn the_tolerance_sees_a_moved_line() {
    let one = ColorImage::filled([100, 100], Color32::BLACK);
    let mut two = one.clone();
    two.pixels[4200..4300].fill(Color32::WHITE);
    assert!(difference(&one, &two) > TOLERANCE);
    two.pixels[4200..4300].fill(Color32::from_gray(20));
    assert_eq!(difference(&one, &two), 0.0);
}
