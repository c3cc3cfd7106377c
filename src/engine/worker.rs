//! The worker's loop: commands, packets, sleep; and what happens when a model fails.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::Ordering;
use std::sync::mpsc::{Receiver, TryRecvError};
use std::time::Duration;

use super::stream::{HopReport, Stream};
use super::{Command, Loader};
use crate::model::Model;
use crate::telemetry::{EngineState, ModelInfo, Telemetry};

/// Sleep between two looks at the ring: a tenth of the budget that `latency.rs` grants, so a packet is hardly ever
/// the later for it, at less than 1 % of a core.
const NAP: Duration = Duration::from_micros(500);

/// Sleep while a host waits in a bounce, and for how many of them: the next packet is on its way.
const SHORT_NAP: Duration = Duration::from_micros(20);
const SHORT_NAPS: u32 = 10;

/// Sleep when no packet has come for a second.
const LONG_NAP: Duration = Duration::from_millis(5);
const NAPS_UNTIL_LONG: u32 = 2000;

/// Failed hops in a row after which the model is given up: a third of a second.
const PATIENCE_HOPS: u32 = 30;

/// Runs until the engine is dropped.
pub(super) fn run(inbox: &Receiver<Command>, loader: Loader, telemetry: &Telemetry) {
    let mut worker = Worker { model: None, stream: None, failed_in_a_row: 0, telemetry, loader };
    let mut idle_naps = 0;
    loop {
        match inbox.try_recv() {
            Ok(command) => worker.obey(command),
            Err(TryRecvError::Disconnected) => return,
            Err(TryRecvError::Empty) => {
                if worker.advance() {
                    idle_naps = 0;
                } else {
                    idle_naps = (idle_naps + 1).min(NAPS_UNTIL_LONG);
                    std::thread::park_timeout(worker.nap(idle_naps));
                }
            }
        }
    }
}

struct Worker<'a> {
    model: Option<Box<dyn Model>>,
    stream: Option<Box<Stream>>,
    failed_in_a_row: u32,
    telemetry: &'a Telemetry,
    loader: Loader,
}

impl Worker<'_> {
    /// How long to sleep after so many looks in vain.
    fn nap(&self, idle_naps: u32) -> Duration {
        let is_awaited = self.stream.as_ref().is_some_and(|stream| stream.is_awaited());
        match idle_naps {
            0..SHORT_NAPS if is_awaited => SHORT_NAP,
            0..NAPS_UNTIL_LONG => NAP,
            _ => LONG_NAP,
        }
    }

    fn obey(&mut self, command: Command) {
        match command {
            Command::Stream(stream) => self.stream = Some(stream),
            Command::Load(request, reply) => {
                self.telemetry.set_state(EngineState::Loading);
                // The old one is let go here, on the worker, before the new one takes memory.
                self.model = None;
                self.failed_in_a_row = 0;
                let loaded = catch_unwind(AssertUnwindSafe(|| (self.loader)(&request)));
                let failure = match loaded {
                    Ok(Ok(model)) => {
                        self.telemetry.set_model(model.info());
                        self.telemetry.set_state(EngineState::Ready);
                        self.model = Some(model);
                        None
                    }
                    Ok(Err(error)) => Some(error.to_string()),
                    Err(_) => Some(format!("the model “{}” broke while it was loaded", request.name)),
                };
                if let Some(message) = failure {
                    let name = request.name.clone();
                    self.telemetry.set_model(ModelInfo { name, message, ..ModelInfo::default() });
                    self.telemetry.set_state(EngineState::Missing);
                }
                // Nobody waits any more when the plugin was closed meanwhile.
                let _ = reply.try_send(self.model.as_ref().map(|model| model.shape().clone()));
            }
        }
    }

    /// Takes one packet through the model; false when there was none.
    fn advance(&mut self) -> bool {
        let Some(stream) = &mut self.stream else { return false };
        if stream.is_abandoned() {
            self.stream = None;
            return false;
        }
        let (telemetry, failed) = (self.telemetry, &mut self.failed_in_a_row);
        let mut last_error = None;
        let mut report = |report: HopReport| {
            telemetry.note_load(report.load);
            match report.hop {
                Ok(hop) => {
                    *failed = 0;
                    telemetry.note_latent(&hop.latent);
                }
                Err(error) => {
                    *failed += 1;
                    telemetry.bad_hops.fetch_add(1, Ordering::Relaxed);
                    last_error = Some(error.to_string());
                }
            }
        };
        // A `match`, because a trait object behind `as_deref_mut` does not shorten its lifetime by itself.
        let model: Option<&mut dyn Model> = match &mut self.model {
            Some(model) => Some(model.as_mut()),
            None => None,
        };
        let outcome = catch_unwind(AssertUnwindSafe(|| stream.advance(model, &mut report)));
        match outcome {
            Ok(took_one) => {
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

    /// Lets the model go and says so; dry sound passes from here on.
    fn give_up(&mut self, reason: String) {
        if let Some(model) = self.model.take() {
            let mut info = model.info();
            info.message = format!("{}: {reason}. Load the model again or choose another one.", info.name);
            self.telemetry.set_model(info);
        }
        self.telemetry.set_state(EngineState::Faulted);
    }
}
