//! A drum machine in real time whose eight tracks strike at every step, each time with another hit: is every hit there when its
//! step comes?
//!
//! A bounce waits for its hits, so it is what should be heard. A step is lost when anything in it sounds otherwise: hits are cut
//! off before the next one, so that a step's sound is its own.

use std::iter::repeat;
use std::path::Path;
use std::process::ExitCode;
use std::time::Instant;

use anyhow::{Result, ensure};
use test_host::{Format, Instance, Library, Pace, Render, Take};

use super::audio::Kind;
use super::host::{patterns, with_field};
use super::{BLOCK_FRAMES, RATE_HZ};

const SECONDS: usize = 60;

const TRACKS: usize = 8;

/// Of 120 beats per minute, four steps to a beat.
const STEP_FRAMES: usize = RATE_HZ as usize / 8;

/// Ends before the next step, whatever hit it is.
const DECAY: &str = "10 %";

/// Prints how many steps were lost, and where.
pub(super) fn play(clap: &Path) -> Result<ExitCode> {
    let library = Library::load(clap)?;
    let mut machine = library.instantiate(Kind::Drums.id())?;
    let state = with_field(&machine.save_state()?, ("patterns", patterns(&["9999999999999999"; TRACKS])))?;
    machine.load_state(&state)?;
    machine.set_by_text("Evolve", "Step")?;
    for track in 1..=TRACKS {
        machine.set_by_text(&format!("Track {track} Decay"), DECAY)?;
    }
    let state = machine.save_state()?;
    let began = Instant::now();
    let bounced = sound(&mut machine, &state, Render::Offline, Pace::Hurry)?;
    let steps = SECONDS * RATE_HZ as usize / STEP_FRAMES;
    println!(
        "{steps} steps of {TRACKS} tracks, every hit drawn anew: bounced in {:.1} s.",
        began.elapsed().as_secs_f64()
    );
    let struck = steps_in(&bounced).filter(|step| step.iter().any(|half| half.iter().any(|s| *s != 0.0))).count();
    ensure!(struck == steps, "the bounce has sound in {struck} of {steps} steps alone");
    let alike = (1..steps).filter(|&n| step_of(&bounced, n) == step_of(&bounced, n - 1)).count();
    ensure!(alike == 0, "{alike} steps of the bounce sound as those before them");
    let mut live = library.instantiate(Kind::Drums.id())?;
    let heard = sound(&mut live, &state, Render::Realtime, Pace::RealTime)?;
    let lost: Vec<usize> = (0..steps).filter(|&n| step_of(&heard, n) != step_of(&bounced, n)).collect();
    println!("In real time, blocks of {BLOCK_FRAMES} frames at {RATE_HZ} Hz: {} of {steps} steps lost.", lost.len());
    for step in &lost {
        println!("lost: step {step}, at {:.3} s", (step * STEP_FRAMES) as f64 / RATE_HZ);
    }
    Ok(if lost.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn sound(machine: &mut Instance, state: &[u8], render: Render, pace: Pace) -> Result<Vec<Vec<f32>>> {
    machine.set_render(render)?;
    machine.load_state(state)?;
    machine.activate(Format { rate_hz: RATE_HZ, min_block_frames: 1, max_block_frames: BLOCK_FRAMES })?;
    let take = Take { alone_frames: Some(SECONDS * RATE_HZ as usize), song_s: Some(0.0), ..Take::default() };
    Ok(machine.play(&take, &mut repeat(BLOCK_FRAMES), pace)?)
}

fn steps_in(sound: &[Vec<f32>]) -> impl Iterator<Item = Vec<&[f32]>> {
    (0..SECONDS * RATE_HZ as usize / STEP_FRAMES).map(move |n| step_of(sound, n))
}

/// Both channels of a step.
fn step_of(sound: &[Vec<f32>], n: usize) -> Vec<&[f32]> {
    sound.iter().map(|channel| &channel[n * STEP_FRAMES..][..STEP_FRAMES]).collect()
}
