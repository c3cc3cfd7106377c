//! The instrument's session: what its window is told beside the parameters, and what is done for its requests.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use plugin_ui::Tone;
use plugin_ui::codes::CodesRequest;
use plugin_ui::session::{ChosenModel, MissingModel, Notice, ProviderView, Request, Session, Side, Slot};

use super::cards::{Cards, Places};
use super::errands::{Errands, Report};
use super::install::{examining, install, release};
use super::marks::Marks;
use crate::instance::codes_params::CodesParams;
use crate::instance::codes_stage::Stage;
use crate::instance::{codes_table, drawn};
use crate::model::any_package::AnyPackage;
use crate::model::request::ModelRequest;
use crate::preset::{Desk, History, compare};
use crate::synth::curve::Points;
use crate::synth::instrument::{Event, Who};

/// How often the session is read again while nothing is asked for.
const LOOK_INTERVAL: Duration = Duration::from_millis(100);

/// One instance's session. GUI thread; nothing here waits.
pub struct CodesClerk {
    params: Arc<CodesParams>,
    stage: Arc<Stage>,
    places: Arc<Places>,
    /// What the window is told.
    pub session: Session,
    errands: Errands,
    /// How many states had been loaded, see [`crate::synth::curve::Curve::states`].
    states: u32,
    looked: Option<Instant>,
}

impl CodesClerk {
    /// For one instance.
    pub fn new(params: Arc<CodesParams>, stage: Arc<Stage>) -> Self {
        let session = Session {
            // Nothing is computed by a graph while it plays, so there is nothing to choose.
            provider: ProviderView {
                offered: vec!["CPU".into()],
                chosen: "CPU".into(),
                note: "Codes are played from the package's tables.".into(),
                ..ProviderView::default()
            },
            ..Session::default()
        };
        let states = params.curve.states();
        let places = Arc::new(Places::of_user());
        Self { params, stage, places, session, errands: Errands::default(), states, looked: None }
    }

    #[cfg(test)]
    pub(super) fn with_places(mut self, places: Places) -> Self {
        self.places = Arc::new(places);
        self
    }

    /// The window opens: what is installed is read again.
    pub fn open(&mut self) {
        self.looked = None;
        self.rescan();
    }

    /// The window closes: the thread goes once it has nothing to do.
    pub fn close(&mut self) {
        self.session.notice = None;
        self.errands.rest();
    }

    /// Takes in what threads and host have changed. Called for each frame; reads most of it ten times a second.
    pub fn keep_up(&mut self, desk: &mut dyn Desk, history: &mut History) {
        let states = self.params.curve.states();
        if std::mem::replace(&mut self.states, states) != states {
            history.clear();
            self.looked = None;
        }
        for report in self.errands.reports() {
            self.take(report);
        }
        if self.looked.is_some_and(|looked| looked.elapsed() < LOOK_INTERVAL) {
            return;
        }
        self.looked = Some(Instant::now());
        let session = &mut self.session;
        let asked = self.params.model.lock().clone();
        // What was lost may have been another one: the next is on its way.
        let lost = self.stage.package().lost.filter(|lost| lost.request == asked);
        let missing =
            lost.map(|lost| MissingModel { name: lost.request.name, reason: lost.reason, looked: lost.looked });
        session.first = ChosenModel { name: asked.name, hash: asked.hash, missing, ..ChosenModel::default() };
        session.undo = history.next_undo().map(str::to_owned);
        session.redo = history.next_redo().map(str::to_owned);
        session.side = match desk.compare().side() {
            compare::Side::A => Side::A,
            compare::Side::B => Side::B,
        };
        session.busy = self.errands.busy().to_owned();
    }

    fn take(&mut self, report: Report) {
        if let Some(notice) = report.notice {
            self.session.notice = Some(notice);
        }
        if let Some(cards) = report.cards {
            self.session.models = cards.models;
            self.retry();
        }
        self.looked = None;
    }

    /// Asks again for a missing package that has turned up.
    fn retry(&self) {
        let Some(lost) = self.stage.package().lost else { return };
        let wanted = lost.request;
        let mut models = self.session.models.iter().filter(|card| card.problem.is_empty());
        if models.any(|card| card.name == wanted.name || (!wanted.hash.is_empty() && card.hash == wanted.hash)) {
            self.stage.ask();
        }
    }

    /// Does it at once, or queues it; what comes of it is in the session.
    pub fn carry_out(&mut self, request: CodesRequest, desk: &mut dyn Desk, history: &mut History) {
        let key = |key: u8| Who { id: None, channel: Some(0), key: Some(key) };
        match request {
            CodesRequest::Session(request) => self.carry_out_session(request, desk, history),
            CodesRequest::PlayCode { code } => self.stage.play(Event::PlayCode(code)),
            CodesRequest::StopCode => self.stage.play(Event::StopCode),
            CodesRequest::NoteOn { key: pressed, velocity } => self.stage.play(Event::On(key(pressed), velocity)),
            CodesRequest::NoteOff { key: pressed } => self.stage.play(Event::Off(key(pressed))),
            CodesRequest::DrawCurve { points, is_done } => {
                let points = points.into_iter().map(|point| (point.place, point.value)).collect();
                history.draw(desk, drawn::CURVE, "Curve", &drawn::to_json(&Points(points)), is_done);
                self.looked = None;
            }
        }
    }

    fn carry_out_session(&mut self, request: Request, desk: &mut dyn Desk, history: &mut History) {
        self.looked = None;
        match request {
            Request::ChooseModel { slot: Slot::First, name, hash } if !name.is_empty() => {
                let label = format!("Codebook \u{201c}{name}\u{201d}");
                let mut models = desk.models();
                models[0] = ModelRequest { name, hash };
                history.choose_models(desk, label, models);
            }
            Request::Rescan => self.rescan(),
            Request::Undo => drop(history.undo(desk).map(str::to_owned)),
            Request::Redo => drop(history.redo(desk).map(str::to_owned)),
            Request::SwitchSide => compare::switch(codes_table(), desk, history),
            Request::CopyToOtherSide => compare::copy_to_other(codes_table(), desk, history),
            Request::SetFavourite { name, is_favourite } => self.set_favourite(name, is_favourite),
            // A missing package that has come is asked for again by `retry`.
            Request::ImportPackage(path) | Request::Relink { path, .. } => self.import(path),
            Request::ReleaseQuarantine { name } => self.release(name),
            Request::Dismiss => self.session.notice = None,
            // There is nothing in this window that asks for it.
            _ => self.tell("Timbreloom Codes has no presets, no MIDI learn and no embedding yet.".into()),
        }
    }

    fn tell(&mut self, text: String) {
        self.session.notice = Some(Notice { tone: Tone::Waiting, text });
    }

    fn rescan(&mut self) {
        let places = Arc::clone(&self.places);
        self.run("Looking for codebooks \u{2026}", move || Report {
            cards: Some(Cards::read_codes(&places)),
            ..Report::default()
        });
    }

    fn import(&mut self, path: PathBuf) {
        let places = Arc::clone(&self.places);
        self.run(&examining("Examining", &path), move || {
            let (mut notice, package) = install(&places, &path);
            if matches!(package, Some(AnyPackage::Continuous(_))) {
                notice.text.push_str(" It has no codes, so it is for the effect Timbreloom and not listed here.");
            }
            Report { notice: Some(notice), cards: Some(Cards::read_codes(&places)), ..Report::default() }
        });
    }

    fn release(&mut self, name: String) {
        let places = Arc::clone(&self.places);
        self.run(&format!("Releasing {name} \u{2026}"), move || {
            let notice = release(&places, &name);
            Report { notice: Some(notice), cards: Some(Cards::read_codes(&places)), ..Report::default() }
        });
    }

    fn run(&mut self, label: &str, work: impl FnOnce() -> Report + Send + 'static) {
        if let Err(error) = self.errands.queue(label.into(), work) {
            self.tell(format!("The system refused a thread ({error}). Close some programs and try again."));
        }
    }

    fn set_favourite(&mut self, name: String, is_favourite: bool) {
        for card in self.session.models.iter_mut().filter(|card| card.name == name) {
            card.is_favourite = is_favourite;
        }
        let Some(data): Option<PathBuf> = self.places.data.clone() else { return };
        self.run("Keeping favourites \u{2026}", move || Report {
            notice: Marks::set_favourite(&data, name, is_favourite).err(),
            ..Report::default()
        });
    }
}
