//! What several tests use. What starts the programs is apart: only tests are told where those are.

#![allow(clippy::unwrap_used, reason = "helpers fail as the tests they serve")]
#![allow(dead_code, reason = "each test binary uses its own part")]

pub mod hostile;
pub mod package;
pub mod paths;
pub mod plugin;
pub mod presets;
pub mod rig;
pub mod sounds;
pub mod spectrum;
