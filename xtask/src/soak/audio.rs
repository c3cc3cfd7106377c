//! The audio threads: what a sound card and a DAW's engine do, block after block, while the main thread does all else. They
//! allocate nothing while they play: whoever counts memory holds the allocator's locks for a tenth of a second.

use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, Sender, TryRecvError, channel};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use test_host::{Event, HostError, Player};

use super::gaps::Gaps;
use super::{BLOCK_FRAMES, RATE_HZ};

/// After a start the latency's silence is none of the plugin's fault, nor what it takes to load.
const SETTLE_FRAMES: usize = RATE_HZ as usize;

/// Keys that are held at once, and events in a block, at most.
const MOST_HELD: usize = 4;
const MOST_EVENTS: usize = 4;

/// What the audio threads count, for the main thread to read.
#[derive(Default)]
pub(super) struct Counts {
    pub(super) blocks: AtomicU64,
    /// Blocks that were not ready when the sound card wanted them.
    pub(super) late_blocks: AtomicU64,
    /// Stretches of the effects' sound that were covered by silence.
    pub(super) dropouts: AtomicU64,
    pub(super) lost_frames: AtomicU64,
    /// Which instances' sound was covered, a bit for each.
    pub(super) instances_lost: AtomicU64,
    /// What the main thread did last, for the judge: what, to which instance, and when. No audio thread asks.
    pub(super) last_deed: Mutex<Option<(&'static str, usize, Instant)>>,
    /// The longest stretch of silence of an effect, frames.
    pub(super) longest_silence_frames: AtomicU64,
    pub(super) not_finite: AtomicU64,
    /// Blocks that a plugin refused to play.
    pub(super) failures: AtomicU64,
    /// Linear gain as the bits of an f32; all are positive, so the larger bits are the larger value.
    pub(super) peak: AtomicU32,
    /// An audio thread plays without the priority that hosts give theirs.
    pub(super) is_common: AtomicBool,
    /// How long the rounds of blocks took.
    pub(super) rounds: Rounds,
}

/// Durations, counted in steps.
pub(super) struct Rounds {
    /// The last takes all that is longer.
    steps: [AtomicU32; STEPS],
    longest_us: AtomicU32,
}

const STEPS: usize = 2000;
const STEP_US: u32 = 10;

impl Default for Rounds {
    fn default() -> Self {
        Self { steps: [const { AtomicU32::new(0) }; STEPS], longest_us: AtomicU32::new(0) }
    }
}

impl Rounds {
    fn note(&self, took: Duration) {
        let us = u32::try_from(took.as_micros()).unwrap_or(u32::MAX);
        self.steps[((us / STEP_US) as usize).min(STEPS - 1)].fetch_add(1, Ordering::Relaxed);
        self.longest_us.fetch_max(us, Ordering::Relaxed);
    }

    /// What 99.9 % did not exceed, and the longest since the last time, ms.
    pub(super) fn take(&self) -> (f64, f64) {
        let counts: Vec<u32> = self.steps.iter().map(|step| step.swap(0, Ordering::Relaxed)).collect();
        let longest_ms = f64::from(self.longest_us.swap(0, Ordering::Relaxed)) / 1e3;
        let most = counts.iter().sum::<u32>() / 1000;
        let mut above = 0;
        let step = (0..STEPS).rev().find(|&step| {
            above += counts[step];
            above > most
        });
        let p999_ms = step.map_or(0.0, |step| f64::from((step as u32 + 1) * STEP_US) / 1e3);
        (p999_ms.min(longest_ms), longest_ms)
    }
}

/// What is played.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Effect,
    Codes,
    Drums,
}

impl Kind {
    pub(super) const fn id(self) -> &'static str {
        match self {
            Self::Effect => "org.timbreloom.effect",
            Self::Codes => "org.timbreloom.codes",
            Self::Drums => "org.timbreloom.drums",
        }
    }
}

/// One instance as its audio thread has it.
pub(super) struct Track {
    pub(super) kind: Kind,
    pub(super) player: Player,
    /// The parameters that may be automated, by id.
    automated: Vec<u32>,
    held: Vec<u8>,
    events: Vec<Event>,
    input: Vec<Vec<f32>>,
    output: Vec<Vec<f32>>,
    phase: f64,
    frames: usize,
    settled_at: usize,
    gaps: Gaps,
    random: fastrand::Rng,
}

impl Track {
    pub(super) fn new(kind: Kind, player: Player, automated: Vec<u32>, latency_frames: usize, seed: u64) -> Self {
        let channel = || vec![0.0; BLOCK_FRAMES];
        Self {
            kind,
            player,
            automated,
            held: Vec::with_capacity(MOST_HELD),
            events: Vec::with_capacity(MOST_EVENTS),
            input: if kind == Kind::Effect { vec![channel(), channel()] } else { Vec::new() },
            output: vec![channel(), channel()],
            phase: 0.0,
            frames: 0,
            settled_at: latency_frames + SETTLE_FRAMES,
            gaps: Gaps::default(),
            random: fastrand::Rng::with_seed(seed),
        }
    }

    fn reset(&mut self) {
        self.player.reset();
        self.gaps = Gaps::default();
        self.settled_at = self.frames + SETTLE_FRAMES;
    }

    fn play(&mut self, index: usize, counts: &Counts) -> Result<(), HostError> {
        self.sing();
        self.send();
        let song_s = self.frames as f64 / RATE_HZ;
        let played = self.player.process(&mut self.input, &mut self.output, &self.events, Some(song_s));
        self.listen(index, counts);
        self.frames += BLOCK_FRAMES;
        played
    }

    /// A tone with harmonics that wanders over two octaves and never rests, so that silence is nobody's sound.
    fn sing(&mut self) {
        let at_s = self.frames as f64 / RATE_HZ;
        let hz = 220.0 * (0.9 * (0.31 * at_s).sin()).exp2() * (1.0 + 0.01 * (34.0 * at_s).sin());
        for frame in 0..self.input.first().map_or(0, Vec::len) {
            self.phase = (self.phase + hz / RATE_HZ).fract();
            let tone: f64 =
                (1..6).map(|k| (std::f64::consts::TAU * self.phase * f64::from(k)).sin() / f64::from(k)).sum();
            let sample = (0.15 * tone) as f32 + 0.003 * (self.random.f32() - 0.5);
            self.input.iter_mut().for_each(|channel| channel[frame] = sample);
        }
    }

    /// What the host sends with a block.
    fn send(&mut self) {
        let (random, events) = (&mut self.random, &mut self.events);
        events.clear();
        if !self.automated.is_empty() && random.u32(..4) == 0 {
            for _ in 0..random.usize(1..4) {
                let id = self.automated[random.usize(..self.automated.len())];
                events.push(Event::value(random.usize(..BLOCK_FRAMES), id, random.f64()));
            }
        }
        match random.u32(..40) {
            0 | 1 if self.held.len() < MOST_HELD => {
                let key = random.u8(40..84);
                self.held.push(key);
                events.push(Event::note_on(random.usize(..BLOCK_FRAMES), 0, key, random.u8(1..128)));
            }
            2 | 3 if !self.held.is_empty() => {
                let key = self.held.swap_remove(random.usize(..self.held.len()));
                events.push(Event::note_off(random.usize(..BLOCK_FRAMES), 0, key));
            }
            4 => events.push(Event::bend(random.usize(..BLOCK_FRAMES), 0, random.i16(-8192..8192))),
            5 => events.push(Event::controller(random.usize(..BLOCK_FRAMES), 0, random.u8(..128), random.u8(..128))),
            _ => {}
        }
        if self.kind == Kind::Effect {
            // Controllers may have been learnt; notes are the instrument's.
            self.held.clear();
        }
        events.sort_unstable_by_key(|event| event.frame);
    }

    /// What never comes late is never covered, and the effect's input never rests: see [`Gaps`].
    fn listen(&mut self, index: usize, counts: &Counts) {
        let mut peak = 0.0f32;
        for channel in &self.output {
            for sample in channel {
                if !sample.is_finite() {
                    counts.not_finite.fetch_add(1, Ordering::Relaxed);
                }
                peak = peak.max(sample.abs());
            }
        }
        counts.peak.fetch_max(peak.to_bits(), Ordering::Relaxed);
        if self.kind != Kind::Effect || self.frames < self.settled_at {
            return;
        }
        let found = self.gaps.hear(&self.output);
        counts.dropouts.fetch_add(found.dropouts, Ordering::Relaxed);
        counts.lost_frames.fetch_add(found.lost_frames, Ordering::Relaxed);
        counts.longest_silence_frames.fetch_max(found.longest_frames, Ordering::Relaxed);
        if found.dropouts > 0 {
            counts.instances_lost.fetch_or(1 << index, Ordering::Relaxed);
        }
    }
}

/// What an audio thread is told.
enum Order {
    Play(usize, Box<Track>),
    GiveBack(usize, Sender<Box<Track>>),
    Reset(usize),
}

/// An audio thread; ends when this is dropped.
pub(super) struct Desk {
    orders: Option<Sender<Order>>,
    thread: Option<std::thread::JoinHandle<()>>,
}

impl Desk {
    pub(super) fn start(counts: Arc<Counts>) -> std::io::Result<Self> {
        let (orders, received) = channel();
        let thread = std::thread::Builder::new().name("soak-audio".into()).spawn(move || run(&received, &counts))?;
        Ok(Self { orders: Some(orders), thread: Some(thread) })
    }

    pub(super) fn play(&self, index: usize, track: Track) {
        self.order(Order::Play(index, Box::new(track)));
    }

    /// Blocks until the block at hand has been played. `None` when it does not play here.
    pub(super) fn give_back(&self, index: usize) -> Option<Box<Track>> {
        let (sender, receiver) = channel();
        self.order(Order::GiveBack(index, sender));
        receiver.recv().ok()
    }

    pub(super) fn reset(&self, index: usize) {
        self.order(Order::Reset(index));
    }

    fn order(&self, order: Order) {
        // The thread ends after this value only.
        let _ = self.orders.as_ref().map(|orders| orders.send(order));
    }
}

impl Drop for Desk {
    fn drop(&mut self) {
        self.orders = None;
        let _ = self.thread.take().map(std::thread::JoinHandle::join);
    }
}

fn run(orders: &Receiver<Order>, counts: &Counts) {
    if !super::watch::take_real_time_priority(super::watch::AUDIO) {
        counts.is_common.store(true, Ordering::Relaxed);
    }
    let period = Duration::from_secs_f64(BLOCK_FRAMES as f64 / RATE_HZ);
    let mut tracks: Vec<(usize, Box<Track>)> = Vec::with_capacity(super::host::INSTANCES);
    let mut due = Instant::now();
    loop {
        loop {
            match orders.try_recv() {
                Ok(Order::Play(index, track)) => tracks.push((index, track)),
                Ok(Order::GiveBack(index, answer)) => {
                    if let Some(at) = tracks.iter().position(|(other, _)| *other == index) {
                        let _ = answer.send(tracks.swap_remove(at).1);
                    }
                }
                Ok(Order::Reset(index)) => {
                    tracks.iter_mut().filter(|(other, _)| *other == index).for_each(|(_, track)| track.reset());
                }
                Err(TryRecvError::Empty) => break,
                Err(TryRecvError::Disconnected) => return,
            }
        }
        due += period;
        std::thread::sleep(due.saturating_duration_since(Instant::now()));
        let woken = Instant::now();
        for (index, track) in &mut tracks {
            if track.play(*index, counts).is_err() {
                counts.failures.fetch_add(1, Ordering::Relaxed);
            }
        }
        let now = Instant::now();
        counts.blocks.fetch_add(1, Ordering::Relaxed);
        counts.rounds.note(now - woken);
        if now > due + period {
            counts.late_blocks.fetch_add(1, Ordering::Relaxed);
            // The sound card has gone on meanwhile: blocks are lost, not made up for.
            while due + period < now {
                due += period;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_a_thousand_rounds_one_may_be_longer_than_what_is_told() {
        let rounds = Rounds::default();
        assert_eq!(rounds.take(), (0.0, 0.0));
        (0..999).for_each(|_| rounds.note(Duration::from_micros(1234)));
        rounds.note(Duration::from_millis(77));
        assert_eq!(rounds.take(), (1.24, 77.0));
        (0..998).for_each(|_| rounds.note(Duration::from_micros(1234)));
        (0..2).for_each(|_| rounds.note(Duration::from_micros(5000)));
        assert_eq!(rounds.take(), (5.0, 5.0));
        assert_eq!(rounds.take(), (0.0, 0.0));
    }
}
