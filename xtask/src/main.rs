//! The project's commands, run as `cargo xtask COMMAND`.

mod bundle;
mod daw;
mod demo;
#[cfg(target_os = "linux")]
mod fuzz;
mod install;
mod lint;
mod pictures;
mod resources;
mod setup;
#[cfg(target_os = "linux")]
mod soak;
mod tally;
mod test;
mod workspace;

use std::process::ExitCode;

use anyhow::bail;
use workspace::Workspace;

const HELP: &str = "\
cargo xtask COMMAND

  setup               fetch what this project needs: system packages, Python packages, ONNX Runtime
  bundle [--release]  build the plugin as CLAP and VST3, with ONNX Runtime and the models, into target/bundled
  install             bundle for release and copy it to your plugin folders
  demo                play the example sounds through the bundled plugin: sounds, a picture and figures in target/demo
  daw [--song NAME]   play the bundled plugins in Ardour sessions: bounces, a picture and figures in target/daw; NAME is song
                      (the effect), tune (the instrument) or beat (the drum machine)
  daw --renders N [--host NAME]
                      render one song N times in Ardour, DawDreamer, pedalboard and a CLAP host on a busy computer, and
                      compare what comes out
  pictures            draw the manual's pictures of windows and analyses into docs/images (needs Xvfb)
  fuzz [--minutes N]  hostile files, projects and notes, guided by coverage (5 minutes unless told; Linux); --target NAME for one
  soak [--minutes N]  play 16 instances in real time and watch for growth and dropouts (10 minutes unless told; Linux)
  soak --drums        play a drum machine for a minute with all hits drawn anew at every step, and compare it with its bounce
  test                run every test
  lint                check formatting and lints
  help                print this

Environment:
  TIMBRELOOM_ORT      path of an ONNX Runtime library (1.24 or newer) to use instead of the one that setup fetches
  TIMBRELOOM_FEATURES features for bundle --release and install, such as cuda,directml,coreml: execution providers to choose from
  TIMBRELOOM_PYTHON   the Python 3 to use instead of the first one in the path
";

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    #[cfg(target_os = "linux")]
    if std::env::var_os(fuzz::AS_RUSTC).is_some() {
        return fuzz::as_rustc(&args).unwrap_or(ExitCode::FAILURE);
    }
    match run(&args) {
        Ok(code) => code,
        Err(error) => {
            // One sentence that says what to do; whoever needs the calls behind it has a debugger.
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// A number of renders from the command line.
fn number(text: &str) -> anyhow::Result<usize> {
    match text.parse() {
        Ok(count @ 1..=10_000) => Ok(count),
        _ => bail!("--renders takes a whole number from 1 to 10000, not “{text}”"),
    }
}

fn run(args: &[String]) -> anyhow::Result<ExitCode> {
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    let workspace = Workspace::find()?;
    match args[..] {
        [] | ["help" | "--help" | "-h"] | [_, "--help" | "-h"] => print!("{HELP}"),
        ["setup"] => setup::for_everything(&workspace)?,
        ["bundle"] => {
            bundle::bundle(&workspace, bundle::Profile::Dev)?;
            eprintln!(
                "This is a development build, slower than what musicians get: that is cargo xtask bundle --release"
            );
        }
        ["bundle", "--release"] => bundle::bundle(&workspace, bundle::Profile::Release)?,
        ["install"] => install::install(&workspace)?,
        ["demo"] => demo::demo(&workspace)?,
        ["daw"] => daw::daw(&workspace, None)?,
        ["daw", "--song", name] => daw::daw(&workspace, Some(name))?,
        ["daw", "--renders", count] => daw::renders(&workspace, number(count)?, None)?,
        ["daw", "--renders", count, "--host", host] => daw::renders(&workspace, number(count)?, Some(host))?,
        ["pictures"] => pictures::pictures(&workspace)?,
        #[cfg(target_os = "linux")]
        ["soak", ref rest @ ..] => return soak::soak(&workspace, rest),
        #[cfg(target_os = "linux")]
        ["fuzz", ref rest @ ..] => return fuzz::fuzz(&workspace, rest),
        #[cfg(not(target_os = "linux"))]
        ["fuzz", ..] => bail!("fuzz limits and watches its processes as Linux can; it runs there only"),
        #[cfg(not(target_os = "linux"))]
        ["soak", ..] => bail!("soak counts memory, threads and files as Linux tells them; it runs there only"),
        ["test"] => return test::test(&workspace),
        ["lint"] => lint::lint(&workspace)?,
        _ => bail!("there is no command “{}”; `cargo xtask help` lists them", args.join(" ")),
    }
    Ok(ExitCode::SUCCESS)
}
