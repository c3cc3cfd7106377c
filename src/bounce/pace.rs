//! Whether anybody is listening: some hosts render without saying so, and are to be waited for all the same.
//!
//! Two things tell them apart. A host that renders asks for more than time has passed: it is **ahead**. One that plays
//! leaves time to others: between its blocks it **rests** for as long as they last. How long a call takes says nothing,
//! since that is us.
//!
//! Waiting must not cause the next wait. A host that was held up and makes up for it by calling at once is late and not
//! ahead; and however sure we are, all waits together may not put a host behind by more than a fixed time.

use std::time::{Duration, Instant};

/// A host that plays is ahead by its own jitter and, where its block is handed over in parts, by the rest of the block; one
/// that renders, by all that it has rendered. Seconds.
const AHEAD_S: f64 = 0.010;

/// Share of a block's duration that counts: the host's clock may run faster than ours, which is no lead.
const SLACK: f64 = 0.999;

/// A host that does not call for so long was not held up but has stopped, and owes nothing, seconds.
const STOPPED_S: f64 = 1.0;

/// Share of a lead or a debt that is let go in a second of calls. A host that plays soon has neither: what it handed over at
/// once when it started, a slow clock and an old hiccup are forgotten. That of one that renders grows faster.
const FORGOTTEN_PER_S: f64 = 1.0;

/// A host that nothing is known of plays when it rests for this share of what it has asked for.
const RESTING: f64 = 0.75;

/// And as often as this, where it has rested before each call: one that renders may pause once. A host that plays has rested so
/// often before the first sound of a stream is due, in blocks of 512 and fewer frames: it is not waited for at all.
const FEWEST_RESTS: u32 = 2;

/// And where calls came without a rest: they may be parts of its blocks, or blocks of a render that pauses here and there.
const FEWEST_RESTS_BETWEEN_PARTS: u32 = 6;

/// A host that has rendered plays when it has also rested for so long without being ahead again, seconds.
const PLAYS_AGAIN_S: f64 = 0.25;

/// By how much all waits may put a host behind, seconds: a busy computer is waited for, a model slower than real time is not,
/// for ever. Half as much after each time that it was not enough.
const MOST_HELD_UP_S: f64 = 2.0;

/// Less than that is nothing, seconds.
const LEAST_HELD_UP_S: f64 = 0.05;

/// So near to the most is as much, seconds.
const HARDLY_S: f64 = 1e-3;

/// What is known of a host.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Host {
    /// A stream has begun: it may be one or the other, and is waited for, or the first blocks of a render were lost.
    Unknown,
    /// It was ahead and has not been found to play since. A pause is no proof: nobody pays for it.
    Renders,
    /// It is not waited for.
    Plays,
}

/// Compares what the host asks for with the time that passes.
#[derive(Clone, Debug)]
pub struct Pace {
    rate_hz: f64,
    largest_s: f64,
    host: Host,
    /// How much sooner the last block came than a host that plays would give it, seconds; negative: later.
    lead_s: f64,
    /// What was asked for since the stream began, seconds.
    asked_s: f64,
    /// How long the host has rested between blocks, no rest counted longer than the block before it, seconds; and how often.
    rested_s: f64,
    rests: u32,
    /// How often it has called since.
    calls: u32,
    /// By how much waits have put the host behind what it asked for, seconds.
    held_up_s: f64,
    /// And by how much they may.
    most_held_up_s: f64,
    last: Option<Block>,
}

/// The block, or part of one, before this one.
#[derive(Clone, Copy, Debug)]
struct Block {
    began: Instant,
    ended: Instant,
    length_s: f64,
    /// What of it was spent with waiting.
    waited_s: f64,
    /// What was asked for since the host last rested.
    since_rest_s: f64,
}

impl Pace {
    /// Before the first block, of at most `max_block_frames`.
    pub fn new(rate_hz: f64, max_block_frames: usize) -> Self {
        Self {
            rate_hz,
            largest_s: max_block_frames as f64 / rate_hz,
            host: Host::Unknown,
            lead_s: 0.0,
            asked_s: 0.0,
            rested_s: 0.0,
            rests: 0,
            calls: 0,
            held_up_s: 0.0,
            most_held_up_s: MOST_HELD_UP_S,
            last: None,
        }
    }

    /// A stream begins again. The next one may be a bounce of what was played; one that renders goes on doing so.
    pub fn reset(&mut self) {
        if self.host == Host::Plays {
            self.host = Host::Unknown;
        }
        self.held_up_s = 0.0;
        self.count_again();
        self.last = None;
    }

    fn count_again(&mut self) {
        (self.lead_s, self.asked_s, self.rested_s) = (0.0, 0.0, 0.0);
        (self.rests, self.calls) = (0, 0);
    }

    /// The host gives a block of this many frames, now; or a part of one, whose other parts follow at once.
    pub fn begin(&mut self, frames: usize, now: Instant) {
        let length_s = frames as f64 / self.rate_hz;
        let mut since_rest_s = length_s;
        if let Some(last) = self.last {
            let between = |from: Instant| now.saturating_duration_since(from).as_secs_f64();
            self.held_up_s = (self.held_up_s + last.waited_s - last.length_s).max(0.0);
            self.note_lead(last.length_s, between(last.began), length_s);
            // Parts of a block follow each other without a rest: what counts is the rest before the whole.
            let before_s = last.since_rest_s.min(self.largest_s);
            let rested_s = between(last.ended).min(before_s);
            self.rested_s += rested_s;
            self.asked_s += last.length_s;
            self.calls = self.calls.saturating_add(1);
            if rested_s >= 0.5 * before_s {
                self.rests += 1;
            } else {
                since_rest_s += last.since_rest_s;
            }
        }
        self.last = Some(Block { began: now, ended: now, length_s, waited_s: 0.0, since_rest_s });
        self.judge();
    }

    fn note_lead(&mut self, last_s: f64, since_s: f64, block_s: f64) {
        let lead_s = self.lead_s + SLACK * last_s - since_s;
        // Only time that was played counts: nothing is forgotten in a hiccup, nor while it is made up for.
        let kept = 1.0 - (FORGOTTEN_PER_S * since_s.min(block_s)).min(1.0);
        self.lead_s = match self.host {
            Host::Unknown | Host::Renders => lead_s.max(0.0),
            _ if lead_s < -STOPPED_S => 0.0,
            _ => lead_s * kept,
        };
    }

    fn judge(&mut self) {
        if self.lead_s >= AHEAD_S + self.largest_s {
            if self.host != Host::Renders {
                self.held_up_s = 0.0;
            }
            self.host = Host::Renders;
            self.count_again();
            return;
        }
        let fewest = if self.rests == self.calls { FEWEST_RESTS } else { FEWEST_RESTS_BETWEEN_PARTS };
        let has_rested = self.rests >= fewest;
        let rests = has_rested && self.rested_s >= RESTING * self.asked_s;
        match self.host {
            Host::Unknown if rests => self.plays(0.0),
            Host::Renders if rests && self.rested_s >= PLAYS_AGAIN_S => self.plays(0.0),
            Host::Unknown | Host::Renders if self.held_up_s >= self.most_held_up_s - HARDLY_S => {
                self.most_held_up_s *= 0.5;
                self.plays(-self.held_up_s);
            }
            _ => {}
        }
    }

    fn plays(&mut self, lead_s: f64) {
        self.host = Host::Plays;
        self.count_again();
        self.lead_s = lead_s;
    }

    /// That much of this block was spent with waiting.
    pub fn waited(&mut self, time: Duration) {
        if let Some(last) = &mut self.last {
            last.waited_s += time.as_secs_f64();
        }
    }

    /// This block, or part of one, is done.
    pub fn end(&mut self, now: Instant) {
        if let Some(last) = &mut self.last {
            last.ended = now;
        }
    }

    /// Whether it is known that nobody listens.
    pub fn is_rendering(&self) -> bool {
        self.host == Host::Renders
    }

    /// How long this block may still wait; `None` where somebody may be listening.
    pub fn allowance(&self) -> Option<Duration> {
        if self.host == Host::Plays || self.most_held_up_s < LEAST_HELD_UP_S {
            return None;
        }
        let waited_s = self.last.map_or(0.0, |last| last.waited_s - last.length_s);
        let left_s = self.most_held_up_s - (self.held_up_s + waited_s).max(0.0);
        (left_s > 0.0).then(|| Duration::from_secs_f64(left_s))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RATE_HZ: f64 = 48_000.0;
    const BLOCK: usize = 480;

    /// A host with a clock of its own.
    struct Player {
        pace: Pace,
        now: Instant,
        /// Blocks that would have been waited for, and what was waited.
        waits: usize,
        waited: Duration,
    }

    impl Player {
        fn new(max_block_frames: usize) -> Self {
            let pace = Pace::new(RATE_HZ, max_block_frames);
            Self { pace, now: Instant::now(), waits: 0, waited: Duration::ZERO }
        }

        /// A block that takes a while of its own, and as long as a model needs where it is waited for.
        fn block(&mut self, frames: usize, own: Duration, model: Duration) {
            self.pace.begin(frames, self.now);
            if let Some(most) = self.pace.allowance() {
                self.waits += 1;
                let waited = model.min(most);
                self.waited += waited;
                self.pace.waited(waited);
                self.now += waited;
            }
            self.now += own;
            self.pace.end(self.now);
        }

        /// Blocks each given when it is due, by a clock that ticks at these intervals, or at once when that is over.
        fn play(
            &mut self,
            blocks: u32,
            every: Duration,
            parts: &[usize],
            model: Duration,
            held_up: impl Fn(u32) -> u64,
        ) {
            let began = self.now;
            for n in 0..blocks {
                self.now = self.now.max(began + every * n);
                for &frames in parts {
                    self.block(frames, Duration::from_micros(20) / parts.len() as u32, model);
                }
                self.now += Duration::from_millis(held_up(n));
            }
        }

        /// Blocks one after the other, and a pause after some.
        fn render(&mut self, blocks: u32, model: Duration, pause: impl Fn(u32) -> u64) {
            self.render_in(BLOCK, blocks, model, pause);
        }

        fn render_in(&mut self, frames: usize, blocks: u32, model: Duration, pause: impl Fn(u32) -> u64) {
            for n in 0..blocks {
                self.block(frames, Duration::from_micros(100), model);
                self.now += Duration::from_millis(pause(n));
            }
        }

        fn is_waited_for(&self) -> bool {
            self.pace.allowance().is_some()
        }
    }

    const NOTHING: Duration = Duration::ZERO;
    const TEN_MS: Duration = Duration::from_millis(10);

    #[test]
    fn a_host_that_plays_is_soon_known_and_never_waited_for_again_even_by_a_fast_clock() {
        for (parts, every) in [
            (&[480][..], Duration::from_micros(9_995)),
            (&[64], Duration::from_micros(1_332)),
            (&[300, 180], TEN_MS),
            (&[479, 1], TEN_MS),
            (&[100, 300, 0, 60, 20], TEN_MS),
            (&[1; 480], TEN_MS),
        ] {
            let mut player = Player::new(480);
            player.play(9, every, parts, NOTHING, |_| 0);
            assert!(!player.is_waited_for(), "{:?}", &parts[..parts.len().min(5)]);
            player.waits = 0;
            player.play(60_000 / parts.len() as u32, every, parts, NOTHING, |_| 0);
            assert_eq!(player.waits, 0, "{:?}", &parts[..parts.len().min(5)]);
        }
    }

    #[test]
    fn a_host_that_renders_is_waited_for_in_every_block_wherever_it_pauses() {
        for pauses in
            [&[][..], &[0], &[1], &[2], &[3], &[5], &[20], &[1, 2], &[4, 19, 20], &[20, 21, 40], &[100, 200, 300, 400]]
        {
            for length_ms in [5, 30, 300, 3000] {
                let is_pause = |n: u32| pauses.contains(&(n as usize));
                for (frames, most) in [(BLOCK, BLOCK), (64, 1024), (64, 8192)] {
                    let mut player = Player::new(most);
                    let model = Duration::from_micros(frames as u64);
                    player.render_in(frames, 2000, model, |n| if is_pause(n) { length_ms } else { 0 });
                    assert_eq!(
                        player.waits, 2000,
                        "{length_ms} ms after {pauses:?}, {frames} of at most {most} frames"
                    );
                }
            }
        }
    }

    #[test]
    fn a_busy_computer_ends_no_render() {
        // A model that takes 2 ms for a block of 10, and 12 when others are before it; a host that is put off too.
        let mut player = Player::new(BLOCK);
        for n in 0..5000u32 {
            let is_late = n % 7 < 2;
            player.render(1, Duration::from_millis(if is_late { 12 } else { 2 }), |_| if n % 11 == 3 { 9 } else { 0 });
        }
        assert_eq!(player.waits, 5000);
    }

    #[test]
    fn a_computer_so_busy_that_a_render_is_no_quicker_than_time_ends_none() {
        let mut player = Player::new(BLOCK);
        player.render(20, NOTHING, |_| 0);
        // Three blocks of 10 ms in 31.
        player.render(3000, Duration::from_millis(7), |n| if n % 3 == 0 { 10 } else { 0 });
        assert_eq!(player.waits, 3020);
    }

    #[test]
    fn a_host_that_was_held_up_and_calls_at_once_is_not_waited_for() {
        // In the host's time: a block is given when it is due and the one before is done. Some take long for the host's own
        // reasons; one that is waited for takes as long as a model needs that is three times too slow.
        for hiccup_ms in [15, 30, 100, 400] {
            let mut player = Player::new(BLOCK);
            player.play(50, TEN_MS, &[BLOCK], NOTHING, |_| 0);
            player.waits = 0;
            let model = Duration::from_millis(30);
            player.play(2000, TEN_MS, &[BLOCK], model, |n| if n % 500 == 100 { hiccup_ms } else { 0 });
            assert_eq!(player.waits, 0, "held up for {hiccup_ms} ms");
        }
    }

    #[test]
    fn a_host_that_plays_is_not_waited_for_from_a_streams_first_sound_on_however_slow_the_model() {
        for (frames, silent_blocks) in [(64, 20), (480, 2)] {
            let every = Duration::from_secs_f64(frames as f64 / RATE_HZ);
            let mut player = Player::new(480);
            for _ in 0..20 {
                // Nothing is due yet.
                player.play(silent_blocks, every, &[frames], NOTHING, |_| 0);
                player.now += every;
                player.waits = 0;
                player.play(500, every, &[frames], 3 * every, |_| 0);
                assert_eq!(player.waits, 0, "{frames}");
                player.pace.reset();
            }
        }
    }

    #[test]
    fn a_model_that_is_too_slow_in_blocks_that_leave_no_time_to_know_the_host_is_given_up() {
        let mut player = Player::new(BLOCK);
        for _ in 0..20 {
            player.play(500, TEN_MS, &[BLOCK], Duration::from_millis(30), |_| 0);
            player.pace.reset();
        }
        let behind_s = player.waited.as_secs_f64() - 0.010 * player.waits as f64;
        assert!(behind_s < 4.0, "{behind_s} s behind after {} waits", player.waits);
    }

    #[test]
    fn a_model_that_is_too_slow_for_a_render_is_not_waited_for_for_ever() {
        let mut player = Player::new(BLOCK);
        player.render(20, NOTHING, |_| 0);
        player.render(1000, Duration::from_secs(20), |_| 0);
        assert!(player.waited < Duration::from_secs(5), "{:?}", player.waited);
    }

    #[test]
    fn a_host_that_plays_and_handed_several_blocks_over_at_its_start_is_not_waited_for_for_long() {
        let mut player = Player::new(BLOCK);
        player.render(5, NOTHING, |_| 0);
        player.play(200, TEN_MS, &[BLOCK], NOTHING, |_| 0);
        player.waits = 0;
        player.play(1000, TEN_MS, &[BLOCK], NOTHING, |_| 0);
        assert_eq!(player.waits, 0);
    }

    #[test]
    fn a_host_that_has_played_and_renders_is_waited_for_soon_and_after_a_reset_at_once() {
        for pause_ms in [10, 3000] {
            let mut player = Player::new(BLOCK);
            player.play(500, TEN_MS, &[BLOCK], NOTHING, |_| 0);
            assert!(!player.is_waited_for());
            player.now += Duration::from_millis(pause_ms);
            let (pace, now) = (player.pace.clone(), player.now);
            let mut again = Player { pace, now, waits: 0, waited: NOTHING };
            again.render(10, NOTHING, |_| 0);
            assert!(again.waits >= 6, "{} after a pause of {pause_ms} ms", again.waits);
            player.pace.reset();
            player.waits = 0;
            player.render(10, NOTHING, |_| 0);
            assert_eq!(player.waits, 10);
        }
    }

    #[test]
    fn a_host_that_has_rendered_and_plays_is_found_out() {
        let mut player = Player::new(BLOCK);
        player.render(100, NOTHING, |_| 0);
        player.now += Duration::from_secs(5);
        player.play(40, TEN_MS, &[BLOCK], NOTHING, |_| 0);
        assert!(!player.is_waited_for());
    }
}
