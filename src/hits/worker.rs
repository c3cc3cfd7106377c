//! The thread that makes hits.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, TryRecvError, sync_channel};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use rtrb::{Consumer, Producer, PushError, RingBuffer};

use super::renderer::{Made, Renderer};
use super::shared::{HitView, Shared, columns};
use crate::drums::TRACKS;
use crate::drums::machine::{Order, Rings};
use crate::drums::mixer::Delivery;
use crate::drums::sound::Sound;
use crate::drums::track::WAITING;
use crate::dsp::sample_guard::SampleGuard;
use crate::grains::schedule::RATE_HZ;

/// Sleep between two looks for orders: little beside what a hit takes to make.
const NAP: Duration = Duration::from_millis(1);

/// Sleep when none has come for a while.
const LONG_NAP: Duration = Duration::from_millis(10);
const AWAKE: Duration = Duration::from_secs(2);

/// Orders that wait: more than the audio thread gives in a second.
const ORDERS: usize = 256;

/// Hits on their way there, and back.
const HITS: usize = 8 * TRACKS * WAITING;

/// Commands that wait.
const COMMANDS: usize = 4;

/// How long an instance that goes waits for its worker. A model that hangs is left behind with its thread, which owns all it
/// needs.
const FAREWELL: Duration = Duration::from_secs(3);

/// What to make hits with from now on; none: silence, until there is a model.
type Command = Option<Box<Renderer>>;

/// The worker of an instance. Dropped, it waits for its thread, but not for one that hangs.
pub struct Worker {
    inbox: Option<SyncSender<Command>>,
    thread: Option<JoinHandle<()>>,
}

impl Worker {
    /// Starts its thread, which has no model yet, and gives the audio thread's ends. Allocates.
    ///
    /// # Errors
    /// When the system refuses a thread.
    pub fn start(shared: Arc<Shared>) -> std::io::Result<(Self, Rings)> {
        let (orders, take_orders) = RingBuffer::new(ORDERS);
        let (give, deliveries) = RingBuffer::new(HITS);
        let (spent, take_spent) = RingBuffer::new(HITS);
        let (inbox, outbox) = sync_channel(COMMANDS);
        let maker = Maker { orders: take_orders, deliveries: give, spent: take_spent, renderer: None, shared };
        let thread = std::thread::Builder::new().name("timbreloom-hits".into()).spawn(move || maker.run(&outbox))?;
        Ok((Self { inbox: Some(inbox), thread: Some(thread) }, Rings { orders, deliveries, spent }))
    }

    /// Makes hits with another model, or silence. Any thread but the audio thread; does not wait.
    pub fn play(&self, renderer: Option<Renderer>) {
        if let (Some(inbox), Some(thread)) = (&self.inbox, &self.thread) {
            // Where there is no room the last model hangs, and no other one would ever be heard.
            let _ = inbox.try_send(renderer.map(Box::new));
            thread.thread().unpark();
        }
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        self.inbox = None;
        if let Some(thread) = self.thread.take() {
            thread.thread().unpark();
            let began = Instant::now();
            while !thread.is_finished() && began.elapsed() < FAREWELL {
                std::thread::sleep(NAP);
            }
        }
    }
}

struct Maker {
    orders: Consumer<Order>,
    deliveries: Producer<Delivery>,
    spent: Consumer<Box<Sound>>,
    renderer: Option<Box<Renderer>>,
    shared: Arc<Shared>,
}

impl Maker {
    fn run(mut self, inbox: &Receiver<Command>) {
        let mut worked = Instant::now();
        loop {
            match inbox.try_recv() {
                Ok(renderer) => {
                    let is_pitched = renderer.as_ref().is_some_and(|new| new.model().package().pitch.is_some());
                    self.renderer = renderer;
                    self.shared.begin_anew(is_pitched);
                }
                Err(TryRecvError::Disconnected) => return,
                Err(TryRecvError::Empty) => {}
            }
            while self.spent.pop().is_ok() {}
            match self.orders.pop() {
                Ok(order) => {
                    self.answer(&order);
                    worked = Instant::now();
                }
                Err(_) => std::thread::park_timeout(if worked.elapsed() < AWAKE { NAP } else { LONG_NAP }),
            }
        }
    }

    /// Makes a hit and sends it; a silent one where none can be made, so that nobody waits for it.
    fn answer(&mut self, order: &Order) {
        let key = order.recipe.key();
        let made = self.make(order).unwrap_or_else(|fault| {
            self.shared.note_fault(fault);
            Made::default()
        });
        let view = HitView { key, columns: columns(&made.frames) };
        self.shared.show(order.track, view);
        let sound = Sound::new(key, RATE_HZ as u32, made.frames, &mut SampleGuard::default());
        let mut delivery = Delivery { track: order.track, sound: Box::new(sound) };
        // The way is full only where nobody takes anything any more: what is oldest there is then worth as little.
        for _ in 0..COMMANDS {
            match self.deliveries.push(delivery) {
                Ok(()) => return,
                Err(PushError::Full(back)) => delivery = back,
            }
            std::thread::park_timeout(NAP);
        }
    }

    fn make(&mut self, order: &Order) -> Result<Made, String> {
        let Some(renderer) = &mut self.renderer else { return Ok(Made::default()) };
        let kit = self.shared.kit();
        let outcome = catch_unwind(AssertUnwindSafe(|| renderer.render(&order.recipe, kit.own(order.track))));
        match outcome {
            Ok(made) => made.map_err(|error| error.to_string()),
            Err(_) => {
                // What a panic left half done is not asked again.
                self.renderer = None;
                Err("The grain model broke while it made a hit and is silent now. Choose another one.".into())
            }
        }
    }
}
