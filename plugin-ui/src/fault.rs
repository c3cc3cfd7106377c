//! Faults: what stands until somebody mends it, and which of it is folded into the sign in the bar.

use crate::session::{ChosenModel, MissingModel, ModelCard, Session, Slot};
use crate::summary::{self, Tone};
use crate::{EngineState, Status};

/// A fault that needs no action at once folds by itself after so long, seconds: the bar goes on telling of it.
const TOLD_S: f64 = 12.0;
/// See the same of passing messages.
const LONGEST_FRAME_S: f64 = 0.5;

/// What is wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A model that the project asks for is not there, or does not run.
    Missing,
    /// There is nothing to run, or it has stopped.
    Stopped,
    /// Sound was held back.
    Held,
    /// Sound came too late.
    Late,
    /// A change waits for the host.
    Restart,
}

impl Kind {
    /// What has happened to the sound while it went on: it may happen again with every start of the song.
    fn is_of_sound(self) -> bool {
        matches!(self, Self::Held | Self::Late)
    }

    /// How serious it is.
    pub fn tone(self) -> Tone {
        if self == Self::Restart { Tone::Waiting } else { Tone::Trouble }
    }
}

/// One fault, in words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// What kind.
    pub kind: Kind,
    /// What is wrong, in a few words.
    pub title: String,
    /// Why, and what to do, in whole sentences.
    pub text: String,
}

/// A model that is asked for and does not play, and what is known of it.
#[derive(Clone, Copy, Debug)]
pub struct Lost<'a> {
    pub slot: Slot,
    pub chosen: &'a ChosenModel,
    pub missing: &'a MissingModel,
    /// Its card, where it is held in quarantine.
    pub held: Option<&'a ModelCard>,
    /// It may be there, and what runs it is not.
    pub is_there: bool,
}

impl<'a> Lost<'a> {
    /// The first one first.
    pub fn of(session: &'a Session) -> Option<Self> {
        let both = [(Slot::First, &session.first), (Slot::Second, &session.second)];
        let (slot, chosen, missing) =
            both.into_iter().find_map(|(slot, chosen)| Some((slot, chosen, chosen.missing.as_ref()?)))?;
        let is_it = |card: &&ModelCard| match chosen.hash.is_empty() {
            true => card.name == missing.name,
            false => card.hash == chosen.hash,
        };
        let held = session.models.iter().find(|card| card.is_quarantined && is_it(card));
        let is_there = session.models.iter().any(|card| is_it(&card));
        Some(Self { slot, chosen, missing, held, is_there })
    }

    /// What is wrong with it; `model` is what the product calls one.
    pub fn title(&self, model: &str) -> String {
        let which = if self.slot == Slot::First { format!("The {model}") } else { format!("The second {model}") };
        let is = match self.held {
            Some(_) => "is in quarantine",
            None if self.is_there => "cannot be played",
            None => "is missing",
        };
        format!("{which} \u{201c}{}\u{201d} {is}", self.missing.name)
    }
}

/// All faults there are, the most serious first.
fn all(status: &Status, session: &Session) -> Vec<Fault> {
    let mut faults = Vec::new();
    let mut add = |kind, title: &str, text: &str| {
        faults.push(Fault { kind, title: title.to_owned(), text: text.to_owned() });
    };
    if let Some(lost) = Lost::of(session) {
        add(Kind::Missing, &lost.title(status.product.model[0]), &lost.missing.reason);
    }
    let [_, missing, stopped, meanwhile] = status.product.stand_in;
    match &status.state {
        // A missing model is told of with its ways out, above.
        EngineState::Missing(why) if session.first.missing.is_none() => {
            add(Kind::Stopped, missing, &format!("{why} {meanwhile}"));
        }
        EngineState::Faulted(why) => add(Kind::Stopped, stopped, &format!("{why} {meanwhile}")),
        _ => {}
    }
    if !status.held.is_empty() {
        add(Kind::Held, "Sound was held back", &status.held);
    }
    if let Some(sentence) = summary::underruns(status) {
        add(Kind::Late, "Dropouts", &sentence);
    }
    if session.needs_restart {
        let text = "You will hear the new model or latency once the host restarts the plugin: stop and start playback. \
                    If that does not help, switch the plugin off and on, or save the project and open it again.";
        add(Kind::Restart, "A change waits for the host", text);
    }
    faults
}

/// What is known of a fault beside its words.
#[derive(Debug)]
struct Known {
    kind: Kind,
    is_folded: bool,
    /// How long its slip has been there.
    told_s: f64,
    stands: bool,
}

/// The faults of a window.
#[derive(Debug, Default)]
pub struct Faults {
    standing: Vec<Fault>,
    known: Vec<Known>,
    last_s: Option<f64>,
}

impl Faults {
    /// Takes in what stands; once for each frame. `is_covered`: a panel is open, and no slip is seen.
    pub fn update(&mut self, status: &Status, session: &Session, is_covered: bool, now_s: f64) {
        let passed_s = self.last_s.map_or(0.0, |last_s| (now_s - last_s).clamp(0.0, LONGEST_FRAME_S));
        self.last_s = Some(now_s);
        self.standing = all(status, session);
        for known in &mut self.known {
            let stands = self.standing.iter().any(|fault| fault.kind == known.kind);
            // What has gone and comes again is new; but a song that drops out at every start is not told of at every start.
            known.is_folded |= !stands && known.kind.is_of_sound();
            known.stands = stands;
        }
        self.known.retain(|known| known.stands || known.kind.is_of_sound());
        for fault in &self.standing {
            if !self.known.iter().any(|known| known.kind == fault.kind) {
                self.known.push(Known { kind: fault.kind, is_folded: false, told_s: 0.0, stands: true });
            }
        }
        for known in self.known.iter_mut().filter(|known| known.stands && !known.is_folded && !is_covered) {
            known.told_s += passed_s;
            known.is_folded = known.kind.is_of_sound() && known.told_s > TOLD_S;
        }
    }

    /// All that stand, folded or not.
    pub fn standing(&self) -> &[Fault] {
        &self.standing
    }

    /// Those whose slip is open.
    pub fn open(&self) -> impl Iterator<Item = &Fault> {
        self.standing.iter().filter(|fault| self.is_open(fault.kind))
    }

    fn is_open(&self, kind: Kind) -> bool {
        self.known.iter().any(|known| known.kind == kind && known.stands && !known.is_folded)
    }

    /// The most serious tone; `None` while all is well.
    pub fn tone(&self) -> Option<Tone> {
        let tones = || self.standing.iter().map(|fault| fault.kind.tone());
        tones().find(|&tone| tone == Tone::Trouble).or_else(|| tones().next())
    }

    /// The hand is on its slip: it does not fold by itself.
    pub fn hold(&mut self, kind: Kind) {
        self.change(kind, |known| known.told_s = 0.0);
    }

    /// Folds one into the bar's sign.
    pub fn fold(&mut self, kind: Kind) {
        self.change(kind, |known| known.is_folded = true);
    }

    /// The sign was pressed: folds all, or opens all where none is open.
    pub fn toggle(&mut self) {
        let is_folded = self.open().next().is_some();
        for known in &mut self.known {
            (known.is_folded, known.told_s) = (is_folded, 0.0);
        }
    }

    /// Opens all.
    pub fn unfold(&mut self) {
        for known in &mut self.known {
            (known.is_folded, known.told_s) = (false, 0.0);
        }
    }

    fn change(&mut self, kind: Kind, change: impl FnOnce(&mut Known)) {
        if let Some(known) = self.known.iter_mut().find(|known| known.kind == kind) {
            change(known);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn late(times: u64) -> Status {
        Status { state: EngineState::Ready, underruns: times, ..Status::default() }
    }

    fn lost() -> Session {
        let mut session = Session::default();
        session.first.missing = Some(MissingModel { name: "cello".to_owned(), ..MissingModel::default() });
        session
    }

    /// Goes on for a while.
    fn watch(faults: &mut Faults, status: &Status, session: &Session, from_s: f64, seconds: f64) {
        for frame in 0..=(seconds * 10.0) as u32 {
            faults.update(status, session, false, from_s + f64::from(frame) * 0.1);
        }
    }

    fn kinds<'a>(faults: impl IntoIterator<Item = &'a Fault>) -> Vec<Kind> {
        faults.into_iter().map(|fault| fault.kind).collect()
    }

    #[test]
    fn a_missing_model_stays_open_until_it_is_folded_and_is_told_of_anew_when_it_comes_again() {
        let (mut faults, status) = (Faults::default(), late(0));
        watch(&mut faults, &status, &lost(), 0.0, 60.0);
        assert_eq!(kinds(faults.open()), [Kind::Missing]);
        faults.fold(Kind::Missing);
        watch(&mut faults, &status, &lost(), 60.0, 1.0);
        assert_eq!((kinds(faults.open()), kinds(faults.standing())), (vec![], vec![Kind::Missing]));
        watch(&mut faults, &status, &Session::default(), 61.0, 1.0);
        assert!(faults.standing().is_empty() && faults.tone().is_none());
        watch(&mut faults, &status, &lost(), 62.0, 1.0);
        assert_eq!(kinds(faults.open()), [Kind::Missing]);
    }

    #[test]
    fn dropouts_open_once_fold_by_themselves_and_never_leave_the_bar() {
        let (mut faults, session) = (Faults::default(), Session::default());
        watch(&mut faults, &late(1), &session, 0.0, 11.0);
        assert_eq!(kinds(faults.open()), [Kind::Late]);
        watch(&mut faults, &late(9), &session, 11.0, 2.0);
        assert_eq!((kinds(faults.open()), kinds(faults.standing())), (vec![], vec![Kind::Late]));
        // The song stops, starts, and drops out again.
        watch(&mut faults, &late(0), &session, 13.0, 1.0);
        watch(&mut faults, &late(1), &session, 14.0, 1.0);
        assert_eq!((kinds(faults.open()), kinds(faults.standing())), (vec![], vec![Kind::Late]));
        faults.toggle();
        assert_eq!(kinds(faults.open()), [Kind::Late]);
    }

    #[test]
    fn a_fault_behind_a_panel_or_under_the_hand_has_not_been_told() {
        let (mut faults, session) = (Faults::default(), Session::default());
        for frame in 0..600 {
            faults.update(&late(1), &session, true, f64::from(frame) * 0.1);
        }
        assert_eq!(kinds(faults.open()), [Kind::Late]);
        for frame in 600..1200 {
            faults.update(&late(1), &session, false, f64::from(frame) * 0.1);
            faults.hold(Kind::Late);
        }
        assert_eq!(kinds(faults.open()), [Kind::Late]);
    }

    #[test]
    fn the_sign_folds_all_and_opens_all() {
        let mut faults = Faults::default();
        let session = Session { needs_restart: true, ..lost() };
        faults.update(&late(3), &session, false, 0.0);
        assert_eq!(kinds(faults.open()), [Kind::Missing, Kind::Late, Kind::Restart]);
        assert_eq!(faults.tone(), Some(Tone::Trouble));
        faults.fold(Kind::Late);
        faults.toggle();
        assert_eq!(kinds(faults.open()), []);
        faults.toggle();
        assert_eq!(faults.open().count(), 3);
    }

    #[test]
    fn every_way_of_being_silent_is_a_fault_and_none_is_told_twice() {
        let mut faults = Faults::default();
        let silent = |state| Status { state, ..Status::default() };
        for (state, session, expected) in [
            (EngineState::Missing("Install one.".into()), Session::default(), vec![Kind::Stopped]),
            (EngineState::Missing("Install one.".into()), lost(), vec![Kind::Missing]),
            (EngineState::Faulted("It failed.".into()), Session::default(), vec![Kind::Stopped]),
            (EngineState::Loading, Session::default(), vec![]),
        ] {
            faults.update(&silent(state.clone()), &session, false, 0.0);
            assert_eq!(kinds(faults.standing()), expected, "{state:?}");
        }
        faults.update(&silent(EngineState::Faulted("It failed.".into())), &Session::default(), false, 0.0);
        assert!(faults.standing()[0].text.starts_with("It failed. "));
    }
}
