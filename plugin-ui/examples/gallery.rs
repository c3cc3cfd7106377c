//! Draws the window with a fake plugin into PNG files, without a screen or a GPU, to be looked at.
//!
//! `cargo run -p plugin-ui --example gallery -- FOLDER`

use std::collections::HashMap;
use std::path::Path;
use std::{fs, io};

use egui::epaint::{ClippedPrimitive, ImageData, Mesh, Primitive, Vertex};
use egui::{Color32, ColorImage, Context, Event, Modifiers, Pos2, RawInput, Rect, TextureId, Vec2, pos2, vec2};
use plugin_ui::fake::{self, FakeParams};
use plugin_ui::{EngineState, ModelView, Session, Status, Trouble, Window, install_theme, param};

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
        let [width, height] = image.size.map(|side| side as u32);
        let mut encoder = png::Encoder::new(fs::File::create(&path)?, width, height);
        encoder.set_color(png::ColorType::Rgba);
        let bytes: Vec<u8> = image.pixels.iter().flat_map(|pixel| pixel.to_array()).collect();
        encoder.write_header()?.write_image_data(&bytes)?;
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

fn apply_textures(textures: &mut HashMap<TextureId, ColorImage>, mut delta: egui::TexturesDelta) {
    for (id, changes) in &delta.set {
        for change in changes {
            let ImageData::Color(patch) = &change.image;
            let Some([left, top]) = change.pos else {
                textures.insert(*id, ColorImage::clone(patch));
                continue;
            };
            let whole = textures.get_mut(id).expect("a patch follows its whole");
            for (y, row) in patch.pixels.chunks(patch.size[0]).enumerate() {
                let start = (top + y) * whole.size[0] + left;
                whole.pixels[start..start + row.len()].copy_from_slice(row);
            }
        }
    }
    // egui insists that a delta is emptied by whoever applies it.
    delta.clear();
}

fn rasterise(
    primitives: &[ClippedPrimitive],
    textures: &HashMap<TextureId, ColorImage>,
    size: Vec2,
    scale: f32,
) -> ColorImage {
    let pixels = size * scale;
    let mut image = ColorImage::filled([pixels.x as usize, pixels.y as usize], Color32::BLACK);
    for ClippedPrimitive { clip_rect, primitive } in primitives {
        let Primitive::Mesh(mesh) = primitive else { continue };
        let clip = (*clip_rect * scale).intersect(Rect::from_min_size(Pos2::ZERO, pixels));
        let clip = Rect::from_min_max(clip.min.round(), clip.max.round());
        let texture = &textures[&mesh.texture_id];
        for triangle in mesh.indices.chunks_exact(3) {
            fill(&mut image, texture, clip, scale, corners(mesh, triangle));
        }
    }
    image
}

fn corners<'a>(mesh: &'a Mesh, triangle: &[u32]) -> [&'a Vertex; 3] {
    [0, 1, 2].map(|corner| &mesh.vertices[triangle[corner] as usize])
}

/// Blends a triangle over the image, sampled at the pixels' centres.
fn fill(image: &mut ColorImage, texture: &ColorImage, clip: Rect, scale: f32, [a, b, c]: [&Vertex; 3]) {
    let [pa, pb, pc] = [a, b, c].map(|vertex| vertex.pos.to_vec2() * scale);
    let cross = |one: Vec2, two: Vec2| one.x * two.y - one.y * two.x;
    let area = cross(pb - pa, pc - pa);
    if area == 0.0 || !area.is_finite() {
        return;
    }
    let (low, high) = (pa.min(pb).min(pc), pa.max(pb).max(pc));
    let rows = low.y.max(clip.top()).floor() as usize..high.y.min(clip.bottom()).ceil().max(0.0) as usize;
    for y in rows {
        let columns = low.x.max(clip.left()).floor() as usize..high.x.min(clip.right()).ceil().max(0.0) as usize;
        for x in columns {
            let at = vec2(x as f32 + 0.5, y as f32 + 0.5);
            let wa = cross(pb - at, pc - at) / area;
            let wb = cross(pc - at, pa - at) / area;
            let weights = [wa, wb, 1.0 - wa - wb];
            // The first edge owns its pixels, so that two triangles never blend one pixel twice.
            let is_inside = weights.iter().all(|&weight| weight >= 0.0) && weights[0] < 1.0;
            if !is_inside || !clip.contains(at.to_pos2()) {
                continue;
            }
            let uv = a.uv.to_vec2() * weights[0] + b.uv.to_vec2() * weights[1] + c.uv.to_vec2() * weights[2];
            let texel = sample(texture, uv);
            let colours = [a, b, c].map(|vertex| vertex.color.to_array());
            let source: [f32; 4] = std::array::from_fn(|channel| {
                let mixed: f32 = (0..3).map(|corner| weights[corner] * f32::from(colours[corner][channel])).sum();
                mixed * texel[channel] / 255.0
            });
            let pixel = &mut image.pixels[y * image.size[0] + x];
            let below = pixel.to_array();
            let blended: [u8; 4] = std::array::from_fn(|channel| {
                (source[channel] + f32::from(below[channel]) * (1.0 - source[3] / 255.0)).round().clamp(0.0, 255.0)
                    as u8
            });
            *pixel = Color32::from_rgba_premultiplied(blended[0], blended[1], blended[2], 255);
        }
    }
}

/// Bilinear, as a GPU does it.
fn sample(texture: &ColorImage, uv: Vec2) -> [f32; 4] {
    let [width, height] = texture.size;
    let at = vec2(uv.x * width as f32 - 0.5, uv.y * height as f32 - 0.5);
    let texel = |x: f32, y: f32| {
        let (x, y) = (x.clamp(0.0, width as f32 - 1.0) as usize, y.clamp(0.0, height as f32 - 1.0) as usize);
        texture.pixels[y * width + x].to_array()
    };
    let (left, top) = (at.x.floor(), at.y.floor());
    let (right_share, low_share) = (at.x - left, at.y - top);
    let four = [texel(left, top), texel(left + 1.0, top), texel(left, top + 1.0), texel(left + 1.0, top + 1.0)];
    std::array::from_fn(|channel| {
        let value = |corner: usize| f32::from(four[corner][channel]);
        let upper = value(0) + (value(1) - value(0)) * right_share;
        let lower = value(2) + (value(3) - value(2)) * right_share;
        upper + (lower - upper) * low_share
    })
}
