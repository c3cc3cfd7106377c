//! The spectrograms' picture: a ring of columns in a texture, of which only new ones are sent.

use egui::epaint::{Mesh, Vertex};
use egui::{Color32, ColorImage, Rect, Shape, TextureHandle, TextureOptions, Ui, pos2};

use crate::palette;
use crate::sound::SOUND_BANDS;
use crate::sound_view::{SPAN_S, SoundView, TEXELS_PER_S, texel_at};

/// Columns of the ring: what is shown, and room for the one beyond the newest.
const RING: i64 = (SPAN_S * TEXELS_PER_S) as i64 + 8;
/// The input's rows, then the output's.
const ROWS: usize = 2 * SOUND_BANDS;

/// What the texture holds; kept by the egui context, so that a window that opens again fills a new one.
#[derive(Clone)]
struct Picture {
    texture: TextureHandle,
    epoch: u64,
    /// The newest column sent, numbered from the beginning of the sound.
    newest: i64,
}

/// Draws input and output into their plots, each with whether it is the input's; `x_of` is where a time lies, seconds since
/// the sound began.
pub fn paint(ui: &Ui, plots: impl Iterator<Item = (Rect, bool)>, view: &SoundView, x_of: impl Fn(f64) -> f32) {
    let Some(newest_s) = view.newest_s() else { return };
    // The newest column is still being filled.
    let newest = texel_at(newest_s) - 1;
    let id = ui.scope_id().with("spectrogram");
    let kept = ui.data(|data| data.get_temp::<Picture>(id)).filter(|kept| kept.epoch == view.epoch);
    let mut picture = kept.unwrap_or_else(|| {
        let blank = ColorImage::filled([RING as usize, ROWS], ink(f32::NEG_INFINITY));
        let texture = ui.ctx().load_texture("spectrogram", blank, TextureOptions::LINEAR);
        Picture { texture, epoch: view.epoch, newest: texel_at(newest_s) - RING }
    });
    send(&mut picture, newest, view);
    for (plot, is_input) in plots {
        let rows = if is_input { 0 } else { SOUND_BANDS };
        let mut mesh = Mesh::with_texture(picture.texture.id());
        let first = newest - (SPAN_S * TEXELS_PER_S) as i64;
        for run in runs(first, newest + 1) {
            quad(&mut mesh, plot, rows, run, |texel| x_of(texel as f64 / TEXELS_PER_S));
        }
        ui.painter_at(plot).add(Shape::mesh(mesh));
    }
    ui.data_mut(|data| data.insert_temp(id, picture));
}

fn ink(level_db: f32) -> Color32 {
    let [r, g, b] = palette::colour(palette::share(level_db));
    Color32::from_rgb(r, g, b)
}

/// Sends the columns after the last one sent, and the last once more beyond: its neighbour in the ring is the oldest, which
/// may not shine through at the edge.
fn send(picture: &mut Picture, newest: i64, view: &SoundView) {
    let first = (picture.newest + 1).max(newest + 2 - RING);
    if first > newest {
        return;
    }
    for (start, end) in runs(first, newest + 2) {
        let width = (end - start) as usize;
        let mut image = ColorImage::filled([width, ROWS], ink(f32::NEG_INFINITY));
        for texel in start..end {
            let Some(column) = view.texel(texel.min(newest)) else { continue };
            let bands = column.input_db.iter().rev().chain(column.output_db.iter().rev());
            for (row, &level_db) in bands.enumerate() {
                image.pixels[row * width + (texel - start) as usize] = ink(level_db);
            }
        }
        picture.texture.set_partial([start.rem_euclid(RING) as usize, 0], image, TextureOptions::LINEAR);
    }
    picture.newest = newest;
}

/// Columns `first..end` in pieces that lie together in the ring.
fn runs(first: i64, end: i64) -> impl Iterator<Item = (i64, i64)> {
    let seam = (first.div_euclid(RING) + 1) * RING;
    [(first, end.min(seam)), (first.max(seam), end)].into_iter().filter(|(start, end)| start < end)
}

fn quad(mesh: &mut Mesh, plot: Rect, rows: usize, (start, end): (i64, i64), x_of: impl Fn(i64) -> f32) {
    let left = start.rem_euclid(RING);
    let u = [left, left + end - start].map(|column| column as f32 / RING as f32);
    // The outermost bands' centres lie on the plot's edges.
    let v = [rows as f32 + 0.5, (rows + SOUND_BANDS) as f32 - 0.5].map(|row| row / ROWS as f32);
    let x = [start, end].map(x_of);
    let y = [plot.top(), plot.bottom()];
    let first = mesh.vertices.len() as u32;
    for [across, down] in [[0, 0], [1, 0], [0, 1], [1, 1]] {
        let (pos, uv) = (pos2(x[across], y[down]), pos2(u[across], v[down]));
        mesh.vertices.push(Vertex { pos, uv, color: Color32::WHITE });
    }
    mesh.add_triangle(first, first + 1, first + 2);
    mesh.add_triangle(first + 1, first + 2, first + 3);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_meet_at_the_rings_seam_and_cover_all() {
        let all: Vec<(i64, i64)> = runs(RING - 3, RING + 2).collect();
        assert_eq!(all, [(RING - 3, RING), (RING, RING + 2)]);
        assert_eq!(runs(5, 9).collect::<Vec<_>>(), [(5, 9)]);
        assert_eq!(runs(-4, 3).collect::<Vec<_>>(), [(-4, 0), (0, 3)]);
        assert_eq!(runs(9, 9).count(), 0);
    }
}
