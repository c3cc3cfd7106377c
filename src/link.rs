//! What joins the host's thread and the worker's: two rings of small packets on fixed grids of frames.
//!
//! Input travels in packets of [`PACKET_FRAMES`] frames cut on a grid counted from the stream's start, so the worker
//! sees the same packets whatever blocks the host uses. Every packet names its first frame: what is lost on either
//! side leaves a gap of known place, and nothing behind it moves.

#![deny(clippy::disallowed_types, clippy::disallowed_methods, clippy::disallowed_macros)]

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering};

use rtrb::{Consumer, Producer, RingBuffer};

use crate::controls::Controls;

/// Frames per packet: the grain at which automation is read (0.7 ms at 48 kHz; a model's hop is about 12 ms).
pub const PACKET_FRAMES: usize = 32;

/// The most channels that travel.
pub const MAX_CHANNELS: usize = 2;

/// Runs of a model in one instance: one for each channel, and the side-chain's.
pub const LANES: usize = MAX_CHANNELS + 1;

/// Host frames on their way to the model, with the controls of their first frame.
#[derive(Clone, Copy, Default)]
pub struct Input {
    /// Which stream: counts resets.
    pub epoch: u32,
    /// Index of the first frame since the stream's start.
    pub start: u64,
    /// The controls at that frame.
    pub controls: Controls,
    /// `[channel][frame]`; channels beyond the layout's are silent.
    pub audio: [[f32; PACKET_FRAMES]; MAX_CHANNELS],
    /// The side-chain's middle; silent without one.
    pub side: [f32; PACKET_FRAMES],
}

/// Wet frames on their way back.
#[derive(Clone, Copy, Default)]
pub struct Output {
    /// Which stream: counts resets.
    pub epoch: u32,
    /// Index of the first frame in the wet stream.
    pub start: u64,
    /// Frames in use, 1..=PACKET_FRAMES.
    pub frames: usize,
    /// Nothing was played for these frames: they are to be faded over, and nobody is to wait for them.
    pub is_left_out: bool,
    /// These frames are silence, and so is all behind them until something is to be heard in the input.
    pub rests: bool,
    /// `[channel][frame]`.
    pub audio: [[f32; PACKET_FRAMES]; MAX_CHANNELS],
}

/// What the host's side tells the worker beside the ring.
#[derive(Default)]
struct Clock {
    /// Wet frames before this one have been played or given up, in the stream of `epoch`.
    due: AtomicU64,
    epoch: AtomicU32,
    /// The host renders faster or slower than real time and waits: nothing is ever late.
    waits: AtomicBool,
    /// How many packets the worker has worked off, what they made included. Counts through all resets.
    done: AtomicU64,
}

/// The audio thread's end. Dropping it tells the worker that the stream is over.
pub struct AudioHalf {
    input: Producer<Input>,
    output: Consumer<Output>,
    clock: Arc<Clock>,
    /// Packets that found room.
    sent: u64,
}

/// The worker's end.
pub struct WorkerHalf {
    input: Consumer<Input>,
    output: Producer<Output>,
    clock: Arc<Clock>,
    /// Packets that were taken.
    received: u64,
}

/// Makes both ends. Allocates: call it where the plugin is activated.
///
/// `depth_frames` is how much sound each ring holds: at least the latency and two of the host's largest blocks.
pub fn new(depth_frames: usize) -> (AudioHalf, WorkerHalf) {
    // Output packets may be cut short at the end of a hop: twice the room.
    let packets = depth_frames.div_ceil(PACKET_FRAMES) + 8;
    let (input, worker_input) = RingBuffer::new(packets);
    let (worker_output, output) = RingBuffer::new(2 * packets);
    let clock = Arc::new(Clock::default());
    (
        AudioHalf { input, output, clock: Arc::clone(&clock), sent: 0 },
        WorkerHalf { input: worker_input, output: worker_output, clock, received: 0 },
    )
}

impl AudioHalf {
    /// Hands a packet to the worker; false when there is no room and the packet is lost.
    ///
    /// # Realtime
    /// Wait-free, no allocation.
    pub fn send(&mut self, packet: Input) -> bool {
        let has_room = self.input.push(packet).is_ok();
        self.sent += u64::from(has_room);
        has_room
    }

    /// The next wet packet, if one has come.
    ///
    /// # Realtime
    /// Wait-free, no allocation.
    pub fn receive(&mut self) -> Option<Output> {
        self.output.pop().ok()
    }

    /// Whether [`Self::send`] would find room.
    ///
    /// # Realtime
    /// Wait-free, no allocation.
    pub fn can_send(&self) -> bool {
        !self.input.is_full()
    }

    /// Whether [`Self::receive`] would find a packet.
    ///
    /// # Realtime
    /// Wait-free, no allocation.
    pub fn can_receive(&self) -> bool {
        !self.output.is_empty()
    }

    /// Whether the worker has worked off all that it was sent: what is not in the ring by then comes no more, whatever
    /// became of it (packets lost on the way, no model to play them).
    ///
    /// # Realtime
    /// Wait-free, no allocation.
    pub fn is_worked_off(&self) -> bool {
        self.clock.done.load(Ordering::Acquire) == self.sent
    }

    /// Whether the worker has let go of its end (it died or was given another stream).
    ///
    /// # Realtime
    /// Wait-free, no allocation.
    pub fn is_abandoned(&self) -> bool {
        self.input.is_abandoned()
    }

    /// Tells the worker which wet frames are too late to be of use.
    ///
    /// # Realtime
    /// Wait-free, no allocation.
    pub fn set_due(&self, epoch: u32, frame: u64) {
        self.clock.epoch.store(epoch, Ordering::Relaxed);
        self.clock.due.store(frame, Ordering::Release);
    }

    /// Tells the worker whether the host waits for it (then it never skips).
    ///
    /// # Realtime
    /// Wait-free, no allocation.
    pub fn set_waits(&self, waits: bool) {
        self.clock.waits.store(waits, Ordering::Relaxed);
    }
}

impl WorkerHalf {
    /// The next input packet, if one has come. Wait-free.
    pub fn receive(&mut self) -> Option<Input> {
        let packet = self.input.pop().ok()?;
        self.received += 1;
        Some(packet)
    }

    /// All that the packets received so far make has been sent.
    pub fn work_off(&self) {
        self.clock.done.store(self.received, Ordering::Release);
    }

    /// Whether wet frames before `end` have been passed by in the stream of `epoch`, so that nobody looks for them.
    pub fn is_passed(&self, epoch: u32, end: u64) -> bool {
        let due = self.clock.due.load(Ordering::Acquire);
        self.clock.epoch.load(Ordering::Relaxed) == epoch && end <= due
    }

    /// Hands back a wet packet; false when the ring is full, as when the host has stopped calling.
    pub fn send(&mut self, packet: Output) -> bool {
        self.output.push(packet).is_ok()
    }

    /// Whether the plugin has let go of its end.
    pub fn is_abandoned(&self) -> bool {
        self.input.is_abandoned()
    }

    /// Whether the host waits for what comes back, as it does in a bounce.
    pub fn is_awaited(&self) -> bool {
        self.clock.waits.load(Ordering::Relaxed)
    }

    /// Whether wet frames before `end` can no longer be heard in the stream of `epoch`.
    pub fn is_too_late(&self, epoch: u32, end: u64) -> bool {
        !self.is_awaited() && self.is_passed(epoch, end)
    }

    /// How late frame `start` of the stream of `epoch` is, host frames, negative when it is early; `None` when the host
    /// waits or is in another stream.
    pub fn lateness_frames(&self, epoch: u32, start: u64) -> Option<i64> {
        let due = self.clock.due.load(Ordering::Acquire);
        let counts = !self.is_awaited() && self.clock.epoch.load(Ordering::Relaxed) == epoch;
        counts.then(|| due as i64 - start as i64)
    }
}
