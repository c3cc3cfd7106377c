//! What the window knows of models, presets and settings beside the parameters, and what it may ask for.

use std::path::PathBuf;

use crate::paths::PathRequest;
use crate::summary::Tone;
use crate::{ParamId, Zoom};

/// One of the two models of an instance.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Slot {
    /// The model that plays.
    First,
    /// The model that is blended in.
    Second,
}

/// An installed package, sound or not.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ModelCard {
    /// The package's name; unique together with the hash.
    pub name: String,
    /// The hash of its contents; empty when it is too broken to have one.
    pub hash: String,
    /// What it was trained on, for the browser's groups: `strings`, `winds`, `voice`, `drums`.
    pub domain: String,
    /// One or two sentences.
    pub description: String,
    /// Under which licence it may be used.
    pub licence: String,
    /// Where its sound came from.
    pub provenance: String,
    /// `pitched` follows one voice, `general` takes any sound.
    pub stage: String,
    /// The card that came with it, Markdown; empty without one.
    pub card: String,
    /// The pitches of its training sound, Hz; `None` where it has no pitch.
    pub pitch_hz: Option<[f32; 2]>,
    /// The loudness of its training sound, dB(A).
    pub loudness_db: [f32; 2],
    /// The middle of that: half of it was softer.
    pub middle_loudness_db: f32,
    /// Latent dimensions in use.
    pub dims: usize,
    /// The delay that it adds to the latency, ms.
    pub delay_ms: f32,
    /// Share of real time that it was last measured to need here; `None` before it has played.
    pub load: Option<f32>,
    /// Size on disk, bytes.
    pub size_bytes: u64,
    /// Whether the musician has marked it.
    pub is_favourite: bool,
    /// Why it cannot be played (broken, in quarantine) and what to do; empty when it can.
    pub problem: String,
    /// Whether it is in quarantine after a crash, from which it can be let go.
    pub is_quarantined: bool,
}

/// A preset in the browser.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PresetCard {
    /// 1 to 64 characters.
    pub name: String,
    /// The model that it was made for.
    pub model: String,
    /// What it does, and on which input it shines.
    pub comment: String,
    /// Its file, which stands for it in a [`Request`].
    pub path: PathBuf,
    /// Whether it is the musician's own, to be renamed and deleted.
    pub is_users: bool,
    /// Whether the musician has marked it.
    pub is_favourite: bool,
    /// What is wrong with its file; empty when it can be loaded.
    pub problem: String,
}

/// A model that is asked for and not there.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct MissingModel {
    /// The name that the project asks for.
    pub name: String,
    /// Why it is not there, and what to do, in whole sentences.
    pub reason: String,
    /// The folders that were looked through, in their order.
    pub looked: Vec<PathBuf>,
}

/// One of the two models as the project has it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ChosenModel {
    /// Empty: none is asked for.
    pub name: String,
    /// See [`ModelCard::hash`].
    pub hash: String,
    /// Set while it is asked for and not there.
    pub missing: Option<MissingModel>,
    /// Whether the last relink can be taken back.
    pub can_undo_relink: bool,
    /// Whether it shall travel with the project.
    pub is_embedding_wanted: bool,
    /// How much longer the project is for it, bytes; 0 until it is packed.
    pub embedded_bytes: u64,
    /// Why it is not packed though it is wanted; empty otherwise.
    pub embedding_problem: String,
}

/// A MIDI controller that moves a parameter.
#[derive(Clone, Debug, PartialEq)]
pub struct MappedControl {
    /// Which parameter.
    pub param: ParamId,
    /// Number of the controller, 0..=127.
    pub cc: u8,
    /// MIDI channel, 0..=15; `None` is any.
    pub channel: Option<u8>,
    /// Share of the parameter's range at controller value 0; above `high` the direction is turned round.
    pub low: f32,
    /// Share of the parameter's range at controller value 127.
    pub high: f32,
    /// Where the controller holds the parameter now, as a share of its range; `None` while it does not.
    pub held: Option<f32>,
}

/// MIDI learn; only in formats that give the plugin MIDI.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct MidiControl {
    /// Whether this format brings MIDI at all; without it nothing of it is shown.
    pub is_offered: bool,
    /// All that is mapped, in the order of the parameters.
    pub mapped: Vec<MappedControl>,
    /// Which parameter waits for a controller.
    pub learning: Option<ParamId>,
    /// Whether a controller has to pass the parameter's value before it moves it.
    pub soft_takeover: bool,
}

/// Whether other programs play the effect by OSC; only where the plugin can listen.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OscView {
    /// Whether there is OSC at all; without it nothing of it is shown.
    pub is_offered: bool,
    /// Whether the musician wants it.
    pub is_on: bool,
    /// Where it listens.
    pub port: u16,
    /// Where it answers; 0: at the sender's own port.
    pub send_port: u16,
    /// Why it does not listen, and what to do, in whole sentences; empty when all is well.
    pub problem: String,
    /// Messages that were taken, refused, and too many to be looked at.
    pub counts: [u64; 3],
    /// Why the last one was refused, a whole sentence; empty while none was.
    pub last_refusal: String,
}

/// What runs the models.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ProviderView {
    /// Names for the menu, Auto first.
    pub offered: Vec<String>,
    /// Which of them is chosen; a name that is not offered stays as it is.
    pub chosen: String,
    /// What really runs.
    pub running: String,
    /// Why nothing else does, in whole sentences; empty when there was no choice.
    pub note: String,
}

/// What lies beside the plugin to be read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AboutView {
    /// The manual; `None` where it was not installed.
    pub manual: Option<PathBuf>,
    /// The list of what comes from others; `None` where it was not installed.
    pub third_party: Option<PathBuf>,
}

/// One side of A/B.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Side {
    /// The first.
    #[default]
    A,
    /// The second.
    B,
}

/// What a request came to, in whole sentences.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// How it ended.
    pub tone: Tone,
    /// What happened and, if it did not, what to do.
    pub text: String,
}

/// Everything beside the parameters. The editor keeps it up to date on the GUI thread.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Session {
    /// All installed packages, in the order of the folders and then of their names.
    pub models: Vec<ModelCard>,
    /// All presets of all models: the musician's own first.
    pub presets: Vec<PresetCard>,
    /// The model that plays.
    pub first: ChosenModel,
    /// The model that is blended in.
    pub second: ChosenModel,
    /// The preset that was loaded last and not left by another; empty before.
    pub preset: String,
    /// Whether anything was changed since it was loaded.
    pub is_preset_edited: bool,
    /// What undo would take back; `None` when there is nothing.
    pub undo: Option<String>,
    /// What redo would do again; `None` when there is nothing.
    pub redo: Option<String>,
    /// Which side of A/B is heard.
    pub side: Side,
    /// What runs the models.
    pub provider: ProviderView,
    /// MIDI learn.
    pub midi: MidiControl,
    /// OSC.
    pub osc: OscView,
    /// Why nothing comes in by a side-chain, in a sentence; `None` where the format has one.
    pub no_side_chain: Option<&'static str>,
    /// Sounds that can be played in the place of the input, to hear a model; none where nothing is heard.
    pub sounds: &'static [&'static str],
    /// Which of them plays.
    pub tried: Option<usize>,
    /// What lies beside the plugin.
    pub about: AboutView,
    /// How large the musician wants all windows to be drawn.
    pub zoom: Zoom,
    /// Whether a model or latency waits for the host to restart the plugin.
    pub needs_restart: bool,
    /// What a background thread is doing, as “Examining flute.zip …”; empty when nothing.
    pub busy: String,
    /// What the last request came to; stays until it is dismissed or another takes its place.
    pub notice: Option<Notice>,
}

/// Something that the musician asks for beside moving parameters. The editor does it, at once or on a thread, and says in
/// [`Session`] what came of it.
#[derive(Clone, Debug, PartialEq)]
#[expect(missing_docs, reason = "the fields are those of the cards above")]
pub enum Request {
    /// Plays another model; an empty name in the second place lets it go. One step of undo.
    ChooseModel { slot: Slot, name: String, hash: String },
    /// Examines and installs a package's folder or zip archive.
    ImportPackage(PathBuf),
    /// Puts another model, from a path, in the place of a missing one.
    Relink { slot: Slot, path: PathBuf },
    /// Takes the last relink back.
    UndoRelink(Slot),
    /// Lets a model out of quarantine.
    ReleaseQuarantine { name: String },
    /// Marks a model, or no longer.
    SetFavourite { name: String, is_favourite: bool },
    /// Marks a preset of a model, or no longer.
    SetPresetFavourite { model: String, name: String, is_favourite: bool },
    /// Lets the model travel with the project, or no longer.
    Embed { slot: Slot, is_wanted: bool },
    /// Reads folders again: models and presets.
    Rescan,
    /// Loads a preset. One step of undo.
    LoadPreset(PathBuf),
    /// Saves the settings as the musician's preset.
    SavePreset { name: String, comment: String, may_replace: bool },
    /// Renames one of the musician's own.
    RenamePreset { path: PathBuf, name: String },
    /// Deletes one of the musician's own.
    DeletePreset(PathBuf),
    /// Takes presets in: a file or a folder of them.
    ImportPresets(PathBuf),
    /// Writes a preset to a file of the musician's choice.
    ExportPreset { path: PathBuf, to: PathBuf },
    /// Puts every parameter at its default. One step of undo.
    Initialise,
    /// Takes the last step back.
    Undo,
    /// Does it again.
    Redo,
    /// Hears the other side of A/B.
    SwitchSide,
    /// Makes the other side the same as this one.
    CopyToOtherSide,
    /// Throws the dice within musical ranges, with this strength, 0..=1.
    Randomise { strength: f32 },
    /// Puts the settings as text where the host's clipboard is.
    CopySettings,
    /// Takes settings from a text.
    PasteSettings(String),
    /// Chooses what runs the models, by one of the offered names.
    SetProvider(String),
    /// Waits for a controller to be moved; `None` waits no more.
    Learn(Option<ParamId>),
    /// Maps a controller with a range.
    Map(MappedControl),
    /// Takes the controller off.
    Unmap(ParamId),
    /// Takes all controllers off.
    UnmapAll,
    /// See [`MidiControl::soft_takeover`].
    SetSoftTakeover(bool),
    /// Listens to OSC or no longer, and by which ports: see [`OscView`].
    SetOsc { is_on: bool, port: u16, send_port: u16 },
    /// What concerns latent paths and the plane; of the effect alone.
    Path(PathRequest),
    /// Sets parameters, in their own normalised values, as one step of undo of this name.
    Set { name: &'static str, values: Vec<(ParamId, f32)> },
    /// Plays one of the sounds in the place of the input, or lets the input be heard again; of the effect alone.
    TrySound(Option<usize>),
    /// Draws all windows so large from now on.
    SetZoom(Zoom),
    /// Lets the notice go.
    Dismiss,
}
