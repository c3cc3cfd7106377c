//! egui's shapes as pixels, without a screen or a GPU: for the gallery and for pictures in tests.

use std::collections::HashMap;

use egui::epaint::{ClippedPrimitive, ImageData, Mesh, Primitive, Vertex};
use egui::{Color32, ColorImage, Pos2, Rect, TextureId, Vec2, vec2};

/// Takes a frame's changes of the textures.
pub fn apply_textures(textures: &mut HashMap<TextureId, ColorImage>, mut delta: egui::TexturesDelta) {
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

/// Draws a frame's meshes into an image of `size` points at so many pixels per point.
pub fn rasterise(
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

/// The image as a PNG file.
pub fn png(image: &ColorImage) -> Vec<u8> {
    let [width, height] = image.size.map(|side| side as u32);
    let mut file = Vec::new();
    let mut encoder = png::Encoder::new(&mut file, width, height);
    encoder.set_color(png::ColorType::Rgb);
    encoder.set_compression(png::Compression::Best);
    encoder.set_adaptive_filter(png::AdaptiveFilterType::Adaptive);
    let bytes: Vec<u8> = image.pixels.iter().flat_map(|pixel| [pixel.r(), pixel.g(), pixel.b()]).collect();
    let mut writer = encoder.write_header().expect("the image has a size");
    writer.write_image_data(&bytes).expect("a vector takes all");
    writer.finish().expect("a vector takes all");
    file
}
