//! What is told, and at which addresses. None of them is heard: two servers that answer to each other never play each other.

/// A hop's latent as the decoder gets it, a number for each dimension.
pub(super) const PLAYED: &str = "/timbreloom/played";
/// The same before what turns it.
pub(super) const RAW: &str = "/timbreloom/raw";
/// The place on the plane, x and y.
pub(super) const PLACE: &str = "/timbreloom/place";
/// To a ping: the version.
pub(super) const PONG: &str = "/timbreloom/pong";
/// Why something was refused.
pub(super) const ERROR: &str = "/timbreloom/error";

/// The drum server's: where a hit lies, how long it is, and at which rate.
pub(super) const BUFFER: &str = "/buffer";

/// All of them.
pub(super) const ANSWERS: [&str; 6] = [BUFFER, PLAYED, RAW, PLACE, PONG, ERROR];
