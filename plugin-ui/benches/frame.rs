//! What a frame costs with sound running: laying out and tessellating, without the graphics card's part. Prints the table of
//! `docs/performance.md`.

#![cfg(target_os = "linux")]

use std::sync::Arc;
use std::time::Duration;

use egui::{Context, Pos2, RawInput, Rect, vec2};
use plugin_ui::fake::{self, FakeParams};
use plugin_ui::layout::{Layout, Tab};
use plugin_ui::paths::PathsView;
use plugin_ui::{Session, SoundColumn, Window, install_theme};

/// Frames before the measurement: caches of text fill, and so do the trail and the spectrogram.
const WARM_UP_FRAMES: u32 = 600;
const FRAMES: u32 = 1200;
const FRAME_S: f64 = 1.0 / 60.0;
/// As often as at 48 kHz.
const COLUMN_S: f64 = 512.0 / 48_000.0;

/// The time that this thread has had a processor for.
fn cpu_time() -> Duration {
    let told = std::fs::read_to_string("/proc/thread-self/schedstat").expect("Linux tells");
    Duration::from_nanos(told.split_whitespace().next().and_then(|ns| ns.parse().ok()).expect("nanoseconds come first"))
}

fn column(at_s: f64) -> SoundColumn {
    let level =
        |band: usize, shift: f64| -70.0 + 50.0 * ((band as f64 * 0.2 + at_s * 5.0 + shift).sin() as f32).max(0.0);
    SoundColumn {
        at_s,
        input_db: std::array::from_fn(|band| level(band, 0.0)),
        output_db: std::array::from_fn(|band| level(band, 1.0)),
        input_hz: Some(220.0 + 20.0 * (at_s * 3.0).sin() as f32),
        output_hz: Some(440.0 + 40.0 * (at_s * 3.0).sin() as f32),
        input_loudness_db: -20.0,
        output_loudness_db: -18.0,
    }
}

fn main() {
    println!("| window | view | layout | tessellation | triangles | of a core at 60 Hz |\n|---|---|---|---|---|---|");
    let views = [Tab::Space, Tab::Lanes, Tab::Sound, Tab::Feedback, Tab::Paths];
    // Ten minutes, all in sight: the most that a path has to draw.
    let mut paths = fake::paths();
    let mut slots = PathsView::default();
    slots.slots[0] = Some(Arc::new(fake::path("Ten minutes", 16, 51_680, 1)));
    paths.view = Arc::new(slots);
    let small = views.map(|view| ([1100.0, 700.0], 1.0, view));
    let others =
        [([1920.0, 1080.0], 1.0, Tab::Space), ([2560.0, 1440.0], 1.0, Tab::Sound), ([1100.0, 700.0], 2.0, Tab::Space)];
    for (size, scale, view) in small.into_iter().chain(others) {
        let (context, mut window, mut params) = (Context::default(), Window::default(), FakeParams::default());
        install_theme(&context);
        window.set_layout(Layout { left: view, ..Layout::default() });
        context.set_pixels_per_point(scale);
        let (model, session) = (fake::model(), Session::default());
        let (mut columns, mut layout, mut shapes, mut triangles) = (0u32, Duration::ZERO, Duration::ZERO, 0);
        for frame in 0..WARM_UP_FRAMES + FRAMES {
            let now_s = f64::from(frame) * FRAME_S;
            let mut status = fake::playing(now_s, 1 + frame as usize % 2);
            status.paths = paths.clone();
            while f64::from(columns) * COLUMN_S <= now_s {
                status.sound.push(column(f64::from(columns) * COLUMN_S));
                columns += 1;
            }
            let input = RawInput {
                screen_rect: Some(Rect::from_min_size(Pos2::ZERO, vec2(size[0], size[1]))),
                time: Some(now_s),
                ..RawInput::default()
            };
            let began = cpu_time();
            let mut requests = Vec::new();
            let mut output = context.run_ui(input, |ui| {
                window.ui(ui, &status, &model, &session, &mut params, &mut requests);
            });
            let laid_out = cpu_time();
            // There is no card to bring them to.
            output.textures_delta.clear();
            let primitives = context.tessellate(output.shapes, output.pixels_per_point);
            let tessellated = cpu_time();
            if frame >= WARM_UP_FRAMES {
                layout += laid_out - began;
                shapes += tessellated - laid_out;
                triangles = primitives
                    .iter()
                    .map(|primitive| match &primitive.primitive {
                        egui::epaint::Primitive::Mesh(mesh) => mesh.indices.len() / 3,
                        egui::epaint::Primitive::Callback(_) => 0,
                    })
                    .sum();
            }
        }
        let ms = |time: Duration| time.as_secs_f64() * 1e3 / f64::from(FRAMES);
        let share = (ms(layout) + ms(shapes)) / (FRAME_S * 1e3) * 100.0;
        let beside = if size[0] >= 1400.0 { format!(", {:?}", window.layout().right) } else { String::new() };
        println!(
            "| {} x {}, scale {scale} | {view:?}{beside} | {:.2} ms | {:.2} ms | {triangles} | {share:.1} % |",
            size[0],
            size[1],
            ms(layout),
            ms(shapes)
        );
    }
}
