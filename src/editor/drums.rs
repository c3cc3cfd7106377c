//! The editor of Timbreloom Drums.

mod bounce;
mod copy_hit;
mod files;
mod kit_view;
mod patterns;
mod picture;
#[cfg(test)]
mod tests;
mod walking;

use std::collections::BTreeMap;
use std::ops::RangeInclusive;
use std::sync::Arc;

use plugin_ui::drums::{DrumsRequest, Layout, Window};
use plugin_ui::{Repaint, Tone};

use self::bounce::{Source, bars, written};
use self::copy_hit::copied;
use self::picture::DrumsPicture;
use self::walking::Walking;
use super::shell::{Face, PluginEditor};
use super::window_controller::WindowController;
use super::window_session::Product;
use crate::drums::TRACKS;
use crate::instance::drums_params::DrumsParams;
use crate::instance::drums_window_link::{DrumEvent, DrumsWindowLink};
use crate::instance::kit_field::KIT;
use crate::instance::patterns_field::{self, PATTERNS};
use crate::instance::project_models::ProjectModels;
use crate::instance::walk_field::{self, WALK};
use crate::listen::Analyser;
use crate::offline::audio_file::Audio;
use crate::offline::drums::{Song, render_hit, render_walk};
use crate::preset::Plugin;
use crate::telemetry::Telemetry;

/// Tempi that a host may have, beats per minute; see [`DrumsApp::tempo_bpm`].
const TEMPI_BPM: RangeInclusive<f64> = 10.0..=1000.0;

/// The tempo while no host has said one.
const TEMPO_BPM: f64 = 120.0;

/// The least rate that a loop is written at, Hz: that of a host that has not said any is 0.
const LEAST_RATE_HZ: f32 = 8_000.0;

/// The drum machine's editor.
pub type DrumsEditor = PluginEditor<DrumsApp>;

/// Makes the editor. Main thread.
pub fn create(params: Arc<DrumsParams>, window_link: Arc<DrumsWindowLink>, project: Arc<ProjectModels>) -> DrumsEditor {
    PluginEditor::new(DrumsApp::new(params, window_link, Arc::clone(&project)), project, true)
}

/// The drum machine's window.
pub struct DrumsApp {
    picture: DrumsPicture,
    walking: Walking,
    params: Arc<DrumsParams>,
    window_link: Arc<DrumsWindowLink>,
    project: Arc<ProjectModels>,
    window: Window,
    requests: Vec<DrumsRequest>,
    /// Whether the walk is being drawn: it is made anew once that has ended.
    is_drawing: bool,
}

impl DrumsApp {
    fn new(params: Arc<DrumsParams>, window_link: Arc<DrumsWindowLink>, project: Arc<ProjectModels>) -> Self {
        Self {
            picture: DrumsPicture::new(Arc::clone(&window_link), Arc::clone(&params)),
            walking: Walking::new(Arc::clone(&window_link)),
            params,
            window_link,
            project,
            window: Window::default(),
            requests: Vec::new(),
            is_drawing: false,
        }
    }

    /// Does what was asked for; -> text for the clipboard.
    fn carry_out(&mut self, controller: &mut WindowController) -> Option<String> {
        let mut text = None;
        for request in std::mem::take(&mut self.requests) {
            text = self.carry_out_one(request, controller).or(text);
        }
        text
    }

    fn carry_out_one(&mut self, request: DrumsRequest, controller: &mut WindowController) -> Option<String> {
        match request {
            DrumsRequest::Session(request) => return controller.carry_out(request),
            DrumsRequest::SetParams { label, values } => {
                let values = values.into_iter().map(|(id, value)| (id.0.to_owned(), value)).collect();
                controller.change(label, values, BTreeMap::new());
            }
            DrumsRequest::SetPatterns { patterns, label, is_done } => {
                let json = patterns_field::to_json(&patterns::played(&patterns));
                controller.draw(PATTERNS, label, &json.into(), is_done);
            }
            DrumsRequest::SetWalk { walk, label, is_done } => {
                self.is_drawing = !is_done;
                controller.draw(WALK, label, &walk_field::to_json(&walk).into(), is_done);
            }
            DrumsRequest::PlayHit { track, velocity } => self.window_link.play(DrumEvent::Hit { track, velocity }),
            DrumsRequest::CopyHit { from, to } => self.copy_hit(from, to, controller),
            DrumsRequest::BounceHit { track } => self.bounce_hit(track, controller),
            DrumsRequest::BounceLoop => self.bounce_loop(controller),
            DrumsRequest::BounceWalk => self.bounce_walk(controller),
            DrumsRequest::PlayWalk => self.play_walk(controller),
            DrumsRequest::StopWalk => self.walking.stop(),
        }
        None
    }

    fn copy_hit(&self, from: usize, to: usize, controller: &mut WindowController) {
        if from.max(to) >= TRACKS {
            return;
        }
        let recipe = self.picture.recipe(from);
        if self.picture.embedding == 0 {
            controller.window_session.tell(Tone::Waiting, "There is no drum kit: choose one, and copy the hit then.");
        } else if recipe.is_path {
            let text = format!(
                "Track {} plays a line through grain space, which is its own. Switch Path off, or draw a line on track {}.",
                from + 1,
                to + 1
            );
            controller.window_session.tell(Tone::Waiting, text);
        } else {
            let kit = self.window_link.hits.kit();
            let (values, kit) = copied([from, to], &recipe, self.picture.embedding, kit, &controller.backend);
            let extras = BTreeMap::from([(KIT.to_owned(), kit.to_json().into())]);
            controller.change(format!("Copy Hit {} to {}", from + 1, to + 1), values, extras);
        }
    }

    fn bounce_hit(&self, track: usize, controller: &mut WindowController) {
        if track >= TRACKS {
            return;
        }
        let (recipe, settings, source) =
            (self.picture.recipe(track), self.picture.settings.tracks[track], self.source());
        let stem = files::hit(track, self.class(usize::from(recipe.classes[0])), recipe.draw);
        bounce(controller, "hit", stem, move || {
            source.mono(|renderer, kit| render_hit(renderer, &recipe, kit, &settings, bounce::RATE_HZ))
        });
    }

    /// All patterns of the chain, as they are heard.
    fn bounce_loop(&self, controller: &mut WindowController) {
        let (settings, patterns, source) = (self.picture.settings, self.params.patterns.get(), self.source());
        let tempo_bpm = self.tempo_bpm();
        let host_rate_hz = self.window_link.telemetry.host_rate_hz.load();
        let rate_hz = if host_rate_hz >= LEAST_RATE_HZ { host_rate_hz as u32 } else { bounce::RATE_HZ };
        let (bars, gain) = (bars(&settings), self.picture.gain());
        let stem = files::song(settings.sequencer.pattern, bars as usize, tempo_bpm);
        bounce(controller, "loop", stem, move || {
            let (settings, patterns) = (&settings, &patterns);
            source.song(&Song { settings, patterns, bars, tempo_bpm, rate_hz, pairs: 1, is_loop: true }, gain)
        });
    }

    /// The walk, once through.
    fn bounce_walk(&self, controller: &mut WindowController) {
        let (walk, tempo_bpm, source) = (self.params.walk.get(), self.tempo_bpm(), self.source());
        let stem = files::walk(self.class(walk.class));
        bounce(controller, "walk", stem, move || source.mono(|renderer, _| render_walk(renderer, &walk, tempo_bpm, 1)));
    }

    fn play_walk(&mut self, controller: &mut WindowController) {
        let (source, tempo_bpm) = (self.source(), self.tempo_bpm());
        self.walking.play(&self.params.walk.get(), source, tempo_bpm, controller);
    }

    /// What is walked goes on as what was drawn last.
    fn keep_up(&mut self, controller: &mut WindowController) {
        self.walking.keep_up(controller);
        let walk = self.params.walk.get();
        if !self.is_drawing && self.walking.is_behind(&walk, self.tempo_bpm()) {
            // One that was taken away has nowhere to go.
            if walk.course().len() > 1 { self.play_walk(controller) } else { self.walking.stop() }
        }
        self.picture.status.walk_at = self.walking.at();
    }

    fn source(&self) -> Source {
        Source::of(&self.project, self.window_link.hits.kit())
    }

    /// The host's tempo, beats per minute.
    fn tempo_bpm(&self) -> f64 {
        let tempo_bpm = 60.0 / f64::from(self.window_link.telemetry.beat_s.load());
        if TEMPI_BPM.contains(&tempo_bpm) { tempo_bpm } else { TEMPO_BPM }
    }

    /// The name of a kind of drum; of one that the package has not, that of its last one, which is heard then.
    fn class(&self, class: usize) -> &str {
        let classes = &self.picture.kit.classes;
        classes.get(class).or(classes.last()).map_or("drum", |class| &class.name)
    }
}

/// Makes something on a thread, and writes it to a new file; `what` it is, in a word.
fn bounce(
    controller: &mut WindowController,
    what: &'static str,
    stem: String,
    make: impl FnOnce() -> Result<Audio, String> + Send + 'static,
) {
    controller.window_session.run(format!("Bouncing the {what} …"), move || {
        written(files::folder().as_deref(), &stem, &format!("The {what}"), make()).into()
    });
}

impl Face for DrumsApp {
    type Params = DrumsParams;

    const PRODUCT: Product = Product {
        plugin: Plugin::Drums,
        plays_not: " It makes no hits, so it is for another plugin of Timbreloom and not listed here.",
        // Nothing is computed by a graph while a hit sounds.
        runs_on: "Hits are made ahead of their time, on the CPU.",
        words: ["Drum kit", "drum kits"],
    };

    fn params(&self) -> &Arc<DrumsParams> {
        &self.params
    }

    fn telemetry(&self) -> &Arc<Telemetry> {
        &self.window_link.telemetry
    }

    fn open(&mut self) {
        self.window.set_layout(self.params.layout.lock().clone());
    }

    fn paint(&mut self, ui: &mut egui::Ui, heard: Option<&mut Analyser>, controller: &mut WindowController) -> Repaint {
        self.picture.refresh();
        self.keep_up(controller);
        if let Some(heard) = heard {
            heard.read(&mut self.picture.status.plugin.sound);
        }
        let (status, kit) = (&self.picture.status, &self.picture.kit);
        let WindowController { backend, window_session } = &mut *controller;
        let repaint = self.window.ui(ui, status, kit, &window_session.session, backend, &mut self.requests);
        // The arrangement travels with the project, but for a panel that lies over it.
        *self.params.layout.lock() = Layout { panel: None, ..self.window.layout().clone() };
        if self.requests.is_empty() {
            return repaint;
        }
        if let Some(text) = self.carry_out(controller) {
            ui.ctx().copy_text(text);
        }
        // What came of it is to be seen at once.
        Repaint::EveryFrame
    }

    fn close(&mut self, controller: &mut WindowController) {
        self.window.release(&mut controller.backend, &mut self.requests);
        self.carry_out(controller);
        self.walking.close();
    }
}
