//! What every plugin keeps in a project beside the values of its parameters.

use std::sync::Arc;

use nih_plug::prelude::*;
use parking_lot::Mutex;

use super::embedded_field::EmbeddedField;
use super::kept_preset::KeptPreset;
use super::midi_map::MidiMap;
use super::watched::Watched;
use crate::model::request::ModelRequest;
use crate::preset::Compare;

/// Version of the saved states. Raised when an older state needs a fix on loading.
const STATE_VERSION: u32 = 1;

/// A state puts it back in the order of its keys, after the plugin's own fields: the model comes last but for `state_version`
/// and `window`, since it may be loaded then and there.
#[derive(Params)]
pub struct Kept {
    /// The model asked for, found or not.
    #[persist = "model"]
    pub model: Watched<ModelRequest>,
    /// The model that travels with the project, if it does.
    #[persist = "embedded"]
    pub embedded: EmbeddedField,
    /// Which MIDI controller moves which parameter.
    #[persist = "midi_map"]
    pub midi_map: MidiMap,
    /// A/B: which side is heard, and what the other holds.
    #[persist = "compare"]
    pub compare: Arc<Mutex<Compare>>,
    /// The preset that is heard, for the window.
    #[persist = "preset"]
    pub preset: Mutex<KeptPreset>,
    /// Width and height of the window, logical pixels.
    #[persist = "window"]
    pub window: Mutex<(u32, u32)>,
    /// Which version of the state this is.
    #[persist = "state_version"]
    pub state_version: Mutex<u32>,
}

impl Kept {
    /// A new instance's, which asks for this model. The map is empty until it is made of the parameters around it.
    pub fn new(request: ModelRequest) -> Self {
        let (model, compare) = (Watched::new(request), Arc::default());
        Self {
            embedded: EmbeddedField::new(0, &model, &compare),
            model,
            midi_map: MidiMap::default(),
            compare,
            preset: Mutex::default(),
            window: Mutex::new((1100, 700)),
            state_version: Mutex::new(STATE_VERSION),
        }
    }
}
