//! A small CLAP host: loads a bundle, sets it up, plays sound through it in any blocks, in a hurry or in real time.
//!
//! ```no_run
//! # fn main() -> Result<(), test_host::HostError> {
//! use test_host::{Format, Library, Pace, Render};
//!
//! let library = Library::load("target/bundled/Timbreloom.clap".as_ref())?;
//! let mut plugin = library.instantiate("org.timbreloom.effect")?;
//! plugin.set_render(Render::Offline)?;
//! plugin.set_by_text("Mix", "100 %")?;
//! plugin.activate(Format { rate_hz: 48_000.0, min_block_frames: 1, max_block_frames: 512 })?;
//! let late_frames = plugin.latency_frames()?;
//! let output = plugin.render(&[vec![0.0; 4800], vec![0.0; 4800]], &mut std::iter::repeat(512), &[], Pace::Hurry)?;
//! # let _ = (late_frames, output);
//! # Ok(())
//! # }
//! ```

mod error;
mod gui;
mod handlers;
mod instance;
mod library;
mod params;
mod play;
mod player;
mod remote;
mod take;

pub use clack_host::entry::EntryDescriptor;
pub use error::HostError;
pub use gui::Touch;
pub use handlers::Callbacks;
pub use instance::{Format, Instance, Render};
pub use library::{Descriptor, Library, bundle};
pub use params::Param;
pub use play::{Note, NoteEnd, Pace};
pub use player::Player;
pub use remote::RemotePage;
pub use take::{Event, EventKind, NoteExpressionType as Expression, Take};
