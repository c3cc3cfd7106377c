//! The command line: what is asked for, in which order. The work is done by `offline` and `model`.

use std::io::{self, Write as _};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};

mod codes;
mod commands;
mod drums;
mod find;
mod osc;
mod output;
mod packages;
mod paths;
mod presets;
mod printable;
mod settings;
mod transfer;
mod values;

use crate::model::examiner;
use crate::model::provider::ProviderChoice;
use crate::offline::audio_file::SampleFormat;
use crate::offline::output_file::is_standard;

/// Exit status for input that cannot be used.
const BAD_INPUT: u8 = 2;
/// Exit status where all was done and could not be told.
const NOT_TOLD: u8 = 1;

/// Play sounds through the latent space of neural audio models.
#[derive(Parser)]
#[command(name = "timbreloom", version, about)]
struct Cli {
    /// Print one line of JSON instead of words.
    #[arg(long, global = true)]
    json: bool,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// List the installed models and where they are looked for.
    Models {
        /// Let a model be loaded again that ended a program while it was loaded.
        #[arg(long, value_name = "NAME")]
        release: Option<String>,
    },
    /// Install a package for this user, if it is healthy.
    Import {
        /// The package's folder, or a zip archive of it.
        path: PathBuf,
    },
    /// Examine a package: files, shapes, streaming, loudness, cost.
    Check {
        /// The package's folder, or the name of an installed one.
        package: PathBuf,
        /// What runs the graphs: auto, cpu, cuda, directml or coreml; the CPU where it is missing or slower.
        #[arg(long, default_value = "auto", value_name = "PROVIDER", value_parser = values::provider)]
        provider: ProviderChoice,
    },
    /// List the presets of the installed models and your own; take some in, or give one away.
    Presets {
        /// Only those for this model.
        #[arg(short, long)]
        model: Option<String>,
        /// Copy a preset's file, or all in a folder, to your own.
        #[arg(long, value_name = "PATH", conflicts_with_all = ["export", "model"])]
        import: Option<PathBuf>,
        /// Write the preset of this name to the file OUTPUT.
        #[arg(long, value_name = "NAME", requires = "output")]
        export: Option<String>,
        /// The file to write (.json).
        #[arg(short, long, requires = "export")]
        output: Option<PathBuf>,
        /// Replace what is there.
        #[arg(long)]
        replace: bool,
    },
    /// Play a sound file through a model.
    Transfer(Box<Transfer>),
    /// Write a sound's path through a model's latent space.
    Encode {
        /// Sound files, or - for standard input; stereo is mixed down.
        #[arg(required = true)]
        input: Vec<PathBuf>,
        /// Name of an installed model, or a package's folder.
        #[arg(short, long, default_value = "cello")]
        model: String,
        /// The file to write, .json, or .npz for NumPy; a folder for several inputs, or - for standard output.
        #[arg(short, long)]
        output: PathBuf,
        /// Hold latent, voicing and octave steady, 0 to 100 %: 0 for what was analysed, 30 for what `transfer` plays.
        #[arg(long, value_name = "PERCENT", default_value = "0")]
        stability: String,
        /// Draw the path and what the model makes of it as a PNG file; of one input.
        #[arg(long, value_name = "PNG")]
        plot: Option<PathBuf>,
    },
    /// Tell and draw what a discrete model's codes are like.
    Codebook(codes::CodebookAsk),
    /// Play all codes of a discrete model in rising order of a descriptor.
    Traverse(codes::TraverseAsk),
    /// Play a discrete model so that its descriptors follow curves.
    Target(Box<codes::TargetCommand>),
    /// Write the acoustic descriptors of a sound, hop by hop.
    Describe(codes::DescribeAsk),
    /// Make sound of a latent path.
    Decode {
        /// A file written by `encode`, or - for standard input.
        path: PathBuf,
        /// The WAV file to write, or - for standard output.
        #[arg(short, long)]
        output: PathBuf,
        /// Name of an installed model, or a package's folder; by default the one that made the path.
        #[arg(short, long)]
        model: Option<String>,
        /// Samples of the WAV file.
        #[arg(long, value_enum, default_value_t)]
        format: SampleFormat,
        /// Draw the path and its sound as a PNG file.
        #[arg(long, value_name = "PNG")]
        plot: Option<PathBuf>,
    },
    /// Bend a latent path, or a sound's, step by step.
    Path(Box<paths::PathAsk>),
    /// Go from one sound or path to another within a model's latent space.
    Interpolate(paths::InterpolateAsk),
    /// Play a walk on the plane between four sounds, or among any number.
    Plane(paths::PlaneAsk),
    /// Make single hits with a grain model, or a whole sound again of its grains.
    Drum(Box<drums::DrumAsk>),
    /// Play patterns of hits into a file: a preset of Timbreloom Drums, or a small file.
    Sequence(Box<drums::SequenceAsk>),
    /// Play a walk through the space of a grain model: sound without an end, grain by grain.
    Walk(Box<drums::WalkCommand>),
    /// Play the effect by OSC, in real time and without a host; or answer who asks for hits.
    Osc(Box<osc::OscCommand>),
}

#[derive(Args)]
struct Transfer {
    /// Sound files of any rate, channel count and length, or - for standard input: WAV, AIFF, W64, RF64, FLAC, MP3, Ogg
    /// Vorbis, AAC, ALAC, CAF and others.
    #[arg(required = true)]
    input: Vec<PathBuf>,
    /// Name of an installed model, or a package's folder; by default the preset's, or the cello.
    #[arg(short, long)]
    model: Option<String>,
    /// The WAV file to write; a folder for several inputs, or - for standard output.
    #[arg(short, long)]
    output: PathBuf,
    /// Begin with a preset: a name that `presets` lists, or a file. Other options change it.
    #[arg(short, long, value_name = "NAME")]
    preset: Option<String>,
    #[command(flatten)]
    options: settings::Options,
    /// Block size of the simulated host, frames; the sound does not depend on it.
    #[arg(long, default_value_t = 1024, value_parser = clap::value_parser!(u32).range(1..=8192))]
    block: u32,
    /// What runs the model: auto, cpu, cuda, directml or coreml; the CPU where it is missing or slower.
    #[arg(long, default_value = "auto", value_name = "PROVIDER", value_parser = values::provider)]
    provider: ProviderChoice,
    /// Samples of the WAV file.
    #[arg(long, value_enum, default_value_t)]
    format: SampleFormat,
    /// Draw spectrograms, pitch, loudness and latent path into this PNG.
    #[arg(long)]
    plot: Option<PathBuf>,
}

/// A command's outcome: a line for people and a value for machines.
#[derive(Default)]
struct Outcome {
    line: String,
    value: serde_json::Value,
    /// Whether standard output holds the result itself, so that this is told on standard error.
    is_aside: bool,
    /// Whether some of several inputs failed, as the line says.
    has_failed: bool,
}

impl Outcome {
    fn new(line: String, value: serde_json::Value) -> Self {
        Self { line, value, ..Self::default() }
    }

    /// Told so that it does not mix with what was written to `output`.
    fn beside(self, output: &Path) -> Self {
        Self { is_aside: is_standard(output), ..self }
    }
}

/// A path in a text for machines; what is no Unicode in it is replaced.
fn shown(path: &Path) -> String {
    path.to_string_lossy().into_owned()
}

/// Says something on standard error. Who closed it does not want to hear it.
fn complain(text: &str) {
    let _ = writeln!(io::stderr(), "timbreloom: {}", printable::words(text));
}

/// Prints what was asked for. A reader that has gone (`| head`) has had enough; a full disk is told of.
fn tell(text: &str, is_aside: bool) -> ExitCode {
    let told = if is_aside {
        writeln!(io::stderr(), "{text}")
    } else {
        let mut stdout = io::stdout().lock();
        writeln!(stdout, "{text}").and_then(|()| stdout.flush())
    };
    match told {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe && !is_aside => {
            complain(&format!("it is done, and could not be told on standard output: {error}."));
            ExitCode::from(NOT_TOLD)
        }
        _ => ExitCode::SUCCESS,
    }
}

/// An error whose text tells the user what to do.
type Failure = Box<dyn std::error::Error>;

/// What is said when a command breaks.
const BROKE: &str = "a part of Timbreloom broke on this input, which is our mistake: please report it with the line above and the \
                     input. What was written before may be incomplete.";

/// Runs the program on its own arguments.
pub fn main() -> ExitCode {
    // What is examined may end this process: nothing else is begun in it.
    examiner::serve();
    let cli = Cli::parse();
    if let Err(error) = crate::interrupt::watch() {
        complain(&format!("an interruption will leave half a file behind: {error}."));
    }
    let run = || match cli.command {
        Command::Models { release: None } => commands::models(),
        Command::Models { release: Some(name) } => packages::release(&name),
        Command::Import { path } => packages::import(&path),
        Command::Presets { import: Some(path), replace, .. } => presets::import(&path, replace),
        Command::Presets { export: Some(name), output: Some(path), model, replace, .. } => {
            presets::export(&name, model.as_deref(), &path, replace)
        }
        Command::Presets { model, .. } => presets::list(model.as_deref()),
        Command::Check { package, provider } => commands::check(&package, &provider),
        Command::Transfer(ask) => transfer::transfer(&ask),
        Command::Encode { input, model, output, stability, plot } => {
            paths::encode(&input, &model, &output, &stability, plot.as_deref())
        }
        Command::Codebook(ask) => codes::codebook(&ask),
        Command::Traverse(ask) => codes::traverse(&ask),
        Command::Target(ask) => codes::target(&ask),
        Command::Describe(ask) => codes::describe(&ask),
        Command::Path(ask) => paths::path(&ask),
        Command::Interpolate(ask) => paths::interpolate(&ask),
        Command::Plane(ask) => paths::plane(&ask),
        Command::Drum(ask) => drums::drum(&ask),
        Command::Sequence(ask) => drums::sequence(&ask),
        Command::Walk(ask) => drums::walk(&ask),
        Command::Osc(ask) => osc::osc(&ask),
        Command::Decode { path, output, model, format, plot } => {
            paths::decode(&path, model.as_deref(), &output, format, plot.as_deref())
        }
    };
    // What breaks has told the place already; in `--json` it is an error as any other.
    let outcome = catch_unwind(AssertUnwindSafe(run)).unwrap_or_else(|_| Err(BROKE.into()));
    match outcome {
        Ok(outcome) => {
            let text =
                if cli.json { printable::json(&outcome.value) } else { printable::words(&outcome.line).into_owned() };
            let told = tell(&text, outcome.is_aside);
            if outcome.has_failed { ExitCode::from(BAD_INPUT) } else { told }
        }
        Err(failure) if cli.json => {
            tell(&printable::json(&serde_json::json!({ "error": failure.to_string() })), false);
            ExitCode::from(BAD_INPUT)
        }
        Err(failure) => {
            complain(&failure.to_string());
            ExitCode::from(BAD_INPUT)
        }
    }
}
