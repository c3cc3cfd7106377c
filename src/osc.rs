//! OSC: other programs on this computer play the effect, and hear what it plays, or ask for hits of a grain model. Off unless
//! somebody switches it on.
//!
//! Nothing of a packet is trusted: it is bounded, read by a thread of its own, and what makes no sense is dropped, counted and
//! answered. What is asked goes by a ring to the audio thread, which takes it with its next block.

mod answer;
mod backlog;
mod door;
mod drums;
mod flood;
mod message;
mod place;
mod report;
mod ring;
mod server;

pub use drums::{DrumAsk, DrumServer};
pub use message::{
    MAX_ARGUMENTS, MAX_DEPTH, MAX_MESSAGES, MAX_PACKET_BYTES, OscAsk, OscNames, OscRefusal, asks, messages,
};
pub use place::{ADDRESS, OscError, OscPlace, OscSettings};
pub use report::{OscCounts, OscReport};
pub use ring::{AudioEnd, ServerEnd, ring};
pub use server::{OscServer, OscService};
