//! What tests need a process of its own for. They start this program with the name of a task (`tests/common/helper.rs`)
//! and look at what it says and how it ends.
//!
//! To cargo it is an example: `cargo test` builds it with what tests are built with, and neither runs nor ships it.

#![allow(clippy::unwrap_used, reason = "helpers fail as the tests they serve")]

#[path = "../host/bundle.rs"]
#[allow(dead_code, reason = "each test binary uses its own part")]
mod bundle;
#[path = "../common/mod.rs"]
mod common;
mod instances;
#[path = "../unannounced/renders.rs"]
mod renders;
#[path = "../bounce/song.rs"]
mod song;
#[path = "../host/sounds.rs"]
#[allow(dead_code, reason = "each test binary uses its own part")]
mod sounds;
mod unannounced;

use std::process::ExitCode;

use bundle::RATE_HZ;

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    match words[..] {
        [] => println!("This program does what tests need a process of its own for: they tell it which of its tasks."),
        ["bounce"] => println!("hash {}", song::hash(&song::bounce())),
        ["render-beside-busy-threads", renders] => unannounced::busy(renders.parse().unwrap()),
        ["thirty-two-instances"] => instances::thirty_two(),
        ["one-instance-after-the-other"] => instances::one_after_the_other(),
        _ => {
            eprintln!("no task is called {words:?}");
            return ExitCode::from(2);
        }
    }
    ExitCode::SUCCESS
}
