//! Some bars of a song.

use std::sync::Arc;

use super::{BLOCK, DrumsError, MOST_RING_S};
use crate::bounce::patience;
use crate::drums::machine::{Machine, MachineSettings, Rings};
use crate::drums::pattern::Patterns;
use crate::drums::sequencer::Part;
use crate::drums::sequencer::grid::BAR_BEATS;
use crate::hits::kit::Kit;
use crate::hits::renderer::Renderer;
use crate::hits::shared::Shared;
use crate::hits::worker::Worker;

/// What is played.
#[derive(Clone, Copy, Debug)]
pub struct Song<'a> {
    /// What the musician has set, at every moment of it.
    pub settings: &'a MachineSettings,
    /// What the tracks play.
    pub patterns: &'a Patterns,
    /// Bars of four beats, from the song's beginning on.
    pub bars: u32,
    /// Beats per minute.
    pub tempo_bpm: f64,
    /// Frames a second, Hz.
    pub rate_hz: u32,
    /// Stereo pairs: 1 has all tracks, [`TRACKS`](crate::drums::TRACKS) have one track each.
    pub pairs: usize,
    /// It ends with its last bar, and begins with what a round before it leaves to ring: played again and again it has no
    /// seam. Else it begins out of silence, and rings out.
    pub is_loop: bool,
}

impl Song<'_> {
    fn beats_per_frame(&self) -> f64 {
        self.tempo_bpm / 60.0 / f64::from(self.rate_hz)
    }

    /// How long its bars are, frames.
    fn frames(&self) -> usize {
        (f64::from(self.bars) * BAR_BEATS / self.beats_per_frame()).round() as usize
    }
}

/// Plays a song: `[channel][frame]`, left and right of each pair. Blocks, allocates.
///
/// # Errors
/// When the model fails, takes longer than 20 s for a hit, or the system refuses a thread.
pub fn render_loop(renderer: Renderer, kit: Kit, song: &Song<'_>) -> Result<Vec<Vec<f32>>, DrumsError> {
    let mut settings = *song.settings;
    if renderer.model().package().pitch.is_some() {
        settings.ask_pitches();
    }
    let song = &Song { settings: &settings, ..*song };
    let shared = Arc::new(Shared::default());
    shared.set_kit(kit);
    let (worker, rings) = Worker::start(Arc::clone(&shared))?;
    let before = shared.generation();
    worker.play(Some(renderer));
    // What is ordered of it before would be silent.
    patience::wait(patience::LIMIT, || shared.generation() != before);
    let (channels, late) = play(rings, song);
    let fault = shared.fault();
    if !fault.is_empty() {
        return Err(DrumsError::Hits(fault));
    }
    if late > 0 { Err(DrumsError::TooSlow) } else { Ok(channels) }
}

/// Plays a song with the hits of a worker; also counts those that did not come.
fn play(rings: Rings, song: &Song<'_>) -> (Vec<Vec<f32>>, u32) {
    let mut player = Player::new(rings, song);
    let frames = song.frames();
    if song.is_loop {
        player.play(frames, Some(-(frames as f64) * song.beats_per_frame()));
        player.channels.iter_mut().for_each(Vec::clear);
    }
    player.play(frames, Some(0.0));
    if !song.is_loop {
        let mut left = (MOST_RING_S * f64::from(song.rate_hz)) as usize;
        while player.machine.is_sounding() && left > 0 {
            let frames = left.min(BLOCK);
            player.play(frames, None);
            left -= frames;
        }
    }
    let late = player.machine.take_late();
    (player.channels, late)
}

struct Player<'a> {
    machine: Machine,
    song: &'a Song<'a>,
    settings: MachineSettings,
    block: Vec<[Vec<f32>; 2]>,
    channels: Vec<Vec<f32>>,
}

impl<'a> Player<'a> {
    fn new(rings: Rings, song: &'a Song<'a>) -> Self {
        let mut settings = *song.settings;
        // It is the song that runs: where it stands still, the last hits ring out.
        settings.sequencer.runs_alone = false;
        Self {
            machine: Machine::new(f64::from(song.rate_hz), rings),
            song,
            settings,
            block: vec![[vec![0.0; BLOCK], vec![0.0; BLOCK]]; song.pairs],
            channels: vec![Vec::new(); 2 * song.pairs],
        }
    }

    /// Plays so many frames from a place in the song on, beats, or while it stands still, and keeps what is heard.
    fn play(&mut self, frames: usize, from: Option<f64>) {
        let mut done = 0;
        while done < frames {
            let count = BLOCK.min(frames - done);
            let mut outs: Vec<[&mut [f32]; 2]> =
                self.block.iter_mut().map(|[left, right]| [&mut left[..count], &mut right[..count]]).collect();
            outs.iter_mut().flatten().for_each(|side| side.fill(0.0));
            let beats = from.map(|from| from + done as f64 * self.song.beats_per_frame());
            let (rate_hz, tempo_bpm) = (f64::from(self.song.rate_hz), self.song.tempo_bpm);
            let part = Part { frames: count, rate_hz, tempo_bpm, beats };
            self.machine.keep_up(&self.settings);
            self.machine.set_patience(Some(patience::LIMIT));
            self.machine.play(&mut outs, 0..count, &part, &self.settings, self.song.patterns, |_| {});
            let sides = outs.iter().flatten();
            self.channels.iter_mut().zip(sides).for_each(|(channel, side)| channel.extend_from_slice(side));
            done += count;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicBool, Ordering};
    use std::thread;
    use std::time::Duration;

    use rtrb::RingBuffer;

    use super::*;
    use crate::drums::TRACKS;
    use crate::drums::machine::Order;
    use crate::drums::mixer::Delivery;
    use crate::drums::pattern::Step;
    use crate::drums::sound::Sound;
    use crate::dsp::sample_guard::SampleGuard;

    const RATE_HZ: u32 = 8_000;

    /// Plays with hits that are even for a second; -> the channels.
    fn played(song: &Song<'_>) -> Vec<Vec<f32>> {
        let (orders, mut take_orders) = RingBuffer::new(64);
        let (mut give, deliveries) = RingBuffer::new(64);
        let (spent, mut take_spent) = RingBuffer::<Box<Sound>>::new(64);
        let is_over = AtomicBool::new(false);
        thread::scope(|scope| {
            scope.spawn(|| {
                while !is_over.load(Ordering::Relaxed) {
                    while take_spent.pop().is_ok() {}
                    while let Ok(Order { track, recipe }) = take_orders.pop() {
                        let frames = vec![0.5; RATE_HZ as usize];
                        let sound = Sound::new(recipe.key(), RATE_HZ, frames, &mut SampleGuard::default());
                        assert!(give.push(Delivery { track, sound: Box::new(sound) }).is_ok());
                    }
                    thread::sleep(Duration::from_millis(1));
                }
            });
            let (channels, late) = play(Rings { orders, deliveries, spent }, song);
            is_over.store(true, Ordering::Relaxed);
            assert_eq!(late, 0);
            channels
        })
    }

    /// The last step of the second track's bar.
    fn last_step() -> Patterns {
        let mut patterns = Patterns::default();
        patterns.0[0].lines[1].steps[15] = Step::default().with_velocity(127);
        patterns
    }

    #[test]
    fn a_loop_begins_with_what_its_end_leaves_to_ring_and_a_song_rings_out() {
        let (settings, patterns) = (MachineSettings::default(), last_step());
        let song = Song {
            settings: &settings,
            patterns: &patterns,
            bars: 1,
            tempo_bpm: 120.0,
            rate_hz: RATE_HZ,
            pairs: 1,
            is_loop: true,
        };
        let (bar, step) = (16_000, 1_000);
        let looped = played(&song);
        assert_eq!((looped.len(), looped[0].len()), (2, bar));
        // The hit lasts for eight steps, one of which is in the bar.
        assert_eq!([0, 7 * step - 2, 7 * step + 1, bar - step + 1].map(|at| looped[0][at]), [0.5, 0.5, 0.0, 0.5]);
        let once = played(&Song { is_loop: false, ..song });
        assert_eq!([0, bar - step - 2, bar - step + 1, bar + 7 * step - 2].map(|at| once[0][at]), [0.0, 0.0, 0.5, 0.5]);
        assert!(once[0].len() < bar + 7 * step + BLOCK);
    }

    #[test]
    fn tracks_may_have_pairs_of_their_own() {
        let (settings, patterns) = (MachineSettings::default(), last_step());
        let song = Song {
            settings: &settings,
            patterns: &patterns,
            bars: 1,
            tempo_bpm: 120.0,
            rate_hz: RATE_HZ,
            pairs: TRACKS,
            is_loop: false,
        };
        let channels = played(&song);
        let sounds: Vec<bool> = channels.iter().map(|channel| channel.iter().any(|sample| *sample != 0.0)).collect();
        let expected: Vec<bool> = (0..2 * TRACKS).map(|channel| channel / 2 == 1).collect();
        assert_eq!(sounds, expected);
    }
}
