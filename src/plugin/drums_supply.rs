//! How Timbreloom Drums plays a package: its worker makes hits with it from then on, and the audio thread is told which class
//! is which drum.

use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use crossbeam_utils::atomic::AtomicCell;
use plugin_ui::drums::MAX_CLASSES;

use super::supply::{LOAD_LIMIT, Loaded, Plays, Supply};
use crate::drums::keys::Drum;
use crate::drums::machine::Rings;
use crate::hits::renderer::Renderer;
use crate::hits::worker::Worker;
use crate::instance::drums_params::DrumsParams;
use crate::instance::drums_window_link::{DrumsWindowLink, LoadedGrainModel};
use crate::instance::project_models::ProjectModels;
use crate::model::embedded::Embedded;
use crate::model::loader::{self, LoadedGrains};
use crate::model::request::ModelRequest;
use crate::preset::Plugin;

/// How long it is waited for the worker to take another model: it does so between two hits, of which the longest takes a second or
/// two on the slowest computer.
const HANDOVER_LIMIT: Duration = Duration::from_secs(6);

// Where there is no atomic of its size, a cell is behind a lock: not for the audio thread.
const _: () = assert!(AtomicCell::<Drum>::is_lock_free());

/// Which drum each class of the package is.
#[derive(Default)]
pub(super) struct ClassDrums([AtomicCell<Drum>; MAX_CLASSES]);

impl ClassDrums {
    /// Of the class of a number; of one that there is not, the last class's, whose hits are played.
    ///
    /// # Realtime
    /// Wait-free, no allocation.
    pub(super) fn of(&self, class: u8) -> Drum {
        self.0[usize::from(class).min(MAX_CLASSES - 1)].load()
    }

    fn fill(&self, classes: &[String]) {
        for (n, drum) in self.0.iter().enumerate() {
            drum.store(classes.get(n).or(classes.last()).map_or(Drum::Other, |name| Drum::of_name(name)));
        }
    }
}

/// Loads what is asked for, or says why not. Blocks.
type Load = fn(&ModelRequest, Option<&Embedded>) -> Result<LoadedGrains, String>;

/// See the module.
pub(super) struct DrumsPlayed {
    window_link: Arc<DrumsWindowLink>,
    load: Load,
    drums: Arc<ClassDrums>,
    /// From the first activation on.
    worker: OnceLock<Worker>,
}

impl DrumsPlayed {
    /// The packages that are installed, and what the audio thread knows of their classes.
    pub(super) fn supply(
        params: &DrumsParams,
        project: &ProjectModels,
        window_link: &Arc<DrumsWindowLink>,
    ) -> (Supply<Self>, Arc<ClassDrums>) {
        let load: Load = |request, brought| loader::load_grains(request, brought).map_err(|error| error.to_string());
        let plays = Self::by(load, window_link);
        let drums = Arc::clone(&plays.drums);
        (Supply::new(&params.kept, project, &window_link.telemetry, plays, LOAD_LIMIT), drums)
    }

    /// With another loader.
    fn by(load: Load, window_link: &Arc<DrumsWindowLink>) -> Self {
        Self { window_link: Arc::clone(window_link), load, drums: Arc::default(), worker: OnceLock::new() }
    }

    /// Starts the worker, before anything is loaded; -> the audio thread's ends, `None` where it has them. Main thread.
    ///
    /// # Errors
    /// When the system refuses a thread.
    pub(super) fn start(&self) -> std::io::Result<Option<Rings>> {
        if self.worker.get().is_some() {
            return Ok(None);
        }
        let (worker, rings) = Worker::start(Arc::clone(&self.window_link.hits))?;
        let _ = self.worker.set(worker);
        Ok(Some(rings))
    }
}

impl Plays for DrumsPlayed {
    const PLUGIN: Plugin = Plugin::Drums;
    const WORD: &'static str = "drum kit";
    const REFUSAL: &'static str = "it has no grains, so it is for another plugin of Timbreloom";

    type Ready = Renderer;
    type View = LoadedGrainModel;

    /// Hits are made at the model's own rate.
    fn load(
        &self,
        request: &ModelRequest,
        brought: Option<&Embedded>,
        _: u32,
    ) -> Result<Loaded<Renderer, LoadedGrainModel>, String> {
        let LoadedGrains { package, model, remarks } = (self.load)(request, brought)?;
        let view = LoadedGrainModel {
            name: package.header.name.clone(),
            classes: model.classes().to_vec(),
            embedding: model.embedding(),
            tables: Some(Arc::clone(model.tables())),
        };
        Ok(Loaded { package: package.into(), remarks, ready: Renderer::new(model), view })
    }

    /// Returns when the worker has it, so that what is asked for from then on is made with it.
    fn hand_over(&self, renderer: Option<Renderer>, _: u32) -> Result<(), String> {
        self.drums.fill(renderer.as_ref().map_or(&[], |renderer| renderer.model().classes()));
        let Some(worker) = self.worker.get() else { return Ok(()) };
        let (hits, began) = (&self.window_link.hits, Instant::now());
        let before = hits.models();
        worker.play(renderer);
        while hits.models() == before {
            if began.elapsed() >= HANDOVER_LIMIT {
                return Err(
                    "The drum kit before this one hangs in the midst of a hit. Take this instance out and insert \
                            it again; nothing of the project is lost."
                        .into(),
                );
            }
            std::thread::sleep(Duration::from_millis(1));
        }
        Ok(())
    }

    /// Nothing comes back: the worker frees its model itself.
    fn free_spent(&self) -> bool {
        true
    }

    fn show(&self, name: String, view: Option<LoadedGrainModel>) {
        self.window_link.set_package(view.unwrap_or(LoadedGrainModel { name, ..LoadedGrainModel::default() }));
    }
}

#[cfg(test)]
#[path = "drums_supply_tests.rs"]
mod tests;
