//! The worker's loop: commands, packets, sleep; and what happens when a model fails.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::sync::mpsc::{Receiver, SyncSender, TryRecvError, sync_channel};
use std::thread::JoinHandle;
use std::time::Duration;

use parking_lot::Mutex;

use super::path_player::plays;
use super::priority::Follower;
use super::recorder::{RecordAsk, Recorder};
use super::stream::{HopReport, Models, PlayedHop, Stream};
use super::tape::Tape;
use crate::bounce::patience::breathe;
use crate::controls::Playable;
use crate::latent::set::MAX_PATHS;
use crate::latent::{LatentPath, PathSet, Source};
use crate::model::request::ModelRequest;
use crate::model::{Loader, Model, Shape};
use crate::telemetry::{EngineState, ModelInfo, Telemetry};

/// Sleep between two looks at the ring: a tenth of the budget that `latency.rs` grants, so a packet is hardly ever
/// the later for it, at less than 1 % of a core.
const NAP: Duration = Duration::from_micros(500);

/// How often a look in vain only gives up the turn while a host waits in a bounce, some 0.3 ms in all: the next packet is
/// on its way, and the shortest sleep takes a quarter of the time that a hop does.
const RESTLESS_LOOKS: u32 = 60;

/// Sleep when no packet has come for a second.
const LONG_NAP: Duration = Duration::from_millis(5);
const NAPS_UNTIL_LONG: u32 = 2000;

/// The corners of the plane, in their order, as the window calls them.
const CORNERS: [&str; 4] = ["below left", "below right", "above left", "above right"];

/// Failed hops in a row after which the model is given up: a third of a second.
const PATIENCE_HOPS: u32 = 30;

/// Which of an instance's models.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Slot {
    /// The one that is always there.
    First,
    /// The one that can be blended with it.
    Second,
}

/// Latent paths on their way: the latest ones, until the worker takes them. Neither side holds it for longer than that takes.
pub(super) type Mailbox = Mutex<Option<PathSet>>;

/// What the engine asks of its worker.
pub(super) enum Command {
    Load(Slot, ModelRequest, SyncSender<Option<Shape>>),
    Unload(Slot),
    Record(RecordAsk),
    EndRecord {
        keep: bool,
    },
    /// With the number that [`RestartWish`](crate::telemetry::RestartWish) has given it.
    Stream(u32, Box<Stream>),
}

/// Runs until the engine is dropped.
pub(super) fn run(
    inbox: &Receiver<Command>,
    mailbox: &Mailbox,
    loader: Loader,
    telemetry: &Telemetry,
    tape: Arc<Tape>,
) {
    let mut worker = Worker::new(mailbox, loader, telemetry, tape);
    let mut idle_naps = 0;
    let mut priority = Follower::new();
    loop {
        priority.follow(telemetry);
        match inbox.try_recv() {
            Ok(command) => worker.handle(command),
            Err(TryRecvError::Disconnected) => return worker.leave(),
            Err(TryRecvError::Empty) => {
                if worker.take_loaded() | worker.advance() {
                    idle_naps = 0;
                } else {
                    idle_naps = (idle_naps + 1).min(NAPS_UNTIL_LONG);
                    match worker.nap(idle_naps) {
                        Some(nap) => std::thread::park_timeout(nap),
                        None => breathe(),
                    }
                }
            }
        }
    }
}

type Loaded = Result<Box<dyn Model>, String>;

/// A model on its way, loaded by a thread of its own so that the ones that play are not held up.
struct Load {
    slot: Slot,
    name: String,
    result: Receiver<Loaded>,
    reply: SyncSender<Option<Shape>>,
}

struct Worker<'a> {
    models: Models,
    stream: Option<Box<Stream>>,
    stream_number: u32,
    loads: Vec<Load>,
    /// Threads that load, also what is not wanted any more.
    loaders: Vec<JoinHandle<()>>,
    recorder: Recorder,
    failed_in_a_row: u32,
    mailbox: &'a Mailbox,
    telemetry: &'a Telemetry,
    loader: Arc<Mutex<Loader>>,
}

impl<'a> Worker<'a> {
    fn new(mailbox: &'a Mailbox, loader: Loader, telemetry: &'a Telemetry, tape: Arc<Tape>) -> Self {
        Self {
            models: Models::none(PathSet::default()),
            stream: None,
            stream_number: 0,
            loads: Vec::new(),
            loaders: Vec::new(),
            recorder: Recorder::new(tape),
            failed_in_a_row: 0,
            mailbox,
            telemetry,
            loader: Arc::new(Mutex::new(loader)),
        }
    }

    /// Lets all go and waits for what is still being loaded: a process that ends in the midst of a load takes ONNX Runtime
    /// away under it, and crashes. [`super::Engine`] does not wait longer than a host may be held up.
    fn leave(mut self) {
        self.recorder.end(true);
        let Self { models, loads, loaders, .. } = self;
        drop((models, loads));
        for thread in loaders {
            // A loader does not panic: it catches what the package's loading does.
            let _ = thread.join();
        }
    }

    /// How long to sleep after so many looks in vain; `None`: not at all.
    fn nap(&self, idle_naps: u32) -> Option<Duration> {
        let is_awaited = self.stream.as_ref().is_some_and(|stream| stream.half.is_awaited());
        match idle_naps {
            0..RESTLESS_LOOKS if is_awaited => None,
            0..NAPS_UNTIL_LONG => Some(NAP),
            _ => Some(LONG_NAP),
        }
    }

    fn handle(&mut self, command: Command) {
        // What was given before a stream is played from its start.
        self.take_paths();
        match command {
            Command::Stream(number, stream) => {
                let fits =
                    |model: &Option<Box<dyn Model>>| model.as_ref().is_some_and(|model| stream.fits(model.shape()));
                let Models { first, next_first, .. } = &mut self.models;
                // What was waiting for a stream of its own latency plays in it from its start; while there is none, what can
                // play goes on.
                if next_first.is_some() && (fits(next_first) || !fits(first)) {
                    *first = next_first.take();
                }
                if first.is_some() && matches!(self.telemetry.state(), EngineState::Ready | EngineState::Waiting) {
                    let state = if fits(first) { EngineState::Ready } else { EngineState::Waiting };
                    self.telemetry.set_state(state);
                }
                (self.stream, self.stream_number) = (Some(stream), number);
                self.recorder.restart();
                self.meet_first();
                self.note_paths();
                // What came since it was opened was held against the one before.
                self.ask_for_restart();
            }
            Command::Unload(slot) => {
                self.loads.retain(|load| load.slot != slot);
                match slot {
                    Slot::First => self.models.first = None,
                    Slot::Second => {
                        self.models.second = None;
                        self.telemetry.set_second(ModelInfo::default());
                    }
                }
                self.ask_for_restart();
                self.meet_first();
                self.note_paths();
            }
            Command::Record(ask) => self.recorder.ask(ask),
            Command::EndRecord { keep } => self.recorder.end(keep),
            Command::Load(slot, request, reply) => self.load(slot, request, reply),
        }
    }

    /// Plays other latent paths, if there are any. The old ones are let go here, where nobody waits.
    fn take_paths(&mut self) {
        let newest = self.mailbox.lock().take();
        if let Some(paths) = newest {
            self.models.paths = paths;
            self.note_paths();
        }
    }

    /// Whoever is the first model now is what recordings are of; another one has no place in a path yet.
    fn meet_first(&mut self) {
        self.recorder.meet(self.models.first.as_ref().map(|model| (model.request(), model.shape().clone())));
        self.telemetry.path_at.store(f32::NAN);
    }

    fn load(&mut self, slot: Slot, request: ModelRequest, reply: SyncSender<Option<Shape>>) {
        if slot == Slot::First && self.models.first.is_none() {
            self.telemetry.set_state(EngineState::Loading);
        }
        // What was asked for before is not wanted any more.
        self.loads.retain(|load| load.slot != slot);
        let (sender, result) = sync_channel(1);
        let loader = Arc::clone(&self.loader);
        let name = request.name.clone();
        let work = move || {
            let loaded = catch_unwind(AssertUnwindSafe(|| loader.lock()(&request)));
            let loaded = match loaded {
                Ok(Ok(model)) => Ok(model),
                Ok(Err(error)) => Err(error.to_string()),
                Err(_) => Err(format!("the model “{}” broke while it was loaded", request.name)),
            };
            // Nobody waits any more when another model was asked for meanwhile.
            let _ = sender.send(loaded);
        };
        self.loaders.retain(|thread| !thread.is_finished());
        match std::thread::Builder::new().name("timbreloom-loader".into()).spawn(work) {
            Ok(thread) => self.loaders.push(thread),
            Err(error) => {
                self.miss(
                    slot,
                    &name,
                    format!("the system refused a thread to load it ({error}). Close some programs."),
                );
                let _ = reply.try_send(None);
                return;
            }
        }
        self.loads.push(Load { slot, name, result, reply });
        self.note_paths();
    }

    /// Puts models that have been loaded into their places; false when there are none.
    fn take_loaded(&mut self) -> bool {
        let arrived = self.loads.iter().enumerate().find_map(|(at, load)| match load.result.try_recv() {
            Err(TryRecvError::Empty) => None,
            Ok(loaded) => Some((at, loaded)),
            Err(TryRecvError::Disconnected) => Some((at, Err("its loading was broken off".into()))),
        });
        let Some((at, loaded)) = arrived else { return false };
        let load = self.loads.swap_remove(at);
        let shape = match loaded {
            Ok(model) => {
                let shape = model.shape().clone();
                self.place(load.slot, model);
                Some(shape)
            }
            Err(message) => {
                self.miss(load.slot, &load.name, message);
                None
            }
        };
        // Nobody waits any more when the plugin was closed meanwhile.
        let _ = load.reply.try_send(shape);
        true
    }

    fn place(&mut self, slot: Slot, model: Box<dyn Model>) {
        let fits = self.stream.as_ref().is_none_or(|stream| stream.fits(model.shape()));
        match slot {
            Slot::Second => {
                self.telemetry.set_second(model.info());
                self.models.second = Some(model);
            }
            Slot::First => {
                self.failed_in_a_row = 0;
                self.telemetry.set_model(model.info());
                // One that plays is faded over to the new one, or plays on until there is a stream that suits it.
                let waits = self.stream.is_some() && (self.models.first.is_some() || !fits);
                let is_heard = self.models.first.is_some() || fits;
                if waits {
                    self.models.next_first = Some(model);
                } else {
                    self.models.next_first = None;
                    self.models.first = Some(model);
                }
                self.telemetry.set_state(if is_heard { EngineState::Ready } else { EngineState::Waiting });
            }
        }
        self.ask_for_restart();
        self.meet_first();
        self.note_paths();
    }

    /// Asks for a restart while it lets a model play that cannot now, and takes that back. A second model of another rate or hop
    /// than the first plays beside it in no stream, and of one in whose place another is being loaded nobody knows.
    fn ask_for_restart(&self) {
        let Some(stream) = &self.stream else { return };
        let first = self.models.next_first.as_ref().or(self.models.first.as_ref()).map(|model| model.shape());
        let waits = first.is_some_and(|first| {
            let is_beside =
                |second: &Shape| (second.sample_rate_hz, second.hop_frames) == (first.sample_rate_hz, first.hop_frames);
            let second = self.models.second.as_ref().map(|model| model.shape()).filter(|second| is_beside(second));
            let stays = !self.loads.iter().any(|load| load.slot == Slot::Second);
            !stream.fits(first) || second.is_some_and(|second| stays && !stream.fits(second))
        });
        self.telemetry.restart.set(self.stream_number, waits);
    }

    /// Says why a model is not there. In place of the first one dry sound passes.
    fn miss(&mut self, slot: Slot, name: &str, message: String) {
        let info = ModelInfo { name: name.to_owned(), message, is_missing: true, ..ModelInfo::default() };
        match slot {
            Slot::Second => {
                self.models.second = None;
                self.telemetry.set_second(info);
            }
            Slot::First => {
                self.models.first = None;
                self.models.next_first = None;
                self.telemetry.set_model(info);
                self.telemetry.set_state(EngineState::Missing);
            }
        }
        self.ask_for_restart();
        self.meet_first();
        self.note_paths();
    }

    /// Says which latent paths do not play, and why; and which do. While models are missing or on their way nobody knows, and
    /// all may: what sleeps is not woken by a model that comes.
    fn note_paths(&mut self) {
        let Models { first, second, next_first, paths, playable } = &mut self.models;
        let newest = next_first.as_ref().or(first.as_ref());
        let loaded: Vec<&dyn Model> = newest.into_iter().chain(&*second).map(|model| &**model).collect();
        self.telemetry.set_paths_note(notes_of(paths, &loaded).join(" "));
        let all = [&*first, &*second, &*next_first];
        let plays_in_one = |path: &LatentPath| all.iter().copied().flatten().any(|model| plays(&**model, path));
        let is_known = first.is_some() && self.loads.is_empty();
        *playable = if is_known { paths.playable(&plays_in_one) } else { Playable::ALL };
        // Of others that have come meanwhile nobody knows yet, and what sleeps would not hear of them.
        let others = self.mailbox.lock();
        if others.is_none() {
            self.telemetry.playable.store(*playable);
        }
    }

    /// Takes one packet through the models; false when there was none.
    fn advance(&mut self) -> bool {
        self.take_paths();
        let Some(stream) = &mut self.stream else { return false };
        if stream.half.is_abandoned() {
            self.stream = None;
            self.recorder.restart();
            return false;
        }
        let (telemetry, failed) = (self.telemetry, &mut self.failed_in_a_row);
        let recorder = &mut self.recorder;
        stream.is_recorded = recorder.is_on();
        stream.listens_at_rest = recorder.is_on() && !recorder.has_heard();
        let mut last_error = None;
        let mut report = |report: HopReport| {
            if let Some(model) = report.new_first {
                recorder.meet(Some(model));
            }
            if report.has_leapt {
                recorder.forget();
            }
            if report.is_missed {
                recorder.miss();
            }
            recorder.hear(report.heard, &report.song);
            if let Some(place) = report.place {
                telemetry.path_at.store(place.at.unwrap_or(f32::NAN));
                telemetry.plane_place.iter().zip(place.on_plane).for_each(|(cell, value)| cell.store(value));
            }
            let Some(PlayedHop { hop, guard, load }) = report.played else { return };
            telemetry.note_load(load);
            telemetry.feedback_guard.store(guard);
            match hop {
                Ok(hop) => {
                    *failed = 0;
                    telemetry.note_latent(&hop.raw, &hop.latent);
                }
                Err(error) => {
                    *failed += 1;
                    telemetry.bad_hops.fetch_add(1, Ordering::Relaxed);
                    last_error = Some(error.to_string());
                }
            }
        };
        let models = &mut self.models;
        let has_next = models.next_first.is_some();
        telemetry.note_busy(true);
        let outcome = catch_unwind(AssertUnwindSafe(|| stream.advance(models, &mut report)));
        telemetry.note_busy(false);
        match outcome {
            Ok(took_one) => {
                let skipped = std::mem::take(&mut stream.skipped_hops);
                if skipped > 0 {
                    self.telemetry.skipped_hops.fetch_add(skipped, Ordering::Relaxed);
                }
                self.telemetry.held.add(&mut stream.held);
                if has_next && self.models.next_first.is_none() {
                    self.meet_first();
                    self.note_paths();
                }
                if self.failed_in_a_row >= PATIENCE_HOPS {
                    self.give_up(last_error.unwrap_or_default());
                }
                took_one
            }
            Err(_) => {
                self.give_up("it broke while playing".into());
                true
            }
        }
    }

    /// Lets the models go and says so; dry sound passes from here on.
    fn give_up(&mut self, reason: String) {
        let none = Models::none(self.models.paths.clone());
        let models = std::mem::replace(&mut self.models, none);
        self.meet_first();
        self.note_paths();
        if let Some(model) = models.first {
            let mut info = model.info();
            info.message = format!("{}: {reason}. Load the model again or choose another one.", info.name);
            self.telemetry.set_model(info);
        }
        self.telemetry.set_state(EngineState::Faulted);
    }
}

/// Why paths of a set, and moments on its plane, do not play with these models, in whole sentences.
fn notes_of(paths: &PathSet, models: &[&dyn Model]) -> Vec<String> {
    let is_unfit = |path: &LatentPath| !models.is_empty() && !models.iter().any(|model| plays(*model, path));
    let note = |what: String, path: &LatentPath, again: &str| {
        format!(
            "{what} was made with the model “{}”, or with another version of it, and does not play in the one that is loaded. \
             Load that model, or {again} again.",
            path.model.name
        )
    };
    let of_slot = |n: usize| {
        let slot = paths.slot(n).filter(|slot| is_unfit(&slot.path))?;
        Some(note(format!("The path “{}” in slot {}", slot.name, n + 1), &slot.path, "encode the sound"))
    };
    let of_moment = |place: String, source: &Source| match source {
        Source::Snapshot(path) if is_unfit(path) => Some(note(format!("The moment {place}"), path, "capture it")),
        _ => None,
    };
    let plane = paths.plane();
    let corners = plane.corners.iter().zip(CORNERS).filter_map(|(source, corner)| {
        let source = source.as_ref()?;
        of_moment(format!("in the corner {corner}"), source)
    });
    let markers = plane.markers.iter().enumerate();
    let markers = markers.filter_map(|(n, marker)| of_moment(format!("of marker {}", n + 1), &marker.source));
    let remarks = paths.remarks().into_iter().map(|(_, remark)| remark);
    remarks.chain((0..MAX_PATHS).filter_map(of_slot)).chain(corners).chain(markers).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::lane::tests::{Deaf, shape};
    use crate::engine::{RecordLength, RecordStart};
    use crate::latency::{Margin, Timing};
    use crate::latent::Chain;
    use crate::latent::path::tests::path;
    use crate::link::{self, Input, WorkerHalf};
    use crate::model::{DecoderInput, RunError};

    /// A model by its name, that makes no sound.
    struct Named(&'static str, Shape);

    impl Named {
        fn boxed(name: &'static str) -> Box<dyn Model> {
            Box::new(Self(name, shape(1024)))
        }
    }

    impl Model for Named {
        fn shape(&self) -> &Shape {
            &self.1
        }

        fn info(&self) -> ModelInfo {
            ModelInfo { name: self.0.into(), ..ModelInfo::default() }
        }

        fn encode(&mut self, _: usize, _: &[f32], _: &mut [f32]) -> Result<f32, RunError> {
            Ok(-20.0)
        }

        fn decode(&mut self, _: usize, _: &DecoderInput<'_>, _: &mut [f32]) -> Result<(), RunError> {
            Ok(())
        }

        fn reset(&mut self) {}
    }

    /// A worker that is given its models by hand.
    fn worker<'a>(mailbox: &'a Mailbox, telemetry: &'a Telemetry, tape: &Arc<Tape>) -> Worker<'a> {
        Worker::new(mailbox, Box::new(|_| Err("nothing is loaded here".into())), telemetry, Arc::clone(tape))
    }

    /// A stream for models of this delay, as an activation opens it; the worker takes it later.
    fn opened(telemetry: &Telemetry, delay_frames: usize) -> Command {
        opened_with(telemetry, delay_frames, link::new(4096).1)
    }

    fn opened_with(telemetry: &Telemetry, delay_frames: usize, half: WorkerHalf) -> Command {
        let timing = Timing {
            host_rate_hz: 44_100.0,
            model_rate_hz: 44_100.0,
            hop_frames: 512,
            delay_frames,
            max_block_frames: 512,
            margin: Margin::Normal,
        };
        telemetry.restart.clear();
        Command::Stream(telemetry.restart.open_stream(), Box::new(Stream::new(half, timing, 1)))
    }

    #[test]
    fn the_latest_paths_are_taken_before_a_stream_and_are_not_taken_for_the_ones_before() {
        let (mailbox, telemetry) = (Mailbox::default(), Telemetry::default());
        let mut worker = worker(&mailbox, &telemetry, &Arc::default());
        worker.place(Slot::First, Named::boxed("cello"));
        assert_eq!(telemetry.playable.load(), Playable::NONE);
        let set = |slot, name| {
            let path = LatentPath { model: ModelRequest::named(name), dims: 16, ..path(3) };
            PathSet::default().with_path(slot, "sung", &path, &Chain::default()).unwrap()
        };
        // As the engine gives them.
        let give = |paths: &PathSet| {
            telemetry.playable.store(Playable::ALL);
            *mailbox.lock() = Some(paths.clone());
        };
        let (first, second, third) = (set(6, "cello"), set(4, "cello"), set(5, "horn"));
        give(&first);
        give(&second);
        worker.handle(opened(&telemetry, 1024));
        assert_eq!((&worker.models.paths, mailbox.lock().is_none()), (&second, true));
        assert_eq!(telemetry.playable.load(), Playable::slot(4));
        give(&third);
        worker.note_paths();
        assert_eq!(telemetry.playable.load(), Playable::ALL, "of the latest ones nobody knows yet");
        worker.advance();
        assert_eq!((&worker.models.paths, telemetry.playable.load()), (&third, Playable::NONE));
        assert!(telemetry.paths_note.lock().contains("in slot 6 was made with the model “horn”"));
    }

    #[test]
    fn a_recording_ends_before_the_first_hop_of_a_model_that_takes_over_within_a_gap() {
        let (mailbox, telemetry, tape) = (Mailbox::default(), Telemetry::default(), Arc::<Tape>::default());
        let mut worker = worker(&mailbox, &telemetry, &tape);
        let (mut host, half) = link::new(4096);
        host.set_waits(true);
        worker.handle(opened_with(&telemetry, 1024, half));
        worker.place(Slot::First, Named::boxed("cello"));
        worker.place(Slot::First, Named::boxed("horn"));
        let record = |pre_roll_s| {
            Command::Record(RecordAsk { slot: 0, start: RecordStart::Now, length: RecordLength::Open, pre_roll_s })
        };
        let taken = || {
            let take = tape.peek()?;
            tape.drop_first(&take);
            Some((take.path.model.name.clone(), take.path.hops.len()))
        };
        worker.handle(record(0.0));
        // The other one listens for a quarter of a second, 21 hops. Of 40 all but the ends are lost on the way.
        for start in [0, 40 * 512] {
            assert!(host.send(Input { epoch: 1, start, ..Input::default() }));
            assert!(worker.advance());
        }
        assert_eq!((taken(), taken()), (Some(("cello".into(), 21)), None));
        worker.handle(record(10.0));
        assert!(host.send(Input { epoch: 1, start: 41 * 512, ..Input::default() }));
        assert!(worker.advance());
        worker.handle(Command::EndRecord { keep: true });
        assert_eq!(taken(), Some(("horn".into(), 20)), "what it heard before is its own");
    }

    #[test]
    fn a_model_that_comes_between_two_streams_asks_for_no_restart_but_as_far_as_the_newer_one_goes() {
        let (mailbox, telemetry) = (Mailbox::default(), Telemetry::default());
        let mut worker = worker(&mailbox, &telemetry, &Arc::default());
        worker.handle(opened(&telemetry, 0));
        worker.place(Slot::First, Box::new(Deaf::new(1024)));
        assert!(telemetry.waits_for_restart(), "its delay is longer than the stream's");
        for (of_stream, of_model, waits) in [(1024, 1024, false), (1024, 2048, true), (2048, 1024, false)] {
            let stream = opened(&telemetry, of_stream);
            worker.place(Slot::First, Box::new(Deaf::new(of_model)));
            assert!(!telemetry.waits_for_restart(), "{of_model}: it was held against the stream before");
            worker.handle(stream);
            assert_eq!(telemetry.waits_for_restart(), waits, "{of_model} in a stream for {of_stream}");
        }
    }

    #[test]
    fn a_model_that_does_not_suit_a_new_stream_leaves_it_to_the_one_that_does_or_to_dry_sound() {
        let (mailbox, telemetry) = (Mailbox::default(), Telemetry::default());
        let mut worker = worker(&mailbox, &telemetry, &Arc::default());
        let playing = |worker: &Worker<'_>| worker.models.first.as_ref().map(|model| model.shape().delay_frames);
        worker.handle(opened(&telemetry, 1024));
        worker.place(Slot::First, Box::new(Deaf::new(1024)));
        worker.place(Slot::First, Box::new(Deaf::new(2048)));
        worker.handle(opened(&telemetry, 1024));
        assert_eq!((playing(&worker), telemetry.state()), (Some(1024), EngineState::Ready), "it plays on");
        assert!(telemetry.waits_for_restart());
        worker.handle(opened(&telemetry, 512));
        assert_eq!((playing(&worker), telemetry.state()), (Some(2048), EngineState::Waiting), "neither can play");
        worker.handle(opened(&telemetry, 2048));
        assert_eq!((playing(&worker), telemetry.state()), (Some(2048), EngineState::Ready));
        assert!(!telemetry.waits_for_restart());
    }
}
