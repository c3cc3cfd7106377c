//! What tests need a process of its own for. They start this program with the name of a task (`tests/common/helper.rs`)
//! and look at what it says and how it ends.
//!
//! To cargo it is an example: `cargo test` builds it with what tests are built with, and neither runs nor ships it.

#![allow(clippy::unwrap_used, reason = "helpers fail as the tests they serve")]

mod allocations;
#[path = "../everything/busy.rs"]
mod busy;
#[path = "../common/mod.rs"]
mod common;
mod dry;
#[cfg(target_os = "linux")]
mod embed;
mod everything;
mod grains;
#[cfg(all(target_os = "linux", target_env = "gnu"))]
#[path = "../pool/hops.rs"]
mod hops;
mod instances;
mod load;
#[cfg(all(target_os = "linux", target_env = "gnu"))]
mod memory;
#[cfg(target_os = "linux")]
mod project;
#[path = "../unannounced/renders.rs"]
mod renders;
mod unannounced;
#[cfg(target_os = "linux")]
#[allow(dead_code, reason = "each test binary uses its own part")]
#[path = "../vst3/host.rs"]
mod vst3;
mod watched;
#[cfg(all(target_os = "linux", target_env = "gnu"))]
mod window;

use std::process::ExitCode;

use timbreloom::model::provider::Provider;

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    match words[..] {
        [] => println!("This program does what tests need a process of its own for: they tell it which of its tasks."),
        #[cfg(all(target_os = "linux", target_env = "gnu"))]
        ["draw-windows"] => window::play_all(window::pictures::draw),
        ["load", ends, folder] => load::load(ends, folder, None, Provider::Cpu),
        ["load", ends, folder, "cuda"] => load::load(ends, folder, None, Provider::Cuda),
        ["load-grains", name] => grains::load(name),
        ["load", ends, folder, "part", part] => load::load(ends, folder, Some(part), Provider::Cpu),
        #[cfg(all(target_os = "linux", target_env = "gnu"))]
        ["keys-in-window"] => window::play_all(window::keys::play_by_hand),
        #[cfg(target_os = "linux")]
        ["make-project", id, shared, shipped] => project::make(id, shared, shipped),
        #[cfg(all(target_os = "linux", target_env = "gnu"))]
        ["measure-memory", model] => memory::measure(model),
        ["one-instance-after-the-other"] => instances::one_after_the_other(),
        #[cfg(target_os = "linux")]
        ["open-project"] => embed::open_project(),
        #[cfg(all(target_os = "linux", target_env = "gnu"))]
        ["open-windows", openings] => window::play_all(|| window::open_again_and_again(openings.parse().unwrap())),
        ["play-everything"] => everything::hash(),
        #[cfg(all(target_os = "linux", target_env = "gnu"))]
        ["play-in-window"] => window::play_all(window::play_by_hand),
        #[cfg(all(target_os = "linux", target_env = "gnu"))]
        ["play-in-window-of-codes"] => window::play_all(window::codes::play_by_hand),
        #[cfg(all(target_os = "linux", target_env = "gnu"))]
        ["play-in-window-of-drums"] => window::play_all(window::drums::play_by_hand),
        #[cfg(target_os = "linux")]
        ["play-project", id, shared, project, made] => project::play(id, shared, project, made),
        #[cfg(target_os = "linux")]
        ["play-project-in-vst3", id, shared, project, made] => project::play_in_vst3(id, shared, project, made),
        ["play-watched", id] => watched::play(id),
        ["render-beside-busy-threads", renders] => unannounced::busy(renders.parse().unwrap()),
        ["render-dry"] => dry::render(),
        ["render-without-allocations", mode] => allocations::render(mode),
        ["speak"] => watched::speak(),
        ["thirty-two-instances"] => instances::thirty_two(),
        ["write-elsewhere"] => watched::write_elsewhere(),
        _ => {
            eprintln!("no task is called {words:?}");
            return ExitCode::from(2);
        }
    }
    ExitCode::SUCCESS
}
