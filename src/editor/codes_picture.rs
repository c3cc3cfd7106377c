//! What the instrument publishes, as its window shows it.

use std::sync::Arc;

use plugin_ui::codes::{CodeView, CodebookView, CodesStatus, CurvePoint, Descriptor as Shown, PlayingVoice, TARGETS};

use super::status::Picture;
use crate::codes::book::Codebook;
use crate::codes::curve::CurveShape;
use crate::dsp::descriptors::Descriptor;
use crate::instance::codes_params::CodesParams;
use crate::instance::codes_window_link::CodesWindowLink;
use crate::instance::midi_play::HeardInWindow;
use crate::synth::curve::Points;
use crate::synth::modulation;
use crate::synth::settings::Pace;

/// Parts of a curve to start from that is bent.
const PARTS: usize = 16;

/// Status and codebook of one instance, copied for each frame. GUI thread.
pub struct CodesPicture {
    window_link: Arc<CodesWindowLink>,
    params: Arc<CodesParams>,
    heard: HeardInWindow,
    picture: Picture,
    /// See [`CodesStatus`].
    pub status: CodesStatus,
    /// See [`CodebookView`].
    pub book: CodebookView,
    points: Option<Points>,
    seen: Option<u64>,
}

impl CodesPicture {
    pub fn new(window_link: Arc<CodesWindowLink>, params: Arc<CodesParams>) -> Self {
        let picture = Picture::new(Arc::clone(&window_link.telemetry));
        let status = CodesStatus {
            shapes: CurveShape::ALL.map(|shape| (shape.name(), points(shape))).into(),
            ..CodesStatus::default()
        };
        let heard = HeardInWindow::new(&params);
        Self { window_link, params, heard, picture, status, book: CodebookView::default(), points: None, seen: None }
    }

    /// Copies what the other threads publish. May block for the moment in which a package is replaced.
    pub fn refresh(&mut self) {
        self.window_link.explain_fault();
        self.picture.refresh();
        self.status.plugin.clone_from(&self.picture.status);
        let packages = self.window_link.packages();
        if self.seen != Some(packages) {
            self.seen = Some(packages);
            let package = self.window_link.package();
            self.book = CodebookView {
                generation: packages,
                name: package.name,
                descriptors: Descriptor::ALL.map(shown).to_vec(),
                codes: package.book.as_deref().map(codes).unwrap_or_default(),
                pitch_hz: package.pitch_hz,
            };
        }
        for (index, voice) in self.status.voices.iter_mut().enumerate() {
            *voice = self.window_link.display.voice(index).map(|playing| PlayingVoice {
                code: playing.code,
                key: playing.key,
                f0_hz: playing.f0_hz,
                amplitude: playing.amplitude,
                wanted: playing.wanted,
                achieved: playing.achieved,
            });
        }
        let playing = (0..self.status.voices.len()).filter_map(|index| self.window_link.display.voice(index));
        // By itself each note has a place of its own: that of the loudest is shown.
        let loudest = playing.max_by(|a, b| a.amplitude.total_cmp(&b.amplitude));
        self.status.curve_at = loudest.map(|playing| playing.curve_at);
        self.status.curve_beats = match self.params.curve_pace(&self.heard) {
            Pace::Beats(beats) => Some(beats),
            Pace::Free(_) => None,
        };
        let points = self.params.curve.points();
        if self.points.as_ref() != Some(&points) {
            self.status.curve = points.0.iter().map(|&(place, value)| CurvePoint { place, value }).collect();
            self.points = Some(points);
        }
    }
}

const _: () = assert!(TARGETS == modulation::TARGETS);

fn points(shape: CurveShape) -> Vec<CurvePoint> {
    let parts = if shape == CurveShape::Ramp { 1 } else { PARTS };
    let places = (0..=parts).map(|n| n as f32 / parts as f32);
    places.map(|place| CurvePoint { place, value: shape.at(place).clamp(0.0, 1.0) }).collect()
}

fn shown(descriptor: Descriptor) -> Shown {
    let is_pitch = descriptor == Descriptor::Fundamental;
    Shown { index: descriptor as usize, name: descriptor.name(), unit: descriptor.unit(), is_pitch }
}

fn codes(book: &Codebook) -> Vec<CodeView> {
    let view =
        |code: usize| CodeView { at: book.plane[code], values: book.own[code], is_pitched: book.is_pitched(code) };
    (0..book.len()).map(view).collect()
}
