//! The products: what their windows say and show otherwise, beside views of their own, so that no painter asks which plugin
//! it is in. The effect's words are here, an instrument's beside its views.

use std::ops::Deref;

use crate::{ParamBackend, ParamId, Session, relevance, tooltips};

/// What one plugin's window says and shows where the others say and show something else.
#[derive(Debug)]
pub struct Words {
    /// What it is called.
    pub name: &'static str,
    /// Whether it stands in a track: then it hears an input, has dry sound and a bypass, a second model, and a latency to choose.
    pub hears_a_track: bool,
    /// What it plays, within a sentence: one, and many.
    pub model: [&'static str; 2],
    /// In the bar where there is none.
    pub no_model: &'static str,
    /// What it does while it loads, and of one that does not play or has stopped.
    pub states: [&'static str; 3],
    /// What it does when all is well; empty: it says what runs the model.
    pub ready: &'static str,
    /// In the middle of a view, while it loads, and of one that does not play or has stopped; and what is heard until then.
    pub stand_in: [&'static str; 4],
    /// Beneath why a model is missing.
    pub until_then: &'static str,
    /// Of the button with the model's name.
    pub choose: &'static str,
    /// What comes in: its name, and its mark in the legend.
    pub input: [&'static str; 2],
    /// What the spectrogram shows, and what it says before anything has sounded.
    pub sound: [&'static str; 2],
    /// In the settings: titles over what travels with the project and over the folders.
    pub titles: [&'static str; 2],
    /// What Randomise does.
    pub randomise: &'static str,
    /// Keys of its views, and what they do.
    pub keys: &'static [[&'static str; 2]],
    /// What one hears when a parameter is moved, in a plain sentence; empty for one that the window does not know.
    pub about: fn(ParamId) -> &'static str,
    /// Why moving a parameter would change nothing now, in a sentence; `None` where it would.
    pub why_idle: fn(ParamId, &dyn ParamBackend, &Session) -> Option<&'static str>,
}

/// One of the plugins.
#[derive(Clone, Copy, Debug)]
pub struct Product(pub(crate) &'static Words);

impl Product {
    /// Timbreloom.
    pub const EFFECT: Self = Self(&Words {
        name: "Timbreloom",
        hears_a_track: true,
        model: ["model", "models"],
        no_model: "No model",
        states: [
            "Dry sound while the model loads.",
            "Dry sound: the model does not play.",
            "Dry sound: the model has stopped.",
        ],
        ready: "",
        stand_in: [
            "Loading the model",
            "The model does not play",
            "The model has stopped",
            "Until then you hear the dry sound, in time. Your settings are kept.",
        ],
        until_then: "The dry sound passes until then, in time. The project keeps what it asks for.",
        choose: "Choose another model, or blend a second one in",
        input: ["Input", " in"],
        sound: [
            "Sound of input and output",
            "Play something: what goes in and what comes out appear here, one above the other.",
        ],
        titles: ["Models in this project", "Models and presets"],
        randomise: "Throws the dice for the latent, the walk and the feedback. One step of undo",
        keys: &[["Ctrl 1 to Ctrl 6", "Space, Lanes, Sound, Feedback, Paths, Plane"]],
        about: tooltips::sentence,
        why_idle: relevance::why_idle,
    });
}

impl Default for Product {
    fn default() -> Self {
        Self::EFFECT
    }
}

impl Deref for Product {
    type Target = Words;

    fn deref(&self) -> &Words {
        self.0
    }
}
