//! The program that `cargo xtask fuzz` starts again and again, with orders in its environment. To cargo it is a test
//! without a harness: it is built with what tests are built with. So `cargo test` starts it too, and it ends at once.

#![allow(clippy::unwrap_used, reason = "what fails here ends the process, which is told")]

#[cfg(target_os = "linux")]
mod cases;
#[cfg(target_os = "linux")]
#[path = "../common/mod.rs"]
mod common;
#[cfg(target_os = "linux")]
mod coverage;
#[cfg(target_os = "linux")]
mod json;
#[cfg(target_os = "linux")]
mod mutate;
#[cfg(target_os = "linux")]
mod runner;
#[cfg(target_os = "linux")]
mod targets;
#[cfg(target_os = "linux")]
mod wire;

fn main() {
    #[cfg(target_os = "linux")]
    if let Some(orders) = runner::Orders::from_environment() {
        // The main thread has more stack than others, in which hosts read projects too.
        std::thread::spawn(move || runner::run(&orders)).join().unwrap();
        return;
    }
    println!("fuzz-runner: nothing to do. `cargo xtask fuzz` starts this program and says what to attack.");
}
