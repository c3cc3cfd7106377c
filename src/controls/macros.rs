//! The macros: what musicians ask of a sound by ear, and by which words.

/// How many there are, and so parameters `macro_1` ... of the effect.
pub const MAX_MACROS: usize = 8;

/// What each one moves, in the order of the parameters. The same word is at the same place with every model, so that automation
/// means the same with another one. The trainer (`macros.py`) measures and writes by these words.
pub const MACROS: [&str; MAX_MACROS] = ["bright", "breath", "body", "hollow", "nasal", "warm", "boom", "air"];
