//! What happens while another model loads, and what is refused, with loads that end as the test tells them to.

use std::sync::Arc;
use std::time::Duration;

use nice_plug_core::params::Params;
use parking_lot::Mutex;
use timbreloom::engine::Slot;
use timbreloom::instance::effect_params::EffectParams;
use timbreloom::instance::project_models::{Loads, ProjectModels, RelinkError, Source};
use timbreloom::model::kinds::Package;
use timbreloom::model::request::ModelRequest;
use timbreloom::telemetry::Telemetry;

use crate::{echo, gone, in_a_process_of_its_own};

/// What comes of a load.
#[derive(Clone, Copy)]
enum Answer {
    Plays,
    Fails,
    Refuses(&'static str),
}

/// Loads nothing: what it answers, and what happens meanwhile, is the test's.
struct Stub {
    answer: Answer,
    meanwhile: Box<dyn Fn() + Send + Sync>,
    /// What it was to swap in.
    swapped: Mutex<Vec<String>>,
}

impl Stub {
    fn new(answer: Answer, meanwhile: impl Fn() + Send + Sync + 'static) -> Arc<Self> {
        Arc::new(Self { answer, meanwhile: Box::new(meanwhile), swapped: Mutex::default() })
    }
}

impl Loads for Stub {
    fn load(&self, _: Slot, _: &ModelRequest, _: Duration) -> bool {
        (self.meanwhile)();
        matches!(self.answer, Answer::Plays)
    }

    fn swap(&self, _: Slot, request: &ModelRequest) {
        self.swapped.lock().push(request.name.clone());
    }

    fn refuses(&self, _: &Package) -> Option<&'static str> {
        match self.answer {
            Answer::Refuses(reason) => Some(reason),
            Answer::Plays | Answer::Fails => None,
        }
    }

    fn waits_for_restart(&self) -> bool {
        false
    }
}

/// The parameters of an instance whose project asks for this model, and the project.
fn asking_for(request: &ModelRequest) -> (Arc<EffectParams>, ProjectModels) {
    let params = Arc::new(EffectParams::default());
    *params.kept.model.lock() = request.clone();
    let project = ProjectModels::new(&*params, Arc::new(Telemetry::default()));
    (params, project)
}

#[test]
fn a_project_that_comes_while_a_relink_loads_is_left_alone_even_where_it_asks_for_the_same() {
    in_a_process_of_its_own(|folder| {
        echo(&folder.join("models"), "here-echo");
        let (params, project) = asking_for(&gone());
        let theirs = Arc::clone(&params);
        let stub = Stub::new(Answer::Plays, move || theirs.deserialize_fields(&theirs.serialize_fields()));
        project.attach(&stub);
        let error = project.relink(Slot::First, Source::Installed(&ModelRequest::named("here-echo"))).unwrap_err();
        assert!(error.to_string().contains("another project was loaded meanwhile"), "{error}");
        assert_eq!(project.wanted(Slot::First), gone());
        assert_eq!(*stub.swapped.lock(), ["gone"]);
        assert!(!project.can_undo_relink(Slot::First));
    });
}

#[test]
fn a_wish_that_comes_while_a_relink_loads_wins_whether_that_plays_or_not() {
    in_a_process_of_its_own(|folder| {
        echo(&folder.join("models"), "here-echo");
        for answer in [Answer::Plays, Answer::Fails] {
            let (params, project) = asking_for(&gone());
            let asked = Arc::clone(&params.kept.model);
            let stub = Stub::new(answer, move || *asked.lock() = ModelRequest::named("newer"));
            project.attach(&stub);
            let error = project.relink(Slot::First, Source::Installed(&ModelRequest::named("here-echo"))).unwrap_err();
            assert!(matches!(error, RelinkError::NotLoaded { .. }), "{error}");
            let is_told = error.to_string().contains("“newer” was asked for meanwhile");
            assert_eq!(is_told, matches!(answer, Answer::Plays), "{error}");
            assert_eq!(project.wanted(Slot::First), ModelRequest::named("newer"));
            assert_eq!(*stub.swapped.lock(), ["newer"], "and not what was asked for before");
            assert!(!project.can_undo_relink(Slot::First));
        }
    });
}

#[test]
fn a_model_that_cannot_be_played_here_is_refused_with_its_reason_before_it_is_loaded() {
    in_a_process_of_its_own(|folder| {
        echo(&folder.join("models"), "here-echo");
        let (_, project) = asking_for(&gone());
        let stub = Stub::new(Answer::Refuses("it has no codes"), || panic!("it was loaded"));
        project.attach(&stub);
        let error = project.relink(Slot::First, Source::Installed(&ModelRequest::named("here-echo"))).unwrap_err();
        assert_eq!(error.to_string(), "the model “here-echo” was not put in its place: it has no codes");
        assert_eq!(project.wanted(Slot::First), gone());
        assert!(stub.swapped.lock().is_empty(), "what plays goes on");
    });
}

#[test]
fn a_relink_that_is_undone_asks_for_the_version_that_was_found_meanwhile() {
    in_a_process_of_its_own(|folder| {
        echo(&folder.join("models"), "here-echo");
        let (params, project) = asking_for(&ModelRequest::named("gone"));
        let asked = Arc::clone(&params.kept.model);
        // As a loader does that finds the old one after all.
        let stub = Stub::new(Answer::Plays, move || asked.lock().hash = gone().hash);
        project.attach(&stub);
        project.relink(Slot::First, Source::Installed(&ModelRequest::named("here-echo"))).unwrap();
        assert_eq!(project.undo_relink(Slot::First), Some(gone()));
        assert_eq!(*params.kept.model.lock(), gone());
    });
}
