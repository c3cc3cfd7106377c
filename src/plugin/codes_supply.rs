//! How Timbreloom Codes plays a package: an instrument, handed to the audio thread without a wait on either side, which
//! takes the place of the old one between two blocks.

use std::sync::Arc;

use parking_lot::Mutex;

use super::supply::{LOAD_LIMIT, Loaded, Plays, Supply};
use crate::instance::codes_params::CodesParams;
use crate::instance::codes_window_link::{CodesWindowLink, LoadedCodebook};
use crate::instance::handover::{Giver, Taker, handover};
use crate::instance::project_models::ProjectModels;
use crate::model::embedded::Embedded;
use crate::model::loader::{self, LoadedCodes};
use crate::model::request::ModelRequest;
use crate::preset::Plugin;
use crate::synth::code_set::CodeSet;
use crate::synth::instrument::Instrument;

/// Loads what is asked for, or says why not. Blocks.
type Load = fn(&ModelRequest, Option<&Embedded>) -> Result<LoadedCodes, String>;

/// What the audio thread is to play.
pub(super) struct Ready {
    /// `None` where the package is missing: silence.
    pub(super) instrument: Option<Instrument>,
    /// What it was made for, Hz.
    pub(super) rate_hz: u32,
}

/// See the module.
pub(super) struct CodesPlayed {
    window_link: Arc<CodesWindowLink>,
    load: Load,
    giver: Mutex<Giver<Ready>>,
}

impl CodesPlayed {
    /// The packages that are installed, and the audio thread's end.
    pub(super) fn supply(
        params: &CodesParams,
        project: &ProjectModels,
        window_link: &Arc<CodesWindowLink>,
    ) -> (Supply<Self>, Taker<Ready>) {
        let load: Load = |request, brought| loader::load_codes(request, brought).map_err(|error| error.to_string());
        let (plays, taker) = Self::by(load, window_link);
        (Supply::new(&params.kept, project, &window_link.telemetry, plays, LOAD_LIMIT), taker)
    }

    /// With another loader.
    fn by(load: Load, window_link: &Arc<CodesWindowLink>) -> (Self, Taker<Ready>) {
        let (giver, taker) = handover();
        (Self { window_link: Arc::clone(window_link), load, giver: Mutex::new(giver) }, taker)
    }
}

impl Plays for CodesPlayed {
    const PLUGIN: Plugin = Plugin::Codes;
    const WORD: &'static str = "codebook";
    const REFUSAL: &'static str = "it has no codes, so it is for another plugin of Timbreloom";

    type Ready = Instrument;
    type View = LoadedCodebook;

    fn load(
        &self,
        request: &ModelRequest,
        brought: Option<&Embedded>,
        rate_hz: u32,
    ) -> Result<Loaded<Instrument, LoadedCodebook>, String> {
        let LoadedCodes { package, book, remarks } = (self.load)(request, brought)?;
        let ready = Instrument::new(&CodeSet::new(&book, rate_hz), Arc::clone(&self.window_link.display));
        let pitch_hz = Some([package.pitch.min_hz, package.pitch.max_hz]);
        let view = LoadedCodebook { name: package.header.name.clone(), book: Some(book), pitch_hz };
        Ok(Loaded { package: package.into(), remarks, ready, view })
    }

    fn hand_over(&self, instrument: Option<Instrument>, rate_hz: u32) -> Result<(), String> {
        self.giver.lock().give(Box::new(Ready { instrument, rate_hz }));
        Ok(())
    }

    fn free_spent(&self) -> bool {
        self.giver.lock().free_spent()
    }

    fn show(&self, name: String, view: Option<LoadedCodebook>) {
        self.window_link.set_package(view.unwrap_or(LoadedCodebook { name, ..LoadedCodebook::default() }));
    }
}

#[cfg(test)]
#[path = "codes_supply_tests.rs"]
mod tests;
