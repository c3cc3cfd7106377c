//! The worker's side: a thread per instance that owns the model and turns host packets into wet packets.

use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, TrySendError, sync_channel};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use crate::controls::Playable;
use crate::latency::{Latency, StreamFormat, Timing};
use crate::latent::PathSet;
use crate::link::{self, AudioHalf, WorkerHalf};
use crate::model::request::ModelRequest;
use crate::model::{Loader, Shape};
use crate::telemetry::Telemetry;

mod catch_up;
mod consonants;
mod feedback;
mod hop;
mod hop_count;
mod intonation;
mod lane;
mod middle;
mod movement;
mod part;
mod path_player;
mod priority;
mod recorder;
mod register;
mod stability;
mod steer;
mod stream;
mod tape;
mod unvoiced;
mod wander;
mod worker;

pub use hop::Hop;
pub use lane::Lane;
pub use priority::this_thread;
pub use recorder::{RecordAsk, RecordLength, RecordStart};
pub use tape::{Recording, Take, Tape};
pub use worker::Slot;
use worker::{Command, Mailbox};

/// How long a dying engine waits for a model's last call. After that the thread is left behind: it owns all it needs.
const FAREWELL: Duration = Duration::from_secs(3);

/// Owns the worker thread. Lives on the main thread.
pub struct Engine {
    commands: Option<SyncSender<Command>>,
    mailbox: Arc<Mailbox>,
    thread: Option<JoinHandle<()>>,
    telemetry: Arc<Telemetry>,
    tape: Arc<Tape>,
}

impl Engine {
    /// Starts the worker, which sleeps until it is given a model and a stream.
    ///
    /// # Errors
    /// When the system refuses a thread.
    pub fn start(loader: Loader, telemetry: Arc<Telemetry>) -> std::io::Result<Self> {
        let (commands, inbox): (_, Receiver<Command>) = sync_channel(16);
        let (mailbox, tape) = (Arc::<Mailbox>::default(), Arc::<Tape>::default());
        let (theirs, their_mailbox, their_tape) = (Arc::clone(&telemetry), Arc::clone(&mailbox), Arc::clone(&tape));
        let thread = std::thread::Builder::new()
            .name("timbreloom-worker".into())
            .spawn(move || worker::run(&inbox, &their_mailbox, loader, &theirs, their_tape))?;
        Ok(Self { commands: Some(commands), mailbox, thread: Some(thread), telemetry, tape })
    }

    /// Asks the worker for a model and waits for it, at most `limit`. `None` when there is none (the telemetry says
    /// why) or when it takes longer; a model that comes later plays once the plugin is activated again.
    ///
    /// Blocks; main thread only.
    pub fn load(&self, slot: Slot, request: ModelRequest, limit: Duration) -> Option<Shape> {
        let (reply, answer) = sync_channel(1);
        self.send(Command::Load(slot, request, reply))?;
        let began = Instant::now();
        loop {
            match answer.recv_timeout(Duration::from_millis(100)) {
                Ok(shape) => return shape,
                // A worker that hangs in the model before takes no orders.
                Err(RecvTimeoutError::Timeout) if began.elapsed() < limit && !self.telemetry.is_hanging() => {}
                Err(_) => return None,
            }
        }
    }

    /// Asks for another model while one plays: it takes the place of the old one without a gap when it is loaded and
    /// has listened for a quarter of a second. The telemetry says when the host has to restart the plugin for it.
    ///
    /// Main thread or window; returns at once.
    pub fn swap(&self, slot: Slot, request: ModelRequest) {
        let (reply, _) = sync_channel(1);
        self.send(Command::Load(slot, request, reply));
    }

    /// Lets a model go.
    pub fn unload(&self, slot: Slot) {
        self.send(Command::Unload(slot));
    }

    /// Gives the worker other latent paths: they are played from the next packet on, and in a stream that is opened after this from
    /// its start. Of those that it has not looked at yet only the latest ones count.
    ///
    /// Main thread or window; returns at once, also while the worker hangs in a model.
    pub fn set_paths(&self, paths: PathSet) {
        let mut mailbox = self.mailbox.lock();
        // Before the host's next block: a plugin that slept is not to fall asleep again until the worker has looked.
        self.telemetry.playable.store(Playable::ALL);
        let missed = mailbox.replace(paths);
        drop(mailbox);
        // What is long is freed once nobody waits for it.
        drop(missed);
        if let Some(thread) = &self.thread {
            thread.thread().unpark();
        }
    }

    /// Records what the first model hears, once the recording's beginning has come; [`Self::tape`] has the path when it ends. One
    /// that is under way ends, and is kept. Another model, another stream and the end of this engine end it, too.
    ///
    /// Main thread or window; returns at once.
    pub fn record(&self, ask: RecordAsk) {
        self.send(Command::Record(ask));
    }

    /// Ends the recording, if there is one; what there is of it is kept, or not.
    ///
    /// Main thread or window; returns at once.
    pub fn end_record(&self, keep: bool) {
        self.send(Command::EndRecord { keep });
    }

    /// What is recorded, and what is heard. Main thread or window.
    pub fn tape(&self) -> &Arc<Tape> {
        &self.tape
    }

    /// Gives the worker a new stream for a model of this shape (and others of its rate, hop and at most
    /// `delay_frames`); returns the audio thread's end and the latency.
    ///
    /// Allocates; main thread only.
    pub fn open_stream(
        &self,
        format: StreamFormat,
        shape: &Shape,
        delay_frames: usize,
    ) -> Option<(AudioHalf, Latency)> {
        let timing = Timing {
            host_rate_hz: format.host_rate_hz,
            model_rate_hz: f64::from(shape.sample_rate_hz),
            hop_frames: shape.hop_frames,
            delay_frames: delay_frames.max(shape.delay_frames),
            max_block_frames: format.max_block_frames,
            margin: format.margin,
        };
        let latency = timing.latency();
        let (audio, worker): (AudioHalf, WorkerHalf) = link::new(latency.preroll_frames + 3 * format.max_block_frames);
        let stream = Box::new(stream::Stream::new(worker, timing, format.channels));
        self.send(Command::Stream(self.telemetry.restart.open_stream(), stream))?;
        Some((audio, latency))
    }

    fn send(&self, command: Command) -> Option<()> {
        let mut command = command;
        // The inbox holds 16 and the worker empties it every millisecond: full means that it is gone or stuck.
        for _ in 0..2000 {
            match self.commands.as_ref()?.try_send(command) {
                Ok(()) => {
                    self.thread.as_ref()?.thread().unpark();
                    return Some(());
                }
                Err(TrySendError::Full(back)) => command = back,
                Err(TrySendError::Disconnected(_)) => return None,
            }
            std::thread::sleep(Duration::from_millis(1));
        }
        None
    }
}

impl Drop for Engine {
    fn drop(&mut self) {
        self.commands = None;
        let Some(thread) = self.thread.take() else { return };
        thread.thread().unpark();
        let began = Instant::now();
        while !thread.is_finished() && began.elapsed() < FAREWELL {
            std::thread::sleep(Duration::from_millis(1));
        }
        if thread.is_finished() {
            // A panic was published as a fault when it happened.
            let _ = thread.join();
        }
    }
}
