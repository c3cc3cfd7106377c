//! Latent paths: to and from sounds, bent, and several woven into one.

use std::path::{Path, PathBuf};

use clap::Args;
use serde_json::json;

use super::settings::{self, Changes};
use super::{Failure, Outcome, find, output, shown};
use crate::controls::{Controls, MAX_DIMS};
use crate::latent::interpolate::{self, Match, Share, weave};
use crate::latent::plane::{self, CORNERS, Place};
use crate::latent::{Chain, LatentPath, Step};
use crate::model::Model;
use crate::model::catalogue::Version;
use crate::model::kinds::Package;
use crate::model::loader;
use crate::model::provider::ProviderChoice;
use crate::model::request::ModelRequest;
use crate::offline::audio_file::{self, Audio, Reader, SampleFormat};
use crate::offline::latent_path::{self, PathEncoder};
use crate::offline::output_file::is_standard;
use crate::offline::plot::paths::{PathsPicture, paths};

/// What all of these commands write.
#[derive(Args)]
struct Given {
    /// What to write: a path (.json, or .npz for NumPy), or its sound (.wav).
    #[arg(short, long)]
    output: PathBuf,
    /// Name of an installed model, or a package's folder: by default the one that made the paths, or the cello for sounds.
    #[arg(short, long)]
    model: Option<String>,
    /// Samples of a WAV file.
    #[arg(long, value_enum, default_value_t)]
    format: SampleFormat,
    /// Draw the sounds and the path into this PNG.
    #[arg(long)]
    plot: Option<PathBuf>,
}

/// Bend a latent path: scale, bias, reverse, stretch and more, step by step.
#[derive(Args)]
pub(super) struct PathAsk {
    /// A path written by `encode` (.json, .npz), or a sound.
    input: PathBuf,
    #[command(flatten)]
    given: Given,
    /// What to do, as often as needed and in this order: `scale 1.5`, `bias 0.5 on 1`, `random 0.3 seed 7`, `reverse on all`,
    /// `smooth 0.1`, `quantise 0.25`, `envelope 0:0,0.1:1,1:0 on loudness`, `draw 0:-1,2:1 on 3`, `slice from 0.5 to 2`,
    /// `stretch 2`, `loop 4`, `cross_fade 0.1`.
    #[arg(long = "do", value_name = "STEP")]
    steps: Vec<Step>,
    /// Steps from a JSON file, done before the others.
    #[arg(long, value_name = "FILE")]
    chain: Option<PathBuf>,
}

/// Go from one sound or path to another within a model's latent space.
#[derive(Args)]
pub(super) struct InterpolateAsk {
    /// A path, or a sound: the beginning.
    first: PathBuf,
    /// A path, or a sound: the end.
    second: PathBuf,
    #[command(flatten)]
    given: Given,
    /// The same share of the second all the time, 0 to 100 %, in place of a way from the first to the second.
    #[arg(long, value_name = "PERCENT", value_parser = clap::value_parser!(f32))]
    share: Option<f32>,
    /// Repeat the shorter one in place of stretching it.
    #[arg(long = "loop")]
    is_looped: bool,
}

/// Play a walk on the plane between four corners, or among markers anywhere.
#[derive(Args)]
pub(super) struct PlaneAsk {
    /// The path or sound of a corner: four, below left, below right, above left, above right.
    #[arg(long = "corner", value_name = "FILE", conflicts_with = "markers")]
    corners: Vec<PathBuf>,
    /// A path or sound anywhere on the plane, as often as needed: `0.2,0.7=FILE`, from the left and from below.
    #[arg(long = "marker", value_name = "X,Y=FILE", value_parser = marker)]
    markers: Vec<(Place, PathBuf)>,
    /// Where to go, in straight lines: places X,Y in order, at equal distances of time; one place to stay there.
    #[arg(long, value_name = "X,Y X,Y ...", default_value = "0.5,0.5", value_parser = walk)]
    walk: Walk,
    /// Weigh corners by discs of influence in place of straight lines.
    #[arg(long)]
    discs: bool,
    #[command(flatten)]
    given: Given,
    /// Repeat the shorter ones in place of stretching them.
    #[arg(long = "loop")]
    is_looped: bool,
}

/// Places in order.
#[derive(Clone, Debug)]
struct Walk(Vec<Place>);

impl Walk {
    /// Where it is at a share of its way, 0 to 1.
    fn at(&self, share: f32) -> Place {
        let last = self.0.len().saturating_sub(1);
        let along = share * last as f32;
        let before = (along as usize).min(last);
        let (from, to) = (self.0[before], self.0[(before + 1).min(last)]);
        let part = along - before as f32;
        // On a place that place itself, to the bit.
        if part == 0.0 { from } else { [0, 1].map(|n| from[n] + part * (to[n] - from[n])) }
    }
}

fn place(text: &str) -> Result<Place, String> {
    let wrong = || format!("“{text}” should be X,Y, both from 0 to 1");
    let (x, y) = text.split_once(',').ok_or_else(wrong)?;
    let number = |text: &str| text.trim().parse().ok().filter(|value| (0.0..=1.0).contains(value)).ok_or_else(wrong);
    Ok([number(x)?, number(y)?])
}

fn marker(text: &str) -> Result<(Place, PathBuf), String> {
    let (at, file) = text.split_once('=').ok_or_else(|| format!("“{text}” should be X,Y=FILE"))?;
    Ok((place(at)?, PathBuf::from(file)))
}

fn walk(text: &str) -> Result<Walk, String> {
    let places: Vec<Place> = text.split_whitespace().map(place).collect::<Result<_, _>>()?;
    if places.is_empty() { Err("one place X,Y at least".into()) } else { Ok(Walk(places)) }
}

pub(super) fn encode(
    inputs: &[PathBuf],
    model: &str,
    output: &Path,
    stability: &str,
    plot: Option<&Path>,
) -> Result<Outcome, Failure> {
    if plot.is_some() && inputs.len() != 1 {
        return Err(
            format!("--plot draws one path, and there are {} inputs: say it for each alone.", inputs.len()).into()
        );
    }
    let asked = (format!("--stability {stability}"), format!("stability={stability}"));
    let controls = Changes::read(&[asked])?.settings(&mut settings::desk()).controls;
    let pairs = output::pair(inputs, output, ".json")?;
    let written = pairs.iter().map(|(_, output)| &**output).chain(plot);
    output::check(pairs.iter().map(|(input, _)| &**input), written)?;
    let package = find::package(model)?;
    let mut model = loader::load(&package, &ProviderChoice::CPU)?;
    output::for_each(&pairs, |input, output| {
        let (path, remarks) = encoded(input, &package, model.as_mut(), &controls)?;
        latent_path::write(output, &path)?;
        if let Some(plot) = plot {
            let sound = latent_path::decode(&path, model.as_mut())?.mono();
            draw(plot, output, &path, &[(package.name(), &sound)], &model.info().reference_cloud)?;
        }
        let (dims, hops) = (path.dims, path.hops.len());
        let remarked: String = remarks.iter().map(|remark| format!("\n{remark}")).collect();
        Ok(Outcome::new(
            format!("{}: {hops} hops of {dims} dimensions{remarked}", output.display()),
            json!({
                "input": shown(input), "output": shown(output), "hops": hops, "model": package.name(),
                "hash": package.hash(), "remarks": remarks,
            }),
        )
        .beside(output))
    })
}

pub(super) fn decode(
    path: &Path,
    model: Option<&str>,
    output: &Path,
    format: SampleFormat,
    plot: Option<&Path>,
) -> Result<Outcome, Failure> {
    output::check([path], std::iter::once(output).chain(plot))?;
    output::check_wav(output)?;
    let latent_path = latent_path::read(path)?;
    let package = match model {
        Some(name) => find::package(name)?,
        None => of_path(path, &latent_path.model)?,
    };
    let mut model = loader::load(&package, &ProviderChoice::CPU)?;
    check_dims(path, &latent_path, &package, model.as_ref())?;
    let sound = latent_path::decode(&latent_path, model.as_mut())?;
    audio_file::write_wav(output, &sound, format)?;
    if let Some(plot) = plot {
        draw(plot, output, &latent_path, &[(package.name(), &sound.mono())], &model.info().reference_cloud)?;
    }
    Ok(Outcome::new(
        format!("{}: {:.2} s of {}", output.display(), sound.seconds(), package.name()),
        json!({ "output": shown(output), "seconds": sound.seconds(), "model": package.name() }),
    )
    .beside(output))
}

/// A sound's path, steadied as the controls say, and what there is to say of the file.
fn encoded(
    input: &Path,
    package: &Package,
    model: &mut dyn Model,
    controls: &Controls,
) -> Result<(LatentPath, Vec<String>), Failure> {
    let mut reader = Reader::open(input)?;
    let rate_hz = reader.rate_hz();
    let request = ModelRequest { name: package.name().to_owned(), hash: package.hash().to_owned() };
    let mut encoder = PathEncoder::new(rate_hz, model, request, controls);
    let mut block = Vec::new();
    while reader.next(&mut block)? {
        encoder.push(&audio_file::mono(&block))?;
    }
    Ok((encoder.finish()?, output::remarks(input, &reader.report(), rate_hz)))
}

/// The package that made a path, in its version.
fn of_path(file: &Path, request: &ModelRequest) -> Result<Package, Failure> {
    let found = find::requested(request)?;
    if found.version == Version::Other {
        let name = &request.name;
        return Err(format!(
            "{}: was made with another version of the model “{name}” than the one installed; its latent would mean \
             something else. Install that version, or say --model {name} to use this one.",
            file.display()
        )
        .into());
    }
    Ok(found.package)
}

/// Refuses a path that a model cannot play.
fn check_dims(file: &Path, path: &LatentPath, package: &Package, model: &dyn Model) -> Result<(), Failure> {
    let (dims, of_model) = (path.dims, model.shape().dims);
    if dims == of_model {
        return Ok(());
    }
    Err(format!(
        "{}: has {dims} dimensions, the model “{}” has {of_model}; decode it with the model that made it",
        file.display(),
        package.name()
    )
    .into())
}

pub(super) fn path(ask: &PathAsk) -> Result<Outcome, Failure> {
    let mut work = Work::begin(&ask.given, &[&ask.input])?;
    let path = work.read(&ask.input)?;
    let mut chain = ask.chain.as_deref().map(read_chain).transpose()?.unwrap_or_default();
    chain.0.extend(ask.steps.iter().cloned());
    let bent = chain.apply(&path).map_err(|error| format!("{}: {error}", ask.input.display()))?;
    work.finish(&bent, &[("before", &path)], "after")
}

pub(super) fn interpolate(ask: &InterpolateAsk) -> Result<Outcome, Failure> {
    let share = match ask.share {
        None => Share::Along,
        Some(percent) if (0.0..=100.0).contains(&percent) => Share::Fixed(percent / 100.0),
        Some(percent) => return Err(format!("--share should be 0 to 100 %, but is {percent}").into()),
    };
    let mut work = Work::begin(&ask.given, &[&ask.first, &ask.second])?;
    let (first, second) = (work.read(&ask.first)?, work.read(&ask.second)?);
    let between = interpolate::interpolate(&first, &second, share, matched(ask.is_looped))?;
    work.finish(&between, &[("first", &first), ("second", &second)], "between")
}

pub(super) fn plane(ask: &PlaneAsk) -> Result<Outcome, Failure> {
    let (places, files): (Vec<Place>, Vec<&Path>) = if ask.markers.is_empty() {
        if ask.corners.len() != 4 {
            let many = ask.corners.len();
            return Err(format!(
                "the plane has four corners, and {many} are given: say --corner FILE four times, or \
                                --marker X,Y=FILE for sounds anywhere."
            )
            .into());
        }
        CORNERS.into_iter().zip(ask.corners.iter().map(PathBuf::as_path)).unzip()
    } else {
        ask.markers.iter().map(|(place, file)| (*place, file.as_path())).unzip()
    };
    let mut work = Work::begin(&ask.given, &files)?;
    let corners = files.iter().map(|file| work.read(file)).collect::<Result<Vec<_>, _>>()?;
    let refs: Vec<&LatentPath> = corners.iter().collect();
    let woven = weave(&refs, matched(ask.is_looped), |share, weights| {
        let at = ask.walk.at(share);
        match (ask.markers.is_empty(), ask.discs) {
            (true, false) => weights.copy_from_slice(&plane::bilinear(at)),
            (true, true) => weights.copy_from_slice(&plane::discs(at)),
            (false, _) => plane::terrain(at, &places, weights),
        }
    })?;
    let drawn: Vec<(&str, &LatentPath)> = ["1", "2", "3", "4"].into_iter().zip(&corners).collect();
    work.finish(&woven, &drawn, "woven")
}

fn matched(is_looped: bool) -> Match {
    if is_looped { Match::Loop } else { Match::Stretch }
}

fn read_chain(file: &Path) -> Result<Chain, Failure> {
    let text =
        std::fs::read_to_string(file).map_err(|error| format!("{}: cannot be read: {error}.", file.display()))?;
    let chain = serde_json::from_str(&text);
    Ok(chain.map_err(|error| format!("{}: is no list of steps ({error}). See docs/paths.md.", file.display()))?)
}

/// A model, once it is known which, and what is to be written.
struct Work<'a> {
    given: &'a Given,
    loaded: Option<(Package, Box<dyn Model>)>,
    remarks: Vec<String>,
}

impl<'a> Work<'a> {
    fn begin(given: &'a Given, inputs: &[&Path]) -> Result<Self, Failure> {
        if !is_standard(&given.output) && !ends_in(&given.output, &["json", "npz", "wav"]) {
            let output = given.output.display();
            return Err(format!(
                "{output}: a path is written to a file that ends in .json or .npz, its sound to one in .wav; give it such a name."
            )
            .into());
        }
        output::check(inputs.iter().copied(), [&*given.output].into_iter().chain(given.plot.as_deref()))?;
        given.plot.as_deref().map(output::check_picture).transpose()?;
        let package = given.model.as_deref().map(find::package).transpose()?;
        let loaded = package.map(load).transpose()?;
        Ok(Self { given, loaded, remarks: Vec::new() })
    }

    /// A path from its file, or of a sound.
    fn read(&mut self, input: &Path) -> Result<LatentPath, Failure> {
        if !ends_in(input, &["json", "npz"]) {
            return self.encode(input);
        }
        let path = latent_path::read(input)?;
        if self.loaded.is_none() && (self.writes_sound() || self.given.plot.is_some()) {
            self.loaded = Some(load(of_path(input, &path.model)?)?);
        }
        if let Some((package, model)) = &self.loaded {
            check_dims(input, &path, package, model.as_ref())?;
        }
        Ok(path)
    }

    fn encode(&mut self, input: &Path) -> Result<LatentPath, Failure> {
        let (package, model) = match &mut self.loaded {
            Some(loaded) => loaded,
            none => none.insert(load(find::package(&ModelRequest::default().name)?)?),
        };
        let as_heard = Controls { stability: 0.0, ..Controls::default() };
        let (path, remarks) = encoded(input, package, model.as_mut(), &as_heard)?;
        self.remarks.extend(remarks);
        Ok(path)
    }

    fn writes_sound(&self) -> bool {
        is_standard(&self.given.output) || ends_in(&self.given.output, &["wav"])
    }

    /// Writes what has become of it, and draws it beside what it was made of.
    fn finish(mut self, path: &LatentPath, from: &[(&str, &LatentPath)], name: &str) -> Result<Outcome, Failure> {
        let Given { output, format, plot, .. } = self.given;
        if self.writes_sound() {
            audio_file::write_wav(output, &self.decode(path)?, *format)?;
        } else {
            latent_path::write(output, path)?;
        }
        if let Some(plot) = plot {
            let mut sounds = Vec::new();
            for (name, path) in from.iter().copied().chain([(name, path)]) {
                sounds.push((name, self.decode(path)?.mono()));
            }
            let sounds: Vec<(&str, &[f32])> = sounds.iter().map(|(name, sound)| (*name, &sound[..])).collect();
            let cloud = self.loaded.as_ref().map(|(_, model)| model.info().reference_cloud).unwrap_or_default();
            draw(plot, output, path, &sounds, &cloud)?;
        }
        let remarked: String = self.remarks.iter().map(|remark| format!("\n{remark}")).collect();
        Ok(Outcome::new(
            format!(
                "{}: {} hops, {:.2} s of {}{remarked}",
                output.display(),
                path.hops.len(),
                path.length_s(),
                path.model.name
            ),
            json!({
                "output": shown(output), "hops": path.hops.len(), "seconds": path.length_s(), "model": path.model.name,
                "hash": path.model.hash, "remarks": self.remarks,
            }),
        )
        .beside(output))
    }

    fn decode(&mut self, path: &LatentPath) -> Result<Audio, Failure> {
        let (_, model) = self.loaded.as_mut().ok_or("no model is loaded to play the path")?;
        Ok(latent_path::decode(path, model.as_mut())?)
    }
}

/// Draws a path that was written to a file, beside sounds with their names.
fn draw(
    plot: &Path,
    output: &Path,
    path: &LatentPath,
    sounds: &[(&str, &[f32])],
    reference_cloud: &[[f32; MAX_DIMS]],
) -> Result<(), Failure> {
    let title = format!("{} of {}", shown(output), path.model.name);
    paths(plot, &PathsPicture { title: &title, sounds, rate_hz: path.sample_rate_hz, path, reference_cloud })?;
    Ok(())
}

fn load(package: Package) -> Result<(Package, Box<dyn Model>), Failure> {
    let model = loader::load(&package, &ProviderChoice::CPU)?;
    Ok((package, model))
}

fn ends_in(path: &Path, endings: &[&str]) -> bool {
    path.extension().is_some_and(|ending| endings.iter().any(|known| ending.eq_ignore_ascii_case(known)))
}
