//! Every request with its effect, on parameters without a host and in folders of the test's own.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use nih_plug::prelude::Params;
use plugin_ui::param::{BIAS, MIX};
use plugin_ui::session::{MappedControl, ModelCard, Request, Session, Side, Slot};
use plugin_ui::{ParamId, Tone, Zoom};
use tempfile::TempDir;

use super::App;
use super::browser_lists::Places;
use super::model_notes::ModelNotes;
use super::shell::Face;
use super::user_file::UserFile;
use super::window_habits::WindowHabits;
use super::window_session::WindowSession;
use crate::instance::desk::InstanceDesk;
use crate::instance::effect_params::EffectParams;
use crate::instance::project_models::ProjectModels;
use crate::model::embedded::Embedded;
use crate::model::kinds::Package;
use crate::model::provider::{Provider, ProviderChoice};
use crate::model::request::ModelRequest;
use crate::preset::{Desk, History};
use crate::telemetry::{ModelInfo, Telemetry};

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

struct Rig {
    params: Arc<EffectParams>,
    telemetry: Arc<Telemetry>,
    window_session: WindowSession,
    desk: InstanceDesk<EffectParams>,
    history: History,
    data: TempDir,
}

impl Rig {
    fn new() -> Self {
        let (params, telemetry) = (Arc::<EffectParams>::default(), Arc::<Telemetry>::default());
        let project = Arc::new(ProjectModels::new(&*params, Arc::clone(&telemetry)));
        let data = tempfile::tempdir().unwrap();
        let models = vec![data.path().join("models"), root().join("models")];
        let places = Places::at(data.path(), models);
        let window_session =
            WindowSession::new(App::PRODUCT, params.clone(), project, Arc::clone(&telemetry), true).with_places(places);
        let desk = InstanceDesk::loose(Arc::clone(&params));
        Self { params, telemetry, window_session, desk, history: History::default(), data }
    }

    /// Asks, and waits for what comes of it.
    fn ask(&mut self, request: Request) -> Option<String> {
        let text = self.window_session.carry_out(request, &mut self.desk, &mut self.history);
        self.settle();
        text
    }

    fn settle(&mut self) {
        loop {
            self.window_session.look_again();
            self.window_session.keep_up(&mut self.desk, &mut self.history);
            if self.session().busy.is_empty() {
                return;
            }
            std::thread::yield_now();
        }
    }

    fn session(&self) -> &Session {
        &self.window_session.session
    }

    fn said(&self, tone: Tone, words: &str) {
        let notice = self.session().notice.as_ref();
        assert!(notice.is_some_and(|n| n.tone == tone && n.text.contains(words)), "“{words}” is not in {notice:?}");
    }

    fn turn(&mut self, id: ParamId, value: f32) {
        self.history.begin(&mut self.desk, id.0);
        self.history.set(&mut self.desk, id.0, value);
        self.history.end(&mut self.desk, id.0, id.0, std::time::Instant::now());
    }

    fn save(&mut self, name: &str) -> PathBuf {
        self.ask(Request::SavePreset { name: name.into(), comment: String::new(), may_replace: false });
        let presets = &self.session().presets;
        presets.iter().find(|preset| preset.name == name && preset.is_users).unwrap().path.clone()
    }
}

fn request(name: &str) -> ModelRequest {
    ModelRequest { name: name.into(), hash: "a".repeat(64) }
}

#[test]
fn a_model_is_chosen_in_one_step_of_undo_and_the_second_one_let_go() {
    let mut rig = Rig::new();
    let before = rig.desk.models();
    let ModelRequest { name, hash } = request("horn");
    rig.ask(Request::ChooseModel { slot: Slot::First, name: name.clone(), hash: hash.clone() });
    assert_eq!((&rig.session().first.name, &rig.session().first.hash), (&name, &hash));
    assert_eq!(rig.session().undo.as_deref(), Some("Model “horn”"));
    rig.ask(Request::ChooseModel { slot: Slot::Second, name: "flute".into(), hash });
    assert_eq!(rig.session().second.name, "flute");
    rig.ask(Request::ChooseModel { slot: Slot::Second, name: String::new(), hash: String::new() });
    assert_eq!(rig.session().second.name, "");
    rig.ask(Request::ChooseModel { slot: Slot::First, name: String::new(), hash: String::new() });
    assert_eq!(rig.session().first.name, "horn", "an instance has a model");
    for _ in 0..3 {
        rig.ask(Request::Undo);
    }
    assert_eq!(rig.desk.models(), before);
    assert_eq!((rig.session().undo.as_deref(), rig.session().redo.as_deref()), (None, Some("Model “horn”")));
    rig.ask(Request::Redo);
    assert_eq!(rig.desk.models()[0].name, "horn");
}

#[test]
fn another_model_begins_at_rest_and_comes_back_as_it_was_left() {
    let mut rig = Rig::new();
    let choose = |name: &str, letter: &str| Request::ChooseModel {
        slot: Slot::First,
        name: name.into(),
        hash: letter.repeat(64),
    };
    rig.ask(choose("cello", "a"));
    rig.turn(BIAS[2], 0.9);
    rig.turn(MIX, 0.5);
    rig.save("Mine");
    assert_eq!(rig.session().preset, "Mine");
    let bias = |rig: &Rig| rig.params.latent[2].bias.value();
    let left = bias(&rig);
    rig.ask(choose("horn", "b"));
    assert_eq!((bias(&rig), rig.params.mix.value()), (0.0, 0.5), "the latents alone are another model's");
    assert_eq!(rig.session().preset, "", "what is heard is that preset no longer");
    rig.turn(BIAS[2], 0.2);
    rig.ask(choose("cello", "a"));
    assert_eq!(bias(&rig), left);
    rig.ask(Request::Undo);
    assert!((rig.desk.value(BIAS[2].0) - 0.2).abs() < 1e-6, "one step of undo brings model and latents back");
    assert_eq!(rig.desk.models()[0].name, "horn");
}

#[test]
fn the_presets_name_comes_back_with_the_project_and_whether_it_was_edited() {
    for is_edited in [false, true] {
        let mut rig = Rig::new();
        rig.turn(MIX, 0.5);
        rig.save("Half");
        if is_edited {
            rig.turn(MIX, 0.75);
        }
        rig.settle();
        let saved = rig.params.serialize_fields();
        let share = rig.desk.value(MIX.0);

        let mut other = Rig::new();
        other.settle();
        assert_eq!(other.session().preset, "");
        other.desk.set(MIX.0, share);
        other.params.deserialize_fields(&saved);
        other.settle();
        let session = other.session();
        assert_eq!((session.preset.as_str(), session.is_preset_edited), ("Half", is_edited));
        other.turn(MIX, 0.1);
        other.settle();
        assert!(other.session().is_preset_edited);
        assert!(other.params.serialize_fields()["preset"].contains("\"is_edited\":true"));
        other.ask(Request::Initialise);
        assert_eq!(other.session().preset, "");
        assert!(other.params.serialize_fields()["preset"].contains("\"name\":\"\""));
    }
}

#[test]
fn a_package_is_examined_and_installed_and_a_bad_one_is_refused_in_words() {
    let mut rig = Rig::new();
    let path = root().join("tests/fixtures/general");
    rig.window_session.carry_out(Request::ImportPackage(path), &mut rig.desk, &mut rig.history);
    rig.window_session.keep_up(&mut rig.desk, &mut rig.history);
    assert_eq!(rig.session().busy, "Examining general …");
    rig.settle();
    rig.said(Tone::Good, "“echo” is installed. It plays as its maker's copy did");
    assert!(rig.session().models.iter().any(|card| card.name == "echo" && card.problem.is_empty()));
    rig.ask(Request::ImportPackage(root().join("tests/fixtures/states")));
    rig.said(Tone::Trouble, "manifest.json");
}

#[test]
fn a_relink_that_cannot_be_done_changes_nothing_and_there_is_nothing_to_take_back() {
    let mut rig = Rig::new();
    *rig.params.kept.model.lock() = request("gone");
    rig.ask(Request::Relink { slot: Slot::First, path: root().join("docs") });
    rig.said(Tone::Trouble, "manifest.json");
    assert_eq!(rig.session().first.name, "gone");
    rig.ask(Request::UndoRelink(Slot::First));
    rig.said(Tone::Waiting, "no relink");
}

#[test]
fn a_relink_puts_another_model_in_place_and_can_be_taken_back() {
    let mut rig = Rig::new();
    *rig.params.own.second_model.lock() = request("gone");
    rig.telemetry.set_second(ModelInfo {
        name: "gone".into(),
        message: "Not here.".into(),
        is_missing: true,
        ..ModelInfo::default()
    });
    rig.settle();
    let missing = rig.session().second.missing.clone().unwrap();
    assert!(missing.name == "gone" && missing.reason == "Not here." && !missing.looked.is_empty());
    rig.ask(Request::Relink { slot: Slot::Second, path: root().join("tests/fixtures/general") });
    rig.said(Tone::Good, "“echo” is in its place.");
    assert!(rig.session().second.name == "echo" && rig.session().second.can_undo_relink);
    rig.ask(Request::UndoRelink(Slot::Second));
    assert!(rig.session().second.name == "gone" && !rig.session().second.can_undo_relink);
}

fn card_of(rig: &Rig, name: &str) -> ModelCard {
    rig.session().models.iter().find(|card| card.name == name).cloned().unwrap()
}

#[test]
fn a_model_is_let_out_of_quarantine() {
    let mut rig = Rig::new();
    let cello = Package::open(&root().join("models/cello")).unwrap();
    let loading = rig.data.path().join("loading");
    std::fs::create_dir_all(&loading).unwrap();
    let note = serde_json::json!({ "name": "cello", "hash": cello.hash(), "pid": 1, "began_unix_s": 1 });
    std::fs::write(loading.join("x.json"), note.to_string()).unwrap();
    rig.ask(Request::Rescan);
    assert!(!card_of(&rig, "cello").is_quarantined, "once is a warning");
    std::fs::write(loading.join("y.json"), note.to_string()).unwrap();
    rig.ask(Request::Rescan);
    let card = |rig: &Rig| card_of(rig, "cello");
    assert!(card(&rig).is_quarantined && card(&rig).problem.contains("is in quarantine"), "{}", card(&rig).problem);
    rig.ask(Request::ReleaseQuarantine { name: "cello".into() });
    rig.said(Tone::Good, "out of quarantine");
    assert!(!card(&rig).is_quarantined && card(&rig).problem.is_empty());
    rig.ask(Request::ReleaseQuarantine { name: "cello".into() });
    rig.said(Tone::Waiting, "not in quarantine");
}

#[test]
fn a_model_that_ended_programs_while_it_played_is_let_out_of_quarantine_too() {
    let mut rig = Rig::new();
    let cello = Package::open(&root().join("models/cello")).unwrap();
    let playing = rig.data.path().join("loading/playing");
    std::fs::create_dir_all(&playing).unwrap();
    let note = serde_json::json!({ "name": "cello", "hash": cello.hash(), "pid": 1, "began_unix_s": 1 });
    for name in ["x.json", "y.json"] {
        // The tab in front: the process died within a call of a graph.
        std::fs::write(playing.join(name), format!("\t{note}")).unwrap();
    }
    rig.ask(Request::Rescan);
    let card = card_of(&rig, "cello");
    assert!(card.is_quarantined && card.problem.contains("while it played this model"), "{}", card.problem);
    rig.ask(Request::ReleaseQuarantine { name: "cello".into() });
    rig.said(Tone::Good, "out of quarantine");
    assert!(!card_of(&rig, "cello").is_quarantined);
    assert_eq!(std::fs::read_dir(&playing).unwrap().count(), 0);
}

#[test]
fn favourites_are_kept_in_the_users_folder() {
    let mut rig = Rig::new();
    rig.ask(Request::Rescan);
    let is_favourite = |rig: &Rig| rig.session().models.iter().any(|card| card.name == "horn" && card.is_favourite);
    for marked in [true, false] {
        rig.ask(Request::SetFavourite { name: "horn".into(), is_favourite: marked });
        assert_eq!(is_favourite(&rig), marked);
        assert_eq!(ModelNotes::read(rig.data.path()).favourites.contains("horn"), marked);
        rig.ask(Request::Rescan);
        assert_eq!(is_favourite(&rig), marked, "and read again");
    }
}

#[test]
fn a_marked_preset_is_kept_by_its_model_and_its_name() {
    let mut rig = Rig::new();
    rig.ask(Request::Rescan);
    let first = rig.session().presets.iter().find(|card| card.problem.is_empty()).unwrap().clone();
    let is_favourite = |rig: &Rig| {
        let marked = rig.session().presets.iter().filter(|card| card.is_favourite);
        marked.map(|card| (card.model.clone(), card.name.clone())).collect::<Vec<_>>()
    };
    let (model, name) = (first.model, first.name);
    for marked in [true, false] {
        let preset = (model.clone(), name.clone());
        rig.ask(Request::SetPresetFavourite { model: model.clone(), name: name.clone(), is_favourite: marked });
        assert_eq!(is_favourite(&rig).contains(&preset), marked);
        rig.ask(Request::Rescan);
        assert_eq!(is_favourite(&rig).contains(&preset), marked, "and read again");
    }
}

#[test]
fn the_zoom_is_this_users_and_the_next_window_has_it() {
    let mut rig = Rig::new();
    rig.ask(Request::SetZoom(Zoom::nearest(150)));
    assert_eq!(rig.session().zoom.percent(), 150);
    assert_eq!(WindowHabits::zoom(rig.data.path()).percent(), 150);
}

#[test]
fn a_model_is_wanted_in_the_project_or_no_longer() {
    let mut rig = Rig::new();
    *rig.params.kept.model.lock() = request("gone");
    rig.ask(Request::Embed { slot: Slot::First, is_wanted: true });
    assert!(rig.session().first.is_embedding_wanted && rig.params.kept.embedded.to_save().is_wanted);
    assert!(!rig.session().second.is_embedding_wanted);
    rig.ask(Request::Embed { slot: Slot::First, is_wanted: false });
    assert!(!rig.session().first.is_embedding_wanted && rig.params.kept.embedded.to_save() == Embedded::default());
}

#[test]
fn rescanning_finds_what_has_come_meanwhile() {
    let mut rig = Rig::new();
    rig.ask(Request::Rescan);
    let count = rig.session().models.len();
    assert!(count > 5 && rig.session().presets.iter().any(|preset| preset.model == "cello"));
    let folder = rig.data.path().join("models/new");
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join("manifest.json"), "{}").unwrap();
    rig.ask(Request::Rescan);
    assert_eq!(rig.session().models.len(), count + 1);
}

#[test]
fn a_preset_is_saved_loaded_renamed_exported_imported_and_deleted() {
    let mut rig = Rig::new();
    rig.turn(MIX, 0.5);
    let path = rig.save("Half");
    rig.said(Tone::Good, "“Half” is saved.");
    assert!(rig.session().preset == "Half" && !rig.session().is_preset_edited);
    rig.turn(MIX, 0.75);
    rig.settle();
    assert!(rig.session().is_preset_edited);
    rig.ask(Request::SavePreset { name: "Half".into(), comment: String::new(), may_replace: false });
    rig.said(Tone::Trouble, "is there already");

    rig.ask(Request::LoadPreset(path.clone()));
    assert_eq!(rig.params.mix.value(), 0.5);
    assert!(rig.session().preset == "Half" && !rig.session().is_preset_edited);
    assert_eq!(rig.session().undo.as_deref(), Some("Preset “Half”"));

    rig.ask(Request::RenamePreset { path, name: "Even".into() });
    let named = |rig: &Rig, name: &str| {
        let mut presets = rig.session().presets.iter();
        presets.find(|preset| preset.name == name && preset.is_users).map(|preset| preset.path.clone())
    };
    assert!(named(&rig, "Half").is_none());
    let path = named(&rig, "Even").unwrap();
    let to = rig.data.path().join("given away.json");
    rig.ask(Request::ExportPreset { path: path.clone(), to: to.clone() });
    rig.said(Tone::Good, "given away.json");
    rig.ask(Request::DeletePreset(path.clone()));
    assert!(named(&rig, "Even").is_none() && !path.exists());
    rig.ask(Request::ImportPresets(to));
    rig.said(Tone::Good, "Presets taken in: 1.");
    assert!(named(&rig, "Even").is_some());

    let factory = rig.session().presets.iter().find(|preset| !preset.is_users).unwrap().clone();
    rig.ask(Request::DeletePreset(factory.path.clone()));
    rig.said(Tone::Trouble, "not one of your presets");
    assert!(factory.path.exists());
    rig.ask(Request::LoadPreset(factory.path));
    assert_eq!(rig.session().preset, factory.name);
    assert_eq!(rig.session().first.hash.len(), 64, "it asks for the very model that it lies beside");
}

#[test]
fn initialising_and_dice_are_steps_of_undo() {
    let mut rig = Rig::new();
    rig.turn(MIX, 0.2);
    rig.ask(Request::Initialise);
    assert_eq!(rig.params.mix.value(), 1.0);
    assert_eq!(rig.session().undo.as_deref(), Some("Initialise"));
    rig.ask(Request::Undo);
    assert_eq!(rig.params.mix.value(), 0.2);
    let info = ModelInfo { dims: 4, p01: [-2.0; 16], p99: [2.0; 16], ..ModelInfo::default() };
    rig.telemetry.set_model(info);
    rig.ask(Request::Randomise { strength: 1.0 });
    let biases: Vec<f32> = rig.params.latent.iter().map(|latent| latent.bias.value()).collect();
    assert!(biases[..4].iter().any(|bias| *bias != 0.0) && biases[4..].iter().all(|bias| *bias == 0.0), "{biases:?}");
    assert_eq!(rig.session().undo.as_deref(), Some("Randomise"));
}

#[test]
fn sides_are_switched_and_copied() {
    let mut rig = Rig::new();
    rig.turn(MIX, 0.25);
    rig.ask(Request::SwitchSide);
    assert_eq!(rig.session().side, Side::B);
    rig.turn(MIX, 0.75);
    rig.ask(Request::SwitchSide);
    assert_eq!((rig.session().side, rig.params.mix.value()), (Side::A, 0.25));
    rig.ask(Request::CopyToOtherSide);
    rig.ask(Request::SwitchSide);
    assert_eq!((rig.session().side, rig.params.mix.value()), (Side::B, 0.25));
}

#[test]
fn settings_travel_as_text() {
    let mut rig = Rig::new();
    rig.turn(BIAS[2], 0.75);
    let text = rig.ask(Request::CopySettings).unwrap();
    rig.said(Tone::Good, "clipboard");
    let mut other = Rig::new();
    assert_eq!(other.ask(Request::PasteSettings(text)), None);
    assert_eq!(other.params.latent[2].bias.value(), 2.0);
    assert_eq!(other.session().undo.as_deref(), Some("Paste"));
    other.ask(Request::PasteSettings("hello".into()));
    other.said(Tone::Trouble, "is not a Timbreloom preset");
    other.ask(Request::Dismiss);
    assert_eq!(other.session().notice, None);
}

#[test]
fn a_provider_is_chosen_by_an_offered_name_only() {
    let mut rig = Rig::new();
    rig.settle();
    assert_eq!(rig.session().provider.offered[..2], ["Auto", "CPU"]);
    rig.ask(Request::SetProvider("CPU".into()));
    assert_eq!(rig.session().provider.chosen, "CPU");
    assert_eq!(*rig.params.own.provider.lock(), ProviderChoice::Only(Provider::Cpu));
    rig.ask(Request::SetProvider("Abacus".into()));
    rig.said(Tone::Trouble, "“Abacus”");
    assert_eq!(rig.session().provider.chosen, "CPU");
}

#[test]
fn controllers_are_learnt_mapped_and_taken_off() {
    let mut rig = Rig::new();
    rig.ask(Request::Learn(Some(MIX)));
    assert!(rig.session().midi.is_offered);
    assert_eq!(rig.session().midi.learning, Some(MIX));
    rig.ask(Request::Learn(None));
    assert_eq!(rig.session().midi.learning, None);
    let control = MappedControl { param: MIX, cc: 7, channel: Some(3), low: 0.25, high: 0.75, held: None };
    let other = MappedControl { param: BIAS[0], cc: 8, channel: None, ..control.clone() };
    rig.ask(Request::Map(control.clone()));
    rig.ask(Request::Map(other.clone()));
    assert_eq!(rig.session().midi.mapped, [control.clone(), other.clone()]);
    rig.ask(Request::Map(MappedControl { cc: 200, ..control.clone() }));
    rig.said(Tone::Trouble, "0 to 127 expected");
    rig.ask(Request::Unmap(MIX));
    assert_eq!(rig.session().midi.mapped, [other]);
    rig.ask(Request::UnmapAll);
    assert!(rig.session().midi.mapped.is_empty());
    for is_soft in [true, false] {
        rig.ask(Request::SetSoftTakeover(is_soft));
        assert_eq!((rig.session().midi.soft_takeover, rig.params.kept.midi_map.soft_takeover()), (is_soft, is_soft));
    }
}

#[test]
fn another_project_ends_the_history_and_the_preset() {
    use nih_plug::params::Params;
    let mut rig = Rig::new();
    rig.turn(MIX, 0.5);
    rig.save("Half");
    assert!(rig.session().undo.is_some() && rig.session().preset == "Half");
    let state = EffectParams::default();
    *state.kept.model.lock() = request("horn");
    rig.params.deserialize_fields(&state.serialize_fields());
    rig.settle();
    assert_eq!((rig.session().undo.as_deref(), rig.session().preset.as_str()), (None, ""));
    assert_eq!(rig.session().first.name, "horn");
}

#[test]
fn the_window_says_why_where_the_host_gives_no_side_chain() {
    let mut rig = Rig::new();
    rig.settle();
    assert_eq!(rig.session().no_side_chain, None);
    rig.telemetry.has_no_side_chain.store(true, Ordering::Relaxed);
    rig.settle();
    let why = rig.session().no_side_chain;
    assert!(why.is_some_and(|why| why.starts_with("No effect: the host gives")), "{why:?}");
}

#[test]
fn what_a_model_needs_is_measured_while_it_plays_alone_and_kept() {
    let mut rig = Rig::new();
    rig.ask(Request::Rescan);
    let hash = rig.session().models.iter().find(|card| card.name == "horn").unwrap().hash.clone();
    *rig.params.kept.model.lock() = ModelRequest { name: "horn".into(), hash: hash.clone() };
    rig.telemetry.set_state(crate::telemetry::EngineState::Ready);
    (0..500).for_each(|_| rig.telemetry.note_load(0.2));
    rig.settle();
    let load = |rig: &Rig| rig.session().models.iter().find(|card| card.hash == hash).unwrap().load;
    assert!((load(&rig).unwrap() - 0.2).abs() < 0.01);
    rig.window_session.close();
    rig.settle();
    assert!((ModelNotes::read(rig.data.path()).loads[&hash] - 0.2).abs() < 0.01);
}
