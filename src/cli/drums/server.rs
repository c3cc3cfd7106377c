//! Hits by OSC: a patch asks for one, and is told which file holds it.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use serde_json::json;

use super::{MODEL_HZ, open, write};
use crate::cli::{Failure, Outcome, complain, shown};
use crate::drums::recipe::Recipe;
use crate::hits::renderer::Renderer;
use crate::interrupt;
use crate::offline::audio_file::SampleFormat;
use crate::osc::{DrumServer, OscPlace};

/// What is served, and how long.
pub(in crate::cli) struct Serving<'a> {
    /// A grain model by its name or folder.
    pub(in crate::cli) model: &'a str,
    /// The folder for the hits; it is made if need be.
    pub(in crate::cli) folder: &'a Path,
    /// Where is listened.
    pub(in crate::cli) place: OscPlace,
    /// The first hit's draw; each further one is the next.
    pub(in crate::cli) seed: u32,
    /// Until Ctrl-C without it.
    pub(in crate::cli) seconds: Option<f64>,
    /// Samples of the WAV files.
    pub(in crate::cli) format: SampleFormat,
}

/// Makes the hits that are asked for, one after another, until the time is over or somebody ends it.
pub(in crate::cli) fn serve(serving: &Serving<'_>) -> Result<Outcome, Failure> {
    let folder = folder(serving.folder)?;
    let mut renderer = Renderer::new(open(serving.model)?);
    let mut server = DrumServer::start(serving.place, renderer.model().classes())?;
    // From here on what is under way is worth being finished.
    let end = interrupt::end_gently();
    let (name, hash) = (renderer.model().package().header.name.clone(), renderer.model().package().header.hash.clone());
    let place = SocketAddr::new(serving.place.address, server.port());
    complain(&format!("{name} makes hits, and listens for OSC on {place}."));
    let end_after = serving.seconds.and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
    let (began, mut draw, mut made) = (Instant::now(), i64::from(serving.seed), 0u64);
    while !end.is_asked() && end_after.is_none_or(|end_after| began.elapsed() < end_after) {
        let Some(ask) = server.take() else { continue };
        // As the patch names them: of each class the last one.
        let file = folder.join(format!("drums{}.wav", ask.class));
        let class = u8::try_from(ask.class).expect("a model has at most 32 classes");
        let recipe = Recipe { classes: [class; 2], draw, is_path: ask.is_path, take: 1, ..Recipe::default() };
        draw += 1;
        match make(&mut renderer, &recipe, &file, serving.format) {
            Ok(frames) => {
                server.answer(&ask, &shown(&file), frames, MODEL_HZ);
                made += 1;
            }
            Err(failure) => {
                complain(&failure.to_string());
                server.fail(&ask, &failure.to_string());
            }
        }
    }
    let counts = server.counts();
    let mut line = format!(
        "{name}: {made} hits made; {} messages taken, {} refused, {} too many. --seed {draw} goes on from here.",
        counts.taken, counts.refused, counts.flooded
    );
    if !counts.last_refusal.is_empty() {
        line += &format!("\n{}", counts.last_refusal);
    }
    let value = json!({
        "model": name, "hash": hash, "folder": shown(&folder), "port": server.port(), "made": made, "next_seed": draw,
        "taken": counts.taken, "refused": counts.refused, "flooded": counts.flooded, "last_refusal": counts.last_refusal,
    });
    Ok(Outcome::new(line, value))
}

/// The folder for the hits, from the root on: the patch runs elsewhere.
fn folder(folder: &Path) -> Result<PathBuf, Failure> {
    let failed = |error: std::io::Error| format!("{}: cannot be made: {error}.", folder.display());
    if folder.exists() && !folder.is_dir() {
        return Err(format!("{}: is no folder; give the name of one for the hits.", folder.display()).into());
    }
    std::fs::create_dir_all(folder).map_err(failed)?;
    Ok(std::path::absolute(folder).map_err(failed)?)
}

/// Makes a hit into a file, whole or not at all; -> how many frames it has.
fn make(renderer: &mut Renderer, recipe: &Recipe, file: &Path, format: SampleFormat) -> Result<usize, Failure> {
    let made = renderer.render(recipe, &[])?.frames;
    if made.is_empty() {
        return Err(format!("draw {} is silent; ask for another one.", recipe.draw).into());
    }
    let frames = made.len();
    write(file, MODEL_HZ, made, format)?;
    Ok(frames)
}
