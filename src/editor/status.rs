//! What the other threads publish, as the window shows it.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use plugin_ui::{EngineState as Shown, ModelView, Status};

use crate::controls::MAX_DIMS;
use crate::dsp::sample_guard::SampleGuard;
use crate::telemetry::{EngineState, ModelInfo, Telemetry};

/// Status and model of one instance, copied for each frame. GUI thread.
pub struct Picture {
    pub(super) telemetry: Arc<Telemetry>,
    /// See [`Status`]; what was heard is added by the editor.
    pub status: Status,
    /// See [`ModelView`].
    pub model: ModelView,
    shown: Option<Arc<ModelInfo>>,
    /// What is wrong, while anything is; empty while its message is on its way from the worker.
    trouble: Arc<str>,
    seen_points: u64,
    seen_model: Option<u32>,
    seen_dropouts: (u64, u32),
    seen_held: SampleGuard,
}

impl Picture {
    pub fn new(telemetry: Arc<Telemetry>) -> Self {
        Self {
            telemetry,
            status: Status::default(),
            model: ModelView::default(),
            shown: None,
            trouble: "".into(),
            seen_points: 0,
            seen_model: None,
            seen_dropouts: (0, 0),
            seen_held: SampleGuard::default(),
        }
    }

    /// Copies what the other threads publish. May block for the moment in which a model's description is replaced.
    pub fn refresh(&mut self) {
        self.refresh_model();
        let telemetry = &self.telemetry;
        let trouble = || Arc::clone(&self.trouble);
        let status = &mut self.status;
        status.state = match telemetry.state() {
            // A fault's slip says what is waited for.
            EngineState::Loading | EngineState::Waiting => Shown::Loading,
            EngineState::Ready => Shown::Ready,
            EngineState::Missing => Shown::Missing(trouble()),
            EngineState::Faulted => Shown::Faulted(trouble()),
        };
        status.latency_frames = telemetry.latency_frames.load(Ordering::Relaxed);
        status.host_rate_hz = telemetry.host_rate_hz.load();
        status.load = telemetry.load();
        let dropouts = telemetry.dropouts();
        // A long one goes on being one: its length counts too, in tenths of a second.
        let seen = (dropouts.times, (dropouts.lost_s * 10.0) as u32);
        if seen != self.seen_dropouts {
            self.seen_dropouts = seen;
            status.dropouts = dropouts.sentence().unwrap_or_default().into();
        }
        if let Some(hanging) = telemetry.hanging_sentence() {
            // The dropouts are told again once it answers.
            self.seen_dropouts = (u64::MAX, 0);
            status.dropouts = hanging.into();
        }
        let held = telemetry.held.read();
        if held != self.seen_held {
            self.seen_held = held;
            status.held = held.sentence().unwrap_or_default().into();
        }
        status.underruns = dropouts.times;
        status.is_running = telemetry.is_running.swap(false, Ordering::Relaxed);
        status.input_level_db = level_db(telemetry.input_peak.load(), status.is_running);
        status.output_level_db = level_db(telemetry.output_peak.load(), status.is_running);
        status.output_lufs = if status.is_running { telemetry.output_lufs.load() } else { f32::NEG_INFINITY };
        status.limiter_db = guard_db(telemetry.limiter_gain.load());
        telemetry.limiter_gain.store(1.0);
        status.wet_above_dry_db = Some(telemetry.wet_above_dry_db.load()).filter(|db| db.is_finite());
        status.guard_db = guard_db(telemetry.feedback_guard.load());
        status.points.clear();
        status.raw_points.clear();
        self.seen_points = telemetry.latents_since(self.seen_points, &mut status.raw_points, &mut status.points);
        status.sound.clear();
    }

    fn refresh_model(&mut self) {
        let generation = self.telemetry.model_generation.load(Ordering::Acquire);
        if self.seen_model == Some(generation) {
            return;
        }
        self.seen_model = Some(generation);
        let info = Arc::clone(&self.telemetry.model.lock());
        // The second model counts too, and its coming is no reason to forget what was drawn of the first.
        if self.shown.as_ref().is_some_and(|shown| Arc::ptr_eq(shown, &info)) {
            return;
        }
        self.trouble = info.message.as_str().into();
        self.status.provider = info.provider.as_str().into();
        self.model = ModelView {
            generation: u64::from(generation),
            name: info.name.clone(),
            description: info.description.clone(),
            dims: if info.dims == 0 { MAX_DIMS } else { info.dims },
            cloud: info.reference_cloud.clone(),
            p01: info.p01,
            p99: info.p99,
            has_macro: info.has_macro,
            dimension_names: info.dimension_names.clone(),
        };
        self.shown = Some(info);
    }
}

/// A peak (linear gain) as a level; a host that has stopped leaves the last peak behind, which nobody hears.
fn level_db(peak: f32, is_running: bool) -> f32 {
    if is_running && peak > 0.0 { 20.0 * peak.log10() } else { f32::NEG_INFINITY }
}

/// By how much a linear gain holds back, dB; 120 for a gain of nothing.
fn guard_db(gain: f32) -> f32 {
    (-20.0 * gain.max(1e-6).log10()).max(0.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn model(name: &str, dims: usize) -> ModelInfo {
        ModelInfo { name: name.into(), dims, ..ModelInfo::default() }
    }

    #[test]
    fn points_come_as_given_and_as_steered_and_once() {
        let telemetry = Arc::<Telemetry>::default();
        let mut picture = Picture::new(Arc::clone(&telemetry));
        telemetry.note_latent(&[1.0; MAX_DIMS], &[2.5; MAX_DIMS]);
        picture.refresh();
        assert_eq!((picture.status.raw_points[0][0], picture.status.points[0][0]), (1.0, 2.5));
        picture.refresh();
        assert!(picture.status.raw_points.is_empty() && picture.status.points.is_empty());
    }

    #[test]
    fn what_was_held_back_is_told_until_the_sound_starts_again() {
        let telemetry = Arc::<Telemetry>::default();
        let mut picture = Picture::new(Arc::clone(&telemetry));
        telemetry.held.add(&mut SampleGuard { not_numbers: 3, ..SampleGuard::default() });
        picture.refresh();
        assert!(picture.status.held.starts_with("3 samples that came in were no numbers"), "{}", picture.status.held);
        telemetry.held.reset();
        picture.refresh();
        assert_eq!(&*picture.status.held, "");
    }

    #[test]
    fn the_guard_is_told_in_decibels() {
        let telemetry = Arc::<Telemetry>::default();
        let mut picture = Picture::new(Arc::clone(&telemetry));
        picture.refresh();
        assert_eq!(picture.status.guard_db, 0.0);
        telemetry.feedback_guard.store(0.5);
        picture.refresh();
        assert!((picture.status.guard_db - 6.02).abs() < 0.01);
    }

    #[test]
    fn the_model_has_its_dimensions_and_a_second_one_does_not_replace_it() {
        let telemetry = Arc::<Telemetry>::default();
        let mut picture = Picture::new(Arc::clone(&telemetry));
        telemetry.set_model(model("horn", 9));
        picture.refresh();
        let first = picture.model.generation;
        assert_eq!((picture.model.name.as_str(), picture.model.dims), ("horn", 9));
        telemetry.set_second(model("flute", 4));
        picture.refresh();
        assert_eq!((picture.model.generation, picture.model.dims), (first, 9));
        telemetry.set_model(model("choir", 16));
        picture.refresh();
        assert_ne!(picture.model.generation, first);
    }
}
