//! Plays the example sounds through the bundled plugin in both formats, compares, measures and draws.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use anyhow::{Context, Result, bail};
use serde_json::{Value, json};
use test_host::{Format, Library, Pace, Render};

use crate::bundle::{self, Bundle, Profile};
use crate::resources;
use crate::setup;
use crate::workspace::{Workspace, run, succeed};

const SOUNDS: [&str; 2] = ["sung", "spoken"];
const MODEL: &str = "cello";
const EFFECT: &str = "org.timbreloom.effect";
const BLOCK_FRAMES: usize = 512;

/// A sound of one channel.
pub(crate) struct Sound {
    rate_hz: u32,
    pub(crate) samples: Vec<f32>,
}

/// A sound through the CLAP, its latency taken off.
struct Played {
    channels: Vec<Vec<f32>>,
    latency_frames: usize,
    times_real_time: f64,
}

/// Writes `target/demo` and prints the table.
pub(crate) fn demo(workspace: &Workspace) -> Result<()> {
    setup::for_everything(workspace)?;
    bundle::bundle(workspace, Profile::Release)?;
    let made = Bundle::at(&workspace.bundled());
    let folder = workspace.target.join("demo");
    std::fs::create_dir_all(&folder).with_context(|| format!("cannot make {}", folder.display()))?;

    let mut renders = Vec::new();
    for name in SOUNDS {
        eprintln!("Playing {name} through the CLAP and the VST3");
        renders.push(play(workspace, &made, &folder, name)?);
    }
    let list = folder.join("renders.json");
    std::fs::write(&list, json!(renders).to_string()).with_context(|| format!("cannot write {}", list.display()))?;

    eprintln!("Measuring and drawing\n");
    run(Command::new(workspace.python()).arg(script(workspace, "report.py")).arg(&folder))?;
    println!("\nListen to and look at: {}", folder.display());
    Ok(())
}

/// Everything about one sound, as `report.py` reads it.
fn play(workspace: &Workspace, made: &Bundle, folder: &Path, name: &str) -> Result<Value> {
    let source = workspace.root.join("tests").join("fixtures").join(name).with_extension("wav");
    let sound = read(&source)?;
    let input = folder.join(format!("{name}-input.wav"));
    std::fs::copy(&source, &input).with_context(|| format!("cannot write {}", input.display()))?;

    let played = through_clap(&made.clap, &sound).context("the CLAP could not be played")?;
    let clap = folder.join(format!("{name}-output.wav"));
    write(&clap, &played.channels, sound.rate_hz)?;
    let vst3 = folder.join(format!("{name}-output-vst3.wav"));
    let vst3_latency_frames = through_vst3(workspace, &made.vst3, &input, &vst3)?;
    if vst3_latency_frames != played.latency_frames {
        bail!("the CLAP reports a latency of {} frames, the VST3 {vst3_latency_frames}", played.latency_frames);
    }

    let latent = folder.join(format!("{name}-latent.json"));
    encode(workspace, &input, &latent)?;
    Ok(json!({
        "name": name,
        "model": MODEL,
        "input": input,
        "clap": clap,
        "vst3": vst3,
        "latency_frames": played.latency_frames,
        "times_real_time": played.times_real_time,
        "latent": latent,
        "manifest": workspace.root.join("models").join(MODEL).join("manifest.json"),
    }))
}

/// A bounce in our own host.
fn through_clap(bundle: &Path, sound: &Sound) -> Result<Played> {
    let mut plugin = Library::load(bundle)?.instantiate(EFFECT)?;
    plugin.set_render(Render::Offline)?;
    let format = Format { rate_hz: sound.rate_hz.into(), min_block_frames: 1, max_block_frames: BLOCK_FRAMES };
    plugin.activate(format)?;
    let latency_frames = plugin.latency_frames()?;
    let mut mono = sound.samples.clone();
    mono.resize(sound.samples.len() + latency_frames, 0.0);
    let seconds = mono.len() as f64 / f64::from(sound.rate_hz);
    let began = Instant::now();
    let mut channels = plugin.render(&[mono.clone(), mono], &mut std::iter::empty(), &[], Pace::Hurry)?;
    let times_real_time = seconds / began.elapsed().as_secs_f64();
    for channel in &mut channels {
        channel.drain(..latency_frames);
    }
    Ok(Played { channels, latency_frames, times_real_time })
}

/// A bounce in pedalboard. Returns the latency that the plugin reports there, frames.
fn through_vst3(workspace: &Workspace, bundle: &Path, input: &Path, output: &Path) -> Result<usize> {
    let mut python = Command::new(workspace.python());
    python.arg(script(workspace, "vst3.py")).arg(bundle).arg(input).arg(output).arg(BLOCK_FRAMES.to_string());
    // The bundle has to find its own resources.
    python.env_remove(setup::runtime::VARIABLE);
    let answer = succeed(&mut python, |words| format!("the VST3 could not be played in pedalboard ({words})"))?;
    let facts: Value = serde_json::from_slice(&answer.stdout).context("vst3.py prints JSON")?;
    let latency_frames = facts["latency_frames"].as_u64().context("vst3.py prints the latency")?;
    Ok(usize::try_from(latency_frames)?)
}

/// The latent path of a sound as the plugin plays it at rest, by the command line program.
fn encode(workspace: &Workspace, input: &Path, output: &Path) -> Result<()> {
    let mut command = Command::new(workspace.target.join("release").join(resources::program()));
    command.arg("encode").arg(input).args(["-m", MODEL, "--stability", "30", "-o"]).arg(output);
    command.env(setup::runtime::VARIABLE, setup::runtime::library(workspace)?);
    command.env("TIMBRELOOM_MODELS", workspace.root.join("models"));
    succeed(&mut command, |words| format!("timbreloom encode failed ({words})"))?;
    Ok(())
}

fn script(workspace: &Workspace, name: &str) -> PathBuf {
    workspace.root.join("xtask").join("demo").join(name)
}

/// A WAV of 16 bits and one channel.
pub(crate) fn read(path: &Path) -> Result<Sound> {
    let mut reader = hound::WavReader::open(path).with_context(|| format!("cannot read {}", path.display()))?;
    let spec = reader.spec();
    if (spec.channels, spec.bits_per_sample, spec.sample_format) != (1, 16, hound::SampleFormat::Int) {
        bail!("{}: should have one channel of 16 bits", path.display());
    }
    let samples: Result<Vec<i16>, _> = reader.samples().collect();
    let samples = samples.with_context(|| format!("cannot read {}", path.display()))?;
    Ok(Sound { rate_hz: spec.sample_rate, samples: samples.into_iter().map(|s| f32::from(s) / 32_768.0).collect() })
}

/// A WAV of 32-bit floats: the very samples.
pub(crate) fn write(path: &Path, channels: &[Vec<f32>], rate_hz: u32) -> Result<()> {
    let failed = || format!("cannot write {}", path.display());
    let spec = hound::WavSpec {
        channels: u16::try_from(channels.len())?,
        sample_rate: rate_hz,
        bits_per_sample: 32,
        sample_format: hound::SampleFormat::Float,
    };
    let mut writer = hound::WavWriter::create(path, spec).with_context(failed)?;
    for frame in 0..channels.first().map_or(0, Vec::len) {
        for channel in channels {
            writer.write_sample(channel[frame]).with_context(failed)?;
        }
    }
    writer.finalize().with_context(failed)
}
